namespace LiverSeg.Functional

open System

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

/// Slices with the liver's outline, its volume and "research only" in the pixels.
[<RequireQualifiedAccess>]
module Capture =
    /// Draws the slice of a number from 0 on, for `SecondaryCapture.write`.
    let drawer (note: string) (mask: Volume<bool>) (ct: Volume<Hu>) : int -> CapturedSlice =
        let draw = Capture.Drawer(ct, mask, note)
        draw.Invoke

/// A scan with its masks as one HTML page: three planes, 3-D, what each voxel says.
[<RequireQualifiedAccess>]
module Viewer =
    /// A scan alone; its title is the page's heading.
    let scene title (ct: Volume<Hu>) = ViewerScene.Of(title, ct)

    /// With one more mask; the first is compared with the truth.
    let withMask name (mask: Volume<bool>) (scene: ViewerScene) = scene.WithMask(name, mask)

    /// With the reference.
    let withTruth (truth: Volume<bool>) (scene: ViewerScene) = scene.WithTruth truth

    /// With a score map, whose values a click shows.
    let withProbability (scores: Volume<Probability>) (scene: ViewerScene) = scene.WithProbability scores

    /// With lines above the pictures.
    let withNotes (notes: string seq) (scene: ViewerScene) = scene.WithNotes notes

    /// The page, with at most 256 voxels along a side.
    let html (scene: ViewerScene) = ViewerPage.Html scene

    /// Writes the page; with `full`, every voxel.
    let write full overwrite path (scene: ViewerScene) =
        ViewerPage.Write(scene, path, full, overwrite)

    /// Opens the page in the browser and gives its file.
    let show (scene: ViewerScene) = ViewerPage.Show scene

    /// The page for a server of one's own, which it tells that it is still open.
    let served full (scene: ViewerScene) = ViewerPage.Served(scene, full)

/// Small plots.
[<RequireQualifiedAccess>]
module Plots =
    /// Difference of volumes over their mean.
    let blandAltman table = Plots.BlandAltman table

    /// A metric of several systems.
    let boxPlot metric (tables: ResultTable seq) = Plots.BoxPlot(metric, tables)

    /// Lines over epochs or the like.
    let curves title xLabel yLabel (series: PlotSeries seq) =
        Plots.Curves(title, xLabel, yLabel, series)

    /// Shares of liver over mean probabilities, of named sets of scores.
    let reliability title (scores: (string * System.Collections.Generic.IReadOnlyList<ReliabilityBin>) seq) =
        Plots.Reliability(title, scores |> Seq.map (fun (name, bins) -> struct (name, bins)))

    /// As PNG.
    let toPng (plot: Plot) = Plots.ToPng plot

    /// As SVG.
    let toSvg (plot: Plot) = Plots.ToSvg plot

/// One of them.
[<RequireQualifiedAccess>]
module Plot =
    /// Opens it in the browser and gives its page's file.
    let show (plot: Plot) = Plots.Show plot

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

/// The pictures of a study, in its folder.
[<RequireQualifiedAccess>]
module StudyPictures =
    /// Curves of the runs that have begun.
    let writeCurves (study: SupervisionStudy) = StudyPictures.WriteCurves study

    /// A run's first kernels and what they make of a slice, where they are not there yet.
    let writeLayers (warn: string -> unit) (study: SupervisionStudy) (run: StudyRun) =
        StudyPictures.WriteLayers(study, run, Action<string> warn)

/// Figures of the paper in its own layout, as PNG.
[<RequireQualifiedAccess>]
module PaperFigures =
    /// Fig. 2: learning curves, first kernels and first features of the runs of a start and seed.
    let figure2 start seed (study: SupervisionStudy) =
        PaperFigures.Figure2(study, start, seed)

    /// Fig. 3: three planes of each subject; a lazy sequence keeps one scan at a time.
    let figure3 (subjects: FigureSubject seq) = PaperFigures.Figure3 subjects

/// A cross-validation as one page.
[<RequireQualifiedAccess>]
module CrossValidationReport =
    /// Writes it over an earlier one; each case that is there has pictures and a viewer.
    let write folder (result: CrossValidationResult) (plan: CrossValidationPlan) =
        CrossValidationReport.Write(plan, result, folder)

    /// The same; hears of each case before it is drawn, and of what is odd about files.
    let writeWith
        (heard: CaseFile -> unit)
        (warn: string -> unit)
        folder
        (result: CrossValidationResult)
        (plan: CrossValidationPlan)
        =
        CrossValidationReport.Write(plan, result, folder, Action<CaseFile> heard, Action<string> warn)

/// One page that needs no network, with its tables and pictures beside it.
[<RequireQualifiedAccess>]
module Report =
    /// Evaluates a case and draws its pictures.
    let case name (image: Volume<Intensity>) (truth: Volume<bool>) (prediction: Volume<bool>) =
        ReportCase.Of(name, image, prediction, truth, MetricsOptions.SLiver07)

    /// A result with its pictures and its viewer, from its files; without them where the scan or the mask is not there.
    let ofFiles (warn: string -> unit) (files: PredictionFile) (result: CaseResult) =
        ReportCase.OfFiles(result, files, warn)

    /// With lines above the case's numbers, as what a mask is doubted for.
    let withNotes (notes: string seq) (case: ReportCase) = case.WithNotes notes

    /// With a page to look at the case, one click away.
    let withViewer (scene: ViewerScene) (case: ReportCase) = case.WithViewer scene

    /// The page.
    let html title system comparisons figures (cases: ReportCase list) =
        Report.Html(title, system, cases, List.toArray comparisons, List.toArray figures)

    /// Writes the page, the tables and the pictures into a folder.
    let write folder title system comparisons figures (cases: ReportCase list) =
        Report.Write(folder, title, system, cases, List.toArray comparisons, List.toArray figures)

    /// Writes them over whatever stands there.
    let replace folder title system comparisons figures (cases: ReportCase list) =
        Report.Write(folder, title, system, cases, List.toArray comparisons, List.toArray figures, overwrite = true)

    /// Opens the page in the browser and gives its file.
    let show title system (cases: ReportCase seq) =
        Report.Show(title, system, Array.ofSeq cases)

    /// One evaluation as one line of text.
    let line (e: Evaluation) = Report.Line e
