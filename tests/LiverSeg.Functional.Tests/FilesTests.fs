module LiverSeg.Functional.Tests.FilesTests

open System
open System.IO
open System.IO.Compression
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// A folder of its own that is gone afterwards.
let inFolder (work: string -> 'T) =
    let folder = Directory.CreateTempSubdirectory "files-"

    try
        work folder.FullName
    finally
        folder.Delete true

let endings = [ ".nii"; ".nii.gz"; ".hdr"; ".mha"; ".mhd"; ".nrrd"; ".nhdr" ]

let private keepsAll (volume: Volume<Hu>) (back: Volume<Hu>) =
    back.Grid.GeometryEquals(volume.Grid, 1e-3)
    && MemoryExtensions.SequenceEqual(back.Voxels, volume.Voxels)

/// Errors must be of the one kind and say all that they promise.
let private refused path =
    try
        VolumeFile.Read path |> ignore
        None
    with :? FileErrorException as e -> // anything else fails the test
        let e = e.Error
        Expect.all [ e.Code; e.Field; e.Found; e.Expected; e.Remedy ] (fun s -> s <> "") $"a complete error: {e}"
        Some e

let private written ending (volume: Volume<Hu>) folder =
    let path = Path.Combine(folder, "v" + ending)
    volume.Write path
    path

/// Every file of what was written, the data file of a pair first.
let private filesOf path =
    Directory.GetFiles(Path.GetDirectoryName(path: string))
    |> Array.sortBy (fun f -> f = path)

let private someVolume seed =
    let mutable random = CounterRandom(ReadOnlySpan [| seed; 77L |])

    let grid =
        Grid(Extent(7, 6, 5), Spacing(0.7, 0.8, 2.5), Point(-10., 20.5, -300.), Direction.Identity)

    let voxels = Array.zeroCreate 210

    for i in 0..209 do
        voxels[i] <- Hu(float32 (random.NextInt 2000 - 1000))

    Volume.Of(grid, ReadOnlySpan voxels)

/// Bytes of a little-endian NIfTI-1 with the given datatype and voxels.
let private nifti (datatype: int16) (big: bool) (slope: float32) (inter: float32) (voxels: byte[]) (count: int) =
    let h = Array.zeroCreate<byte> 352

    let put (at: int) (bytes: byte[]) =
        (if big then Array.rev bytes else bytes).CopyTo(h, at)

    put 0 (BitConverter.GetBytes 348)

    [ 3; count; 1; 1; 1; 1; 1; 1 ]
    |> List.iteri (fun i d -> put (40 + 2 * i) (BitConverter.GetBytes(int16 d)))

    put 70 (BitConverter.GetBytes datatype)
    put 72 (BitConverter.GetBytes(int16 (8 * voxels.Length / count)))

    [ 1f; 0.5f; 0.5f; 2f ]
    |> List.iteri (fun i d -> put (76 + 4 * i) (BitConverter.GetBytes d))

    put 108 (BitConverter.GetBytes 352f)
    put 112 (BitConverter.GetBytes slope)
    put 116 (BitConverter.GetBytes inter)
    h[123] <- 2uy
    put 252 (BitConverter.GetBytes 1s)
    Array.blit "n+1"B 0 h 344 3
    Array.append h voxels

/// Each type's code, bytes of a number, and the range that it holds.
let private types: (int16 * (float -> byte[]) * float * float) list =
    [
        2s, (fun v -> [| byte v |]), 0., 255.
        256s, (fun v -> [| byte (sbyte v) |]), -128., 127.
        4s, (int16 >> BitConverter.GetBytes), -32768., 32767.
        512s, (uint16 >> BitConverter.GetBytes), 0., 65535.
        8s, (int >> BitConverter.GetBytes), -2147483648., 2147483647.
        768s, (uint32 >> BitConverter.GetBytes), 0., 4294967295.
        1024s, (int64 >> BitConverter.GetBytes), -9e15, 9e15
        1280s, (uint64 >> BitConverter.GetBytes), 0., 9e15
        16s, (float32 >> BitConverter.GetBytes), -1e6, 1e6
        64s, BitConverter.GetBytes, -1e6, 1e6
    ]

[<Tests>]
let tests =
    testList
        "Files"
        [
            for ending in endings do
                lawTimes 30 $"a scan read after writing is the same scan ({ending})" (fun (volume: Volume<Hu>) ->
                    inFolder (fun folder -> VolumeFile.Read(written ending volume folder) |> keepsAll volume))
            lawTimes
                50
                "a NIfTI whose sform does not count lies where its qform says, mirrored or not"
                (fun (volume: Volume<Hu>) ->
                    inFolder (fun folder ->
                        let path = written ".nii" volume folder
                        let bytes = File.ReadAllBytes path
                        // sform_code
                        bytes[254] <- 0uy
                        File.WriteAllBytes(path, bytes)
                        VolumeFile.Read(path).Grid.GeometryEquals(volume.Grid, 1e-2)))
            for ending in endings do
                lawTimes
                    20
                    $"a mask and a score map read after writing are the same ({ending})"
                    (fun (mask: Volume<bool>) (scores: Volume<Probability>) ->
                        inFolder (fun folder ->
                            let m, p = Path.Combine(folder, "m" + ending), Path.Combine(folder, "p" + ending)
                            mask.Write m
                            scores.Write p
                            let mask', scores' = VolumeFile.ReadMask m, VolumeFile.ReadProbability p

                            MemoryExtensions.SequenceEqual(mask'.Voxels, mask.Voxels)
                            && mask'.Grid.GeometryEquals(mask.Grid, 1e-3)
                            && MemoryExtensions.SequenceEqual(scores'.Voxels, scores.Voxels)))
            for ending in [ ".mha"; ".mhd" ] do
                lawTimes 30 $"the grid survives to the last bit ({ending})" (fun (volume: Volume<Hu>) ->
                    inFolder (fun folder -> (VolumeFile.Read(written ending volume folder)).Grid = volume.Grid))
            lawTimes
                30
                "spacing and affine survive a second pass through NIfTI to the last bit"
                (fun (volume: Volume<Hu>) ->
                    inFolder (fun folder ->
                        let once = written ".nii" volume folder
                        let twice = Path.Combine(folder, "again.nii")
                        (VolumeFile.Read once).Write twice

                        File
                            .ReadAllBytes(once)
                            .AsSpan(280, 48)
                            .SequenceEqual(File.ReadAllBytes(twice).AsSpan(280, 48))
                        && File
                            .ReadAllBytes(once)
                            .AsSpan(76, 16)
                            .SequenceEqual(File.ReadAllBytes(twice).AsSpan(76, 16))))
            lawTimes 30 "whole numbers are stored as int16, others as float32" (fun (volume: Volume<Hu>) ->
                inFolder (fun folder ->
                    let whole = volume.Map(fun h -> Hu(round h.Value))
                    let part = volume.Map(fun h -> Hu(floor h.Value + 0.5f))

                    (VolumeFile.Info(written ".nii" whole folder)).Type = StoredType.Int16
                    && (VolumeFile.Info(written ".mha" part folder)).Type = StoredType.Float32))
            testCase "all ten types in both byte orders, with slope and intercept"
            <| fun () ->
                inFolder (fun folder ->
                    for code, bytes, low, high in types do
                        for big in [ false; true ] do
                            for slope, inter in [ 0f, 7f; 1f, 0f; nanf, nanf; 2f, -1024f ] do
                                let values = [ low; 0.; 1.; 100.; high ]

                                let stored =
                                    values
                                    |> List.map bytes
                                    |> List.map (fun b -> if big then Array.rev b else b)
                                    |> Array.concat

                                let path = Path.Combine(folder, "t.nii")
                                File.WriteAllBytes(path, nifti code big slope inter stored 5)

                                let scaled v =
                                    if slope = 2f then v * 2. - 1024. else v

                                let found =
                                    (VolumeFile.Read path).Voxels.ToArray() |> Array.toList |> List.map _.Value

                                Expect.equal
                                    found
                                    (values |> List.map (scaled >> float32))
                                    $"type {code}, big {big}, slope {slope}")
            testCase "numbers that are not finite become air, and the reader says so"
            <| fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "t.nii")

                    let voxels =
                        [ nanf; infinityf; -infinityf; 5f ]
                        |> List.map BitConverter.GetBytes
                        |> Array.concat

                    File.WriteAllBytes(path, nifti 16s false 1f 0f voxels 4)
                    let said = ResizeArray<string>()
                    let volume = VolumeFile.Read(path, Action<string> said.Add)
                    Expect.equal (volume.Voxels.ToArray()) [| Hu -1024f; Hu -1024f; Hu -1024f; Hu 5f |] "air"
                    Expect.exists said (fun s -> s.StartsWith "3 voxels") "said")
            for ending in endings do
                testCase $"a file cut at any byte is refused ({ending})"
                <| fun () ->
                    inFolder (fun folder ->
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
                    inFolder (fun folder ->
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
                inFolder (fun folder ->
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
                inFolder (fun folder ->
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
                inFolder (fun folder ->
                    let target, link =
                        Path.Combine(folder, "target.nii"), Path.Combine(folder, "link.nii")

                    File.CreateSymbolicLink(link, target) |> ignore
                    Expect.throwsT<FileErrorException> (fun () -> (someVolume 6L).Write(link, true)) "link"
                    Expect.isFalse (File.Exists target) "nothing written through it")
            testCase "an input that is a symbolic link is read as what it leads to"
            <| fun () ->
                inFolder (fun folder ->
                    for ending in [ ".nii"; ".nii.gz"; ".mha"; ".nrrd" ] do
                        let path = written ending (someVolume 8L) folder
                        let link = Path.Combine(folder, "link" + ending)
                        File.CreateSymbolicLink(link, path) |> ignore
                        Expect.equal (VolumeFile.Read link) (VolumeFile.Read path) ending)
            testCase "kinds of trouble are told apart"
            <| fun () ->
                inFolder (fun folder ->
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
            testCase "a data file outside of the header's folder is never opened"
            <| fun () ->
                inFolder (fun folder ->
                    let path = written ".mhd" (someVolume 7L) folder
                    let inside = Path.Combine(folder, "in")
                    Directory.CreateDirectory inside |> ignore
                    let text = File.ReadAllText path

                    File.CreateSymbolicLink(Path.Combine(inside, "link.zraw"), Path.Combine(folder, "v.zraw"))
                    |> ignore

                    for name in
                        [
                            "../v.zraw"
                            Path.Combine(folder, "v.zraw")
                            "..\\v.zraw"
                            "link.zraw"
                            "file://" + folder + "/v.zraw"
                            "."
                            "~/v.zraw"
                            "v.mhd"
                        ] do
                        let bad = Path.Combine(inside, "v.mhd")
                        File.WriteAllText(bad, text.Replace("ElementDataFile = v.zraw", "ElementDataFile = " + name))
                        Expect.equal (refused bad |> Option.map _.Kind) (Some FileErrorKind.BadFile) name)
            testCase "an error is one line without control characters"
            <| fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "x.mha")
                    File.WriteAllText(path, "ObjectType = Im\u001b[31mage\u202e\nNDims = 3\n")
                    let line = string (refused path |> Option.get)
                    Expect.all line (fun c -> not (Char.IsControl c) && c <> '\u202e') line)
            testCase "a header that claims more than its file holds is refused before any room is made"
            <| fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "big.nii")
                    let bytes = nifti 4s false 1f 0f [| 0uy; 0uy |] 1

                    [ 42; 44; 46 ]
                    |> List.iter (fun at -> BitConverter.GetBytes(1200s).CopyTo(bytes, at))

                    File.WriteAllBytes(path, bytes)
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    Expect.equal (refused path |> Option.map _.Code) (Some "truncated") "refused"
                    Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 5_000_000L "allocated")
            for ending in endings do
                lawTimes
                    20
                    $"some slices read are those of the whole ({ending})"
                    (fun (volume: Volume<Hu>) (a: byte) (b: byte) ->
                        inFolder (fun folder ->
                            let path = written ending volume folder
                            let first = int a % volume.Extent.Z
                            let count = 1 + int b % (volume.Extent.Z - first)
                            VolumeFile.ReadSlab(path, first, count) = (VolumeFile.Read path).Slab(first, count)))
            testCase "a bomb of zeros is refused before it is unpacked"
            <| fun () ->
                inFolder (fun folder ->
                    let path = Path.Combine(folder, "bomb.nii.gz")
                    let header = nifti 2s false 1f 0f [| 0uy |] 1

                    [ 42; 44; 46 ]
                    |> List.iter (fun at -> BitConverter.GetBytes(1024s).CopyTo(header, at))

                    let member' (bytes: byte[]) =
                        use memory = new MemoryStream()
                        (use packed = new GZipStream(memory, CompressionLevel.Optimal) in packed.Write bytes)
                        memory.ToArray()

                    let zeros = member' (Array.zeroCreate (1 <<< 24))
                    File.WriteAllBytes(path, Array.concat (member' header[..351] :: List.replicate 64 zeros))
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    Expect.equal (refused path |> Option.map _.Kind) (Some FileErrorKind.Unsupported) "refused"
                    Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 5_000_000L "allocated")
            testCase "NRRD in every encoding, byte order, space and way to find the data"
            <| fun () ->
                inFolder (fun folder ->
                    let values = [| 1s; 2s; 300s; -4s; 5s; 6s; 7s; 8s |]
                    let little = values |> Array.collect BitConverter.GetBytes
                    let big = values |> Array.collect (BitConverter.GetBytes >> Array.rev)
                    let ascii (text: string) = Text.Encoding.ASCII.GetBytes text

                    let gzip (bytes: byte[]) =
                        use memory = new MemoryStream()
                        (use packed = new GZipStream(memory, CompressionLevel.Fastest) in packed.Write bytes)
                        memory.ToArray()

                    let bzip2 (bytes: byte[]) =
                        use memory = new MemoryStream()

                        (use packed = new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(memory) in
                         packed.Write(bytes, 0, bytes.Length))

                        memory.ToArray()

                    let read (name: string) fields (data: byte[]) =
                        let path = Path.Combine(folder, name)

                        let head =
                            "NRRD0005\n# by hand\ntype: int16\ndimension: 3\nsizes: 2 2 2\n"
                            + "space directions: (-0.5,0,0) (0,-0.5,0) (0,0,2)\nspace origin: (1,2,3)\nkey:=value\n"

                        File.WriteAllBytes(path, Array.append (ascii (head + String.concat "\n" fields + "\n")) data)
                        VolumeFile.Read path

                    let blank = ascii "\n"

                    let raw e =
                        [ "space: LPS"; "encoding: raw"; "endian: " + e ]

                    let plain = read "raw.nrrd" (raw "little") (Array.append blank little)
                    Expect.equal (plain.Voxels.ToArray()) (values |> Array.map (float32 >> Hu)) "raw"

                    Expect.equal
                        (plain.Grid.Spacing, plain.Grid.Origin, plain.Grid.Direction.Code)
                        (Spacing(0.5, 0.5, 2.), Point(1., 2., 3.), "RAS")
                        "geometry"

                    let same name volume = Expect.equal volume plain name
                    same "big" (read "big.nrrd" (raw "big") (Array.append blank big))

                    same
                        "gzip"
                        (read
                            "gz.nrrd"
                            [ "space: LPS"; "encoding: gzip"; "endian: little" ]
                            (Array.append blank (gzip little)))

                    same
                        "bzip2"
                        (read
                            "bz.nrrd"
                            [ "space: LPS"; "encoding: bz2"; "endian: little" ]
                            (Array.append blank (bzip2 little)))

                    same
                        "hex"
                        (read
                            "hex.nrrd"
                            [ "space: LPS"; "encoding: hex"; "endian: little" ]
                            (Array.append blank (ascii (Convert.ToHexString little))))

                    same "text" (read "text.nrrd" [ "space: LPS"; "encoding: text" ] (ascii "\n1 2 300 -4\n5 6 7 8\n"))

                    same
                        "skip"
                        (read
                            "skip.nrrd"
                            (raw "little" @ [ "line skip: 1"; "byte skip: 3" ])
                            (Array.concat [ ascii "\nline\nabc"; little ]))

                    same
                        "last"
                        (read
                            "last.nrrd"
                            (raw "little" @ [ "byte skip: -1" ])
                            (Array.concat [ ascii "\njunk"; little ]))

                    let packed = Array.append (ascii "junk") little |> gzip

                    same
                        "last of gzip"
                        (read
                            "lastgz.nrrd"
                            [ "space: LPS"; "encoding: gzip"; "endian: little"; "byte skip: -1" ]
                            (Array.append blank packed))

                    let ras =
                        read
                            "ras.nrrd"
                            [ "space: right-anterior-superior"; "encoding: raw"; "endian: little" ]
                            (Array.append blank little)

                    Expect.equal
                        (ras.Grid.Direction.Code, ras.Grid.Origin)
                        ("LPS", Point(-1., -2., 3.))
                        "right, anterior, superior"

                    let las =
                        read "las.nrrd" [ "space: LAS"; "encoding: raw"; "endian: little" ] (Array.append blank little)

                    Expect.equal
                        (las.Grid.Direction.Code, las.Grid.Origin)
                        ("RPS", Point(1., -2., 3.))
                        "left, anterior, superior"

                    File.WriteAllBytes(Path.Combine(folder, "d.raw"), little)
                    same "data file" (read "d.nhdr" (raw "little" @ [ "data file: d.raw" ]) [||])
                    File.WriteAllBytes(Path.Combine(folder, "p1.raw"), little[..7])
                    File.WriteAllBytes(Path.Combine(folder, "p2.raw"), little[8..])
                    same "pattern" (read "p.nhdr" (raw "little" @ [ "data file: p%d.raw 1 2 1" ]) [||])
                    same "list" (read "l.nhdr" (raw "little" @ [ "data file: LIST" ]) (ascii "p1.raw\np2.raw\n"))

                    Expect.throwsT<FileErrorException>
                        (fun () ->
                            read "l.nhdr" (raw "little" @ [ "data file: LIST" ]) (ascii "p1.raw\n")
                            |> ignore)
                        "a short list")
        ]
