// The viewer in a real browser, headless Chromium, on a phantom:  dotnet fsi tests/gates/browser.fsx
// Without Chromium or npm it is skipped, but in CI that is an error. Screenshots: artifacts/browser.
#load "../../scripts/load.fsx"
#load "run.fsx"

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open LiverSeg.Functional

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))
let folder = Path.Combine(root, "artifacts", "browser")
let path name = Path.Combine(folder, name)

let playwright = "1.65.1"

let chromium =
    [ "/usr/bin/chromium"; "/usr/bin/chromium-browser"; "/usr/bin/google-chrome" ]
    |> List.tryFind File.Exists

let npm =
    (Environment.GetEnvironmentVariable "PATH").Split Path.PathSeparator
    |> Seq.exists (fun f -> File.Exists(Path.Combine(f, "npm")))

match chromium with
| Some chromium when npm ->
    Directory.CreateDirectory folder |> ignore

    if not (File.Exists(path $"playwright-{playwright}")) then
        Run.execIn
            folder
            "npm"
            [
                "install"
                "--no-save"
                "--no-package-lock"
                "--ignore-scripts"
                "--no-audit"
                "--no-fund"
                "--prefix"
                folder
                $"playwright-core@{playwright}"
            ]

        File.WriteAllText(path $"playwright-{playwright}", "")

    // A grid whose axes are turned and mirrored, so that nothing is right by chance: z, −x, y.
    let p =
        Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 4.))

    let ct, liver, e = p.Ct, p.Liver, p.Ct.Extent

    let turned =
        Grid(
            Extent(e.Z, e.X, e.Y),
            Spacing.Isotropic 4.,
            ct.Grid.ToWorld(float (e.X - 1), 0., 0.),
            Direction(Axis(0., 0., 1.), Axis(-1., 0., 0.), Axis(0., 1., 0.))
        )

    let turn (v: Volume<'T>) =
        Volume.Init(turned, fun z x y -> v[e.X - 1 - x, y, z])

    let ct, truth = turn ct, turn liver

    let mask =
        Volume.Init(
            turned,
            fun z x y ->
                truth[z, x, y] && x % 40 < 33
                || (z = 50 && abs (x - 30) < 8 && abs (y - 20) < 8)
        )

    let probability =
        Volume.Init(turned, fun z x y -> Probability(if truth[z, x, y] then 0.75f else float32 (x % 10) / 40f))

    ct.Write(path "ct.nii.gz", true)
    mask.Write(path "mask.nii.gz", true)
    truth.Write(path "truth.nii.gz", true)
    probability.Write(path "probability.nii.gz", true)

    let liverseg =
        Path.Combine(root, "src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")

    let view rest =
        [
            liverseg
            "view"
            path "ct.nii.gz"
            path "mask.nii.gz"
            "-t"
            path "truth.nii.gz"
            "-p"
            path "probability.nii.gz"
        ]
        @ rest

    Run.execIn folder "dotnet" (view [ "-o"; path "page.html"; "--overwrite" ])

    use server =
        Process.Start(ProcessStartInfo("dotnet", view [ "--no-browser" ], RedirectStandardOutput = true))

    try
        let address = (string (server.StandardOutput.ReadLine())).Replace("open ", "")
        let read = Volume.read (path "ct.nii.gz")

        let wrong z =
            Seq.sum
                [
                    for x in 0 .. e.X - 1 do
                        for y in 0 .. e.Y - 1 do
                            if mask[z, x, y] <> truth[z, x, y] then 1 else 0
                ]

        File.WriteAllText(
            path "facts.json",
            JsonSerializer.Serialize
                {|
                    extent = [ e.Z; e.X; e.Y ]
                    hu = [ for v in read.Voxels.ToArray() -> v.Value ]
                    masks =
                        Array.map2
                            (fun m t -> (if m then 1 else 0) + (if t then 2 else 0))
                            (mask.Voxels.ToArray())
                            (truth.Voxels.ToArray())
                    probability = [ for p in probability.Voxels.ToArray() -> p.Value ]
                    sliceAxis = 0
                    worstSlice = Seq.maxBy wrong [ 0 .. e.Z - 1 ]
                    address = address
                |}
        )

        let size = FileInfo(path "page.html").Length
        printfn "page of %O: %.2f MB" turned.Extent (float size / 1e6)
        let script = Path.Combine(root, "tests/browser/viewer.mjs")
        Run.execIn folder "node" [ script; folder; path "node_modules/playwright-core"; chromium ]

        if not (server.WaitForExit 15000) || server.ExitCode <> 0 then
            failwith "the server did not end when its page was closed"

        printfn "ok      the server ended when its page was closed"
    finally
        if not server.HasExited then
            server.Kill()
| _ ->
    let lacks = if chromium.IsNone then "Chromium" else "npm"

    if Environment.GetEnvironmentVariable "CI" = "true" then
        failwith $"no {lacks}: the viewer must be seen by a browser"

    printfn "skipped: no %s" lacks
