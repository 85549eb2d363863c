namespace LiverSeg.Functional

/// What became of a case.
[<RequireQualifiedAccess>]
module CaseResult =
    /// A case that was evaluated.
    let ofEvaluation name evaluation = CaseResult.Of(name, evaluation)

    /// A case that could not be evaluated, and why.
    let failed name reason = CaseResult.Failed(name, reason)

    /// A measure; none when the case failed or has no value.
    let value (measure: Measure) (case: CaseResult) = case.Value measure |> Option.ofNullable

    /// A case has its evaluation or a reason why not.
    let (|Scored|Failed|) (case: CaseResult) =
        if case.Scored then
            Scored case.Evaluation
        else
            Failed case.Failure

/// A row a case, and what they sum up to.
[<RequireQualifiedAccess>]
module ResultTable =
    /// The table of a system.
    let ofCases system (cases: CaseResult seq) = ResultTable.Of(system, cases)

    /// A measure over all cases; none when no case has it.
    let summarise (measure: Measure) (table: ResultTable) =
        table.Summarise measure |> Option.ofNullable

    /// Whether two systems differ in a measure on the cases that both have: Wilcoxon's signed-rank test.
    let compare measure first second =
        Wilcoxon.Compare(first, second, measure)

    /// A row a case, then the summary.
    let toMarkdown (table: ResultTable) = ResultText.ToMarkdown table

    /// All digits, a row a case.
    let toCsv (table: ResultTable) = ResultText.ToCsv table

    /// Cases and summary with stable keys.
    let toJson (table: ResultTable) = ResultText.ToJson table

    /// A fragment of HTML.
    let toHtml (table: ResultTable) = ResultText.ToHtml table

/// Systems side by side, published rows marked.
[<RequireQualifiedAccess>]
module SystemTable =
    /// With and without deep supervision and CRF.
    let table1 (measured: ResultTable seq) = SystemTable.Table1 measured

    /// Against the published systems.
    let table2 (measured: ResultTable seq) = SystemTable.Table2 measured

    /// A row a system.
    let toMarkdown (table: SystemTable) = ResultText.ToMarkdown table

    /// All digits, a row a system.
    let toCsv (table: SystemTable) = ResultText.ToCsv table

    /// Rows with stable keys.
    let toJson (table: SystemTable) = ResultText.ToJson table

    /// A fragment of HTML.
    let toHtml (table: SystemTable) = ResultText.ToHtml table

/// Pictures of a mask on its CT, as PNG.
[<RequireQualifiedAccess>]
module Preview =
    /// Three planes with the mask's contour.
    let draw (image: Volume<Intensity>) (mask: Volume<bool>) = Preview.Draw(image, mask)

    /// Three planes with the contours of truth (green) and prediction (red).
    let drawBoth (image: Volume<Intensity>) (truth: Volume<bool>) (prediction: Volume<bool>) =
        Preview.Draw(image, prediction, truth)

    /// The worst axial slices, worst first.
    let drawWorst (image: Volume<Intensity>) (truth: Volume<bool>) (prediction: Volume<bool>) =
        Preview.DrawWorst(image, prediction, truth)

    /// The prediction's surface from three sides, coloured by its signed distance.
    let drawDistances (truth: Volume<bool>) (prediction: Volume<bool>) =
        Preview.DrawDistances(prediction, truth)

    /// The slices in which both differ most.
    let worstSlices count (truth: Volume<bool>) (prediction: Volume<bool>) =
        Preview.WorstSlices(prediction, truth, count) |> List.ofSeq

/// Small plots.
[<RequireQualifiedAccess>]
module Plots =
    /// Difference of volumes over their mean.
    let blandAltman table = Plots.BlandAltman table

    /// A measure of several systems.
    let boxPlot measure (tables: ResultTable seq) = Plots.BoxPlot(measure, tables)

    /// Lines over epochs or the like.
    let curves title xLabel yLabel (series: PlotSeries seq) =
        Plots.Curves(title, xLabel, yLabel, series)

    /// As PNG.
    let toPng (plot: Plot) = Plots.ToPng plot

    /// As SVG.
    let toSvg (plot: Plot) = Plots.ToSvg plot

/// What training runs came to.
[<RequireQualifiedAccess>]
module LearningCurves =
    /// The main path's loss over epochs.
    let loss (runs: LearningRun seq) = LearningCurves.Loss(Array.ofSeq runs)

    /// Validation error over epochs.
    let validationError (runs: LearningRun seq) =
        LearningCurves.ValidationError(Array.ofSeq runs)

    /// Each layer's gradient length over epochs, of one run.
    let layerGradients (run: LearningRun) = LearningCurves.LayerGradients run

    /// A page of plots.
    let page title (plots: Plot seq) =
        LearningCurves.Page(title, Array.ofSeq plots)

    /// The kernels of a model's first convolution, as PNG.
    let firstKernels (model: Model) = LearningCurves.FirstKernels model

    /// What a layer (`"conv1"`) makes of an axial slice, as PNG; 0 is the lowest slice, 1 the highest.
    let layerFeatures operation height (model: Model) (image: Volume<Intensity>) =
        LearningCurves.LayerFeatures(model, image, operation, height)

/// One page that needs no network, with its tables and pictures beside it.
[<RequireQualifiedAccess>]
module Report =
    /// Evaluates a case and draws its pictures.
    let case name (image: Volume<Intensity>) (truth: Volume<bool>) (prediction: Volume<bool>) =
        ReportCase.Of(name, image, prediction, truth, MetricsOptions.SLiver07)

    /// The page.
    let html title system comparisons figures (cases: ReportCase list) =
        Report.Html(title, system, cases, List.toArray comparisons, List.toArray figures)

    /// Writes the page, the tables and the pictures into a folder.
    let write folder title system comparisons figures (cases: ReportCase list) =
        Report.Write(folder, title, system, cases, List.toArray comparisons, List.toArray figures)

    /// One evaluation as one line of text.
    let line (e: Evaluation) = Report.Line e
