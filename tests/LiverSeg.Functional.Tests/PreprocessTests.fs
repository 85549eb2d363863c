module LiverSeg.Functional.Tests.PreprocessTests

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private values (v: Volume<Intensity>) = Volume.toArray v |> Array.map _.Value
let private hus (v: Volume<Hu>) = Volume.toArray v |> Array.map _.Value

let private near tolerance (a: float32[]) (b: float32[]) =
    Array.forall2 (fun (x: float32) y -> abs (x - y) <= tolerance) a b

let private liver = Window.Liver

/// Trilinear interpolation straight from the definition.
let private oracle (v: Volume<Hu>) (at: Point) =
    let e = v.Extent
    let clamp n p = min (max p 0.) (float (n - 1))
    let px, py, pz = clamp e.X at.X, clamp e.Y at.Y, clamp e.Z at.Z
    let weight p i = max 0. (1. - abs (p - float i))

    Seq.sum (
        seq {
            for z in 0 .. e.Z - 1 do
                for y in 0 .. e.Y - 1 do
                    for x in 0 .. e.X - 1 -> weight px x * weight py y * weight pz z * float v[x, y, z].Value
        }
    )

[<Tests>]
let tests =
    testList
        "Preprocess"
        [
            law "windowed values lie in [0,1], rise with the density and keep the grid" (fun (v: Volume<Hu>) ->
                let w = v |> Hounsfield.windowed liver
                let pairs = Array.zip (hus v) (values w) |> Array.sortBy fst |> Array.map snd

                w.Grid = v.Grid
                && Array.forall (fun x -> x >= 0f && x <= 1f) pairs
                && Array.forall2 (<=) pairs[.. pairs.Length - 2] pairs[1..])
            law "shifting scan and window together changes nothing" (fun (v: Volume<Hu>) ->
                let shifted = v |> Volume.map (fun h -> Hu(h.Value + 64f))
                let window = Window(Hu(liver.Low.Value + 64f), Hu(liver.High.Value + 64f))
                near 1e-5f (values (v |> Hounsfield.windowed liver)) (values (shifted |> Hounsfield.windowed window)))
            testCase "the window's ends are 0 and 1, its middle a half, NaN is 0"
            <| fun () ->
                let v =
                    Volume.ofArray
                        (Grid.Of(Extent(20, 1, 1), Spacing.Isotropic 1.))
                        (Array.init 20 (fun i ->
                            Hu(
                                match i % 5 with
                                | 0 -> -160f
                                | 1 -> 240f
                                | 2 -> 40f
                                | 3 -> nanf
                                | _ -> 9999f
                            )))

                let w = values (v |> Hounsfield.window (-160.f<HU>, 240.f<HU>))

                Expect.equal
                    w
                    (Array.init 20 (fun i ->
                        match i % 5 with
                        | 0
                        | 3 -> 0f
                        | 1
                        | 4 -> 1f
                        | _ -> 0.5f))
                    "values"
            testCase "an empty window is refused"
            <| fun () ->
                Expect.throwsT<ArgumentException>
                    (fun () ->
                        (Volume.constant (Grid.Of(Extent(1, 1, 1), Spacing.Isotropic 1.)) (Hu 0f))
                            .Window(Window(Hu 5f, Hu 5f))
                        |> ignore)
                    "5..5"
            law "resampling to the same spacing is the identity" (fun (v: Volume<Hu>) ->
                v.ToSpacing(v.Grid.Spacing) = v)
            law "a constant stays constant, and the physical extent is kept to one voxel" (fun (grid: Grid) ->
                let r = (Volume.constant grid (Hu 37f)).ToSpacing(Spacing(1.3, 0.9, 2.1))
                let span n s = float n * s
                let ok a s b t = abs (span a s - span b t) <= max s t

                near 1e-3f (hus r) (Array.create (int r.Extent.Count) 37f)
                && ok grid.Extent.X grid.Spacing.X r.Extent.X 1.3
                && ok grid.Extent.Z grid.Spacing.Z r.Extent.Z 2.1)
            law "another spacing keeps the middle of the box" (fun (v: Volume<Hu>) ->
                let middle (g: Grid) =
                    g.ToWorld(float (g.Extent.X - 1) / 2., float (g.Extent.Y - 1) / 2., float (g.Extent.Z - 1) / 2.)

                (middle v.Grid).DistanceTo(middle (v.ToSpacing(Spacing(1.3, 0.4, 2.1))).Grid) < 1e-9)
            law "on a finer grid, turned or not, the values are the trilinear ones" (fun (v: Volume<Hu>) ->
                let s = v.Grid.Spacing
                let e = v.Extent

                let fine =
                    Grid(
                        Extent(e.X * 2, e.Y * 2, e.Z * 2),
                        Spacing(s.X / 2., s.Y / 2., s.Z / 2.),
                        v.Grid.ToWorld(0.1, -0.2, 0.3),
                        v.Grid.Direction
                    )

                let r = v |> Resample.onto fine

                let check x y z =
                    abs (
                        oracle v (v.Grid.ToIndex(fine.ToWorld(float x, float y, float z)))
                        - float r[x, y, z].Value
                    )
                        <
                        0.05

                check 0 0 0 && check (e.X) (e.Y) (e.Z) && check (2 * e.X - 1) 0 (2 * e.Z - 1))
            law "on a skewed grid the values are the trilinear ones too" (fun (v: Volume<Hu>) ->
                let c, s = cos 0.3, sin 0.3
                let d = v.Grid.Direction

                let mix (a: Axis) (b: Axis) p q =
                    Axis(p * a.L + q * b.L, p * a.P + q * b.P, p * a.S + q * b.S)

                let turned = Direction(mix d.X d.Y c s, mix d.X d.Y -s c, d.Z)

                let target =
                    Grid(Extent(4, 4, 4), v.Grid.Spacing, v.Grid.ToWorld(0.5, 0.5, 0.5), turned)

                let finest = min v.Grid.Spacing.X (min v.Grid.Spacing.Y v.Grid.Spacing.Z)
                let target = Grid(target.Extent, Spacing.Isotropic finest, target.Origin, turned)
                let r = v |> Resample.onto target

                let check x y z =
                    abs (
                        oracle v (v.Grid.ToIndex(target.ToWorld(float x, float y, float z)))
                        - float r[x, y, z].Value
                    )
                        <
                        0.05

                check 0 0 0 && check 3 2 1 && check 1 3 3)
            law
                "the nearest voxel introduces no new labels and is the identity on the own grid"
                (fun (m: Volume<bool>) -> m.Onto m.Grid = m && m.Smoothly m.Grid = m)
            testCase "shrinking does not alias: a checkerboard becomes grey"
            <| fun () ->
                let v =
                    Volume.init (Grid.Of(Extent(32, 32, 8), Spacing.Isotropic 1.)) (fun x y z ->
                        Hu(if (x + y + z) % 2 = 0 then 100f else 0f))

                Expect.isTrue
                    (near 12f (hus (v |> Resample.toSpacing (5.<mm>, 5.<mm>, 1.<mm>))) (Array.create 288 50f))
                    "grey"
            law "the result does not depend on threads" (fun (v: Volume<Hu>) ->
                v.ToSpacing(Spacing(0.7, 0.8, 0.9), 1) = v.ToSpacing(Spacing(0.7, 0.8, 0.9), 2))
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
let smoothing =
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
