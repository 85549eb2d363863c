module LiverSeg.Functional.Tests.OraclesCrf

open LiverSeg.Functional

/// Written from the formulas alone, pair by pair, for axes along L, P, S.
let private pairs (o: CrfOptions) (guide: Volume<Hu>) =
    let e, s = guide.Extent, guide.Grid.Spacing
    let n = int e.Count
    let place i = i % e.X, i / e.X % e.Y, i / e.X / e.Y

    let unit =
        if o.Unit = CrfUnit.Voxel then
            (1., 1., 1.)
        else
            (s.X, s.Y, s.Z)

    let apart i j theta =
        let (x, y, z), (a, b, c), (u, v, w) = place i, place j, unit

        ((float (x - a) * u / theta) ** 2.
         + (float (y - b) * v / theta) ** 2.
         + (float (z - c) * w / theta) ** 2.)
        / 2.

    let together i j =
        let (_, _, z), (_, _, c) = place i, place j
        o.Reach = CrfRange.Volume || z = c

    let density i = float guide.Voxels[i].Value

    let kernel mu (k: int -> int -> float) =
        let raw = Array2D.init n n (fun i j -> if together i j then k i j else 0.)
        let sums = Array.init n (fun i -> Seq.sum [ for j in 0 .. n - 1 -> raw[i, j] ])

        raw
        |> Array2D.mapi (fun i j v ->
            mu
            * v
            * (match o.Normalization with
               | CrfNormalization.Symmetric -> 1. / sqrt (sums[i] * sums[j])
               | CrfNormalization.Before -> 1. / sums[j]
               | CrfNormalization.After -> 1. / sums[i]
               | _ -> 1.))

    let appearance =
        kernel o.Mu1 (fun i j -> exp (-(apart i j o.ThetaAlpha) - ((density i - density j) / o.ThetaBeta) ** 2. / 2.))

    let smoothness = kernel o.Mu2 (fun i j -> exp (-(apart i j o.ThetaGamma)))
    Array2D.init n n (fun i j -> appearance[i, j] + smoothness[i, j])

/// Q of every label after the iterations: Q <- softmax(log P + sum of k Q).
let meanField (o: CrfOptions) (guide: Volume<Hu>) (scores: float[] list) =
    let phi = pairs o guide
    let n = int guide.Extent.Count
    let unary = scores |> List.map (Array.map (fun p -> log (max p o.MinProbability)))

    let softmax (values: float[] list) =
        let total i =
            values |> List.sumBy (fun v -> exp v[i])

        values |> List.map (Array.mapi (fun i v -> exp v / total i))

    let message (q: float[]) i =
        Seq.sum
            [
                for j in 0 .. n - 1 -> if i = j && not o.SelfTerm then 0. else phi[i, j] * q[j]
            ]

    let step q =
        List.map2 (fun u q -> Array.mapi (fun i u -> u + message q i) u) unary q
        |> softmax

    Seq.init o.Iterations id |> Seq.fold (fun q _ -> step q) (softmax unary)

let energy (o: CrfOptions) (guide: Volume<Hu>) (scores: float[]) (labels: bool[]) =
    let phi = pairs o guide

    let clipped =
        scores
        |> Array.map (fun p -> min (1. - o.MinProbability) (max p o.MinProbability))

    let unary =
        Array.map2 (fun p l -> -log(if l then p else 1. - p)) clipped labels
        |> Array.sum

    unary
    + Seq.sum
        [
            for i in 0 .. labels.Length - 1 do
                for j in i + 1 .. labels.Length - 1 ->
                    if labels[i] <> labels[j] then
                        (phi[i, j] + phi[j, i]) / 2.
                    else
                        0.
        ]
