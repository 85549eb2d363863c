module LiverSeg.Functional.Tests.MemoryPlanTests

open System
open Expecto
open LiverSeg.Functional

[<Tests>]
let tests =
    testList
        "Segment"
        [
            testCase "a plan stays below its bound, cuts only when it must, and says what is needed when nothing helps"
            <| fun () ->
                let grid = Grid.Of(Extent(512, 512, 400), Spacing(0.8, 0.8, 1.))
                let model = Pretrained.Liver.FirstStage

                let within (bound: int64) smaller whole =
                    MemoryPlan.Of(
                        grid,
                        model,
                        MemoryPlanOptions(BoundBytes = Nullable bound, SmallerTiles = smaller, WholeOnly = whole)
                    )

                let free = MemoryPlan.Of(grid, model, MemoryPlanOptions())
                Expect.equal free.Slices 0 "no bound, no slabs"

                for smaller in [ false; true ] do
                    let plan bound = within bound smaller false
                    Expect.equal (plan free.Bytes) free "a bound that is wide enough changes nothing"
                    let least = (plan 1L).MinBytes
                    Expect.isFalse (plan (least - 1L)).IsPossible "below the least"

                    for bound in [ least; least + (100L <<< 20); free.Bytes - 1L ] do
                        let p = plan bound
                        Expect.isTrue (p.IsPossible && p.Slices > 0 && p.Bytes <= bound) $"{bound >>> 20} MiB: {p}"

                        if not smaller then
                            Expect.equal p.Tile model.Tile "tiles stay the model's"

                    Expect.isTrue ((plan (free.Bytes - 1L)).Slices > (plan least).Slices) "more memory, thicker slabs"

                    Expect.isFalse (within least smaller true).IsPossible "what needs the whole scan does not fit"

                let least smaller = (within 1L smaller false).MinBytes
                Expect.isLessThan (least true) (least false) "smaller tiles need less"

                Expect.isLessThan
                    (within (least true) true false).Tile.Count
                    model.Tile.Count
                    "allowed, tiles shrink where nothing else helps"
        ]
