/// Parts that are much denser than the rest of a mask.
module LiverSeg.Functional.Tests.DensePartsTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Models

/// Cell by cell, each neighbour looked for among all voxels.
let private slowlyCut by (least: float) (image: Volume<Intensity>) (mask: Volume<bool>) =
    let upright, levels =
        Orient.toCanonical mask,
        image
        |> Orient.toCanonical
        |> Volume.map (fun i -> int (Math.Clamp(i.Value, 0f, 1f) * 4096f))

    let s = upright.Grid.Spacing
    let side spacing = max 1 (int (Math.Round(4. / spacing)))

    let cell x y z =
        x / side s.X, y / side s.Y, z / side s.Z

    let inside =
        [
            for z in 0 .. upright.Extent.Z - 1 do
                for y in 0 .. upright.Extent.Y - 1 do
                    for x in 0 .. upright.Extent.X - 1 do
                        if upright[x, y, z] then
                            cell x y z, levels[x, y, z]
        ]

    if inside.IsEmpty then
        mask
    else
        let sorted = inside |> List.map snd |> List.sort
        let median = float sorted[(sorted.Length + 1) / 2 - 1]

        let near (a, b, c) (x, y, z) =
            abs (a - x) <= 1 && abs (b - y) <= 1 && abs (c - z) <= 1

        let denser =
            inside
            |> List.map fst
            |> List.distinct
            |> List.map (fun at ->
                let around = inside |> List.filter (fun (other, _) -> near at other) |> List.map snd
                at, float (List.sum around) / float around.Length - median)

        let above limit =
            denser |> List.filter (fun (_, d) -> d > limit) |> List.map fst |> Set

        let rec flood (found: Set<int * int * int>) all =
            let more =
                found
                |> Seq.collect (fun (x, y, z) ->
                    [ x - 1, y, z; x + 1, y, z; x, y - 1, z; x, y + 1, z; x, y, z - 1; x, y, z + 1 ])
                |> Set
                |> Set.intersect all
                |> Set.union found

            if more = found then found else flood more all

        let ml part =
            float (inside |> List.filter (fun (at, _) -> Set.contains at part) |> List.length)
            * upright.Grid.VoxelVolume
            / 1000.

        let seeds = above (by * 4096.)

        let parts =
            seeds |> Set.filter (fun at -> ml (flood (Set.singleton at) seeds) >= least)

        let edge = above (by * 4096. / 2.)

        let grow part =
            edge |> Set.filter (fun at -> part |> Set.exists (near at)) |> Set.union part

        let cut = parts |> grow |> grow

        Volume.init upright.Grid (fun x y z -> upright[x, y, z] && not (cut.Contains(cell x y z)))
        |> Orient.matchOrientation mask.Grid

let private noise seed (mask: Volume<bool>) =
    let random = Random(seed: int)

    Volume.init mask.Grid (fun x _ _ -> Intensity(float32 (random.NextDouble()) * (if x < 2 then 1f else 0.7f)))

/// A ball of 20 mm of 100 HU, and a ball of another radius and density, 25 mm from its middle; voxels of 1.5 mm.
let private drawn radius hu at =
    let grid = Grid.Of(Extent(60, 40, 40), Spacing.Isotropic 1.5)

    let ball at radius x y z =
        pown (float (x - 20) * 1.5 - at) 2
        + pown (float (y - 20) * 1.5) 2
        + pown (float (z - 20) * 1.5) 2
        <= radius * radius

    let intensity hu = Intensity((hu + 160f) / 400f)

    Volume.init grid (fun x y z ->
        if ball at radius x y z then intensity hu
        elif ball 0. 20. x y z then intensity 100f
        else intensity -100f),
    Volume.init grid (fun x y z -> ball 0. 20. x y z || ball at radius x y z)

[<Tests>]
let tests =
    testList
        "DenseParts"
        [
            lawTimes 300 "dense parts are what slow means say, and ⊆ the mask" (fun (m: Volume<bool>) seed ->
                let image = noise seed m
                let cut = m |> Pipeline.cutDense 0.05 0.05 image

                cut = slowlyCut 0.05 0.05 image m && Mask.``and`` m cut = cut)
            law "cells of slabs, in any order, are those of the whole" (fun (m: Volume<bool>) seed ->
                let image = noise seed m
                let upright, guide = Orient.toCanonical m, Orient.toCanonical image

                let slabs =
                    [ for z in upright.Extent.Z - 1 .. -1 .. 0 -> z ]
                    |> List.fold
                        (fun (cells: DensityCells) z ->
                            cells.Add(upright |> Volume.slab z 1, guide |> Volume.slab z 1, z))
                        (DensityCells upright.Grid)

                List.ofSeq (slabs.Parts(0.05, 0.01)) =
                    List.ofSeq (DensityCells(m.Grid).Add(m, image).Parts(0.05, 0.01)))
            testCase "a ball of contrast medium is cut off; what is small, not much denser or only as dense stays"
            <| fun () ->
                let left (image, mask) =
                    mask |> Pipeline.cutDense 0.125 5. image |> Mask.volumeMl

                let alone = Mask.volumeMl (snd (drawn 0. 100f 100.))

                let stays name (image, mask) =
                    Expect.equal (left (image, mask)) (Mask.volumeMl mask) name

                let image, mask = drawn 14. 200f 28.
                Expect.isLessThan (abs (left (image, mask) - alone)) (0.1 * alone) "near the ball alone"
                Expect.isGreaterThan (Mask.volumeMl mask) (1.2 * alone) "as it was not before"
                drawn 14. 130f 28. |> stays "30 HU denser"
                drawn 9. 200f 25. |> stays "3 ml"
                drawn 14. 100f 28. |> stays "as dense"
                drawn 14. 0f 28. |> stays "less dense"
            testCase "what the liver encloses is filled again"
            <| fun () ->
                let image, mask = drawn 12. 220f 0.
                let cut = mask |> Pipeline.cutDense 0.125 5. image
                Expect.isLessThan (Mask.count cut) (Mask.count mask) "cut out"
                Expect.equal (Mask.fillHoles cut) mask "and filled"
            testCase "turned and mirrored scans lose the same voxels"
            <| fun () ->
                let image, mask = drawn 14. 200f 28.
                let expected = mask |> Pipeline.cutDense 0.125 5. image

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| true; false; true |]
                        [| 2; 0; 1 |], [| false; true; false |]
                    ] do
                    let turn v =
                        v |> Orient.matchOrientation (Orient.Turned(mask.Grid, axes, flips))

                    Expect.equal
                        (turn mask
                         |> Pipeline.cutDense 0.125 5. (image |> Orient.matchOrientation (turn mask).Grid))
                        (turn expected)
                        "turned"
            testCase "a score map's mask loses it, unless it is told not to; the mask is doubted for it"
            <| fun () ->
                let image, mask = drawn 14. 200f 28.

                let scores =
                    mask |> Volume.map (fun inside -> Probability(if inside then 0.99f else 0.01f))

                let clean options =
                    scores |> Pipeline.clean options image |> Mask.volumeMl

                let usual = PipelineOptions(Refinement = CrfSetting.None)
                Expect.isLessThan (clean usual) (0.85 * Mask.volumeMl mask) "cut"
                Expect.equal (clean (usual.With(denserHu = 0.))) (Mask.volumeMl mask) "left"
                Expect.equal (clean (usual.With(largestComponent = false))) (Mask.volumeMl mask) "all components"

                let reasons options =
                    Quality.Of(image, scores, [||], tinyModel 1L, true, options).Findings
                    |> Seq.filter (fun f -> f.Reason = QualityReason.Density)
                    |> Seq.map _.Text
                    |> List.ofSeq

                let least = QualityOptions(NoLiverMl = 1., NoLiverCutMl = 1.)

                Expect.all (reasons least) (fun text -> text.Contains "over 50 HU denser than the rest") "why"
                Expect.equal (reasons least).Length 1 "one reason"
                Expect.isEmpty (reasons (least.With(denserHu = 150.))) "not asked for"
            testCase "the same is cut from a scan as a whole and slab by slab, upright and upside down"
            <| fun () ->
                let image, mask = drawn 14. 200f 28.
                let upright = image |> Volume.map (fun i -> Hu(i.Value * 400f - 160f))
                let turned = Orient.Turned(upright.Grid, [| 0; 1; 2 |], [| false; true; true |])
                let model = bright 0.35f (Nullable(Spacing.Isotropic 3.))

                for ct in [ upright; upright |> Orient.matchOrientation turned ] do
                    let options =
                        PipelineOptions(Refinement = CrfSetting.None, EmptyWithoutLiver = false)

                    let whole = ct |> Pipeline.segment options model

                    let slabs =
                        ct.Grid.SegmentInSlabs((fun first count -> ct |> Volume.slab first count), 7, model, options)

                    Expect.isLessThan (Mask.volumeMl whole) (0.85 * Mask.volumeMl mask) "cut"

                    Expect.isGreaterThan
                        (ct |> Pipeline.segment (options.With(denserHu = 0.)) model |> Mask.volumeMl)
                        (1.1 * Mask.volumeMl whole)
                        "there was something to cut"

                    Expect.equal slabs.Mask whole "the same mask"
            testCase "a part of the window outside (0, 1], and another grid, are refused"
            <| fun () ->
                let image, mask = drawn 0. 100f 100.

                for by in [ 0.; -0.1; 1.1; nan ] do
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> mask |> Pipeline.cutDense by 5. image |> ignore)
                        "no part"

                Expect.throwsT<ArgumentException>
                    (fun () -> mask |> Pipeline.cutDense 0.125 5. (image |> Volume.slab 0 3) |> ignore)
                    "grids"
        ]
