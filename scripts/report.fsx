// A page of results for a list of cases:  dotnet fsi report.fsx [CASES.csv] [FOLDER]      (without arguments: two phantoms)
#load "load.fsx"

open LiverSeg.Functional

let arguments = List.ofArray fsi.CommandLineArgs[1..]

let phantom seed =
    let p =
        Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = Spacing.Isotropic 4.))

    sprintf "phantom %d" seed, p.Ct, p.Liver

// The CSV has columns case,image,mask; one scan at a time is in memory.
let inputs =
    match arguments with
    | csv :: _ ->
        CaseList.read csv
        |> Seq.map (fun c -> c.Id, Volume.read c.Image, Volume.readMask c.Mask)
    | [] -> Seq.map phantom [ 1000L; 1001L ]

let judge (name, ct, truth) =
    let found = ct |> Pipeline.segment (PipelineOptions()) Pretrained.Liver
    let image = ct |> Hounsfield.windowed Pretrained.Liver.Window
    ReportCase.Of(name, image, found, truth, MetricsOptions())

let cases = inputs |> Seq.map judge |> Array.ofSeq
let table = ResultTable.ofCases "liverseg" (cases |> Seq.map _.Result)

let folder = arguments |> List.tryItem 1 |> Option.defaultValue "report"
let published = [| SystemTable.table2 [ table ] |]
Report.Write(folder, "Livers found and true", "liverseg", cases, published, [||], true)
printfn "%s" (ResultTable.toMarkdown table)
