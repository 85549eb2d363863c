/// cases: finds and checks labelled scans in a data set's folder.
module LiverSeg.Functional.Cli.Verbs.Cases

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory;
        AltCommandLine("-i");
        Help("folder of SLiver07, LiTS, Decathlon, nnU-Net, 3D-IRCADb, or of ct and liver files.")>] Input of
        FOLDER: string
    | [<Mandatory;
        AltCommandLine("-o");
        Help("CSV with columns case,image,mask,patient[,label]; cases with errors are left out of it.")>] Output of
        CSV: string
    | [<Help("which label of the masks is the liver: number or name; it stands in the CSV then.")>] Label of
        NUMBER_OR_NAME: string
    | [<Help("list without reading the volumes.")>] No_Check
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// Whether a case can be used; what is odd or wrong is said.
let private isUsable (case: CaseFile) =
    let check = DatasetFolder.Check case
    check.Warnings |> Seq.iter (fun text -> warn $"{case.Id}: {text}")
    check.Errors |> Seq.iter (fun text -> error $"{case.Id}: {text}")
    check.Errors.Count = 0

let run (args: ParseResults<Args>) =
    let output, overwrite = args.GetResult Args.Output, args.Contains Args.Overwrite

    if File.Exists output && not overwrite then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let label = Inputs.labelOf (args.TryGetResult Args.Label)
    let found = DatasetFolder.Find(args.GetResult Args.Input)
    out $"{found.Layout}: {found.Cases.Count} cases"

    let usable =
        found.Cases
        |> Seq.map (fun c -> CaseFile(c.Id, c.Image, c.Mask, c.Patient, Label = label))
        |> Seq.filter (fun c -> args.Contains Args.No_Check || isUsable c)
        |> List.ofSeq

    CaseList.Write(output, usable, overwrite)
    out $"{output}: {usable.Length} of {found.Cases.Count} cases can be used"
    if usable.Length = found.Cases.Count then 0 else 3
