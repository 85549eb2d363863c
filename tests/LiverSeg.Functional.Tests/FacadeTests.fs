module LiverSeg.Functional.Tests.FacadeTests

open System
open System.IO
open Expecto
open Microsoft.FSharp.Reflection
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

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

let private grid = Grid.Of(Extent(4, 3, 2), Spacing(1., 2., 5.))

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
            law "a scan's glance names its grid, its least and its greatest voxel"
            <| fun (ct: Volume<Hu>) ->
                let values = ct.Voxels.ToArray() |> Array.map _.Value

                let number (v: float32) =
                    v.ToString("G4", Globalization.CultureInfo.InvariantCulture)

                Volume.describe ct =
                    $"Volume<Hu> {ct.Grid}, {number (Array.min values)} .. {number (Array.max values)} HU"
            law "a mask's glance counts what is inside"
            <| fun (mask: Volume<bool>) -> (Volume.describe mask).Contains $", {Mask.count mask} voxels inside, "
            testCase "a volume without voxels is at a glance empty"
            <| fun () ->
                let none = Volume.constant (Grid.Of(Extent(0, 3, 2), Spacing.Isotropic 1.)) (Hu 0f)
                Expect.stringEnds (Volume.describe none) ", empty" "glance"
            testCase "a network's glance has a row an operation; one that cannot be says why"
            <| fun () ->
                let rows (text: string) =
                    text.Split('\n') |> Array.filter (fun l -> l.StartsWith "| ") |> Array.length

                // the operations, a head and a total
                Expect.equal
                    (Architectures.Paper |> Layer.summary |> rows)
                    ((Architectures.Paper |> Layer.operations (Shape(1, Extent(64, 64, 64)))).Length + 2)
                    "rows"

                let nameless = Layer.tap "no name" [ Layer.score 2 ]
                Expect.stringContains (Layer.summary nameless) "only letters" "why"
            testCase "fsi's text of a value is its glance, and no text for strangers"
            <| fun () ->
                let mask = Volume.constant grid true
                let evaluation = mask |> Metrics.evaluate mask
                let table = ResultTable.ofCases "s" [ CaseResult.ofEvaluation "c" evaluation ]

                for value, text in
                    [
                        box mask, Volume.describe mask
                        box (Volume.constant grid (Intensity 0.5f)),
                        "Volume<Intensity> 4×3×2 @ 1×2×5 mm LPS, 0.5 .. 0.5"
                        box Architectures.Paper, Layer.summary Architectures.Paper
                        box Pretrained.Liver, Model.describe Pretrained.Liver
                        box evaluation, Report.line evaluation
                        box table, ResultTable.toMarkdown table
                    ] do
                    Expect.equal (Printers.text value) (Some text) (value.GetType().Name)

                Expect.isLessThan (Model.describe Pretrained.Liver).Length 300 "a model is one line"
                Expect.equal (Printers.text (box 3)) None "a number"
            testCase "matching on words meets every operation once"
            <| fun () ->
                let rec words (network: Layer) =
                    match network with
                    | LayerPattern.Seq layers -> List.collect words layers
                    | LayerPattern.Tap(_, inner)
                    | LayerPattern.Skip inner -> words inner
                    | LayerPattern.Conv c -> [ c :> Layer ]
                    | LayerPattern.Up u -> [ u ]
                    | LayerPattern.Score s -> [ s ]
                    | LayerPattern.Fixed other -> [ other ]

                for network in [ Architectures.Paper; Architectures.compact [ 4; 8; 8 ] ] do
                    let placed = network |> Layer.operations (Shape(1, Extent(64, 64, 64)))
                    Expect.equal (words network) (placed |> List.map _.Layer) "in order"

                Expect.equal (words (Layer.resize 2)) [ Layer.resize 2 ] "one word"
            testCase "every read error is of one kind, and its code can be matched"
            <| fun () ->
                let kind path =
                    match VolumeFile.tryRead path with
                    | Ok _ -> "read"
                    | Error(FileError.BadFile(FileError.Code code)) -> "bad file: " + code
                    | Error(FileError.Unsupported _) -> "unsupported"
                    | Error(FileError.InputOutput _) -> "input/output"
                    | Error(FileError.Integrity _) -> "integrity"

                let path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.nii")
                Expect.equal (kind path) "input/output" "no file"
                File.WriteAllBytes(path, Array.zeroCreate 400)

                try
                    Expect.stringStarts (kind path) "bad file: " "zeros"

                    let thrown =
                        try
                            VolumeFile.read path |> ignore
                            None
                        with FileError.Thrown error ->
                            Some error

                    Expect.equal
                        (thrown |> Option.map Error)
                        (VolumeFile.tryRead path |> Result.map ignore |> Some)
                        "what read throws is what tryRead gives"
                finally
                    File.Delete path
            testCase "a case is scored or failed"
            <| fun () ->
                let mask = Volume.constant grid true

                let words =
                    function
                    | CaseResult.Scored e -> $"{e.Dice}"
                    | CaseResult.Failed reason -> reason

                Expect.equal (words (CaseResult.failed "c" "no file")) "no file" "failed"
                Expect.equal (words (CaseResult.ofEvaluation "c" (mask |> Metrics.evaluate mask))) "1" "scored"
        ]
