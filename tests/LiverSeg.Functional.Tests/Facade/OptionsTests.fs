module LiverSeg.Functional.Tests.OptionsTests

open System
open System.Reflection
open Expecto
open LiverSeg.Functional

/// Another value of the same type.
let private other (value: obj) : obj =
    match value with
    | :? int as n -> box (n + 1)
    | :? int64 as n -> box (n + 1L)
    | :? float as x -> box (x / 2. + 0.125)
    | :? bool as b -> box (not b)
    | :? Enum as e -> Enum.ToObject(e.GetType(), 1 - Convert.ToInt32 e)
    | :? Extent as e -> box (Extent(e.Z, e.X, e.Y))
    | :? Device -> box (Device.Cuda 1)
    | :? Schedule -> box (Schedule.Cosine(0.25, 0.125, 3))
    | :? Augmentation -> box Augmentation.Practical
    | :? Window -> box (Window(Hu -7f, Hu 7f))
    | :? Hu as h -> box (Hu(h.Value + 1f))
    | :? Spacing as s -> box (Spacing(s.X + 1., s.Y, s.Z))
    | :? QualityOptions -> box (QualityOptions(MinMl = 1.))
    | :? CrfSetting -> box CrfSetting.None
    | :? DicePrediction -> box (DicePrediction(Intercept = 1.))
    | :? PredictOptions -> box (PredictOptions(TileOverlap = 0.25))
    | :? Collections.Generic.IReadOnlyDictionary<string, float> -> box (Collections.Generic.Dictionary<string, float>())
    | unchanged -> failwith $"no other value of {unchanged.GetType()}"

/// Each property named by itself in `With` changes that property alone.
let private withCoversEveryProperty (options: 'O) =
    let change = typeof<'O>.GetMethod "With"

    let properties =
        typeof<'O>.GetProperties(BindingFlags.Public ||| BindingFlags.Instance)
        |> Array.filter _.CanWrite

    let parameters = change.GetParameters()
    let lower (name: string) = name.ToLowerInvariant()

    Expect.equal
        (parameters |> Array.map (fun p -> lower p.Name) |> set)
        (properties |> Array.map (fun p -> lower p.Name) |> set)
        "an argument per property"

    for property in properties do
        let wanted = other (property.GetValue options)

        let arguments =
            parameters
            |> Array.map (fun p -> if lower p.Name = lower property.Name then wanted else null)

        let changed = change.Invoke(options, arguments)

        for p in properties do
            if p.Name = property.Name then
                Expect.equal (p.GetValue changed) wanted p.Name
            else
                Expect.equal (p.GetValue changed) (p.GetValue options) $"{p.Name} beside {property.Name}"

[<Tests>]
let tests =
    testList
        "Facade"
        [
            testCase "With changes each option, and it alone"
            <| fun () ->
                withCoversEveryProperty TrainingOptions.Paper
                withCoversEveryProperty CrfOptions.Shipped
                withCoversEveryProperty (PipelineOptions())
                withCoversEveryProperty (QualityOptions())
            testCase "options changed by With from F# differ in that alone"
            <| fun () ->
                let short = TrainingOptions.Practical.With(epochs = 5, threads = 1)
                Expect.equal short.Epochs 5 "epochs"

                Expect.equal
                    (short.With(epochs = TrainingOptions.Practical.Epochs, threads = 0))
                    TrainingOptions.Practical
                    "and back"

                Expect.equal (CrfOptions.Shipped.With(iterations = 0).Mu1) CrfOptions.Shipped.Mu1 "the rest stays"
        ]
