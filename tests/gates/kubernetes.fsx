// The manifests of docs/howto-cluster.md: read strictly, checked by the schema of their kind, and each container's command run once an index on phantoms.
//   dotnet fsi tests/gates/kubernetes.fsx [LIVERSEG.dll]      exit code 1: a manifest is wrong or its command does not work
#r "nuget: KubernetesClient, 21.0.8"
#load "../../scripts/load.fsx"
#load "../LiverSeg.Functional.Tests/Support/DicomFixture.fs"
#load "page.fsx"
#load "run.fsx"

open System
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open System.Threading
open k8s
open k8s.Models
open LiverSeg.Functional
open LiverSeg.Functional.Tests

let clock = Stopwatch.StartNew()

let manifest name =
    Path.Combine(Page.root, "docs", "cluster", name)

let text name = File.ReadAllText(manifest name)

let expect what condition =
    if not condition then
        failwith what

/// A manifest as an object; a misspelt field is seen.
let strictly<'T> name =
    let misspelt =
        try
            let text = (text name).Replace("workingDir:", "workDir:")
            KubernetesYaml.Deserialize<'T>(text, strict = true) |> ignore
            false
        with _ ->
            true

    expect "the reader lets a field pass that there is not" misspelt
    let read = KubernetesYaml.Deserialize<'T>(text name, strict = true)
    printfn "%s: a %s, read strictly" name typeof<'T>.Name
    read

/// What a Job's volume, container and limits must be for the page's words to hold.
let checkJob name =
    let job = strictly<V1Job> name
    expect "an index for each pod" (job.Spec.CompletionMode = "Indexed")
    job

let folds, scans = checkJob "folds.yaml", checkJob "scans.yaml"
let watch = strictly<V1Deployment> "watch.yaml"
expect "folds.yaml is not the page's" (Page.block "yaml" "liver-folds" = text "folds.yaml")

let container (pod: V1PodTemplateSpec) = Seq.exactlyOne pod.Spec.Containers

for pod in [ folds.Spec.Template; scans.Spec.Template; watch.Spec.Template ] do
    let one = container pod
    let mounted = one.VolumeMounts |> Seq.map _.Name |> set
    expect "a volume that is not there" (mounted = (pod.Spec.Volumes |> Seq.map _.Name |> set))
    expect "the folder that is mounted" (one.WorkingDir = (Seq.exactlyOne one.VolumeMounts).MountPath)

expect
    "as many parts as completions"
    ((container scans.Spec.Template).Args[0].Contains($"--part \"$JOB_COMPLETION_INDEX/{scans.Spec.Completions}\""))

let labels = watch.Spec.Template.Metadata.Labels
expect "the Deployment finds its pods" (watch.Spec.Selector.MatchLabels |> Seq.forall labels.Contains)

let folder = Directory.CreateTempSubdirectory("liverseg-kubernetes-").FullName
let path name = Path.Combine(folder, name)
Page.install (Page.program ()) folder

let schema () =
    let has program =
        (Environment.GetEnvironmentVariable "PATH").Split Path.PathSeparator
        |> Seq.exists (fun f -> File.Exists(Path.Combine(f, program)))

    if has "node" && has "npm" then
        let modules =
            [ "kubernetes-models@4.5.1"; "@kubernetes-models/validate@4.0.0"; "yaml@2.9.1" ]

        let quiet =
            [
                "--no-save"
                "--no-package-lock"
                "--ignore-scripts"
                "--no-audit"
                "--no-fund"
            ]

        let at = (Directory.CreateDirectory(path "npm")).FullName
        Run.execIn at "npm" ([ "install"; "--silent"; "--prefix"; at ] @ quiet @ modules)
        let script = Path.Combine(__SOURCE_DIRECTORY__, "kubernetes.mjs")

        let files =
            [ for name in [ "folds.yaml"; "scans.yaml"; "watch.yaml" ] -> manifest name ]

        Run.execIn folder "node" ([ script; at ] @ files)
    else
        printfn "skipped: the schema's check needs node and npm"

/// Starts a container's command, with other sizes, as the pod of an index, here.
let start (pod: V1PodTemplateSpec) changes (index: int) =
    let one = container pod

    let words =
        Seq.append one.Command (one.Args |> Seq.map (Page.sized changes)) |> List.ofSeq

    let info =
        ProcessStartInfo(
            words.Head,
            words.Tail,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    info.Environment["JOB_COMPLETION_INDEX"] <- string index
    Process.Start info

let finish what (wanted: int) (pod: Process) =
    let errors = pod.StandardError.ReadToEndAsync()
    let said = pod.StandardOutput.ReadToEnd() + errors.Result
    pod.WaitForExit()
    let last = said.Trim().Split('\n') |> Array.last
    printfn "%-18s exit code %d: %s" what pod.ExitCode last
    expect $"{what}: exit code {pod.ExitCode}, expected {wanted}:\n{said}" (pod.ExitCode = wanted)
    said

let playFolds () =
    let pod =
        start
            folds.Spec.Template
            [
                "--preset practical", "--preset smoke --epochs 12"
                "--threads 2", "--threads 1"
            ]

    // Evicted in mid-run; then another pod with the same index.
    let first = pod 0
    let checkpoints = path "cv/compact/phantom0000/checkpoints"

    while not first.HasExited
          && not (Directory.Exists checkpoints && Directory.GetFiles(checkpoints).Length >= 2) do
        Thread.Sleep 200

    Run.execIn folder "kill" [ "-TERM"; string first.Id ]
    let before = finish "fold 0, evicted" 143 first
    let after = pod 0 |> finish "fold 0, again" 0
    expect "the fold went on" (before.Contains "epoch 1 of 12" && not (after.Contains "epoch 1 of 12"))

    for index in 1..2 do
        pod index |> finish $"fold {index}" 0 |> ignore

    let merge = "liverseg crossval --cases cases.csv -o cv --merge"
    expect "the page's merge" (Page.cluster.Value.Contains $"Then, once: `{merge}`.")

    let said =
        Process.Start(
            ProcessStartInfo(
                "/bin/sh",
                [ "-c"; merge ],
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )
        )
        |> finish "merge" 0

    expect "every fold is in the table" (said.Contains "3 scored, 0 failed")

let playScans () =
    for index in 0..1 do
        start scans.Spec.Template [ "/10\"", "/2\""; "--threads 2", "--threads 1" ] index
        |> finish $"part {index}" 0
        |> ignore

    let masks = Directory.GetFiles(path "masks", "*-liver.nii.gz").Length

    let tables =
        [
            for k in 0..1 -> File.ReadAllLines(path $"masks/segment-summary-{k}-of-2.csv").Length - 1
        ]

    expect $"{masks} masks of 3 scans, parts of {tables}" (masks = 3 && List.sum tables = 3)

let playWatch () =
    let study = (Directory.CreateDirectory(path "incoming/study")).FullName

    let ct =
        (Volume.read (path "phantom0000-ct.nii.gz")).Map(fun h -> Hu(round h.Value))

    DicomFixture.studyOf DicomFixture.ExplicitLittle 1 ct study

    let pod =
        start watch.Spec.Template [ ("--threads 2", "--threads 1 --interval 1 --settle 1") ] 0

    let isThere () =
        Directory.Exists(path "results")
        && Directory.EnumerateFiles(path "results", "*.dcm", SearchOption.AllDirectories)
           |> Seq.isEmpty
           |> not

    while not pod.HasExited && not (isThere ()) && clock.Elapsed.TotalMinutes < 10. do
        Thread.Sleep 200

    if not pod.HasExited then
        Thread.Sleep 1000
        Run.execIn folder "kill" [ "-TERM"; string pod.Id ]

    finish "watch, ended" 143 pod |> ignore
    expect "a mask of what arrived" (isThere ())

try
    schema ()
    Run.execIn folder "liverseg" [ "phantom"; "-o"; "."; "--cases"; "3"; "--spacing"; "8"; "-q" ]
    Directory.CreateDirectory(path "scans") |> ignore

    for ct in Directory.GetFiles(folder, "*-ct.nii.gz") do
        File.Copy(ct, path ("scans/" + Path.GetFileName ct))

    playFolds ()
    playScans ()
    playWatch ()

    printfn
        "three manifests are valid, and their commands do what they say; no Kubernetes took part. %.0f s"
        clock.Elapsed.TotalSeconds
finally
    Directory.Delete(folder, true)
