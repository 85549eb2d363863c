module LiverSeg.Functional.Tests.RecipesTests

open System
open Expecto
open Microsoft.FSharp.Reflection
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
    | :? Schedule -> box (Schedule.Cosine(0.25, 0.125, 3))
    | :? Augmentation -> box Augmentation.Practical
    | :? Window -> box (Window(Hu -7f, Hu 7f))
    | :? CrfOptions -> box (CrfOptions(Iterations = 77))
    | :? PredictOptions -> box (PredictOptions(TileOverlap = 0.25))
    | unchanged -> unchanged

/// Each field changed by itself reaches the options and comes back.
let private carriesEveryField (recipe: 'R) (options: 'R -> 'O) (back: 'O -> 'R) =
    let fields = FSharpType.GetRecordFields typeof<'R>

    let properties =
        typeof<'O>.GetProperties()
        |> Array.filter (fun p -> not (p.GetMethod.IsStatic) && p.CanWrite)
        |> Array.map _.Name

    Expect.equal (fields |> Array.map _.Name |> set) (set properties) "a field a property"

    for i in 0 .. fields.Length - 1 do
        let values = FSharpValue.GetRecordFields recipe
        values[i] <- other values[i]
        let changed = FSharpValue.MakeRecord(typeof<'R>, values) :?> 'R
        let found = typeof<'O>.GetProperty(fields[i].Name).GetValue(options changed)
        Expect.equal found values[i] fields[i].Name
        Expect.equal (back (options changed)) changed fields[i].Name

[<Tests>]
let tests =
    testList
        "Facade"
        [
            testCase "a recipe carries every option, there and back"
            <| fun () ->
                carriesEveryField TrainingRecipe.Paper _.Options TrainingRecipe.Of
                carriesEveryField CrfRecipe.Default _.Options CrfRecipe.Of
                carriesEveryField PipelineRecipe.Default _.Options PipelineRecipe.Of
            testCase "a recipe changed with `with` differs in that alone"
            <| fun () ->
                let short =
                    { TrainingRecipe.Practical with
                        Epochs = 5
                        Threads = 1
                    }

                let practical = TrainingOptions.Practical

                Expect.equal
                    short.Options
                    (practical.Adjust(5, practical.StepsPerEpoch, practical.Seed, 1))
                    "Adjust says the same"

                Expect.equal
                    { CrfRecipe.Shipped with
                        Iterations = 0
                    }
                        .Options.Mu1
                    CrfSetting.Shipped.Mu1
                    "the rest stays"
        ]
