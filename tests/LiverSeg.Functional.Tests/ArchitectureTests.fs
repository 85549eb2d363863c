module LiverSeg.Functional.Tests.ArchitectureTests

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional

let private core = typeof<Grid>.Assembly
let private publicTypes = core.GetExportedTypes()

let private signature (m: MemberInfo) : Type seq =
    match m with
    | :? MethodInfo as m -> Seq.append [ m.ReturnType ] (m.GetParameters() |> Seq.map _.ParameterType)
    | :? ConstructorInfo as c -> c.GetParameters() |> Seq.map _.ParameterType
    | :? PropertyInfo as p -> [ p.PropertyType ]
    | :? FieldInfo as f -> [ f.FieldType ]
    | _ -> []

let rec private parts (t: Type) : Type seq =
    seq {
        yield t

        if t.HasElementType then
            yield! parts (t.GetElementType())

        for a in t.GetGenericArguments() do
            if a <> t then
                yield! parts a
    }

let private members (t: Type) =
    t.GetMembers(
        BindingFlags.Public
        ||| BindingFlags.Instance
        ||| BindingFlags.Static
        ||| BindingFlags.DeclaredOnly
    )

/// The repository's root: the folder with the solution, looked for upwards from the test program.
let private root =
    let rec up (d: DirectoryInfo) =
        if d.GetFiles("LiverSeg.Functional.sln").Length > 0 then
            d.FullName
        else
            up d.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

let private chapters =
    [
        "Volumes"
        "Files"
        "Preprocess"
        "Network"
        "Crf"
        "Evaluation"
        "Experiments"
    ]

let private sources chapter =
    let folder = Path.Combine(root, "src", "LiverSeg.Functional", chapter)

    if Directory.Exists folder then
        Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
        |> Array.map (fun f -> f, Regex.Replace(File.ReadAllText f, @"//[^\n]*|""(\\.|[^""\\\n])*""", ""))
    else
        [||]

/// Names that a chapter declares.
let private declared chapter =
    sources chapter
    |> Array.collect (fun (_, text) ->
        [|
            for m in
                Regex.Matches(
                    text,
                    @"(?m)^(?:[a-z]+ )*(?:class|record struct|record|struct|enum|interface)\s+([A-Z]\w+)"
                ) do
                m.Groups[1].Value
        |])
    |> Array.filter (fun n -> n <> "struct")
    |> set

[<Tests>]
let tests =
    testList
        "Architecture"
        [
            testCase "no public signature mentions a TorchSharp type"
            <| fun () ->
                for t in publicTypes do
                    for m in members t do
                        for s in signature m |> Seq.collect parts do
                            Expect.isFalse
                                ((string s.Namespace).StartsWith "TorchSharp")
                                $"{t.Name}.{m.Name} mentions {s}"
            testCase "nothing public is disposable"
            <| fun () ->
                for t in publicTypes do
                    Expect.isFalse (typeof<IDisposable>.IsAssignableFrom t) t.Name
            testCase "no public property can be set after construction, no public field can be changed"
            <| fun () ->
                for t in publicTypes do
                    for m in members t do
                        match m with
                        | :? PropertyInfo as p when not (isNull (p.GetSetMethod())) ->
                            let init =
                                p.GetSetMethod().ReturnParameter.GetRequiredCustomModifiers()
                                |> Array.exists (fun c -> c.Name = "IsExternalInit")

                            Expect.isTrue init $"{t.Name}.{p.Name} has a setter"
                        | :? FieldInfo as f when not t.IsEnum ->
                            Expect.isTrue (f.IsInitOnly || f.IsLiteral) $"{t.Name}.{f.Name} can be changed"
                        | _ -> ()
            testCase "chapters use only the chapters above them"
            <| fun () ->
                for i, chapter in List.indexed chapters do
                    let below = chapters |> List.skip (i + 1) |> List.map declared |> Set.unionMany
                    let own = chapters |> List.take (i + 1) |> List.map declared |> Set.unionMany

                    for file, text in sources chapter do
                        let used = set [ for m in Regex.Matches(text, @"(?<![\w.])[A-Z]\w+") -> m.Value ]
                        let wrong = Set.difference (Set.intersect used below) own
                        Expect.isEmpty wrong $"{chapter}/{Path.GetFileName file} uses {wrong}"
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
                            "resulttext.tomarkdown", "resulttable.tomarkdown"
                            "resulttext.tohtml", "resulttable.tohtml"
                            "resulttext.tocsv", "resulttable.tocsv"
                            "resulttext.tojson", "resulttable.tojson"
                            "crfsettingfile.tojson", "crfsetting.tojson"
                            "crfsettingfile.read", "crfsetting.read"
                            "crfsettingfile.with", "crfsetting.withkeys"
                            "modelfile.load", "model.load"
                            "modelfile.tryload", "model.tryload"
                            "modelfile.save", "model.save"
                            "predictor.predict", "dsn.predict"
                            "predictor.predictall", "dsn.predictall"
                            "layerfolds.operations", "layer.operations"
                            "layerfolds.outputshape", "layer.outputshape"
                            "layerfolds.receptivefield", "layer.receptivefield"
                            "layerfolds.parameters", "layer.parameters"
                            "layerfolds.multiplyadds", "layer.multiplyadds"
                            "layerfolds.taps", "layer.taps"
                            "layerfolds.stride", "layer.stride"
                            "layerfolds.table", "layer.table"
                            "layerfolds.glance", "layer.glance"
                        ]

                let missing =
                    [
                        for t in publicTypes do
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
                    let text = File.ReadAllText(Path.Combine(root, page))
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
                    Path.GetFileName(Directory.GetFiles(Path.Combine(root, "docs"), "index.*")[0])

                Expect.equal (stages ("docs/" + first)) csharp "the first page"
                Expect.equal (stages "tests/consumers/csharp/Program.cs") csharp "the C# consumer"
                Expect.equal (stages "tests/consumers/consume.fsx") csharp "the F# consumer"
            testCase "no documentation is left to be done"
            <| fun () ->
                for file in Directory.GetFiles(Path.Combine(root, "src"), "*.*s", SearchOption.AllDirectories) do
                    if
                        (file.EndsWith ".cs" || file.EndsWith ".fs")
                        && not (file.Contains "/obj/" || file.Contains "/bin/")
                    then
                        Expect.isFalse (Regex.IsMatch(File.ReadAllText file, @"\b(TBD|TODO|FIXME)\b")) file
        ]
