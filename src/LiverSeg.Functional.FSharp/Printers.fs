namespace LiverSeg.Functional

/// Values at a glance. In fsi: `fsi.AddPrinter(fun (value: obj) -> Printers.text value |> Option.toObj)`, which scripts/load.fsx does.
[<RequireQualifiedAccess>]
module Printers =
    /// What fsi should print: a volume's grid and range, a network's table, a model's and an evaluation's line, a table of results, a plot's and a scene's
    /// name; none for other values.
    let text (value: obj) =
        match value with
        | :? Volume<Hu> as ct -> Some(Volume.describe ct)
        | :? Volume<Intensity> as image -> Some(Volume.describe image)
        | :? Volume<Probability> as scores -> Some(Volume.describe scores)
        | :? Volume<bool> as mask -> Some(Volume.describe mask)
        | :? Phantom as phantom -> Some(Volume.describe phantom.Ct)
        | :? Layer as layer -> Some(Layer.summary layer)
        | :? Model as model -> Some(Model.describe model)
        | :? Evaluation as evaluation -> Some(Report.line evaluation)
        | :? ResultTable as table -> Some(ResultTable.toMarkdown table)
        | :? PaperTable as table -> Some(PaperTable.toMarkdown table)
        | :? Plot as plot -> Some $"plot '{plot.Title}', {plot.Width}×{plot.Height}; Plot.show opens it"
        | :? ViewerScene as scene -> Some $"'{scene.Title}' on {scene.Ct.Grid}; Viewer.show opens it"
        | :? FileError as error -> Some(string error)
        | _ -> None
