/// dicomweb: scans from an archive and segmentations back to it.
module LiverSeg.Functional.Cli.Verbs.DicomWeb

open System
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<MainCommand;
        Help("find: series of a service | get: a study or series into a folder | put: files into the archive.")>] Action of
        ACTION: string
    | [<Mandatory;
        Help("find: SERVICE or SERVICE/studies/UID; get: SERVICE/studies/UID[/series/UID]; put: SERVICE/studies.")>] Url of
        ADDRESS: string
    | [<Help("find: a DICOM keyword or tag and its value, as Modality=CT or StudyDate=20250101-; may be given many times.")>] Filter of
        KEYWORD_VALUE: string
    | [<AltCommandLine("-o"); Help("get: the folder; what lies there already is not fetched again.")>] Output of
        FOLDER: string
    | [<AltCommandLine("-i"); Help("put: a DICOM file; may be given many times.")>] Input of FILE: string

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let filterOf (text: string) =
    match text.IndexOf '=' with
    | at when at > 0 -> text[.. at - 1], text[at + 1 ..]
    | _ -> raise (Usage $"--filter {text}: KEYWORD=VALUE, as Modality=CT")

let run (args: ParseResults<Args>) =
    let url = args.GetResult Args.Url

    let work cancel =
        match args.TryGetResult Args.Action with
        | Some "find" -> url |> Remote.find cancel (args.GetResults Args.Filter |> List.map filterOf)
        | Some "get" ->
            match args.TryGetResult Args.Output with
            | None -> raise (Usage "dicomweb get: a folder is needed, --output FOLDER")
            | Some folder ->
                let files = Remote.get cancel folder url
                out (invariant $"{folder}: {files.Count} files")
        | Some "put" ->
            match args.GetResults Args.Input with
            | [] -> raise (Usage "dicomweb put: a file is needed, --input FILE")
            | files ->
                Remote.put cancel files url
                out (invariant $"{url}: {files.Length} files stored")
        | Some other -> raise (Usage $"dicomweb {other}: find, get or put")
        | None -> raise (Usage "dicomweb: find, get or put is needed")

        0

    stoppable "whole files are kept; the same command goes on" work
