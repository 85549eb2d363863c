/// plot: learning curves, kernels or features as a page or a picture.
module LiverSeg.Functional.Cli.Verbs.Plot

open System
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<MainCommand; Help("history files of train; several are drawn together.")>] Histories of FILE: string list
    | [<Mandatory;
        AltCommandLine("-o");
        Help("page (.html) with all curves, or picture (.png) of the first kind that has values.")>] Output of
        FILE: string
    | [<Help("name of a history in the legend, in their order (default: its folder and file name).")>] Name of string
    | [<Help("heading of the page.")>] Title of string
    | [<Help("with .png: the first layer's kernels of this model instead of curves.")>] Kernels of MODEL: string
    | [<Help("with .png: what a layer of this model makes of a slice, instead of curves.")>] Features of MODEL: string
    | [<Help("with --features: the CT to look at.")>] Image of CT: string
    | [<Help("with --features: the layer, as conv2 (default: conv1).")>] Operation of PATH: string
    | [<Help("with --features: where the slice lies, 0 lowest, 1 highest (default: 0.5).")>] Height of float
    | [<Help("with --features: threads (default: one per processor).")>] Threads of int
    | [<Help("with --features: " + Help.device)>] Device of string
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let private isPng (path: string) =
    path.EndsWith(".png", StringComparison.OrdinalIgnoreCase)

let private picture overwrite (path: string) (make: unit -> ReadOnlyMemory<byte>) =
    if isPng path then
        OutputFile.WriteBytes(path, make (), overwrite)
    else
        raise (Usage $"--output {path}: a picture's name ends in .png")

let private features (args: ParseResults<Args>) (model: string) =
    let ct =
        match args.TryGetResult Args.Image with
        | Some file -> VolumeFile.Read(file, warn)
        | None -> raise (Usage "--features needs --image: the CT to look at")

    fun () ->
        let model = Model.load model

        LearningCurves.LayerFeatures(
            model,
            ct |> Hounsfield.windowed model.Window,
            args.GetResult(Args.Operation, "conv1"),
            args.GetResult(Args.Height, 0.5),
            JobLimits.threads (args.TryGetResult Args.Threads),
            DeviceArgument.forModel (args.TryGetResult Args.Device) model
        )

let private runsOf (args: ParseResults<Args>) =
    let files = args.GetResult(Args.Histories, [])

    if files.IsEmpty then
        raise (Usage "plot needs history files, --kernels or --features")

    let names = args.GetResults Args.Name

    let name i (file: string) =
        List.tryItem i names
        |> Option.defaultWith (fun () ->
            let folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath file))
            $"{folder}/{Path.GetFileNameWithoutExtension file}")

    files
    |> List.mapi (fun i file -> LearningRun(name i file, TrainingHistory.Read file))
    |> List.toArray

let private curves (args: ParseResults<Args>) overwrite (path: string) =
    let runs = runsOf args

    let plots =
        [
            LearningCurves.ValidationError runs
            LearningCurves.Loss runs
            for r in runs do
                if r.Epochs |> Seq.exists (fun e -> e.LayerNorms.Count > 0) then
                    LearningCurves.LayerGradients r
        ]
        |> List.filter (fun p -> p.Curves.Count > 0)

    if path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) then
        writeText
            overwrite
            path
            (LearningCurves.Page(args.GetResult(Args.Title, "Learning curves"), List.toArray plots))
    elif isPng path then
        OutputFile.WriteBytes(path, Plots.toPng plots.Head, overwrite)
    else
        raise (Usage $"--output {path}: a name that ends in .html or .png")

let run (args: ParseResults<Args>) =
    let path, overwrite = args.GetResult Args.Output, args.Contains Args.Overwrite

    match args.TryGetResult Args.Kernels, args.TryGetResult Args.Features with
    | Some model, _ -> picture overwrite path (fun () -> LearningCurves.FirstKernels(Model.load model))
    | _, Some model -> picture overwrite path (features args model)
    | None, None -> curves args overwrite path

    0
