/// cases, study, plot: what networks learn from, and how.
module LiverSeg.Functional.Cli.Learning

open System
open System.Collections.Generic
open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

let cases (args: ParseResults<CasesArgs>) =
    let output, overwrite =
        args.GetResult CasesArgs.Output, args.Contains CasesArgs.Overwrite

    if File.Exists output && not overwrite then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let found = DatasetFolder.Find(args.GetResult CasesArgs.Input)
    say $"{found.Layout}: {found.Cases.Count} cases"

    let usable =
        [
            for c in found.Cases do
                let verdict =
                    if args.Contains CasesArgs.No_Check then
                        CaseCheck([||], [||])
                    else
                        DatasetFolder.Check c

                verdict.Warnings |> Seq.iter (fun d -> warn $"{c.Id}: {d}")

                verdict.Errors
                |> Seq.iter (fun e -> Console.Error.WriteLine $"liverseg: {c.Id}: {e}")

                if verdict.Errors.Count = 0 then
                    c
        ]

    usable |> CaseList.write overwrite output
    say $"{output}: {usable.Length} of {found.Cases.Count} cases can be used"
    if usable.Length = found.Cases.Count then 0 else 3

let private write overwrite (path: string) (plots: Plot list) title =
    if path.EndsWith(".html", StringComparison.OrdinalIgnoreCase) then
        writeText overwrite path (LearningCurves.Page(title, List.toArray plots))
    elif path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) then
        let plot =
            plots
            |> List.tryFind (fun p -> p.Curves.Count > 0)
            |> Option.defaultValue plots.Head

        OutputFile.WriteBytes(path, Plots.toPng plot, overwrite)
    else
        raise (Usage $"--output {path}: a name that ends in .html or .png")

let plot (args: ParseResults<PlotArgs>) =
    let path, overwrite =
        args.GetResult PlotArgs.Output, args.Contains PlotArgs.Overwrite

    let picture make =
        if path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) then
            OutputFile.WriteBytes(path, make (), overwrite)
        else
            raise (Usage $"--output {path}: a picture's name ends in .png")

    match args.TryGetResult PlotArgs.Kernels, args.TryGetResult PlotArgs.Features with
    | Some model, _ -> picture (fun () -> LearningCurves.FirstKernels(Model.load model))
    | _, Some model ->
        let ct =
            match args.TryGetResult PlotArgs.Image with
            | Some file -> VolumeFile.Read(file, warn)
            | None -> raise (Usage "--features needs --image: the CT to look at")

        picture (fun () ->
            let model = Model.load model

            LearningCurves.LayerFeatures(
                model,
                ct |> Hounsfield.windowed model.Window,
                args.GetResult(PlotArgs.Operation, "conv1"),
                args.GetResult(PlotArgs.Height, 0.5),
                args.GetResult(PlotArgs.Threads, 0)
            ))
    | None, None ->
        let files = args.GetResult(PlotArgs.Histories, [])

        if files.IsEmpty then
            raise (Usage "plot needs history files, --kernels or --features")

        let names = args.GetResults PlotArgs.Name

        let name i (file: string) =
            List.tryItem i names
            |> Option.defaultWith (fun () ->
                let folder = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath file))
                $"{folder}/{Path.GetFileNameWithoutExtension file}")

        let runs =
            files
            |> List.mapi (fun i file -> LearningRun(name i file, TrainingHistory.Read file))
            |> List.toArray

        let gradients =
            runs
            |> Seq.filter (fun r -> r.Epochs |> Seq.exists (fun e -> e.LayerNorms.Count > 0))
            |> Seq.map LearningCurves.LayerGradients

        let plots =
            [
                LearningCurves.ValidationError runs
                LearningCurves.Loss runs
                yield! gradients
            ]
            |> List.filter (fun p -> p.Curves.Count > 0)

        write overwrite path plots (args.GetResult(PlotArgs.Title, "Learning curves"))

    0
