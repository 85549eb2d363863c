/// Addresses of a DICOMweb service where files may be named.
module LiverSeg.Functional.Cli.Remote

open System
open System.IO
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

let isAddress (text: string) =
    text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
    || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)

let private address (text: string) =
    if isAddress text && Uri.IsWellFormedUriString(text, UriKind.Absolute) then
        Uri text
    else
        raise (Usage $"{text}: an address as https://HOST/dicom-web")

let private options = DicomWebOptions()

/// The series of a service that fit all filters, and where each is.
let list cancel (filters: (string * string) list) (service: string) =
    let service = address service
    use http = DicomWeb.Client service

    let found =
        DicomWeb
            .FindAsync(http, service, Collections.Generic.Dictionary(dict filters), options, cancel)
            .GetAwaiter()
            .GetResult()

    let root = Uri(service.AbsoluteUri.Split("/studies/")[0])
    [ for s in found -> s, string (s.At root) ]

/// The series of a service, a line each: where, modality, files, description.
let find cancel filters service =
    for s, place in list cancel filters service do
        let files = if s.Instances = 0 then "?" else string s.Instances
        out (String.Join('\t', place, s.Modality, files, s.Description))

/// Fetches a study or series into a folder.
let get cancel (folder: string) (series: string) =
    let series = address series
    use http = DicomWeb.Client series

    let files =
        DicomWeb
            .GetAsync(
                http,
                series,
                folder,
                options,
                Action<int, int>(fun there all -> Progress.part "fetch" "file" there all),
                cancel
            )
            .GetAwaiter()
            .GetResult()

    Progress.finish ()
    files

/// Files of one request: all are open at a time.
let private together = 100

/// Stores files; what was stored before an error stays and may be stored again.
let put cancel (files: string list) (studies: string) =
    let studies = address studies
    use http = DicomWeb.Client studies

    for some in List.chunkBySize together files do
        DicomWeb.PutAsync(http, studies, Array.ofList some, options, cancel).GetAwaiter().GetResult()

/// Work with a folder that is gone afterwards.
let withFolder (work: string -> 'T) =
    let folder = Directory.CreateTempSubdirectory("liverseg-").FullName

    try
        work folder
    finally
        Directory.Delete(folder, true)

/// Inputs with what stands at addresses fetched into the folder, each into one of its own that is named by the last UID.
let fetched cancel folder (inputs: string list) =
    [
        for i, input in List.indexed inputs do
            if isAddress input then
                let place =
                    Path.Combine(folder, string i, Array.last ((address input).AbsolutePath.TrimEnd('/').Split '/'))

                get cancel place input |> ignore
                place
            else
                input
    ]
