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

/// What a case is found to be; what is odd or wrong is said.
let private examine (case: CaseFile) =
    let check = DatasetFolder.Check case
    check.Warnings |> Seq.iter (fun text -> warn $"{case.Id}: {text}")
    check.Errors |> Seq.iter (fun text -> error $"{case.Id}: {text}")
    check

let run (args: ParseResults<Args>) =
    let output, overwrite = args.GetResult Args.Output, args.Contains Args.Overwrite

    if File.Exists output && not overwrite then
        raise (Usage $"{output} exists; add --overwrite or choose another output")

    let label = Inputs.labelOf (args.TryGetResult Args.Label)
    let found = DatasetFolder.Find(args.GetResult Args.Input)
    out $"{found.Layout}: {found.Cases.Count} cases"

    let checks =
        [
            for c in found.Cases ->
                let case = CaseFile(c.Id, c.Image, c.Mask, c.Patient, Label = label)

                case,
                (if args.Contains Args.No_Check then
                     None
                 else
                     Some(examine case))
        ]

    let usable, bad =
        checks
        |> List.partition (snd >> Option.forall (fun check -> check.Errors.Count = 0))

    let empty = usable |> List.filter (snd >> Option.exists _.IsEmpty)
    CaseList.Write(output, List.map fst usable, overwrite)
    out $"{output}: {usable.Length} of {found.Cases.Count} cases can be used"

    if not empty.IsEmpty then
        out $"{empty.Length} of them have an empty mask"

    if not empty.IsEmpty && empty.Length = usable.Length then
        error "no case has a liver: all masks are empty, and nothing can be learned from them"
        3
    elif bad.IsEmpty then
        0
    else
        3
