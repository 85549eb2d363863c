module LiverSeg.Functional.Tests.TwinTests

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders

[<Tests>]
let tests =
    testList
        "Facade"
        [
            testCase "every public function of the core has an F# twin"
            <| fun () ->
                let camel (name: string) =
                    string (Char.ToLowerInvariant name[0]) + name[1..]

                let twins =
                    Assembly.Load("LiverSeg.Functional.FSharp").GetExportedTypes()
                    |> Seq.filter (fun t -> t.IsAbstract && t.IsSealed)
                    |> Seq.collect (fun t ->
                        t.GetMethods(BindingFlags.Public ||| BindingFlags.Static)
                        |> Seq.map (fun m -> (t.Name.Replace("Module", "") + "." + m.Name).ToLowerInvariant()))
                    |> set

                // Where F# has a better word for it.
                let renamed =
                    dict
                        [
                            "volume.of", "volume.ofarray"
                            "hounsfield.window", "hounsfield.window"
                            "evaluationjson.tojson", "evaluation.tojson"
                            "tabletext.tomarkdown", "resulttable.tomarkdown"
                            "tabletext.tohtml", "resulttable.tohtml"
                            "tabletext.tocsv", "resulttable.tocsv"
                            "tabletext.tojson", "resulttable.tojson"
                            "crfsettingfile.tojson", "crfsetting.tojson"
                            "crfsettingfile.read", "crfsetting.read"
                            "crfsettingfile.with", "crfsetting.withkeys"
                            "modelfile.load", "model.load"
                            "modelfile.tryload", "model.tryload"
                            "modelfile.save", "model.save"
                            "predictor.predict", "model.predict"
                            "predictor.predictall", "model.predictall"
                            "predictor.devicebytes", "model.devicebytes"
                            "predictor.needslibtorch", "model.needslibtorch"
                            "necks.cutnecks", "mask.cutnecks"
                            "denseparts.cutdense", "pipeline.cutdense"
                            "dicomweb.findasync", "dicomweb.find"
                            "dicomweb.getasync", "dicomweb.get"
                            "dicomweb.putasync", "dicomweb.put"
                            "layerfolds.operations", "layer.operations"
                            "layerfolds.outputshape", "layer.outputshape"
                            "layerfolds.receptivefield", "layer.receptivefield"
                            "layerfolds.channels", "layer.channels"
                            "layerfolds.parameters", "layer.parameters"
                            "layerfolds.multiplyadds", "layer.multiplyadds"
                            "layerfolds.taps", "layer.taps"
                            "layerfolds.stride", "layer.stride"
                            "layerfolds.table", "layer.table"
                            "layerfolds.describe", "layer.summary"
                        ]

                let missing =
                    [
                        for t in typeof<Grid>.Assembly.GetExportedTypes() do
                            if t.IsAbstract && t.IsSealed then
                                for m in
                                    t.GetMethods(
                                        BindingFlags.Public ||| BindingFlags.Static ||| BindingFlags.DeclaredOnly
                                    ) do
                                    if not m.IsSpecialName then
                                        let name = (t.Name + "." + camel m.Name).ToLowerInvariant()

                                        let wanted =
                                            match renamed.TryGetValue name with
                                            | true, other -> other
                                            | _ -> name

                                        if not (twins.Contains wanted) then
                                            wanted
                    ]
                    |> List.distinct

                Expect.isEmpty missing (String.Join(" ", missing))
            testCase "both faces show the same pipeline"
            <| fun () ->
                let stages (page: string) =
                    let text = File.ReadAllText(Path.Combine(repository, page))
                    let first = text.IndexOf("abdomen", StringComparison.OrdinalIgnoreCase)

                    let last =
                        text.IndexOf("evaluate", first, StringComparison.OrdinalIgnoreCase)
                        + "evaluate".Length

                    [
                        for m in Regex.Matches(text[first .. last - 1], @"\b([A-Za-z]+)\b") do
                            match m.Value.ToLowerInvariant() with
                            | "window"
                            | "windowed" -> "window"
                            | "predict"
                            | "refine"
                            | "threshold"
                            | "largestcomponent"
                            | "fillholes"
                            | "evaluate" as stage -> stage
                            | _ -> ()
                    ]
                    // A model's Window is asked for as well as the function.
                    |> List.distinct

                let csharp = stages "docs/csharp.md"
                Expect.equal csharp.Length 7 "all stages"

                let first =
                    Path.GetFileName(Directory.GetFiles(Path.Combine(repository, "docs"), "index.*")[0])

                Expect.equal (stages ("docs/" + first)) csharp "the first page"
                Expect.equal (stages "tests/consumers/csharp/Program.cs") csharp "the C# consumer"
                Expect.equal (stages "tests/consumers/consume.fsx") csharp "the F# consumer"
        ]
