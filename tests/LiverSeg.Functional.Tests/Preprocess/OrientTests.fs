module LiverSeg.Functional.Tests.OrientTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

[<Tests>]
let tests =
    testList
        "Preprocess"
        [
            law "turning to LPS and back is the identity, and every voxel stays where it is" (fun (v: Volume<Hu>) ->
                let c = Orient.toCanonical v
                let at = c.Grid.ToWorld(0., 0., 0.)
                let i = v.Grid.ToIndex at
                let o = v[int (round i.X), int (round i.Y), int (round i.Z)]
                (c |> Orient.matchOrientation v.Grid) = v && c[0, 0, 0] = o)
            testCase "each of the 48 orientations comes to the same canonical volume"
            <| fun () ->
                let v =
                    Volume.init (Grid.Of(Extent(2, 3, 4), Spacing(1., 2., 3.))) (fun x y z ->
                        Hu(float32 (x + 10 * y + 100 * z)))

                for axes in
                    [
                        [| 0; 1; 2 |]
                        [| 0; 2; 1 |]
                        [| 1; 0; 2 |]
                        [| 1; 2; 0 |]
                        [| 2; 0; 1 |]
                        [| 2; 1; 0 |]
                    ] do
                    for bits in 0..7 do
                        let flips = [| bits &&& 1 = 1; bits &&& 2 = 2; bits &&& 4 = 4 |]
                        let turned = v |> Orient.matchOrientation (Orient.Turned(v.Grid, axes, flips))
                        Expect.equal (Orient.toCanonical turned) v $"{axes} {flips}"
        ]
