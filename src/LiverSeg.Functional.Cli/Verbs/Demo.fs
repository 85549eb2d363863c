/// demo: no data needed: phantom, segmentation, report.
module LiverSeg.Functional.Cli.Verbs.Demo

open System
open System.Diagnostics
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<AltCommandLine("-o"); Help("folder for the phantom, the mask and the report (default: liverseg-demo).")>] Output of
        DIR: string
    | [<Help("seed of the phantom (default: 1000).")>] Seed of int64
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int
    | [<Help(Help.device)>] Device of string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let run (args: ParseResults<Args>) =
    let folder = args.GetResult(Args.Output, "liverseg-demo")
    let overwrite = args.Contains Args.Overwrite || not (args.Contains Args.Output)
    let seed = args.GetResult(Args.Seed, 1000L)
    let clock = Stopwatch.StartNew()

    let options =
        ModelArguments.pipeline
            (Some CrfSetting.Shipped)
            (DeviceArgument.forModel (args.TryGetResult Args.Device) Pretrained.Liver)
            (JobLimits.threads (args.TryGetResult Args.Threads))
            false

    let p = Phantom.ofSeed seed
    let path name = Path.Combine(folder, name)
    out (invariant $"phantom of seed {seed}: {p.Ct.Grid}, liver {p.Liver.VolumeMl():F0} ml")
    p.Ct.Write(path "phantom-ct.nii.gz", overwrite)

    let found =
        p.Ct.Segment(Pretrained.Liver, options, Action<StageProgress> ModelArguments.stages).Mask

    Progress.stage "measure and report" ""
    found.Write(path "phantom-liver.nii.gz", overwrite)
    let e = found |> Metrics.evaluate p.Liver
    Evaluate.print e
    writeText overwrite (path "measures.json") (e.ToJson())
    let image = p.Ct |> Hounsfield.windowed Window.Liver

    let case =
        ReportCase.Of("phantom", image, found, p.Liver, MetricsOptions())
        |> Report.withViewer (
            Viewer.scene "A phantom" p.Ct
            |> Viewer.withMask "liver" found
            |> Viewer.withTruth p.Liver
        )

    Report.Write(folder, "A phantom's liver", "liverseg", [| case |], [||], [||], overwrite)

    out (
        invariant
            $"written to {folder}: index.html (open it in a browser), phantom-ct.nii.gz, phantom-liver.nii.gz, measures.json; {clock.Elapsed.TotalSeconds:F1} s"
    )

    out "next: liverseg segment -i YOUR-CT.nii.gz -o liver.nii.gz   (research use only)"
    0
