namespace LiverSeg.Functional

/// Values at a glance. In fsi: `fsi.AddPrinter(fun (value: obj) -> Glance.text value |> Option.toObj)`, which scripts/load.fsx does.
[<RequireQualifiedAccess>]
module Glance =
    /// What fsi should print: a volume's grid and range, a network's table, a model's and an evaluation's line, a table of results; none for
    /// other values.
    let text (value: obj) =
        match value with
        | :? Volume<Hu> as ct -> Some(Volume.glance ct)
        | :? Volume<Intensity> as image -> Some(Volume.glance image)
        | :? Volume<Probability> as scores -> Some(Volume.glance scores)
        | :? Volume<bool> as mask -> Some(Volume.glance mask)
        | :? Phantom as phantom -> Some(Volume.glance phantom.Ct)
        | :? Layer as layer -> Some(Layer.glance layer)
        | :? Model as model -> Some(Model.glance model)
        | :? Evaluation as evaluation -> Some(Report.line evaluation)
        | :? ResultTable as table -> Some(ResultTable.toMarkdown table)
        | :? SystemTable as table -> Some(SystemTable.toMarkdown table)
        | :? ReadError as error -> Some(string error)
        | _ -> None
