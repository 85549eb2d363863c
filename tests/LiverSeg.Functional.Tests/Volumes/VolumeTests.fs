module LiverSeg.Functional.Tests.VolumeTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private index x y z = float32 (x + 10 * y + 100 * z) |> Hu

[<Tests>]
let tests =
    testList
        "Volume"
        [
            law "init then index gives the function" (fun (grid: Grid) ->
                let v = Volume.init grid index
                let e = grid.Extent

                Seq.forall
                    (fun (x, y, z) -> v[x, y, z] = index x y z)
                    (seq {
                        for z in 0 .. e.Z - 1 do
                            for y in 0 .. e.Y - 1 do
                                for x in 0 .. e.X - 1 -> x, y, z
                    }))
            law "map id is id, and map f >> map g is map (f >> g)" (fun (v: Volume<Hu>) ->
                let f (h: Hu) = Hu(h.Value + 1f)
                let g (h: Hu) = Hu(h.Value * 2f)

                Volume.map id v = v
                && (v |> Volume.map f |> Volume.map g) = (v |> Volume.map (f >> g)))
            law "zip fst is the first" (fun (v: Volume<Hu>) ->
                Volume.zip (fun a _ -> a) (Volume.map (fun _ -> 0) v) v = v)
            law "crop after pad is the identity" (fun (v: Volume<Hu>) ->
                let e = v.Extent

                let padded =
                    v
                    |> Volume.pad (Region(-2, -1, -3, Extent(e.X + 3, e.Y + 4, e.Z + 5))) (Hu -1000f)

                let back = padded |> Volume.crop (Region(2, 1, 3, e))
                back.Grid.GeometryEquals v.Grid && back.Voxels.SequenceEqual v.Voxels)
            law "a padded voxel outside is what was asked for" (fun (v: Volume<Hu>) ->
                (v |> Volume.pad (Region(-1, 0, 0, Extent(1, 1, 1))) (Hu 7f))[0, 0, 0] = Hu 7f)
            law "equal content gives equal value and hash" (fun (v: Volume<Hu>) ->
                let copy = Volume.ofArray v.Grid (Volume.toArray v)
                copy = v && copy.GetHashCode() = v.GetHashCode())
            law "one changed voxel makes another value" (fun (v: Volume<Hu>) ->
                let voxels = Volume.toArray v
                voxels[voxels.Length - 1] <- Hu(voxels[voxels.Length - 1].Value + 1f)
                Volume.ofArray v.Grid voxels <> v)
            law "the source array may change afterwards without effect" (fun (v: Volume<Hu>) ->
                let voxels = Volume.toArray v
                let made = Volume.ofArray v.Grid voxels
                Array.Fill(voxels, Hu 12345f)
                made = v)
            law "a slab has its slices' voxels at the same places" (fun (v: Volume<Hu>) ->
                let z = v.Extent.Z - 1
                let slab = v |> Volume.slab z 1

                slab[0, 0, 0] = v[0, 0, z]
                && slab.Grid.ToWorld(0., 0., 0.).DistanceTo(v.Grid.ToWorld(0., 0., float z)) < 1e-9)
            testCase "different grids are refused with both in the message"
            <| fun () ->
                let a = Volume.constant (Grid.Of(Extent(2, 2, 2), Spacing.Isotropic 1.)) 1
                let b = Volume.constant (Grid.Of(Extent(2, 2, 3), Spacing.Isotropic 1.)) 1

                Expect.throwsC (fun () -> Volume.zip (+) b a |> ignore) (fun e ->
                    Expect.stringContains e.Message "2×2×2" "first"
                    Expect.stringContains e.Message "2×2×3" "second")
            testCase "an index outside is refused"
            <| fun () ->
                let v = Volume.constant (Grid.Of(Extent(2, 2, 2), Spacing.Isotropic 1.)) 1
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> v[2, 0, 0] |> ignore) "x = 2"
            testCase "a wrong number of voxels is refused"
            <| fun () ->
                Expect.throwsT<ArgumentException>
                    (fun () ->
                        Volume.ofArray (Grid.Of(Extent(2, 2, 2), Spacing.Isotropic 1.)) [| 1 |]
                        |> ignore)
                    "1 for 8"
            testCase "a volume of more than 2³¹ bytes is held and read"
            <| fun () ->
                let grid = Grid.Of(Extent(1024, 1024, 513), Spacing.Isotropic 1.)
                let v = Volume.constant grid (Hu 3f)
                Expect.equal (v.Slice(512)[1024 * 1024 - 1]) (Hu 3f) "the last voxel"
        ]
