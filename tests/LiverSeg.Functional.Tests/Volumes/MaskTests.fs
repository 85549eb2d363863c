module LiverSeg.Functional.Tests.MaskTests

open System
open System.Collections.Generic
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// Components by flood fill over offsets: slow, obviously right. Sizes in the order of the first voxel.
let private floods (n: int) (mask: Volume<bool>) =
    let e = mask.Extent

    let most =
        match n with
        | 6 -> 1
        | 18 -> 2
        | _ -> 3

    let offsets =
        [
            for z in -1 .. 1 do
                for y in -1 .. 1 do
                    for x in -1 .. 1 do
                        if (x, y, z) <> (0, 0, 0) && abs x + abs y + abs z <= most then
                            x, y, z
        ]

    let seen = HashSet()

    [
        for z in 0 .. e.Z - 1 do
            for y in 0 .. e.Y - 1 do
                for x in 0 .. e.X - 1 do
                    if mask[x, y, z] && seen.Add(x, y, z) then
                        let queue = Queue [ x, y, z ]
                        let mutable size = 0L

                        while queue.Count > 0 do
                            let cx, cy, cz = queue.Dequeue()
                            size <- size + 1L

                            for dx, dy, dz in offsets do
                                let p = cx + dx, cy + dy, cz + dz
                                let px, py, pz = p

                                if e.Contains(px, py, pz) && mask[px, py, pz] && seen.Add p then
                                    queue.Enqueue p

                        size
    ]

let private subset (a: Volume<bool>) (b: Volume<bool>) = Mask.count (Mask.andNot b a) = 0L

/// Rows of '#' and '.', slices apart by an empty string.
let private drawn (rows: string list) =
    let slices =
        rows
        |> List.fold
            (fun acc r ->
                if r = "" then
                    [] :: acc
                else
                    (r :: List.head acc) :: List.tail acc)
            [ [] ]
        |> List.map List.rev
        |> List.rev

    let e = Extent(rows.Head.Length, slices.Head.Length, slices.Length)
    Volume.init (Grid.Of(e, Spacing.Isotropic 1.)) (fun x y z -> slices[z].[y].[x] = '#')

/// Every distance by a sum over all voxels; voxels of 1 mm.
let private slowlyCut width least mask =
    let mask = Mask.largestComponent mask
    let e = mask.Extent

    let all =
        [
            for z in 0 .. e.Z - 1 do
                for y in 0 .. e.Y - 1 do
                    for x in 0 .. e.X - 1 -> x, y, z
        ]

    let squared (a, b, c) (x, y, z) =
        float (pown (a - x) 2 + pown (b - y) 2 + pown (c - z) 2)

    let from chosen =
        let chosen = all |> List.filter chosen
        fun at -> chosen |> List.fold (fun least other -> min least (squared at other)) infinity

    let wide = from (fun (x, y, z) -> not mask[x, y, z])

    let cores =
        (Volume.init mask.Grid (fun x y z -> wide (x, y, z) > width * width / 4.)
         |> Mask.components Connectivity.Six)

    if cores.Sizes.Count < 2 then
        mask
    else
        let largest = 1 + Seq.findIndex ((=) (Seq.max cores.Sizes)) cores.Sizes
        let label (x, y, z) = cores.Labels[x, y, z]
        let there = from (fun at -> label at > 0 && label at <> largest)
        let here = from (fun at -> label at = largest)

        let pieces =
            (Volume.init mask.Grid (fun x y z ->
                let at = x, y, z
                mask[x, y, z] && there at <= pown (0.6 * width) 2 && there at < here at)
             |> Mask.components Connectivity.Six)

        Volume.init mask.Grid (fun x y z ->
            let piece = pieces.Labels[x, y, z]
            mask[x, y, z] && (piece = 0 || pieces.Sizes[piece - 1] < least))
        |> Mask.largestComponent

[<Tests>]
let tests =
    testList
        "Mask"
        [
            law "threshold is antitone, and 0 gives everything" (fun (s: Volume<Probability>) ->
                subset (Mask.threshold 0.7 s) (Mask.threshold 0.3 s)
                && Mask.count (Mask.threshold 0. s) = s.Extent.Count)
            law "threshold keeps what is more than it" (fun (s: Volume<Probability>) ->
                Mask.threshold 0.5 s = Volume.map (fun (p: Probability) -> float p.Value > 0.5) s)
            law "not ∘ not is the identity, and De Morgan holds" (fun (m: Volume<bool>) ->
                let n = Volume.map id m |> Mask.fillHoles

                Mask.not (Mask.not m) = m
                && Mask.not (Mask.``and`` n m) = Mask.``or`` (Mask.not n) (Mask.not m))
            law "volume is additive over disjoint masks" (fun (m: Volume<bool>) ->
                let whole = Volume.constant m.Grid true
                abs (Mask.volumeMl m + Mask.volumeMl (Mask.andNot m whole) - Mask.volumeMl whole) < 1e-9)
            for n in [ 6; 18; 26 ] do
                law $"components by {n} neighbours are the flood fill's" (fun (m: Volume<bool>) ->
                    let c = m |> Mask.components (enum<Connectivity> n)
                    List.ofSeq c.Sizes = floods n m && Volume.map (fun l -> l > 0) c.Labels = m)
            law "the largest component is ⊆ mask, connected, idempotent and as large as any" (fun (m: Volume<bool>) ->
                let l = Mask.largestComponent m

                subset l m
                && (floods 26 l).Length <= 1
                && Mask.largestComponent l = l
                && Mask.count l = List.fold max 0L (floods 26 m))
            law "filled holes are ⊇ mask, idempotent, and leave no closed background" (fun (m: Volume<bool>) ->
                let f = Mask.fillHoles m
                let e = f.Extent

                let border =
                    Volume.init f.Grid (fun x y z ->
                        x = 0 || y = 0 || z = 0 || x = e.X - 1 || y = e.Y - 1 || z = e.Z - 1)

                let outside = (Mask.not f |> Mask.components Connectivity.Six).Labels

                let touching =
                    Volume.zip (fun l b -> if b then l else 0) border outside
                    |> Volume.toArray
                    |> set

                subset m f
                && Mask.fillHoles f = f
                && outside
                   |> Volume.toArray
                   |> Array.forall (fun l -> l = 0 || touching.Contains l))
            lawTimes
                300
                "cut necks are what slow distances say, ⊆ the largest component, connected"
                (fun (m: Volume<bool>) ->
                    let m =
                        Volume.init (Grid(m.Extent, Spacing.Isotropic 1., Point(), Direction.Identity)) (fun x y z ->
                            m[x, y, z])

                    let cut = m |> Mask.cutNecks 2.5 0.002

                    cut = slowlyCut 2.5 2L m
                    && subset cut (Mask.largestComponent m)
                    && (floods 26 cut).Length <= 1)
            testCase "a ball is cut off where its neck is thin, and stays where it is wide, small or alone"
            <| fun () ->
                let joined small bar =
                    Volume.init
                        (Grid(Extent(70, 40, 40), Spacing(1., 1., 1.), Point(), Direction.Identity))
                        (fun x y z ->
                            let ball at radius =
                                pown (x - at) 2 + pown (y - 20) 2 + pown (z - 20) 2 <= radius * radius

                            ball 18 15
                            || ball 55 small
                            || (bar > 0 && x > 18 && x < 55 && pown (y - 20) 2 + pown (z - 20) 2 <= bar * bar))

                let large = Mask.count (joined 0 0 |> Mask.largestComponent)

                let cut mask =
                    mask |> Mask.cutNecks 10. 5. |> Mask.count

                let thin = cut (joined 12 3)
                // What is left of the bar goes on to where the ball's piece begins.
                Expect.isTrue (thin >= large && thin < large + 500L) $"{thin} voxels of {large}"
                Expect.equal (cut (joined 12 8)) (Mask.count (joined 12 8)) "a wide neck"
                Expect.equal (cut (joined 8 3)) (Mask.count (joined 8 3)) "2 ml"
                Expect.equal (cut (joined 12 0)) large "not joined at all"
                Expect.equal (cut (joined 12 0 |> Mask.``and`` (joined 0 0))) large "alone"

                let mirrored =
                    Orient.matchOrientation (Orient.Turned((joined 12 3).Grid, [| 2; 1; 0 |], [| true; false; true |]))

                Expect.equal
                    (joined 12 3 |> mirrored |> Mask.cutNecks 10. 5.)
                    (joined 12 3 |> Mask.cutNecks 10. 5. |> mirrored)
                    "turned"

                for width in [ 0.; -1.; nan; infinity ] do
                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> joined 12 3 |> Mask.cutNecks width 5. |> ignore)
                        "no width"
            law "the bounding box holds everything, and nothing less does" (fun (m: Volume<bool>) ->
                match Mask.boundingBox m with
                | None -> Mask.count m = 0L
                | Some box ->
                    let cut = m |> Volume.crop box

                    let side pick =
                        Seq.exists
                            id
                            (seq {
                                for z in 0 .. cut.Extent.Z - 1 do
                                    for y in 0 .. cut.Extent.Y - 1 do
                                        for x in 0 .. cut.Extent.X - 1 do
                                            if pick x y z then
                                                cut[x, y, z]
                            })

                    Mask.count cut = Mask.count m
                    && side (fun x _ _ -> x = 0)
                    && side (fun _ y _ -> y = cut.Extent.Y - 1)
                    && side (fun _ _ z -> z = 0))
            law "without the small ones each component left is large enough" (fun (m: Volume<bool>) ->
                let least = 3. * m.Grid.VoxelVolume / 1000. - 1e-12
                let kept = Mask.removeSmall least m
                floods 26 kept = (floods 26 m |> List.filter (fun s -> s >= 3L)))
            testCase "a ring is filled, a ring with a gap is not, a tunnel only slice by slice"
            <| fun () ->
                let ring =
                    drawn
                        [
                            "....."
                            "....."
                            "....."
                            "....."
                            "....."
                            ""
                            "....."
                            ".###."
                            ".###."
                            ".###."
                            "....."
                            ""
                            "....."
                            ".###."
                            ".#.#."
                            ".###."
                            "....."
                            ""
                            "....."
                            ".###."
                            ".###."
                            ".###."
                            "....."
                            ""
                            "....."
                            "....."
                            "....."
                            "....."
                            "....."
                        ]

                Expect.equal (Mask.count (Mask.fillHoles ring)) 27L "filled"
                let tunnel = drawn [ "....."; ".###."; ".#.#."; ".###."; "....." ]
                Expect.equal (Mask.fillHoles tunnel) tunnel "a tunnel is open in space"
                Expect.equal (Mask.count (Mask.fillHolesPlanar tunnel)) 9L "closed in the slice"
            testCase "a hollow cube is filled; with a way out through any of its six faces it is not"
            <| fun () ->
                let grid = Grid.Of(Extent(3, 3, 3), Spacing.Isotropic 1.)

                let hollow ways =
                    Volume.init grid (fun x y z -> not (List.contains (x, y, z) ((1, 1, 1) :: ways)))

                Expect.equal (Mask.count (Mask.fillHoles (hollow []))) 27L "closed"

                for way in [ 0, 1, 1; 2, 1, 1; 1, 0, 1; 1, 2, 1; 1, 1, 0; 1, 1, 2 ] do
                    Expect.equal (Mask.fillHoles (hollow [ way ])) (hollow [ way ]) $"open at {way}"
        ]
