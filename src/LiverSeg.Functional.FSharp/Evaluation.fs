namespace LiverSeg.Functional

open System

/// Compares a predicted mask with the true one.
[<RequireQualifiedAccess>]
module Metrics =
    /// All measures in the SLiver07 definitions, of the prediction against the truth.
    let evaluate (truth: Volume<bool>) (prediction: Volume<bool>) = Metrics.Evaluate(prediction, truth)

    /// All measures in other definitions.
    let evaluateWith options (truth: Volume<bool>) (prediction: Volume<bool>) =
        Metrics.Evaluate(prediction, truth, options)

    /// All measures of a mask in a file against the true one in another on the same lattice; throws `FileErrorException`.
    let ofFiles options (warn: string -> unit) (label: MaskLabel) (truth: string) (prediction: string) =
        Metrics.OfFiles(prediction, truth, options, warn, label)

    /// What was counted and measured once, for readings of one's own.
    let compare options (truth: Volume<bool>) (prediction: Volume<bool>) =
        Metrics.Compare(prediction, truth, options)

/// Readings of the distances between two surfaces; none where a mask has no border.
[<RequireQualifiedAccess>]
module SurfaceDistances =
    let private mm (length: System.Nullable<Mm>) =
        length |> Option.ofNullable |> Option.map (fun m -> m.Value * 1.<mm>)

    /// Average symmetric surface distance.
    let mean (distances: SurfaceDistances) = mm distances.Mean

    /// Root mean square symmetric surface distance.
    let rootMeanSquare (distances: SurfaceDistances) = mm distances.RootMeanSquare

    /// Maximum symmetric surface distance.
    let maximum (distances: SurfaceDistances) = mm distances.Maximum

    /// A percentile (0 to 100) in a named definition.
    let percentile definition percent (distances: SurfaceDistances) =
        distances.Percentile(percent, definition) |> mm

    /// The part of both surfaces within a tolerance of the other.
    let surfaceDice (tolerance: float<mm>) (distances: SurfaceDistances) =
        distances.SurfaceDice(float tolerance) |> Option.ofNullable

/// An evaluation's absent values as options, and its JSON.
[<RequireQualifiedAccess>]
module Evaluation =
    let private mm (length: System.Nullable<Mm>) =
        length |> Option.ofNullable |> Option.map (fun m -> m.Value * 1.<mm>)

    /// Signed relative volume difference in percent.
    let rvd (e: Evaluation) = Option.ofNullable e.RvdPercent

    /// Average symmetric surface distance.
    let asd (e: Evaluation) = mm e.AsdMm

    /// Root mean square symmetric surface distance.
    let rmsd (e: Evaluation) = mm e.RmsdMm

    /// Maximum symmetric surface distance.
    let msd (e: Evaluation) = mm e.MsdMm

    /// 95th percentile of the surface distances.
    let hd95 (e: Evaluation) = mm e.Hd95Mm

    /// Stable keys, null for what is absent.
    let toJson (e: Evaluation) = EvaluationJson.ToJson e

/// SLiver07 points.
[<RequireQualifiedAccess>]
module ChallengeScore =
    /// The points of five errors; an absent one scores 0.
    let ofErrors voe rvd (asd: float<mm> option) (rmsd: float<mm> option) (msd: float<mm> option) =
        let mm = Option.map (fun (v: float<mm>) -> Mm(float v)) >> Option.toNullable
        ChallengeScore.Of(Option.toNullable voe, Option.toNullable rvd, mm asd, mm rmsd, mm msd)

/// What lies under a mask.
[<RequireQualifiedAccess>]
module Statistics =
    /// Volume, densities, extent and cut-off sides of a mask on its CT.
    let describe (ct: Volume<Hu>) (mask: Volume<bool>) = Statistics.Describe(ct, mask)

    /// Stable keys, null for what is absent.
    let toJson (s: MaskStatistics) = EvaluationJson.ToJson s

/// What became of a case.
[<RequireQualifiedAccess>]
module CaseResult =
    /// A case that was evaluated.
    let ofEvaluation name evaluation = CaseResult.Of(name, evaluation)

    /// The case of a predicted and a true mask in files; one that cannot be read or compared has failed.
    let ofFiles (options: MetricsOptions) (warn: string -> unit) (files: PredictionFile) =
        CaseResult.OfFiles(files.Id, files.Prediction, files.Truth, options, Action<string> warn, files.Label)

    /// A case that could not be evaluated, and why.
    let failed name reason = CaseResult.Failed(name, reason)

    /// A metric; none when the case failed or has no value.
    let value (metric: Metric) (case: CaseResult) = case.Value metric |> Option.ofNullable

    /// A case has its evaluation or a reason why not.
    let (|Scored|Failed|) (case: CaseResult) =
        if case.Scored then
            Scored case.Evaluation
        else
            Failed case.Failure

/// A row per case, and what they sum up to.
[<RequireQualifiedAccess>]
module ResultTable =
    /// The table of a system.
    let ofCases system (cases: CaseResult seq) = ResultTable.Of(system, cases)

    /// A metric over all cases; none when no case has it.
    let summarise (metric: Metric) (table: ResultTable) =
        table.Summarise metric |> Option.ofNullable

    /// Whether two systems differ in a metric on the cases that both have: Wilcoxon's signed-rank test.
    let compare metric first second = Wilcoxon.Compare(first, second, metric)

    /// A row per case, then the summary.
    let toMarkdown (table: ResultTable) = TableText.ToMarkdown table

    /// All digits, a row per case.
    let toCsv (table: ResultTable) = TableText.ToCsv table

    /// Cases and summary with stable keys.
    let toJson (table: ResultTable) = TableText.ToJson table

    /// A fragment of HTML.
    let toHtml (table: ResultTable) = TableText.ToHtml table

/// How many voxels of each score are liver: what calibration asks of a case.
[<RequireQualifiedAccess>]
module ScoreCounts =
    /// The counts of a case: of all voxels with a score of 0.001 or more.
    let ofScores (truth: Volume<bool>) (scores: Volume<Probability>) = ScoreCounts.Of(scores, truth)

    /// The same of all voxels with another least score.
    let ofScoresAbove least (truth: Volume<bool>) (scores: Volume<Probability>) = ScoreCounts.Of(scores, truth, least)

    /// Cases together.
    let sum (cases: ScoreCounts seq) =
        cases |> Seq.fold (fun (a: ScoreCounts) b -> a.Plus b) ScoreCounts.None

    /// The reliability diagram: of voxels with about the same probability, which share is liver.
    let reliability bins (counts: ScoreCounts) = counts.Reliability(bins = bins)

    /// The same with logits divided by a temperature.
    let reliabilityAt temperature bins (counts: ScoreCounts) = counts.Reliability(temperature, bins)

    /// The expected calibration error over 15 intervals.
    let calibrationError (counts: ScoreCounts) = counts.CalibrationError()

    /// The same with logits divided by a temperature.
    let calibrationErrorAt temperature (counts: ScoreCounts) = counts.CalibrationError temperature

    /// The mean log loss.
    let logLoss (counts: ScoreCounts) = counts.LogLoss()

    /// The same with logits divided by a temperature.
    let logLossAt temperature (counts: ScoreCounts) = counts.LogLoss temperature

/// One number that logits are divided by, so that probabilities are calibrated.
[<RequireQualifiedAccess>]
module Temperature =
    /// The temperature with the least mean log loss over cases that each count alike.
    let fit (cases: ScoreCounts seq) = Temperature.Fit cases

    /// For each case, given as its patient and counts, the temperature fitted on all other patients; None where there is no other with voxels.
    let fitOnOthers (cases: (string * ScoreCounts) list) =
        Temperature.FitOnOthers [| for patient, counts in cases -> struct (patient, counts) |]
        |> Seq.map Option.ofNullable
        |> List.ofSeq

    /// The scores with their logits divided by a temperature.
    let tempered temperature (scores: Volume<Probability>) = scores.Tempered temperature
