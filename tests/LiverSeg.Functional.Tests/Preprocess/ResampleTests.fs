module LiverSeg.Functional.Tests.ResampleTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private hus (v: Volume<Hu>) = Volume.toArray v |> Array.map _.Value

let private near tolerance (a: float32[]) (b: float32[]) =
    Array.forall2 (fun (x: float32) y -> abs (x - y) <= tolerance) a b

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
            law "resampling to the same spacing is the identity" (fun (v: Volume<Hu>) ->
                v.ToSpacing(v.Grid.Spacing) = v)
            law "a constant stays constant, and the physical extent is kept to one voxel" (fun (grid: Grid) ->
                let r = (Volume.constant grid (Hu 37f)).ToSpacing(Spacing(1.3, 0.9, 2.1))
                let span n s = float n * s
                let ok a s b t = abs (span a s - span b t) <= max s t

                near 1e-3f (hus r) (Array.create (int r.Extent.Count) 37f)
                && ok grid.Extent.X grid.Spacing.X r.Extent.X 1.3
                && ok grid.Extent.Z grid.Spacing.Z r.Extent.Z 2.1)
            law "probabilities stay within [0, 1] between voxels of 1" (fun (grid: Grid, wanted: Grid) ->
                let sure = Volume.constant grid (Probability 1f)

                let within (v: Volume<Probability>) =
                    v.Voxels.ToArray() |> Array.forall (fun p -> p.Value <= 1f)

                within (sure.ToSpacing wanted.Spacing) && within (sure.Onto wanted))
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
                (fun (m: Volume<bool>) ->
                    m.Onto(m.Grid, Interpolation.Nearest) = m
                    && m.Onto(m.Grid, Interpolation.Linear) = m)
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
        ]
