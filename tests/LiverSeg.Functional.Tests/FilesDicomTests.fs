module LiverSeg.Functional.Tests.FilesDicomTests

open System
open System.IO
open System.IO.Compression
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.FilesTests
open LiverSeg.Functional.Tests.DicomWriter

let private whole (volume: Volume<Hu>) = volume.Map(fun h -> Hu(round h.Value))

/// A right-handed grid with its third axis along the normal, as a series must have.
let private stacked (volume: Volume<Hu>) =
    let g = volume.Grid

    volume.WithGrid(
        Grid(g.Extent, g.Spacing, g.Origin, Direction(g.Direction.X, g.Direction.Y, g.Direction.X.Cross g.Direction.Y))
    )

let private equal (a: Volume<Hu>) (b: Volume<Hu>) =
    a.Grid.GeometryEquals b.Grid && MemoryExtensions.SequenceEqual(a.Voxels, b.Voxels)

let private scan =
    let grid =
        Grid(Extent(6, 5, 5), Spacing(0.7, 0.8, 2.5), Point(-10., 20.5, -300.), Direction.Identity)

    Volume.Init(grid, fun x y z -> Hu(float32 (x * x * 40 - 30 * y + 100 * z - 500)))

let private refusal path =
    match VolumeFile.TryRead path with
    | true, volume, _ -> failtest $"accepted: {volume}"
    | false, _, error -> error

/// The scan as a series with some of its slices altered.
let private altered (alter: int -> (uint32 * string * byte[]) list) work =
    inFolder (fun folder ->
        for z in 0..4 do
            File.WriteAllBytes(
                Path.Combine(folder, $"{z}.dcm"),
                slice ExplicitLittle scan.Grid z (pixels scan z) (alter z)
            )

        work folder)

let private at z tag vr value =
    fun i -> if i = z then [ tag, vr, value ] else []

[<Tests>]
let tests =
    testList
        "Files.dicom"
        [
            for syntax in syntaxes do
                lawTimes
                    20
                    $"a series is the scan that its slices make, whatever their names ({syntax})"
                    (fun (volume: Volume<Hu>) ->
                        let volume = stacked (whole volume)

                        inFolder (fun folder ->
                            series syntax volume folder
                            equal (VolumeFile.Read folder) volume))
            for syntax in syntaxes do
                testCase $"a slice cut at any byte is refused ({syntax})"
                <| fun () ->
                    inFolder (fun folder ->
                        let path = Path.Combine(folder, "a.dcm")
                        let bytes = slice syntax scan.Grid 1 (pixels scan 1) []

                        for length in 0 .. bytes.Length - 1 do
                            File.WriteAllBytes(path, bytes[.. length - 1])

                            match VolumeFile.TryRead path with
                            | false, _, _ -> ()
                            // The byte that makes a length even carries nothing.
                            | true, v, _ ->
                                Expect.isTrue
                                    (length >= bytes.Length - 1 && v.Extent.Count = 30L)
                                    $"{length} of {bytes.Length} bytes")
            testCase "a zip of a series is the series, and a damaged zip is refused"
            <| fun () ->
                inFolder (fun folder ->
                    let inner, zip = Path.Combine(folder, "s"), Path.Combine(folder, "s.zip")
                    Directory.CreateDirectory inner |> ignore
                    series ExplicitLittle scan inner
                    ZipFile.CreateFromDirectory(inner, zip)
                    Expect.isTrue (equal (VolumeFile.Read zip) scan) "equal"
                    let bytes = File.ReadAllBytes zip
                    bytes[bytes.Length / 3] <- bytes[bytes.Length / 3] ^^^ 16uy
                    File.WriteAllBytes(zip, bytes)
                    refusal zip |> ignore)
            testCase "a coloured picture of another series does not count, one of the same is refused"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    let picture series =
                        let colours =
                            [
                                0x00280004u, "CS", text "RGB"
                                0x00280002u, "US", short false 3
                                0x0020000Eu, "UI", text series
                            ]

                        File.WriteAllBytes(
                            Path.Combine(folder, "picture.dcm"),
                            slice ExplicitLittle scan.Grid 9 (pixels scan 0) colours
                        )

                    picture "1.2.5"
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "another series"
                    picture "1.2.3"
                    Expect.equal (refusal folder).Field "PhotometricInterpretation" "the same series")
            testCase "a folder of slices holds DICOM, a folder of other scans does not"
            <| fun () ->
                altered (fun _ -> []) (fun folder -> Expect.isTrue (VolumeFile.HoldsDicom folder) "slices")

                inFolder (fun folder ->
                    scan.Write(Path.Combine(folder, "a.nii"))
                    Expect.isFalse (VolumeFile.HoldsDicom folder) "a NIfTI"
                    Expect.isFalse (VolumeFile.HoldsDicom(Path.Combine(folder, "a.nii"))) "itself")
            testCase "some slices of a series are those of the whole"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    Expect.equal (VolumeFile.ReadSlab(folder, 1, 3)) ((VolumeFile.Read folder).Slab(1, 3)) "slab"

                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> VolumeFile.ReadSlab(folder, 3, 3) |> ignore)
                        "outside")
            testCase "each slice has its own slope and intercept"
            <| fun () ->
                altered
                    (fun z ->
                        [
                            0x00281053u, "DS", decimals [ float (z + 1) ]
                            0x00281052u, "DS", decimals [ float -z ]
                        ])
                    (fun folder ->
                        let v = VolumeFile.Read folder

                        for z in 0..4 do
                            Expect.equal
                                v[3, 2, z]
                                (Hu(scan[3, 2, z].Value * float32 (z + 1) - float32 z))
                                $"slice {z}")
            testCase "padding becomes air, and stored bits carry the sign"
            <| fun () ->
                let padded = scan[1, 1, 2].Value

                altered (fun _ -> [ 0x00280120u, "SS", short false (int padded) ]) (fun folder ->
                    let v = VolumeFile.Read folder
                    Expect.equal v[1, 1, 2] (Hu -1024f) "padding")

                inFolder (fun folder ->
                    let path = Path.Combine(folder, "a.dcm")
                    let twelve = pixels scan 0 |> Array.map (fun p -> p &&& 0xFFFus)

                    File.WriteAllBytes(
                        path,
                        slice
                            ExplicitLittle
                            scan.Grid
                            0
                            twelve
                            [ 0x00280101u, "US", short false 12; 0x00280102u, "US", short false 11 ]
                    )

                    Expect.equal
                        ((VolumeFile.Read path).Voxels.ToArray())
                        ((scan.Slab(0, 1)).Voxels.ToArray())
                        "12 bits")
            testCase "one file twice counts once, one instance with two contents is refused"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    File.Copy(Path.Combine(folder, "2.dcm"), Path.Combine(folder, "copy.dcm"))
                    let said = ResizeArray<string>()
                    Expect.isTrue (equal (VolumeFile.Read(folder, Action<string> said.Add)) scan) "once"
                    Expect.isNonEmpty said "said"

                    File.WriteAllBytes(
                        Path.Combine(folder, "copy.dcm"),
                        slice ExplicitLittle scan.Grid 2 (pixels scan 3) []
                    )

                    Expect.equal (refusal folder).Field "SOPInstanceUID" "two contents")
            testCase "gaps, doubles, drift and missing places are refused by name"
            <| fun () ->
                let place z (x, y, h) =
                    at z 0x00200032u "DS" (decimals [ x; y; h ])

                altered (fun _ -> []) (fun folder ->
                    File.Delete(Path.Combine(folder, "2.dcm"))
                    Expect.stringContains (refusal folder).Found "a step of 5" "missing slice")

                altered (place 2 (-10., 20.5, -297.5)) (fun folder ->
                    Expect.stringContains (refusal folder).Found "two slices" "double")

                altered (place 2 (-10., 20.5, -294.9)) (fun folder ->
                    Expect.stringContains (refusal folder).Found "a step" "uneven")

                altered (place 2 (-10., 20.5, -295.02)) (fun folder ->
                    Expect.equal (VolumeFile.Read folder).Extent scan.Extent "rounding")

                altered (fun z -> place z (-10., 20.5 + float z, -300. + 2.5 * float z) z) (fun folder ->
                    Expect.stringContains (refusal folder).Found "sideways" "tilt")

                altered (at 3 0x00200032u "DS" [||]) (fun folder ->
                    Expect.equal (refusal folder).Field "ImagePositionPatient" "no place")
            testCase "two series ask for a choice, and the choice is heard"
            <| fun () ->
                altered (fun z -> if z < 2 then [ 0x0020000Eu, "UI", text "1.2.4" ] else []) (fun folder ->
                    Expect.equal (refusal folder).Code "ambiguous-series" "asked"
                    Expect.equal (VolumeFile.ReadDicom(folder, DicomOptions(Series = 2))).Extent.Z 2 "second"

                    Expect.throwsT<FileErrorException>
                        (fun () -> VolumeFile.ReadDicom(folder, DicomOptions(Series = 3)) |> ignore)
                        "no third")
            testCase "other images than CT are refused unless allowed, other files do not count"
            <| fun () ->
                altered (fun _ -> [ 0x00080060u, "CS", text "MR" ]) (fun folder ->
                    Expect.equal (refusal folder).Field "Modality" "MR"

                    Expect.equal
                        (VolumeFile.ReadDicom(folder, DicomOptions(AnyImage = true))).Extent
                        scan.Extent
                        "allowed")

                altered (fun _ -> []) (fun folder ->
                    File.WriteAllText(Path.Combine(folder, "readme.txt"), "hello")
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "text beside")
            lawTimes
                20
                "a mask read back from its segmentation is the same, whatever the series' direction"
                (fun (volume: Volume<Hu>) ->
                    let volume = stacked (whole volume)
                    let mask = volume.Map(fun h -> h.Value > 500f)

                    inFolder (fun folder ->
                        let inner, path, again =
                            Path.Combine(folder, "s"), Path.Combine(folder, "a.dcm"), Path.Combine(folder, "b.dcm")

                        Directory.CreateDirectory inner |> ignore
                        series ExplicitLittle volume inner
                        mask.WriteSegmentation(path, inner, DicomOptions())
                        mask.WriteSegmentation(again, inner, DicomOptions())
                        let back = VolumeFile.ReadMask path

                        back.Grid.GeometryEquals(mask.Grid, 1e-3)
                        && MemoryExtensions.SequenceEqual(back.Voxels, mask.Voxels)
                        && File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes again)))
            testCase "a segmentation takes nothing over but patient and study, and is refused on another grid"
            <| fun () ->
                altered
                    (fun _ ->
                        [
                            0x00100010u, "PN", text "DOE^JOHN"
                            0x00080080u, "LO", text "CANARY HOSPITAL"
                            0x00091001u, "LO", text "CANARY PRIVATE"
                        ])
                    (fun folder ->
                        let path = Path.Combine(folder, "seg.out")
                        let mask = scan.Map(fun h -> h.Value > 0f)
                        mask.WriteSegmentation(path, folder, DicomOptions())
                        let written = Text.Encoding.Latin1.GetString(File.ReadAllBytes path)
                        Expect.stringContains written "DOE^JOHN" "the patient's own"
                        Expect.isFalse (written.Contains "CANARY") "nothing else"
                        mask.Write(Path.Combine(folder, "mask.nii"))

                        Expect.isFalse
                            (Text.Encoding.Latin1
                                .GetString(File.ReadAllBytes(Path.Combine(folder, "mask.nii")))
                                .Contains
                                "DOE")
                            "no patient in a NIfTI"

                        File.Delete path

                        Expect.throwsT<FileErrorException>
                            (fun () -> mask.Slab(0, 3).WriteSegmentation(path, folder, DicomOptions()))
                            "another grid"

                        Expect.isFalse (File.Exists path) "nothing written")
            testCase "nesting without end cannot overflow the stack"
            <| fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "a.dcm")
                    let head = element true false 0x00081140u "SQ" [||]
                    let sequence = Array.append head[..7] (BitConverter.GetBytes -1)

                    let open' =
                        Array.concat [ sequence; [| 0xFEuy; 0xFFuy; 0uy; 0xE0uy |]; BitConverter.GetBytes -1 ]

                    File.WriteAllBytes(path, file ExplicitLittle (Array.concat (List.replicate 50_000 open')))
                    Expect.equal (refusal path).Field "sequence" "depth")
            testCase "a deflated bomb is refused before it is unpacked"
            <| fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "a.dcm")
                    File.WriteAllBytes(path, file Deflated (Array.zeroCreate 200_000_000))
                    let before = GC.GetTotalAllocatedBytes()
                    Expect.equal (refusal path).Kind FileErrorKind.Unsupported "refused"
                    Expect.isLessThan (GC.GetTotalAllocatedBytes() - before) 400_000_000L "bytes")
        ]
