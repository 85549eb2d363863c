// Strangers use the packages: from a folder elsewhere, with a package cache of its own that is empty at first.
//   dotnet fsi tests/gates/consume.fsx PACKAGES      PACKAGES: the folder that `build.fsx -t Pack` fills
#load "run.fsx"

open System
open System.Diagnostics
open System.IO

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))
let packages = Path.GetFullPath fsi.CommandLineArgs[1]

let folder = Directory.CreateTempSubdirectory("liverseg-consumers-").FullName

let consumer name =
    Path.Combine(root, "tests", "consumers", name)

let cache = [ ("NUGET_PACKAGES", Path.Combine(folder, "packages")) ]
let at = Run.execWith cache folder

let timed name work =
    let clock = Stopwatch.StartNew()
    work ()
    printfn "-- %s: %.1f s" name clock.Elapsed.TotalSeconds

try
    for file in Directory.GetFiles(consumer "csharp", "*.cs*") do
        File.Copy(file, Path.Combine(folder, Path.GetFileName file))

    let page = File.ReadAllText(Path.Combine(root, "docs", "csharp.md"))

    if not (page.Contains(File.ReadAllText(Path.Combine(folder, "Program.cs")).Trim())) then
        failwith "docs/csharp.md does not show tests/consumers/csharp/Program.cs as it is"

    File.WriteAllText(
        Path.Combine(folder, "nuget.config"),
        $"""<configuration><packageSources><add key="local" value="{packages}" /></packageSources></configuration>"""
    )

    timed "C# program" (fun () -> at "dotnet" [ "run"; "-c"; "Release" ])

    // README's lines are compiled, not run: they name scans. The project is the one above, with its packages as they are.
    let shown =
        File.ReadAllText(Path.Combine(root, "README.md")).Split("```csharp\n")[1]

    File.WriteAllText(Path.Combine(folder, "Program.cs"), "using LiverSeg.Functional;\n" + shown.Split("```")[0])
    timed "README's C#" (fun () -> at "dotnet" [ "build"; "-c"; "Release"; "--no-restore"; "-clp:ErrorsOnly" ])

    // After the program above, which takes in every source below its folder.
    let service = Path.Combine(folder, "service")
    Directory.CreateDirectory service |> ignore

    for file in Directory.GetFiles(consumer "service", "*.cs*") do
        File.Copy(file, Path.Combine(service, Path.GetFileName file))

    let servicePage = File.ReadAllText(Path.Combine(root, "docs", "howto-service.md"))

    for file in Directory.GetFiles service do
        if not (servicePage.Contains(File.ReadAllText(file).Trim())) then
            failwith $"docs/howto-service.md does not show tests/consumers/service/{Path.GetFileName file} as it is"

    timed "service" (fun () ->
        Run.execWith cache service "dotnet" [ "build"; "-c"; "Release"; "-o"; "built"; "-clp:ErrorsOnly" ]

        Run.execIn
            root
            "dotnet"
            [
                "fsi"
                "tests/gates/service.fsx"
                Path.Combine(service, "built", "Service.dll")
            ])

    // A program that only segments: nothing of libtorch in it, and one clear message where libtorch is asked for.
    let onnx = Path.Combine(folder, "onnx")
    Directory.CreateDirectory onnx |> ignore
    let onnxPage = File.ReadAllText(Path.Combine(root, "docs", "howto-onnx.md"))

    for file in Directory.GetFiles(consumer "onnx", "*.cs*") do
        if not (onnxPage.Contains(File.ReadAllText(file).Trim())) then
            failwith $"docs/howto-onnx.md does not show tests/consumers/onnx/{Path.GetFileName file} as it is"

        File.Copy(file, Path.Combine(onnx, Path.GetFileName file))

    let publish target more =
        Run.execWith cache onnx "dotnet" ([ "publish"; "-c"; "Release"; "-o"; target; "-clp:ErrorsOnly" ] @ more)

    timed "program on ONNX Runtime" (fun () ->
        publish "published" []
        let published = Directory.GetFiles(Path.Combine(onnx, "published"))

        if published |> Array.exists (fun f -> (Path.GetFileName f).StartsWith "libtorch") then
            failwith "libtorch came along with a program on ONNX Runtime"

        let mib = (published |> Array.sumBy (fun f -> FileInfo(f).Length)) >>> 20
        printfn "-- published: %d files, %d MiB" published.Length mib
        Run.execWith cache onnx (Path.Combine(onnx, "published", "Segment")) [])

    timed "the same without its engine" (fun () ->
        let program = Path.Combine(onnx, "Program.cs")
        let engine = "Engine = new OnnxRuntimeEngine()"
        File.WriteAllText(program, File.ReadAllText(program).Replace(engine, ""))
        publish "without" [ "--no-restore" ]

        let start =
            ProcessStartInfo(Path.Combine(onnx, "without", "Segment"), RedirectStandardError = true)

        start.EnvironmentVariables.Remove "LIVERSEG_LIBTORCH"
        use run = Process.Start start
        let said = run.StandardError.ReadToEnd()
        run.WaitForExit()

        for word in
            [
                "TorchUnavailableException"
                "libtorch-cpu-linux-x64"
                "LiverSeg.Functional.OnnxRuntime"
            ] do
            if run.ExitCode = 0 || not (said.Contains word) then
                failwith $"without libtorch and engine: exit code {run.ExitCode}, no word of {word}: {said}")

    // The repository's scripts with one line of load.fsx changed and the feed named; what is run loads them, so that the packages are resolved once.
    Directory.CreateDirectory(Path.Combine(folder, "scripts")) |> ignore

    for script in Directory.GetFiles(Path.Combine(root, "scripts"), "*.fsx") do
        let text = File.ReadAllText script
        let text = text.Replace("#load \"built.fsx\"", "#load \"packages.fsx\"")

        let text =
            if Path.GetFileName script = "packages.fsx" then
                $"#i \"\"\"nuget: {packages}\"\"\"\n{text}"
            else
                text

        File.WriteAllText(Path.Combine(folder, "scripts", Path.GetFileName script), text)

    File.Copy(consumer "consume.fsx", Path.Combine(folder, "consume.fsx"))
    timed "F# script" (fun () -> at "dotnet" [ "fsi"; "consume.fsx" ])

    timed "tool" (fun () ->
        at
            "dotnet"
            [
                "tool"
                "install"
                "liverseg"
                "--tool-path"
                "tools"
                "--add-source"
                packages
            ]

        at (Path.Combine(folder, "tools", "liverseg")) [ "demo"; "-o"; "demo" ])
finally
    Directory.Delete(folder, true)
