module LiverSeg.Functional.Tests.SliceLatticeTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan

let private heard (path: string) (options: DicomOptions) =
    let said = ResizeArray<string>()
    let volume = VolumeFile.Open(path, options, Action<string> said.Add).Read()
    volume, String.concat "\n" said

let private error path options =
    try
        heard path options |> ignore
        failtest "accepted"
    with :? FileErrorException as e ->
        e.Error

/// Slices that change evenly from one to the next, so that one between others can be told from them.
let private ramp slices step =
    let grid =
        Grid(Extent(4, 3, slices), Spacing(0.75, 0.75, step), Point(-10., 20., -100.), Direction.Identity)

    Volume.Init(grid, fun x y z -> Hu(float32 (24 * z + 5 * y - x)))

let private at (x: float, y: float, z: float) = 0x00200032u, "DS", decimals [ x; y; z ]

/// The slices of a volume that are wanted, each with what is altered of it.
let private folderOf (volume: Volume<Hu>) (wanted: int list) alter work =
    withFolder (fun folder ->
        for z in wanted do
            File.WriteAllBytes(
                Path.Combine(folder, $"{z}.dcm"),
                slice ExplicitLittle volume.Grid z (pixels volume z) (alter z)
            )

        work folder)

[<Tests>]
let tests =
    testList
        "Files.dicomlattice"
        [
            lawTimes
                40
                "missing slices are refused with a remedy, and made between their neighbours where that is asked for"
                (fun (seed: int) ->
                    let random = Random seed
                    let n = 5 + random.Next 12
                    let volume = ramp n (0.5 + random.NextDouble() * 4.)

                    let inner =
                        [ 1 .. n - 2 ]
                        |> List.map (fun z -> z, random.Next())
                        |> List.sortBy snd
                        |> List.map fst

                    let missing = inner |> List.truncate (1 + random.Next(max 1 (n / 3)))
                    let wanted = [ 0 .. n - 1 ] |> List.except missing
                    let gaps = List.pairwise wanted |> List.map (fun (a, b) -> b - a)

                    // Where every second slice alone is there, nobody can know of the others.
                    (gaps |> List.distinct).Length = 1
                    || gaps |> List.min > 1
                    || folderOf volume wanted (fun _ -> []) (fun folder ->
                        let refused = error folder (DicomOptions())
                        let any = error folder (DicomOptions(AnyImage = true))
                        let filled, said = heard folder (DicomOptions(FillGaps = true))
                        let slab = VolumeFile.Open(folder, DicomOptions(FillGaps = true)).Slab(1, 2)

                        let near =
                            Seq.forall2
                                (fun (a: Hu) (b: Hu) -> abs (a.Value - b.Value) < 0.01f)
                                (filled.Voxels.ToArray())
                                (volume.Voxels.ToArray())

                        refused.Found.StartsWith "a step"
                        && refused.Remedy.Contains "--fill-gaps"
                        && any.Found = refused.Found
                        && filled.Grid.GeometryEquals volume.Grid
                        && near
                        && slab = filled.Slab(1, 2)
                        && said.Contains $"{missing.Length} of {n} slices were not in the series"))
            lawTimes
                40
                "places rounded to one decimal are read, with a warning where the step is not even then"
                (fun (seed: int) ->
                    let random = Random seed
                    let n = 4 + random.Next 30
                    let step = 0.6 + random.NextDouble() * 4.
                    let start = random.NextDouble()
                    let volume = ramp n step

                    let height z =
                        Math.Round(start - 100. + step * float z, 1)

                    folderOf volume [ 0 .. n - 1 ] (fun z -> [ at (-10., 20., height z) ]) (fun folder ->
                        let read, said = heard folder (DicomOptions())

                        let exact =
                            Seq.pairwise [ for z in 0 .. n - 1 -> height z ]
                            |> Seq.map (fun (a, b) -> b - a)

                        let uneven = Seq.max exact - Seq.min exact > 0.06

                        read.Extent = volume.Extent
                        && MemoryExtensions.SequenceEqual(read.Voxels, volume.Voxels)
                        && abs (read.Grid.Spacing.Z - step) <= 0.1 / float (n - 1) + 1e-9
                        && (not uneven || said.Contains "off an even stack")))
            lawTimes 30 "a drifting table is read up to a tenth of the step, with how far off it is" (fun (seed: int) ->
                let random = Random seed
                let n, step = 6 + random.Next 20, 1. + random.NextDouble() * 4.
                let part = 0.02 + 0.05 * random.NextDouble()
                let odd = 1 + random.Next(n - 2)

                let place far z =
                    at (-10., 20., -100. + step * float z + (if z = odd then far * step else 0.))

                let volume = ramp n step

                folderOf volume [ 0 .. n - 1 ] (fun z -> [ place part z ]) (fun folder ->
                    let read, said = heard folder (DicomOptions())

                    abs (read.Grid.Spacing.Z - step) < 0.02 * step
                    && said.Contains "% of a step) off an even stack")
                && folderOf volume [ 0 .. n - 1 ] (fun z -> [ place 0.3 z ]) (fun folder ->
                    (error folder (DicomOptions())).Found.StartsWith "a step"))
            testCase "slices beside each other are read up to a tenth of the step, a tilted gantry is refused"
            <| fun () ->
                let volume = ramp 6 2.5
                let all = [ 0..5 ]

                let beside mm z =
                    [ at (-10. + (if z = 3 then mm else 0.), 20., -100. + 2.5 * float z) ]

                let tilt mm z =
                    [ at (-10., 20. + mm * float z, -100. + 2.5 * float z) ]

                let read alter =
                    folderOf volume all alter (fun folder -> heard folder (DicomOptions()))

                let refused alter =
                    folderOf volume all alter (fun folder -> error folder (DicomOptions()))

                Expect.equal (snd (read (beside 0.05))) "" "in silence"
                Expect.stringContains (snd (read (beside 0.2))) "beside each other" "with a warning"
                Expect.stringContains (refused (beside 0.5)).Found "sideways" "too far"
                Expect.stringContains (refused (tilt 0.3)).Found "sideways" "tilted"
            testCase "any image keeps the spacing that the files say"
            <| fun () ->
                let volume = ramp 4 2.5

                let unplaced more z =
                    (0x00200032u, "DS", [||])
                    :: (0x00200037u, "DS", [||])
                    :: (0x00200013u, "IS", text (string (4 - z)))
                    :: more

                let any = DicomOptions(AnyImage = true)

                folderOf volume [ 0..3 ] (unplaced []) (fun folder ->
                    let read, said = heard folder any
                    Expect.equal read.Grid.Spacing (Spacing(0.75, 0.75, 2.5)) "thickness"
                    Expect.stringContains said "no place" "told"
                    Expect.isTrue (read.Slice(0).SequenceEqual(volume.Slice 3)) "in order of their numbers")

                folderOf volume [ 0..3 ] (unplaced [ 0x00180088u, "DS", decimals [ 3. ] ]) (fun folder ->
                    Expect.equal (fst (heard folder any)).Grid.Spacing.Z 3. "SpacingBetweenSlices")

                folderOf volume [ 0..3 ] (unplaced [ 0x00280030u, "DS", [||]; 0x00180050u, "DS", [||] ]) (fun folder ->
                    let read, said = heard folder any
                    Expect.equal read.Grid.Spacing (Spacing.Isotropic 1.) "none is said"
                    Expect.stringContains said "say no spacing" "told")
            testCase "padding is air in CT, and a number like others elsewhere"
            <| fun () ->
                let volume = Volume.Init((ramp 3 2.5).Grid, (fun x _ _ -> Hu(float32 x)))
                let padded = 0x00280120u, "SS", short false 0

                folderOf volume [ 0..2 ] (fun _ -> [ padded ]) (fun folder ->
                    let read = VolumeFile.Read folder
                    Expect.equal read[0, 0, 0] (Hu -1024f) "CT")

                folderOf volume [ 0..2 ] (fun _ -> [ padded; 0x00080060u, "CS", text "MR" ]) (fun folder ->
                    Expect.isTrue (equal (fst (heard folder (DicomOptions(AnyImage = true)))) volume) "MR")
        ]
