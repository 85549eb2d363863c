module LiverSeg.Functional.Tests.OraclesMetrics

open LiverSeg.Functional

/// Slow and obviously right: every definition spelled out voxel by voxel.
type Slow =
    {
        Voe: float
        Rvd: float option
        Dice: float
        There: float list
        Back: float list
    }

let private indices (e: Extent) =
    [
        for z in 0 .. e.Z - 1 do
            for y in 0 .. e.Y - 1 do
                for x in 0 .. e.X - 1 -> x, y, z
    ]

let neighbours (border: Border) =
    [
        for z in -1 .. 1 do
            for y in -1 .. 1 do
                for x in -1 .. 1 do
                    let moved = abs x + abs y + abs z

                    let most =
                        match border with
                        | Border.Faces -> 1
                        | Border.FacesAndEdges -> 2
                        | _ -> 3

                    if moved > 0 && moved <= most then
                        x, y, z
    ]

let rim (border: Border) (outside: Outside) (mask: Volume<bool>) =
    let isObject (x, y, z) =
        if mask.Extent.Contains(x, y, z) then
            mask[x, y, z]
        else
            outside = Outside.Object

    let around = neighbours border

    indices mask.Extent
    |> List.filter (fun (x, y, z) ->
        mask[x, y, z]
        && around |> List.exists (fun (a, b, c) -> not (isObject (x + a, y + b, z + c))))

let distance (s: Spacing) (x1, y1, z1) (x2, y2, z2) =
    let x, y, z = float (x1 - x2) * s.X, float (y1 - y2) * s.Y, float (z1 - z2) * s.Z

    sqrt (x * x + y * y + z * z)

let evaluate (options: MetricsOptions) (truth: Volume<bool>) (prediction: Volume<bool>) =
    let all = indices truth.Extent

    let count f =
        all |> List.filter f |> List.length |> float

    let a = count (fun (x, y, z) -> prediction[x, y, z])
    let b = count (fun (x, y, z) -> truth[x, y, z])
    let both = count (fun (x, y, z) -> prediction[x, y, z] && truth[x, y, z])

    let rimA, rimB =
        rim options.Border options.Outside prediction, rim options.Border options.Outside truth

    let s = truth.Grid.Spacing

    let nearest points p =
        points |> List.fold (fun best q -> min best (distance s p q)) infinity

    let there, back =
        if rimA.IsEmpty || rimB.IsEmpty then
            [], []
        else
            rimA |> List.map (nearest rimB), rimB |> List.map (nearest rimA)

    {
        Voe =
            if a + b = 0. then
                0.
            else
                100. * (1. - both / (a + b - both))
        Rvd =
            if b > 0. then Some(100. * (a - b) / b)
            elif a = 0. then Some 0.
            else None
        Dice = if a + b = 0. then 1. else 2. * both / (a + b)
        There = there
        Back = back
    }

/// numpy's percentile: linear between the neighbours in a sorted list.
let percentile p (values: float list) =
    let sorted = values |> List.sort |> List.toArray
    let place = p / 100. * float (sorted.Length - 1)
    let low = int (floor place)
    let high = min (low + 1) (sorted.Length - 1)
    sorted[low] + (place - float low) * (sorted[high] - sorted[low])
