namespace LiverSeg.Functional

/// Compares a predicted mask with the true one.
[<RequireQualifiedAccess>]
module Metrics =
    /// All measures in the SLiver07 definitions, of the prediction against the truth.
    let evaluate (truth: Volume<bool>) (prediction: Volume<bool>) = Metrics.Evaluate(prediction, truth)

    /// All measures in other definitions.
    let evaluateWith options (truth: Volume<bool>) (prediction: Volume<bool>) =
        Metrics.Evaluate(prediction, truth, options)

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
    let within (tolerance: float<mm>) (distances: SurfaceDistances) =
        distances.Within(float tolerance) |> Option.ofNullable

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
