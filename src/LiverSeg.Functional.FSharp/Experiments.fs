namespace LiverSeg.Functional

/// Leave one patient out.
[<RequireQualifiedAccess>]
module CrossValidation =
    /// A fold a patient; the first list is learned from in every fold.
    let folds (always: CaseFile list) (cases: CaseFile list) =
        CrossValidation.Folds(cases, always) |> List.ofSeq

/// Looks for weights and lengths of the CRF on cases whose score maps were made once.
[<RequireQualifiedAccess>]
module CrfSearch =
    /// One parameter after the other; the trials grow.
    let coordinate (options: CrfSearchOptions) (trials: CrfTrials) (cases: CrfCase list) =
        CrfSearch.Coordinate(cases, options, trials)

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

    /// A row a system.
    let toMarkdown (table: PaperTable) = TableText.ToMarkdown table

    /// All digits, a row a system.
    let toCsv (table: PaperTable) = TableText.ToCsv table

    /// Rows with stable keys.
    let toJson (table: PaperTable) = TableText.ToJson table

    /// A fragment of HTML.
    let toHtml (table: PaperTable) = TableText.ToHtml table
