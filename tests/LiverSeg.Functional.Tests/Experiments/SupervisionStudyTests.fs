/// How networks learn with and without deep supervision, as a value.
module LiverSeg.Functional.Tests.SupervisionStudyTests

open System
open System.IO
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Folders

let private study path =
    exits 0 [ "phantom"; "-o"; path "in"; "--spacing"; "12"; "--overwrite" ]
    |> ignore

    let cases = CaseList.read (path "in/cases.csv")

    SupervisionStudy(
        cases,
        cases,
        path "study",
        Seeds = 1,
        Starts = [| "he" |],
        Spacing = Spacing.Isotropic 12.,
        Options = SupervisionStudy.Recipe.With(epochs = 1, stepsPerEpoch = 1, crop = Extent(16, 16, 8), threads = 1)
    )

[<Tests>]
let tests =
    testSequenced
    <| testList
        "SupervisionStudy"
        [
            testCase "runs go by seed, then start, then network, and each network has a row for each start"
            <| fun () ->
                let runs = SupervisionStudy([||], [||], "none", Seeds = 2) |> SupervisionStudy.runs

                Expect.equal
                    (runs |> List.map _.Name)
                    [
                        "cnn-paper-1"
                        "dsn-paper-1"
                        "cnn-he-1"
                        "dsn-he-1"
                        "cnn-paper-2"
                        "dsn-paper-2"
                        "cnn-he-2"
                        "dsn-he-2"
                    ]
                    "order"

                Expect.throwsT<ArgumentException>
                    (fun () -> SupervisionStudy([||], [||], "none", Starts = [| "zero" |]) |> ignore)
                    "no such start"
            testCase "a study gives its tables, prints nothing, and is not done twice"
            <| fun () ->
                inFolder (fun path ->
                    let study = study path
                    let told = ResizeArray()
                    let out, heard = Console.Out, new StringWriter()
                    Console.SetOut heard

                    let tables =
                        try
                            study |> SupervisionStudy.execute (fun run made -> told.Add((run.Name, made)))
                        finally
                            Console.SetOut out

                    Expect.equal (heard.ToString()) "" "no word"
                    Expect.equal (List.ofSeq told) [ "cnn-he-1", true; "dsn-he-1", true ] "made"
                    Expect.equal (File.ReadAllText(path "study/tables.md")) tables "the file"
                    Expect.stringContains tables "| dsn | he | 1 | never |" "a row"
                    Expect.equal (SupervisionStudy.tables study) tables "from the histories alone"
                    Expect.isEmpty (Directory.GetDirectories(path "study")) "no checkpoints stay"
                    told.Clear()

                    study
                    |> SupervisionStudy.execute (fun run made -> told.Add((run.Name, made)))
                    |> ignore

                    Expect.equal (List.ofSeq told) [ "cnn-he-1", false; "dsn-he-1", false ] "not once more"
                    StudyPictures.writeCurves study

                    for run in study.Runs do
                        StudyPictures.writeLayers ignore study run

                    for picture in
                        [
                            "error-he"
                            "loss-he"
                            "gradients-cnn-he-1"
                            "kernels-dsn-he-1"
                            "features-dsn-he-1"
                        ] do
                        Expect.isTrue (File.Exists(path $"study/{picture}.png")) picture

                    let figure = study |> PaperFigures.figure2 "he" 1L
                    let width, height, pixel = PngReader.decode figure
                    let again = study |> PaperFigures.figure2 "he" 1L
                    Expect.equal (again.ToArray()) (figure.ToArray()) "the same bytes"
                    // Curves of 460, two blocks of eight columns of kernels and two of two columns of features; the kernels' seven slices go down.
                    let kernels = 8 * 48 + 3
                    Expect.isGreaterThan width (460 + 2 * kernels + 4 * 100) "all parts"
                    Expect.isGreaterThan height (26 + 7 * 48 + 3) "seven slices"

                    /// The greys of a kernel's slice in the figure.
                    let block network column row =
                        let left = 16 + 460 + 16 + network * (kernels + 16) + 3 + column * 48
                        let top = 8 + 26 + 3 + row * 48

                        [
                            for y in 0..8 do
                                for x in 0..8 -> let r, _, _ = pixel (left + 5 * x + 2) (top + 5 * y + 2) in int r
                        ]

                    for network, name in [ 0, "cnn"; 1, "dsn" ] do
                        let weight =
                            (Model.load (path $"study/{name}-he-1.safetensors")).Weights["conv1/weight"]

                        for kernel in 0..7 do
                            let values = weight.Values.Slice(kernel * 567, 567).ToArray() |> Array.map float

                            let most = values |> Array.map abs |> Array.max

                            for slice in [ 0; 6 ] do
                                let wanted =
                                    [ for i in 0..80 -> int (round (127.5 * (1. + values[slice * 81 + i] / most))) ]

                                List.zip wanted (block network kernel slice)
                                |> List.iter (fun (a, b) ->
                                    Expect.isLessThanOrEqual (abs (a - b)) 1 $"{name}, kernel {kernel}, slice {slice}")

                    Expect.throwsT<ArgumentException>
                        (fun () -> study |> PaperFigures.figure2 "paper" 1L |> ignore)
                        "no runs of this start")
            testCase "a study that is cancelled goes on with what is missing"
            <| fun () ->
                inFolder (fun path ->
                    let study = study path
                    use cancel = new CancellationTokenSource()

                    Expect.throwsT<OperationCanceledException>
                        (fun () ->
                            study
                            |> SupervisionStudy.executeWith ignore ignore cancel.Token (fun _ _ -> cancel.Cancel())
                            |> ignore)
                        "stopped after the first run"

                    let made = ResizeArray()

                    study
                    |> SupervisionStudy.execute (fun run now ->
                        if now then
                            made.Add run.Name)
                    |> ignore

                    Expect.equal (List.ofSeq made) [ "dsn-he-1" ] "the other one")
        ]
