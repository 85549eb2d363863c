module LiverSeg.Functional.Tests.HuCheckTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "Preprocess"
        [
            law "a scan's range is that of its finite values, and the others are counted"
            <| fun (FsCheck.NonNegativeInt seed) ->
                let r = Random seed

                let values =
                    Array.init (r.Next 70) (fun _ ->
                        match r.Next 12 with
                        | 0 -> nan
                        | 1 -> infinity
                        | 2 -> -infinity
                        | _ -> r.NextDouble() * 4000. - 2000.)

                let ct =
                    Volume.ofArray
                        (Grid.Of(Extent(values.Length, 1, 1), Spacing.Isotropic 1.))
                        (values |> Array.map (float32 >> Hu))

                let finite = values |> Array.filter Double.IsFinite |> Array.map float32

                HuCheck.Span ct =
                    struct (Array.fold min infinityf finite,
                            Array.fold max -infinityf finite,
                            int64 (values.Length - finite.Length))
            testCase "grey values are doubted, a CT is not"
            <| fun () ->
                let of' (hu: float list) =
                    Volume.ofArray
                        (Grid.Of(Extent(hu.Length, 1, 1), Spacing.Isotropic 1.))
                        (hu |> List.map (float32 >> Hu) |> Array.ofList)

                Expect.isEmpty (HuCheck.warnings (of' [ -1024.; 40.; 1200. ])) "a CT"
                Expect.isNonEmpty (HuCheck.warnings (of' [ 0.; 128.; 255. ])) "8-bit"
                Expect.isNonEmpty (HuCheck.warnings (of' [ 0.; 1064.; 2200. ])) "HU + 1024"
                Expect.isNonEmpty (HuCheck.warnings (of' [ -160.; 240. ])) "a window"
                Expect.isNonEmpty (HuCheck.warnings (of' [ 5.; 5. ])) "constant"
        ]
