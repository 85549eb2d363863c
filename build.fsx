// FAKE-style build script without packages:  dotnet fsi build.fsx [-t TARGET] [-s] [--list]
#load "tests/gates/run.fsx"

open System
open System.Diagnostics
open System.IO

module Target =
    let private bodies = Collections.Generic.Dictionary<string, unit -> unit>()
    let private needs = Collections.Generic.Dictionary<string, string list>()
    let create name body = bodies[name] <- body
    let names () = Seq.sort bodies.Keys

    let private needed name =
        match needs.TryGetValue name with
        | true, list -> list
        | _ -> []

    let dependsOn before name = needs[name] <- needed name @ [ before ]

    /// Dependencies first, each once.
    let order single target =
        let rec visit path placed name =
            if List.contains name path then
                failwithf "cycle: %s" (String.Join(" -> ", List.rev (name :: path)))
            elif not (bodies.ContainsKey name) then
                failwithf "unknown target '%s'; --list names them" name
            elif List.contains name placed then
                placed
            else
                name
                :: List.fold (visit (name :: path)) placed (if single then [] else needed name)

        visit [] [] target |> List.rev

    let run single target =
        try
            let times =
                [
                    for name in order single target do
                        printfn "\n== %s" name
                        let clock = Stopwatch.StartNew()
                        bodies[name]()
                        name, clock.Elapsed.TotalSeconds
                ]

            printfn ""

            for name, seconds in times do
                printfn "%-24s %8.1f s" name seconds

            printfn "%-24s %8.1f s" "total" (List.sumBy snd times)
            0
        with e ->
            eprintfn "build failed: %s" e.Message
            1

/// a ==> b: b needs a.
let (==>) a b =
    Target.dependsOn a b
    b

let root = __SOURCE_DIRECTORY__

let execIn = Run.execIn
let dotnet args = execIn root "dotnet" args

let files folder pattern =
    Directory.GetFiles(Path.Combine(root, folder), pattern) |> Array.sort

let relative (path: string) = Path.GetRelativePath(root, path)

Target.create "Clean" (fun () ->
    let artifacts = Path.Combine(root, "artifacts")

    if Directory.Exists artifacts then
        Directory.Delete(artifacts, true))

Target.create "Restore" (fun () ->
    dotnet [ "tool"; "restore" ]
    // With its mark of an earlier restore paket would not compare paket.dependencies with paket.lock.
    let mark = Path.Combine(root, "paket-files", "paket.restore.cached")

    if File.Exists mark then
        File.Delete mark

    dotnet [ "paket"; "restore"; "--fail-on-checks" ]
    dotnet [ "restore" ])

/// Those in C#, with a public interface that is listed.
let libraries =
    [
        "LiverSeg.Functional"
        "LiverSeg.Functional.Reports"
        "LiverSeg.Functional.OnnxRuntime"
    ]

Target.create "Format" (fun () ->
    dotnet [ "fantomas"; "--check"; "src"; "tests"; "scripts"; "docs"; "build.fsx" ]

    // As a folder: whitespace needs no project, and loading them takes longer than looking at their sources.
    dotnet [ "format"; "whitespace"; "src"; "--folder"; "--verify-no-changes" ])

Target.create "Build" (fun () -> dotnet [ "build"; "-c"; "Release"; "--no-restore" ])
Target.create "Test" (fun () -> dotnet [ "test"; "-c"; "Release"; "--no-build" ])
let packages = Path.Combine(root, "artifacts", "packages")

Target.create "Pack" (fun () ->
    if Directory.Exists packages then
        Directory.Delete(packages, true)

    dotnet [ "pack"; "-c"; "Release"; "--no-build"; "-o"; packages ]

    for package in Directory.GetFiles packages |> Array.sort do
        printfn "%-46s %8.2f MB" (Path.GetFileName package) (float (FileInfo package).Length / 1e6))

/// Strangers use the packages, from a folder elsewhere with an empty package cache.
Target.create "Consume" (fun () -> dotnet [ "fsi"; "tests/gates/consume.fsx"; packages ])

/// Programs with their runtime in artifacts/publish, for machines without .NET.
Target.create "Publish" (fun () -> dotnet [ "fsi"; "tests/gates/publish.fsx" ])

/// They are unpacked and used where no .NET is, in an empty Debian too if one can be made.
Target.create "Archives" (fun () -> dotnet [ "fsi"; "tests/gates/archives.fsx" ])

/// What the scripts share; the others run.
let shared =
    set
        [
            "load.fsx"
            "built.fsx"
            "packages.fsx"
            "cases.fsx"
            "learner.fsx"
            "manifest.fsx"
        ]

/// Every script runs on phantoms, from a folder that is not the repository's.
Target.create "Scripts" (fun () ->
    let folder = Directory.CreateTempSubdirectory("liverseg-scripts-").FullName

    for script in files "scripts" "*.fsx" do
        if not (shared.Contains(Path.GetFileName script)) then
            let clock = Stopwatch.StartNew()
            printfn "-- %s" (relative script)
            execIn folder "dotnet" [ "fsi"; script ]
            printfn "-- %s: %.1f s" (relative script) clock.Elapsed.TotalSeconds

    Directory.Delete(folder, true))

/// The code of the pages alone, for a quick look; Site runs it too.
Target.create "Docs" (fun () ->
    for page in files "docs" "*.fsx" do
        let clock = Stopwatch.StartNew()
        printfn "-- %s" (relative page)
        dotnet [ "fsi"; "--quiet"; page ]
        printfn "-- %s: %.1f s" (relative page) clock.Elapsed.TotalSeconds)

/// Brings a project's PublicAPI files up to date: new members into Unshipped, lines of members that are gone out of both.
let renewApi (project: string) =
    let core = Path.Combine(root, "src", project)
    let listed = [ "PublicAPI.Shipped.txt"; "PublicAPI.Unshipped.txt" ]
    let log = Path.Combine(root, "artifacts", "api.log")
    Directory.CreateDirectory(Path.GetDirectoryName log) |> ignore

    // Fails as long as there is something to do.
    try
        dotnet
            [
                "build"
                core
                "-c"
                "Release"
                "-flp:logfile=" + log
                "-v"
                "q"
                "-clp:NoSummary"
            ]
    with e ->
        printfn "%s" e.Message

    let gone =
        set
            [
                for line in File.ReadLines log do
                    if line.Contains "RS0017: Symbol" then
                        line.Split('\'')[1]
            ]

    for file in listed do
        let path = Path.Combine(core, file)
        File.WriteAllLines(path, File.ReadAllLines path |> Array.filter (gone.Contains >> not))

    dotnet
        [
            "format"
            "analyzers"
            core
            "--diagnostics"
            "RS0016"
            "--severity"
            "warn"
            "--no-restore"
        ]

Target.create "Api" (fun () -> List.iter renewApi libraries)

/// The tests with every line of the core counted; the test program is changed in place and changed back.
Target.create "Coverage" (fun () ->
    // The build's copies are one file with several names: the one that is changed must be a file of its own.
    let tested =
        Path.Combine(
            root,
            "tests",
            "LiverSeg.Functional.Tests",
            "bin",
            "Release",
            "net10.0",
            "LiverSeg.Functional.dll"
        )

    File.Copy(tested, tested + ".own", true)
    File.Move(tested + ".own", tested, true)

    dotnet
        [
            "test"
            "-c"
            "Release"
            "--no-build"
            "-p:CollectCoverage=true"
            "-p:Include=[LiverSeg.Functional]*"
            "-p:SingleHit=true"
            "-p:SkipAutoProps=true"
            "-p:CoverletOutputFormat=cobertura"
            "-p:CoverletOutput=" + Path.Combine(root, "artifacts", "coverage") + "/"
            "-p:Threshold=90"
            "-p:ThresholdType=line"
        ])

/// Makes the tables that need no data again and says what differs from the committed ones.
Target.create "Tables" (fun () -> dotnet [ "fsi"; "tests/gates/tables.fsx" ])

Target.create "Licences" (fun () -> dotnet [ "fsi"; "tests/gates/licences.fsx" ])

/// README's commands and scripts, word for word.
Target.create "Readme" (fun () -> dotnet [ "fsi"; "tests/gates/readme.fsx" ])

/// The viewer in headless Chromium; skipped where there is none.
Target.create "Browser" (fun () -> dotnet [ "fsi"; "tests/gates/browser.fsx" ])

/// The cluster page's Slurm scripts on a Slurm of two nodes, as root; skipped where there is none.
Target.create "Slurm" (fun () -> dotnet [ "fsi"; "tests/gates/slurm.fsx" ])

/// Its manifests against two models of Kubernetes, and their commands once an index.
Target.create "Kubernetes" (fun () -> dotnet [ "fsi"; "tests/gates/kubernetes.fsx" ])

/// The how-to pages word for word; minutes, and Orthanc and dcmtk are needed.
Target.create "Howto" (fun () -> dotnet [ "fsi"; "tests/gates/howto.fsx" ])

Target.create "Links" (fun () -> dotnet [ "fsi"; "tests/gates/links.fsx" ])

/// The documentation as a site in artifacts/site: the code of each page is run, and all pages are looked through for dead links.
Target.create "Site" (fun () -> dotnet [ "fsi"; "tests/gates/site.fsx" ])

Target.create "All" ignore

"Restore" ==> "Format" |> ignore
"Restore" ==> "Build" ==> "Test" ==> "All" |> ignore
"Build" ==> "Scripts" ==> "All" |> ignore
"Build" ==> "Docs" |> ignore
"Build" ==> "Readme" ==> "All" |> ignore
"Build" ==> "Site" ==> "All" |> ignore
"Build" ==> "Browser" ==> "All" |> ignore
"Build" ==> "Pack" ==> "Consume" |> ignore
"Build" ==> "Slurm" |> ignore
"Build" ==> "Kubernetes" |> ignore
"Format" ==> "All" |> ignore
"Restore" ==> "Api" |> ignore
"Restore" ==> "Publish" ==> "Archives" |> ignore
"Build" ==> "Coverage" |> ignore
"Build" ==> "Tables" ==> "All" |> ignore
"Restore" ==> "Licences" ==> "Links" ==> "All" |> ignore

let rec parse target single =
    function
    | ("-t" | "--target") :: name :: rest -> parse name single rest
    | ("-s" | "--single-target") :: rest -> parse target true rest
    | "--list" :: _ ->
        Target.names () |> Seq.iter (printfn "%s")
        exit 0
    | [] -> target, single
    | bad :: _ ->
        eprintfn "usage: dotnet fsi build.fsx [-t TARGET] [-s] [--list]   (unknown: %s)" bad
        exit 2

let target, single =
    parse "Test" false (List.tail (Array.toList fsi.CommandLineArgs))

exit (Target.run single target)
