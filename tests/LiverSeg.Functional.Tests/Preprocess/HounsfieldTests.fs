module LiverSeg.Functional.Tests.HounsfieldTests

open System
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

let private values (v: Volume<Intensity>) = Volume.toArray v |> Array.map _.Value

let private hus (v: Volume<Hu>) = Volume.toArray v |> Array.map _.Value

let private near tolerance (a: float32[]) (b: float32[]) =
    Array.forall2 (fun (x: float32) y -> abs (x - y) <= tolerance) a b

let private liver = Window.Liver

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
        ]
