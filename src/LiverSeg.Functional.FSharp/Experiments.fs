namespace LiverSeg.Functional

open System
open System.Threading

/// Leave one patient out.
[<RequireQualifiedAccess>]
module CrossValidation =
    /// A fold for each patient; the first list is learned from in every fold.
    let folds (always: CaseFile list) (cases: CaseFile list) =
        CrossValidation.Folds(cases, always) |> List.ofSeq

    /// The folds and all that they need, checked before the long run; nothing is made.
    let plan (options: CrossValidationOptions) (always: CaseFile list) (cases: CaseFile list) =
        CrossValidation.Plan(cases, always, options)

    /// One fold's model, score maps and masks, those that are not there yet.
    let runFold (progress: FoldProgress -> unit) (network: string) (fold: PatientFold) (plan: CrossValidationPlan) =
        CrossValidation.RunFold(plan, network, fold, Action<FoldProgress> progress)

    /// The same with a listener for what is odd, until it is cancelled.
    let runFoldWith
        (warn: string -> unit)
        (cancel: CancellationToken)
        (progress: FoldProgress -> unit)
        (network: string)
        (fold: PatientFold)
        (plan: CrossValidationPlan)
        =
        CrossValidation.RunFold(plan, network, fold, Action<FoldProgress> progress, Action<string> warn, cancel)

    /// All chosen folds of all networks, then the tables.
    let run (progress: FoldProgress -> unit) (plan: CrossValidationPlan) =
        CrossValidation.Run(plan, Action<FoldProgress> progress)

    /// The same with a listener for what is odd, until it is cancelled.
    let runWith
        (warn: string -> unit)
        (cancel: CancellationToken)
        (progress: FoldProgress -> unit)
        (plan: CrossValidationPlan)
        =
        CrossValidation.Run(plan, Action<FoldProgress> progress, Action<string> warn, cancel)

    /// The tables of the folds that are there, as values and as files.
    let merge (plan: CrossValidationPlan) = CrossValidation.Merge plan

    /// The same with a listener for what is odd about files.
    let mergeWith (warn: string -> unit) (plan: CrossValidationPlan) =
        CrossValidation.Merge(plan, Action<string> warn)

/// What happens in a fold, to match on; apart from `FoldProgress`, whose nested types have the same names.
[<RequireQualifiedAccess>]
module FoldPattern =
    /// A total match where C# needs a throwing arm.
    let (|Started|Prepared|Learned|Trained|Predicted|) (progress: FoldProgress) =
        match progress with
        | :? FoldProgress.Prepared as p -> Prepared p.Text
        | :? FoldProgress.Learned as l -> Learned l.Epoch
        | :? FoldProgress.Trained as t -> Trained t.Model
        | :? FoldProgress.Predicted as p -> Predicted p.Case
        | _ -> Started

/// How the paper's network learns with deep supervision and without.
[<RequireQualifiedAccess>]
module SupervisionStudy =
    /// All runs in their order.
    let runs (study: SupervisionStudy) = study.Runs |> List.ofSeq

    /// Makes the runs that are not there and gives the tables; `finished` hears of each run and whether it was made now.
    let execute (finished: StudyRun -> bool -> unit) (study: SupervisionStudy) =
        study.Execute(Action<StudyRun, bool>(fun run made -> finished run made))

    /// The same with listeners for what is odd and for each case that is prepared, until it is cancelled.
    let executeWith
        (warn: string -> unit)
        (note: string -> unit)
        (cancel: CancellationToken)
        (finished: StudyRun -> bool -> unit)
        (study: SupervisionStudy)
        =
        study.Execute(
            Action<StudyRun, bool>(fun run made -> finished run made),
            Action<string> warn,
            Action<string> note,
            cancel
        )

    /// The histories of the runs that have begun.
    let histories (study: SupervisionStudy) =
        study.Histories()
        |> Seq.map (fun struct (run, history) -> run, history)
        |> List.ofSeq

    /// What they come to, as Markdown.
    let tables (study: SupervisionStudy) = study.Tables()

/// Cases to tune the CRF on.
[<RequireQualifiedAccess>]
module CrfCase =
    /// The case in files, with the score map that its row names, else with what the model says.
    let load (options: PredictOptions) (model: Model) (file: CaseFile) = CrfCase.Load(file, model, options)

    /// The same with a listener for what is odd, until it is cancelled.
    let loadWith
        (warn: string -> unit)
        (cancel: CancellationToken)
        (options: PredictOptions)
        (model: Model)
        (file: CaseFile)
        =
        CrfCase.Load(file, model, options, Action<string> warn, cancel)

    /// The case on each n-th transverse slice.
    let everySlice n (case: CrfCase) = case.EverySlice n

/// Looks for weights and lengths of the CRF on cases whose score maps were made once.
[<RequireQualifiedAccess>]
module CrfSearch =
    /// One parameter after the other; the trials grow.
    let coordinate (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Coordinate(cases, options, trials)

    /// The same with a listener that hears the best so far, and until it is cancelled.
    let coordinateWith
        (progress: CrfChoice -> unit)
        (cancel: CancellationToken)
        (options: CrfSearchOptions)
        (trials: CrfTrials)
        (cases: CrfCase list)
        =
        CrfSearch.Coordinate(cases, options, trials, Action<CrfChoice> progress, cancel)

    /// Every combination, with a listener and until it is cancelled.
    let gridWith
        (progress: CrfChoice -> unit)
        (cancel: CancellationToken)
        (options: CrfSearchOptions)
        (trials: CrfTrials)
        (cases: CrfCase list)
        =
        CrfSearch.Grid(cases, options, trials, Action<CrfChoice> progress, cancel)

    /// For each patient a search on all others, with a listener and until it is cancelled.
    let nestedWith
        (progress: CrfChoice -> unit)
        (cancel: CancellationToken)
        (options: CrfSearchOptions)
        (trials: CrfTrials)
        (cases: CrfCase list)
        =
        CrfSearch.Nested(cases, options, trials, Action<CrfChoice> progress, cancel)
        |> List.ofSeq

    /// Every combination.
    let grid (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Grid(cases, options, trials)

    /// For each patient a search on all others.
    let nested (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Nested(cases, options, trials) |> List.ofSeq

    /// What a setting is worth on one case.
    let value (options: CrfSearchOptions) (setting: CrfSetting) (case: CrfCase) =
        CrfSearch.Value(case, setting, options)

/// Systems side by side, published rows marked.
[<RequireQualifiedAccess>]
module PaperTable =
    /// With and without deep supervision and CRF.
    let table1 (measured: ResultTable seq) = PaperTable.Table1 measured

    /// Against the published systems.
    let table2 (measured: ResultTable seq) = PaperTable.Table2 measured

    /// A row per system.
    let toMarkdown (table: PaperTable) = TableText.ToMarkdown table

    /// All digits, a row per system.
    let toCsv (table: PaperTable) = TableText.ToCsv table

    /// Rows with stable keys.
    let toJson (table: PaperTable) = TableText.ToJson table

    /// A fragment of HTML.
    let toHtml (table: PaperTable) = TableText.ToHtml table
