module LiverSeg.Functional.Tests.SlabPipelineTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

let private scan =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 12L, Spacing = Spacing(4., 4., 6.)))).Ct

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Segment"
        [
            testCase "slabs give the mask of the whole, bit by bit, whatever their size and the scan's orientation"
            <| fun () ->
                let ct, model = scan.Value, coarse.Value
                let options = PipelineOptions()

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| false; false; false |]
                        [| 0; 1; 2 |], [| true; false; true |]
                        [| 1; 0; 2 |], [| false; true; true |]
                    ] do
                    let ct = ct |> Orient.matchOrientation (Orient.Turned(ct.Grid, axes, flips))
                    let whole = ct |> Pipeline.segment options model

                    for slices in [ 1; 7; ct.Extent.Z ] do
                        let result =
                            ct.Grid.SegmentInSlabs(
                                Func<_, _, _>(fun first count -> ct.Slab(first, count)),
                                slices,
                                model,
                                options
                            )

                        Expect.equal result.Mask whole $"{ct.Grid.Direction.Code}, {slices} slices"
                        Expect.equal (List.ofSeq result.Warnings) (ct |> HuCheck.warnings) "the same warnings"
        ]
