module LiverSeg.Functional.Tests.DicomFileTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan

[<Tests>]
let tests =
    testList
        "Files.dicom"
        [
            for syntax in syntaxes do
                testCase $"a slice cut at any byte is refused ({syntax})"
                <| fun () ->
                    withFolder (fun folder ->
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

                withFolder (fun folder ->
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
            testCase "nesting without end cannot overflow the stack"
            <| fun () ->
                withFolder (fun folder ->
                    let path = Path.Combine(folder, "a.dcm")
                    let head = element true false 0x00081140u "SQ" [||]
                    let sequence = Array.append head[..7] (BitConverter.GetBytes -1)

                    let open' =
                        Array.concat [ sequence; [| 0xFEuy; 0xFFuy; 0uy; 0xE0uy |]; BitConverter.GetBytes -1 ]

                    File.WriteAllBytes(path, file ExplicitLittle (Array.concat (List.replicate 50_000 open')))
                    Expect.equal (refusal path).Field "sequence" "depth")
            testCase "a deflated bomb is refused before it is unpacked"
            <| fun () ->
                withFolder (fun folder ->
                    let path = Path.Combine(folder, "a.dcm")
                    File.WriteAllBytes(path, file Deflated (Array.zeroCreate 200_000_000))
                    let before = GC.GetTotalAllocatedBytes()
                    Expect.equal (refusal path).Kind FileErrorKind.Unsupported "refused"
                    Expect.isLessThan (GC.GetTotalAllocatedBytes() - before) 400_000_000L "bytes")
        ]
