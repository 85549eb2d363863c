module LiverSeg.Functional.Tests.VolumeFileTests

open System
open System.IO
open System.IO.Compression
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.ScanFiles

[<Tests>]
let tests =
    testList
        "Files"
        [
            for ending in endings do
                lawTimes 30 $"a scan read after writing is the same scan ({ending})" (fun (volume: Volume<Hu>) ->
                    withFolder (fun folder -> VolumeFile.Read(written ending volume folder) |> keepsAll volume))
            for ending in endings do
                lawTimes
                    20
                    $"a mask and a score map read after writing are the same ({ending})"
                    (fun (mask: Volume<bool>) (scores: Volume<Probability>) ->
                        withFolder (fun folder ->
                            let m, p = Path.Combine(folder, "m" + ending), Path.Combine(folder, "p" + ending)
                            mask.Write m
                            scores.Write p
                            let mask', scores' = VolumeFile.ReadMask m, VolumeFile.ReadProbability p

                            MemoryExtensions.SequenceEqual(mask'.Voxels, mask.Voxels)
                            && mask'.Grid.GeometryEquals(mask.Grid, 1e-3)
                            && MemoryExtensions.SequenceEqual(scores'.Voxels, scores.Voxels)))
            lawTimes 30 "whole numbers are stored as int16, others as float32" (fun (volume: Volume<Hu>) ->
                withFolder (fun folder ->
                    let whole = volume.Map(fun h -> Hu(round h.Value))
                    let part = volume.Map(fun h -> Hu(floor h.Value + 0.5f))

                    ((VolumeFile.Open(written ".nii" whole folder)).Info).Type = StoredType.Int16
                    && ((VolumeFile.Open(written ".mha" part folder)).Info).Type = StoredType.Float32))
            for ending in endings do
                testCase $"a file cut at any byte is refused ({ending})"
                <| fun () ->
                    withFolder (fun folder ->
                        let path = written ending (someVolume 1L) folder

                        for file in filesOf path do
                            let whole = File.ReadAllBytes file

                            for length in 0 .. (if whole.Length > 900 then 3 else 1) .. whole.Length - 1 do
                                File.WriteAllBytes(file, whole.AsSpan(0, length).ToArray())
                                let ends = whole.AsSpan(length).ToArray() |> Array.forall (fun c -> c = 10uy)
                                // A text header may lose its last line feed; nothing else may go.
                                if not ends then
                                    Expect.isSome
                                        (refused path)
                                        $"{Path.GetFileName file} cut to {length} of {whole.Length} bytes"

                            File.WriteAllBytes(file, whole)

                        Expect.isNone (refused path) "whole again")
            for ending in [ ".nii.gz"; ".mhd"; ".nrrd" ] do
                testCase $"any flipped bit of the packed voxels is found ({ending})"
                <| fun () ->
                    withFolder (fun folder ->
                        let path = written ending (someVolume 2L) folder
                        let file = (filesOf path)[0]
                        let whole = File.ReadAllBytes file
                        let volume = VolumeFile.Read path

                        for at in whole.Length - 250 .. whole.Length - 1 do
                            let damaged = Array.copy whole
                            damaged[at] <- damaged[at] ^^^ (1uy <<< (at % 8))
                            File.WriteAllBytes(file, damaged)

                            match refused path with
                            | Some _ -> ()
                            | None -> Expect.equal (VolumeFile.Read path) volume $"bit at {at}: read, but other")
            testCase "two gzip members in one file are one volume"
            <| fun () ->
                withFolder (fun folder ->
                    let bytes = File.ReadAllBytes(written ".nii" (someVolume 3L) folder)
                    let path = Path.Combine(folder, "two.nii.gz")
                    use file = File.Create path

                    for part in [ bytes[..399]; bytes[400..] ] do
                        use packed = new GZipStream(file, CompressionLevel.Fastest, true)
                        packed.Write part

                    file.Dispose()
                    Expect.equal (VolumeFile.Read path) (VolumeFile.Read(Path.Combine(folder, "v.nii"))) "equal")
            testCase "an existing file is kept unless it may be replaced, and no temporary file stays"
            <| fun () ->
                withFolder (fun folder ->
                    for ending in endings do
                        let path = written ending (someVolume 4L) folder
                        let before = File.ReadAllBytes path
                        Expect.throwsT<FileErrorException> (fun () -> (someVolume 5L).Write path) "kept"
                        Expect.equal (File.ReadAllBytes path) before "unchanged"
                        (someVolume 5L).Write(path, true)
                        Expect.isTrue (keepsAll (someVolume 5L) (VolumeFile.Read path)) "replaced"

                    Expect.isEmpty (Directory.GetFiles(folder, "*.tmp")) "no temporary files")
            testCase "a link at the output is refused"
            <| fun () ->
                withFolder (fun folder ->
                    let target, link =
                        Path.Combine(folder, "target.nii"), Path.Combine(folder, "link.nii")

                    File.CreateSymbolicLink(link, target) |> ignore
                    Expect.throwsT<FileErrorException> (fun () -> (someVolume 6L).Write(link, true)) "link"
                    Expect.isFalse (File.Exists target) "nothing written through it")
            testCase "an input that is a symbolic link is read as what it leads to"
            <| fun () ->
                withFolder (fun folder ->
                    for ending in [ ".nii"; ".nii.gz"; ".mha"; ".nrrd" ] do
                        let path = written ending (someVolume 8L) folder
                        let link = Path.Combine(folder, "link" + ending)
                        File.CreateSymbolicLink(link, path) |> ignore
                        Expect.equal (VolumeFile.Read link) (VolumeFile.Read path) ending)
            testCase "kinds of trouble are told apart"
            <| fun () ->
                withFolder (fun folder ->
                    let kind (path: string) = (refused path |> Option.get).Kind

                    let file name (text: string) =
                        let path = Path.Combine(folder, name)
                        File.WriteAllText(path, text)
                        path

                    Expect.equal (kind (Path.Combine(folder, "none.nii"))) FileErrorKind.InputOutput "missing"
                    Expect.equal (kind (file "a.txt" "hello")) FileErrorKind.Unsupported "another kind of file"

                    Expect.equal
                        (kind (file "b.nii" (String('x', 400))))
                        FileErrorKind.BadFile
                        "not what its name says"

                    Expect.equal (kind (file "c.nii" "")) FileErrorKind.BadFile "empty")
            for ending in endings do
                lawTimes
                    20
                    $"some slices read are those of the whole ({ending})"
                    (fun (volume: Volume<Hu>) (a: byte) (b: byte) ->
                        withFolder (fun folder ->
                            let path = written ending volume folder
                            let first = int a % volume.Extent.Z
                            let count = 1 + int b % (volume.Extent.Z - first)
                            (VolumeFile.Open path).Slab(first, count) = (VolumeFile.Read path).Slab(first, count)))
            for ending in endings do
                lawTimes
                    20
                    $"slabs of one reader are those of the whole, in whatever order ({ending})"
                    (fun (volume: Volume<Hu>) (order: byte list) ->
                        withFolder (fun folder ->
                            let path = written ending volume folder
                            let whole = VolumeFile.Read path
                            use reader = new SlabReader(VolumeFile.Open path)

                            order
                            |> List.forall (fun b ->
                                let first = int b % volume.Extent.Z
                                let count = 1 + int b / 7 % (volume.Extent.Z - first)
                                reader.Read(first, count, CancellationToken.None) = whole.Slab(first, count))))
            testCase "slab by slab a damaged end is found with the last slab"
            <| fun () ->
                withFolder (fun folder ->
                    // Noise packs badly: the end lies far behind the header and the first slabs.
                    let noise = Random 1

                    let grid =
                        Grid(Extent(100, 100, 20), Spacing.Isotropic 1., Point(), Direction.Identity)

                    let volume = Volume.Init(grid, fun _ _ _ -> Hu(float32 (noise.Next(-1000, 1000))))
                    let path = written ".nii.gz" volume folder
                    let bytes = File.ReadAllBytes path
                    bytes[bytes.Length - 6] <- bytes[bytes.Length - 6] ^^^ 1uy // in the check sum
                    File.WriteAllBytes(path, bytes)
                    use reader = new SlabReader(VolumeFile.Open path)

                    let slab first count =
                        reader.Read(first, count, CancellationToken.None)

                    Expect.equal (slab 0 10) (volume.Slab(0, 10)) "the first are whole"
                    Expect.throwsT<FileErrorException> (fun () -> slab 10 10 |> ignore) "check sum")
        ]
