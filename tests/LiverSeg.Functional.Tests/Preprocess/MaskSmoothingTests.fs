module LiverSeg.Functional.Tests.MaskSmoothingTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// Every voxel of the image weighed one by one.
let private smoothed sigma (mask: Volume<bool>) =
    let s, e = mask.Grid.Spacing, mask.Extent

    let weight mm voxels =
        exp (-((float voxels * mm) ** 2.) / (2. * sigma * sigma))

    let reach mm = int (3. * sigma / mm)

    Volume.init mask.Grid (fun x y z ->
        let mutable inside, all = 0., 0.

        for k in max 0 (z - reach s.Z) .. min (e.Z - 1) (z + reach s.Z) do
            for j in max 0 (y - reach s.Y) .. min (e.Y - 1) (y + reach s.Y) do
                for i in max 0 (x - reach s.X) .. min (e.X - 1) (x + reach s.X) do
                    let w = weight s.X (i - x) * weight s.Y (j - y) * weight s.Z (k - z)
                    all <- all + w

                    if mask[i, j, k] then
                        inside <- inside + w

        inside / all)

[<Tests>]
let tests =
    testList
        "MaskSmoothing.smooth"
        [
            lawTimes 60 "inside where the weighted share is above one half" (fun (mask: Volume<bool>) ->
                let sigma = 1.3

                let shares, found =
                    smoothed sigma mask, mask |> MaskSmoothing.smooth (sigma * 1.<mm>)

                Seq.forall
                    (fun i ->
                        abs (shares.Voxels[i] - 0.5) < 1e-5
                        || found.Voxels[i] = (shares.Voxels[i] > 0.5))
                    [ 0 .. found.Voxels.Length - 1 ])
            law "nothing, everything and a sigma of 0 change nothing" (fun (mask: Volume<bool>) ->
                let full = mask.Map(fun _ -> true)

                (mask |> MaskSmoothing.smooth 0.<mm>) = mask
                && (full |> MaskSmoothing.smooth 2.<mm>) = full
                && (Mask.``not`` full |> MaskSmoothing.smooth 2.<mm>) = Mask.``not`` full)
            testCase "a spike goes, a flat face stays"
            <| fun () ->
                let grid = Grid.Of(Extent(20, 20, 20), Spacing.Isotropic 1.)
                let block = Volume.init grid (fun x _ _ -> x < 10)
                let spiky = Volume.init grid (fun x y z -> x < 10 || (y = 10 && z = 10 && x < 16))
                Expect.equal (spiky |> MaskSmoothing.smooth 2.<mm>) block "the block alone"
        ]
