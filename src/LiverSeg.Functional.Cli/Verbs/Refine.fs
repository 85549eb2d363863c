/// refine: the CRF alone, on any program's score map.
module LiverSeg.Functional.Cli.Verbs.Refine

open System
open System.IO
open System.Threading
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-i"); Help("the CT that guides.")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-p"); Help("liver probabilities on its lattice, of any program.")>] Scores of
        PROBABILITY: string
    | [<Help("which channel of a map of several classes, from 0 on; of two the liver is mostly 1.")>] Channel of int
    | [<Mandatory; AltCommandLine("-o"); Help("mask to write.")>] Output of MASK: string
    | [<Help("also write the refined probabilities (float32).")>] Probability of FILE: string
    | [<Help("JSON of CRF options; flags here go before it.")>] Crf of FILE: string
    | [<Help("probability that is an even bet before the CRF (default: 0.5).")>] Threshold of float
    | [<Help("mean field updates.")>] Iterations of int
    | [<Help("weight of the appearance kernel.")>] Mu1 of float
    | [<Help("weight of the smoothness kernel.")>] Mu2 of float
    | [<Help("reach of the appearance kernel, in --units.")>] Theta_Alpha of float
    | [<Help("how unlike two densities may be, in HU.")>] Theta_Beta of HU: float
    | [<Help("reach of the smoothness kernel, in --units.")>] Theta_Gamma of float
    | [<Help("voxel | mm.")>] Units of string
    | [<Help("symmetric | before | after | none.")>] Normalization of string
    | [<Help("2: transverse slices | 3: the whole volume.")>] Dimensions of int
    | [<Help("sum every pair of voxels: slow, 64x64 per slice at most.")>] Exact
    | [<Help("keep every component, not only the largest, what hangs on it by a thin neck, and parts as dense as contrast medium.")>] Keep_All_Components
    | [<Help("do not fill holes.")>] Keep_Holes
    | [<Help(Help.overwrite)>] Overwrite
    | [<Help(Help.threads)>] Threads of int

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// What the flags say over the file's setting, by the file's keys.
let private given (args: ParseResults<Args>) =
    let pair key (value: 'T option when 'T: not null) =
        value |> Option.map (fun v -> key, v :> obj)

    [
        pair "threshold" (args.TryGetResult Args.Threshold)
        pair "iterations" (args.TryGetResult Args.Iterations)
        pair "mu1" (args.TryGetResult Args.Mu1)
        pair "mu2" (args.TryGetResult Args.Mu2)
        pair "theta_alpha" (args.TryGetResult Args.Theta_Alpha)
        pair "theta_beta" (args.TryGetResult Args.Theta_Beta)
        pair "theta_gamma" (args.TryGetResult Args.Theta_Gamma)
        pair "dimensions" (args.TryGetResult Args.Dimensions)
        pair "units" (args.TryGetResult Args.Units)
        pair "normalization" (args.TryGetResult Args.Normalization)
    ]
    |> List.choose id

let private settingOf (args: ParseResults<Args>) =
    let file = args.TryGetResult Args.Crf
    let setting = ModelArguments.refinement file

    for tap in setting.Fusion do
        if tap.Tau > 0. then
            warn $"{file.Value}: tau of {tap.Tap} does not count here: a single score map cannot be fused again"

    try
        (setting |> CrfSetting.withKeys (given args)).WithThreads(JobLimits.threads (args.TryGetResult Args.Threads))
    with :? FormatException as e ->
        raise (Usage e.Message)

let private refine (args: ParseResults<Args>) (cancel: CancellationToken) =
    let overwrite, output = args.Contains Args.Overwrite, args.GetResult Args.Output
    let setting = settingOf args

    let ct =
        VolumeFile.Open(args.GetResult Args.Input, DicomOptions(), warn, cancel).Read(warn, cancel)

    let scores =
        args.GetResult Args.Scores
        |> Lattice.readProbability warn (args.TryGetResult Args.Channel) ct.Grid

    let image = ct |> Hounsfield.windowed setting.Options.GuideWindow

    let refined =
        if args.Contains Args.Exact then
            scores |> Pipeline.refinedExactly setting image
        else
            scores.Refined(image, setting, cancel = cancel)

    let clean =
        PipelineOptions(
            Refinement = CrfSetting.None,
            LargestComponent = not (args.Contains Args.Keep_All_Components),
            FillHoles = not (args.Contains Args.Keep_Holes)
        )

    let mask = refined |> Pipeline.clean clean image
    cancel.ThrowIfCancellationRequested()
    mask.Write(output, overwrite)

    args.TryGetResult Args.Probability
    |> Option.iter (fun path -> refined.Write(path, overwrite))

    out (invariant $"{Path.GetFileName output}: liver {mask.VolumeMl():F1} ml")
    0

let run (args: ParseResults<Args>) =
    stoppable "no mask was written" (refine args)
