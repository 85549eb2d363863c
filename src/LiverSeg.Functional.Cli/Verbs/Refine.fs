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
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-p")>] Scores of PROBABILITY: string
    | [<Mandatory; AltCommandLine("-o")>] Output of MASK: string
    | Probability of FILE: string
    | Crf of FILE: string
    | Threshold of float
    | Iterations of int
    | Mu1 of float
    | Mu2 of float
    | Theta_Alpha of float
    | Theta_Beta of HU: float
    | Theta_Gamma of float
    | Units of string
    | Normalization of string
    | Dimensions of int
    | Exact
    | Keep_All_Components
    | Keep_Holes
    | Overwrite
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "the CT that guides."
            | Scores _ -> "liver probabilities on its grid, of any program."
            | Output _ -> "mask to write."
            | Probability _ -> "also write the refined probabilities (float32)."
            | Crf _ -> "JSON of CRF options; flags here go before it."
            | Threshold _ -> "probability that is an even bet before the CRF (default: 0.5)."
            | Iterations _ -> "mean field updates."
            | Mu1 _ -> "weight of the appearance kernel."
            | Mu2 _ -> "weight of the smoothness kernel."
            | Theta_Alpha _ -> "reach of the appearance kernel, in --units."
            | Theta_Beta _ -> "how unlike two densities may be, in HU."
            | Theta_Gamma _ -> "reach of the smoothness kernel, in --units."
            | Units _ -> "voxel | mm."
            | Normalization _ -> "symmetric | before | after | none."
            | Dimensions _ -> "2: transverse slices | 3: the whole volume."
            | Exact -> "sum every pair of voxels: slow, 64x64 per slice at most."
            | Keep_All_Components -> "keep every component, not only the largest."
            | Keep_Holes -> "do not fill holes."
            | Overwrite -> Help.overwrite
            | Threads _ -> Help.threads

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
        (setting |> CrfSetting.withKeys (given args)).WithThreads(args.GetResult(Args.Threads, 0))
    with :? FormatException as e ->
        raise (Usage e.Message)

let private refine (args: ParseResults<Args>) (cancel: CancellationToken) =
    let overwrite, output = args.Contains Args.Overwrite, args.GetResult Args.Output
    let setting = settingOf args

    let ct =
        VolumeFile.Open(args.GetResult Args.Input, DicomOptions(), warn, cancel).Read(warn, cancel)

    let scores = VolumeFile.ReadProbability(args.GetResult Args.Scores, warn)
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
