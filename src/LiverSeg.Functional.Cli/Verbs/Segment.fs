/// segment: CT in, liver mask out.
module LiverSeg.Functional.Cli.Verbs.Segment

open System
open System.IO
open System.Threading
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal
open LiverSeg.Functional.Cli.Verbs.SegmentScan

/// The endings of a batch's masks: those whose file is whole or absent, so that what is there is done.
let formats = [ "nii.gz"; "nii"; "mha"; "nrrd"; "dcm"; "sc" ]

let private formatOf (args: ParseResults<Args>) =
    let format = args.GetResult(Args.Format, "nii.gz").TrimStart '.'

    if not (List.contains format formats) then
        raise (Usage $"""--format {format}: one of {String.Join(", ", formats)}""")

    format

/// K and N of --part K/N.
let private partOf (args: ParseResults<Args>) =
    args.TryGetResult Args.Part
    |> Option.map (fun text ->
        match text.Split '/' |> Array.map Int32.TryParse with
        | [| true, k; true, n |] when k >= 0 && k < n -> k, n
        | _ -> raise (Usage $"--part {text}: K/N, a number from 0 to N - 1 and how many parts there are, as 0/8"))

let private targetIn (args: ParseResults<Args>) (format: string) (scan: Inputs.Scan) =
    let beside suffix =
        Option.map (fun (folder: string) -> Path.Combine(folder, scan.Name + suffix))

    {
        Mask =
            Path.Combine(
                args.GetResult Args.Output,
                scan.Name + (if format = "sc" then "-liver-sc" else "-liver." + format)
            )
        IsCapture = (format = "sc")
        Probability =
            args.TryGetResult Args.Probability
            |> beside ("-probability." + (if format = "dcm" || format = "sc" then "nii.gz" else format))
        Stats = args.TryGetResult Args.Stats |> beside "-stats.json"
        Report = args.TryGetResult Args.Report |> beside ""
        View = args.TryGetResult Args.View |> beside "-view.html"
        // What a killed run left beside a mask that it did not finish is made again.
        OverwriteOthers = true
    }

let private summary (model: Model) part (outcomes: Batch.Outcome list) =
    json
        {|
            cases =
                [
                    for o in outcomes ->
                        {|
                            case = o.Case
                            input = o.Input
                            output = o.Output
                            status = o.Status
                            code = o.Code
                            reason = o.Reason
                            volume_ml = o.VolumeMl |> Option.toNullable
                            doubt = o.Doubt
                            predicted_dice = o.PredictedDice |> Option.toNullable
                        |}
                ]
            part = part |> Option.map (fun (k, n) -> $"{k}/{n}") |> Option.toObj
            weights_sha256 = model.Hash
        |}

let private segmentMany (args: ParseResults<Args>) model device (cancel: CancellationToken) (scans: Inputs.Scan list) =
    let folder = args.GetResult Args.Output
    let format = formatOf args

    let ends (ending: string) =
        folder.EndsWith(ending, StringComparison.OrdinalIgnoreCase)

    if File.Exists folder || Seq.exists ends VolumeFile.Endings then
        raise (Usage $"-o {folder}: the name of a file; many inputs need a folder")

    let part = partOf args

    let scans =
        match part with
        | None -> scans
        | Some(k, n) ->
            let mine = scans |> List.indexed |> List.filter (fun (i, _) -> i % n = k)
            out $"part {k} of 0 to {n - 1}: {mine.Length} of {scans.Length} inputs"
            List.map snd mine

    // Parts may run beside each other.
    let table =
        match part with
        | None -> "segment-summary.csv"
        | Some(k, n) -> $"segment-summary-{k}-of-{n}.csv"

    let byName = scans |> List.map (fun s -> s.Name, s) |> Map.ofList

    let work name =
        cancel.ThrowIfCancellationRequested()
        let scan = byName[name]
        let one, said = segmentOne args model device cancel scan (targetIn args format scan)

        {
            Batch.Ml = one.volume_ml
            Batch.Dice = one.predicted_dice |> Option.ofNullable
            Batch.Against = one.doubt
            Batch.Said = said
        }

    let cases =
        scans |> List.map (fun s -> s.Name, s.Path, (targetIn args format s).Mask)

    let outcomes, code =
        Batch.run (Path.Combine(folder, table)) cases (args.Contains Args.Overwrite) work

    args.TryGetResult Args.Json
    |> Option.iter (fun path -> writeText true path (summary model part outcomes))

    if
        code = 0
        && args.Contains Args.Strict
        && outcomes |> List.exists (fun o -> o.Doubt <> "")
    then
        doubtfulCode
    else
        code

/// `mask` is written; `shown` is what it is called.
let private segmentAlone (args: ParseResults<Args>) model device cancel mask (shown: string option) scan =
    let overwrite = args.Contains Args.Overwrite

    let result, said =
        segmentOne
            args
            model
            device
            cancel
            scan
            {
                Mask = mask
                IsCapture = (formatOf args = "sc")
                Probability = args.TryGetResult Args.Probability
                Stats = args.TryGetResult Args.Stats
                Report = args.TryGetResult Args.Report
                View = args.TryGetResult Args.View
                OverwriteOthers = overwrite
            }

    args.TryGetResult Args.Json
    |> Option.iter (fun path -> writeText overwrite path (json result))

    let name = shown |> Option.defaultValue (string result.output)
    out $"{name}: {said}"

    if args.Contains Args.Strict && result.doubtful then
        doubtfulCode
    else
        0

/// A folder that is there, or a name that can be nothing else.
let private isFolder (path: string) =
    Directory.Exists path || Path.EndsInDirectorySeparator path

let run (args: ParseResults<Args>) =
    let model =
        ModelArguments.staged (args.TryGetResult Args.Model) (args.Contains Args.Fast)

    match args.TryGetResult Args.Max_Memory with
    | Some size -> MemoryLimit.parse size |> ignore
    | None when args.Contains Args.Smaller_Tiles ->
        raise (Usage "--smaller-tiles: only with --max-memory SIZE; without a bound tiles are the model's")
    | None -> ()

    let device =
        match args.TryGetResult Args.Device, args.TryGetResult Args.Max_Memory with
        // How much of the process' memory CUDA's libraries take is not known.
        | (None | Some "auto"), Some _ -> Device.Cpu
        | named, _ -> DeviceArgument.forModel named model

    let given, output = args.GetResults Args.Input, args.GetResult Args.Output

    let dicom =
        Inputs.dicomOf (args.TryGetResult Args.Series) (args.Contains Args.Any_Image) (args.Contains Args.Fill_Gaps)

    let allSeries = args.Contains Args.All_Series

    let isCapture = (formatOf args = "sc")

    // Captures of one scan are a folder themselves.
    let intoFolder = not isCapture && not (Remote.isAddress output) && isFolder output

    let alone =
        not (
            allSeries
            || intoFolder
            || given.Length > 1
            || Option.isSome (partOf args)
            || List.exists Inputs.isMany given
        )

    let segment cancel inputs mask shown =
        match Inputs.scansOf dicom allSeries inputs with
        | [] when List.isEmpty inputs ->
            raise (Usage "missing argument '--input'; liverseg segment --help names its options")
        | [] -> raise (Usage "no image among the inputs")
        | [ scan ] when alone -> segmentAlone args model device cancel mask shown scan
        | _ when Option.isSome shown -> raise (Usage $"-o {output}: an address takes the mask of one scan")
        | scans -> segmentMany args model device cancel scans

    let remains =
        if alone then
            "no mask was written"
        else
            "finished cases are kept; the same command goes on with the others"

    stoppable remains (fun cancel ->
        if not (List.exists Remote.isAddress (output :: given)) then
            segment cancel given output None
        else
            Remote.withFolder (fun folder ->
                let inputs = Remote.fetched cancel folder given

                if Remote.isAddress output then
                    let mask = Path.Combine(folder, (if isCapture then "captures" else "liver.dcm"))
                    let code = segment cancel inputs mask (Some output)

                    let files =
                        if isCapture then
                            Directory.GetFiles mask |> Array.sort |> List.ofArray
                        else
                            [ mask ]

                    output |> Remote.put cancel files
                    code
                else
                    segment cancel inputs output None))
