// Scans spoilt on purpose, for what judges masks by them.
module Spoilt

open System
open LiverSeg.Functional

/// Normal noise of a standard deviation in HU, the same at each call.
let noise (deviation: float) (ct: Volume<Hu>) =
    let random = Random 1

    let normal () =
        sqrt (-2. * log (1. - random.NextDouble()))
        * cos (2. * Math.PI * random.NextDouble())

    ct |> Volume.map (fun h -> Hu(h.Value + float32 (deviation * normal ())))

/// Three rows of metal across the middle.
let streak (ct: Volume<Hu>) =
    Volume.Init(
        ct.Grid,
        fun x y z ->
            if abs (y - ct.Extent.Y / 2) < 2 then
                Hu 3000f
            else
                ct[x, y, z]
    )
