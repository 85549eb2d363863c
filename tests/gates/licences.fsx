// Lists every package with its version and licence, from what the projects restored and the package cache's nuspec files:
//   dotnet fsi tests/gates/licences.fsx [--write]
// Fails when docs/licences.md says otherwise, and when a licence is not allowed. --write renews the page.
open System
open System.IO
open System.Text.Json
open System.Xml.Linq

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

let at (parts: string list) =
    Path.Combine(Array.ofList (root :: parts))

/// Compatible with a library under MIT.
let allowed =
    set
        [
            "MIT"
            "BSD-2-Clause"
            "BSD-3-Clause"
            "Apache-2.0"
            "ISC"
            "Zlib"
            "Bitstream-Vera"
        ]

/// Who needs a package, the closest to the user first.
let places =
    [
        "library",
        [
            "src/LiverSeg.Functional"
            "src/LiverSeg.Functional.Reports"
            "src/LiverSeg.Functional.FSharp"
            "src/LiverSeg.Functional.OnnxRuntime"
        ]
        "program", [ "src/LiverSeg.Functional.Cli" ]
        "tests", [ "tests/LiverSeg.Functional.Tests"; "tests/LiverSeg.Functional.Benchmarks" ]
    ]

let json (path: string) =
    JsonDocument.Parse(File.ReadAllText path).RootElement

let restored (project: string) =
    let assets = at [ project; "obj"; "project.assets.json" ]

    if not (File.Exists assets) then
        failwith $"{project} was not restored; run dotnet restore first"

    let assets = json assets

    let folders =
        [ for f in assets.GetProperty("packageFolders").EnumerateObject() -> f.Name ]

    [
        for library in assets.GetProperty("libraries").EnumerateObject() do
            if library.Value.GetProperty("type").GetString() = "package" then
                let path = library.Value.GetProperty("path").GetString()

                folders
                |> List.map (fun f -> Path.Combine(f, path))
                |> List.find Directory.Exists
    ]

let cache =
    match Environment.GetEnvironmentVariable "NUGET_PACKAGES" with
    | null
    | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
    | folder -> folder

let tools =
    [
        for tool in (json (at [ ".config"; "dotnet-tools.json" ])).GetProperty("tools").EnumerateObject() ->
            Path.Combine(cache, tool.Name.ToLowerInvariant(), tool.Value.GetProperty("version").GetString())
    ]

/// Texts beside the nuspec that speak of rights, without those of single platforms further down.
let texts (folder: string) =
    Directory.GetFiles folder
    |> Array.map Path.GetFileName
    |> Array.filter (fun name ->
        [ "licen"; "notice" ]
        |> List.exists (fun word -> name.Contains(word, StringComparison.OrdinalIgnoreCase)))
    |> Array.sortWith (fun a b -> String.CompareOrdinal(a, b))

let describe (folder: string) =
    let nuspec =
        (XDocument.Load(Directory.GetFiles(folder, "*.nuspec") |> Array.exactlyOne)).Root

    let field name =
        nuspec.Descendants() |> Seq.tryFind (fun e -> e.Name.LocalName = name)

    let text name =
        field name |> Option.map _.Value.Trim() |> Option.defaultValue ""

    let licence =
        match field "license" with
        | Some e when e.Attribute(XName.Get "type").Value = "expression" -> e.Value.Trim()
        | _ ->
            // Named by a file or an address alone: the text itself says what it is.
            texts folder
            |> Array.tryPick (fun name ->
                let content = File.ReadAllText(Path.Combine(folder, name))

                if
                    content.Contains "MIT License"
                    && content.Contains "Permission is hereby granted, free of charge"
                then
                    Some "MIT"
                else
                    None)
            |> Option.defaultValue "unknown"

    {|
        Id = text "id"
        Version = text "version"
        Licence = licence
        Texts = texts folder
        BuildOnly = text "developmentDependency" = "true"
    |}

let packages =
    [
        for place, projects in places do
            for folder in projects |> List.collect restored -> folder, place
        for folder in tools -> folder, "tool"
    ]
    |> List.distinctBy fst
    |> List.map (fun (folder, place) ->
        let p = describe folder
        p, (if p.BuildOnly then "build" else place))
    |> List.sortWith (fun (a, _) (b, _) -> String.CompareOrdinal(a.Id.ToLowerInvariant(), b.Id.ToLowerInvariant()))

/// What stands in the repository itself and is embedded: its name, version, licence, file and the file's SHA-256.
let embedded =
    let reports = "src/LiverSeg.Functional.Reports/"

    [
        ("niivue",
         "0.69.0",
         "BSD-2-Clause",
         reports + "Viewer/niivue.umd.js",
         "47b896b77ec4a5be3ef1949c33ad393b6f45629921f326c279000bcf51bdb4af")
        ("DejaVu Sans",
         "2.37",
         "Bitstream-Vera",
         reports + "Fonts/DejaVuSans.ttf",
         "abdc775b21b1bc470d50c97e790d276f2054b7504e56e5bd3e64f48d68582322")
    ]

for name, version, licence, file, hash in embedded do
    let found =
        Convert.ToHexStringLower(Security.Cryptography.SHA256.HashData(File.ReadAllBytes(at [ file ])))

    if found <> hash then
        failwith $"{file}: SHA-256 {found}, expected {hash}: not {name} {version}"

    if not (allowed.Contains licence) then
        failwith $"{name}: licence {licence} is not among the allowed"

let page =
    [
        "---"
        "title: Licences"
        "category: About"
        "categoryindex: 5"
        "index: 4"
        "---"
        "# Licences of what is used"
        ""
        "Written by `dotnet fsi tests/gates/licences.fsx --write` from the restored packages' own descriptions, for the default backend (CPU,"
        "Linux x64), and compared at every check. *library*: whoever embeds the library gets it; *program*: part of `liverseg` besides; the others stay with"
        "those who change the code. The licence is what the package says of itself; texts in it say more: libtorch's package calls itself MIT,"
        "PyTorch inside is under a licence of the BSD kind, in LICENSE-LIBTORCH.txt."
        ""
        "| package | version | licence | used by | texts in the package |"
        "|---|---|---|---|---|"
        yield!
            [
                for p, place in packages ->
                    sprintf "| %s | %s | %s | %s | %s |" p.Id p.Version p.Licence place (String.Join(", ", p.Texts))
            ]
        ""
        "Embedded in the library, unchanged. niivue stands in each page of the [viewer](viewer.md) too; what its file bundles is named in"
        "`niivue.LICENSE.txt` beside it, and the text travels in each page. The font letters the pictures; `DejaVuSans.LICENSE.txt` is its own text:"
        ""
        "| what | version | licence | file | SHA-256 |"
        "|---|---|---|---|---|"
        yield!
            [
                for name, version, licence, file, hash in embedded ->
                    sprintf "| %s | %s | %s | %s | `%s` |" name version licence (Path.GetFileName file) hash
            ]
        ""
        "The library itself is under the [MIT licence](../LICENSE). The weights that it carries are for research only: [model card](model-card.md)."
        ""
    ]
    |> String.concat "\n"

let refused =
    packages |> List.filter (fun (p, _) -> not (allowed.Contains p.Licence))

for p, _ in refused do
    let list = String.Join(", ", allowed)
    eprintfn $"{p.Id} {p.Version}: licence {p.Licence} is not among {list}"

let target = at [ "docs"; "licences.md" ]

if Array.contains "--write" fsi.CommandLineArgs then
    File.WriteAllText(target, page)

let same = File.Exists target && File.ReadAllText target = page

if not same then
    eprintfn "docs/licences.md is out of date: dotnet fsi tests/gates/licences.fsx --write"

printfn $"{packages.Length} packages, {refused.Length} refused"
exit (if same && refused.IsEmpty then 0 else 1)
