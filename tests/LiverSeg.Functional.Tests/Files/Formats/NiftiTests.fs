module LiverSeg.Functional.Tests.NiftiTests

open System
open System.IO
open System.IO.Compression
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.ScanFiles

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
            lawTimes
                50
                "a NIfTI whose sform does not count lies where its qform says, mirrored or not"
                (fun (volume: Volume<Hu>) ->
                    withFolder (fun folder ->
                        let path = written ".nii" volume folder
                        let bytes = File.ReadAllBytes path
                        // sform_code
                        bytes[254] <- 0uy
                        File.WriteAllBytes(path, bytes)
                        VolumeFile.Read(path).Grid.GeometryEquals(volume.Grid, 1e-2)))
            lawTimes
                30
                "spacing and affine survive a second pass through NIfTI to the last bit"
                (fun (volume: Volume<Hu>) ->
                    withFolder (fun folder ->
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
            testCase "all ten types in both byte orders, with slope and intercept"
            <| fun () ->
                withFolder (fun folder ->
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
                withFolder (fun folder ->
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
            testCase "a header that claims more than its file holds is refused before any room is made"
            <| fun () ->
                withFolder (fun folder ->
                    let path = Path.Combine(folder, "big.nii")
                    let bytes = nifti 4s false 1f 0f [| 0uy; 0uy |] 1

                    [ 42; 44; 46 ]
                    |> List.iter (fun at -> BitConverter.GetBytes(1200s).CopyTo(bytes, at))

                    File.WriteAllBytes(path, bytes)
                    let before = GC.GetAllocatedBytesForCurrentThread()
                    Expect.equal (refused path |> Option.map _.Code) (Some "truncated") "refused"
                    Expect.isLessThan (GC.GetAllocatedBytesForCurrentThread() - before) 5_000_000L "allocated")
            testCase "a bomb of zeros is refused before it is unpacked"
            <| fun () ->
                withFolder (fun folder ->
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
        ]
