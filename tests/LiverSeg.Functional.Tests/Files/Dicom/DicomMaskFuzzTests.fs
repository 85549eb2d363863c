module LiverSeg.Functional.Tests.DicomMaskFuzzTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomMasks

let private grid =
    Grid(Extent(5, 4, 6), Spacing(0.5, 0.75, 2.), Point(-10., 20., -30.), Direction.Identity)

/// A frame with its first n pixels set.
let private frame segment z n =
    {
        Segment = segment
        Z = z
        Pixels = Array.init 20 (fun i -> if i < n then 1 else 0)
    }

[<Tests>]
let tests =
    testList
        "Files.dicomseg"
        [
            testCase "whatever byte of a segmentation or structure set changes, there is a mask or one refusal"
            <| fun () ->
                inFolder (fun path ->
                    let random = Random 7
                    let liver = [ 1, "Spleen", "1"; 2, "Liver", "10200004" ]
                    let frames = [ frame 2 0 3; frame 1 2 9; frame 2 3 5 ]
                    let triangle = [| 0., 20., -28.; 1., 20., -28.; 1., 22., -28. |]

                    let seeds =
                        [|
                            for isImplicit in [ false; true ] do
                                let style = { plain with Implicit = isImplicit }
                                segmentation style Binary liver grid frames
                                segmentation style (Fractional 200) liver grid frames
                                segmentation style (LabelMap 8) liver grid [ { frames[0] with Segment = 0 } ]
                                structures style [ 2, "Liver", [ triangle ] ]
                        |]

                    for _ in 1..800 do
                        let bytes = Array.copy seeds[random.Next seeds.Length]

                        for _ in 0 .. random.Next 3 do
                            bytes[132 + random.Next(bytes.Length - 132)] <-
                                (match random.Next 3 with
                                 | 0 -> byte (48 + random.Next 10)
                                 | 1 -> byte (random.Next 4)
                                 | _ -> byte (random.Next 256))

                        let bytes =
                            if random.Next 4 = 0 then
                                bytes[.. random.Next bytes.Length]
                            else
                                bytes

                        let file = write (path "a.dcm") bytes

                        for work in
                            [
                                fun () -> VolumeFile.ReadMask(file) |> ignore
                                fun () -> Lattice.ReadMask(file, grid, MaskLabel.Named "liver") |> ignore
                                fun () -> VolumeFile.listSegmentations file |> string |> ignore
                            ] do
                            try
                                work ()
                            with :? FileErrorException ->
                                ())
        ]
