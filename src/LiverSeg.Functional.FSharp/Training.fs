namespace LiverSeg.Functional

open System
open System.Threading

/// Learning from cases.
[<RequireQualifiedAccess>]
module Training =
    /// A case ready for training, from a windowed image and a mask on one grid.
    let case (id: string) (image: Volume<Intensity>) (truth: Volume<bool>) = TrainingCase(id, image, truth)

    /// A scan and its mask as the model wants them: windowed, upright, at the model's spacing.
    let prepare (model: Model) (id: string) (ct: Volume<Hu>) (liver: Volume<bool>) =
        TrainingCase.Prepare(id, ct, liver, model)

    /// The device memory that learning takes, in bytes: an estimate from the network's shapes.
    let deviceBytes (options: TrainingOptions) (model: Model) = Training.DeviceBytes(model, options)

    /// Learns; `progress` hears of every epoch.
    let fit (options: TrainingOptions) (progress: EpochRecord -> unit) (cases: TrainingCase list) (model: Model) =
        Training.Fit(model, cases, options, progress = Action<EpochRecord> progress)

    /// The same with cases to score now and then, checkpoints to keep and go on from, and until it is cancelled: the state is saved then.
    let fitWith
        (validation: TrainingCase list)
        (checkpoints: CheckpointFolder option)
        (cancel: CancellationToken)
        (options: TrainingOptions)
        (progress: EpochRecord -> unit)
        (cases: TrainingCase list)
        (model: Model)
        =
        Training.Fit(model, cases, options, validation, Action<EpochRecord> progress, Option.toObj checkpoints, cancel)

/// What is usual on the scans that a model learned from.
[<RequireQualifiedAccess>]
module LearnedScans =
    /// How sure it is of the livers that it finds there, on eight scans at most; None where it finds none.
    let certainty (cases: TrainingCase list) (model: Model) =
        LearnedScans.Certainty(model, cases) |> Option.ofNullable

    /// How bright the livers are; None without any.
    let hu (cases: TrainingCase list) (model: Model) =
        LearnedScans.Hu(model, cases) |> Option.ofNullable

/// Prepared cases in a folder, so that they are prepared once and not before every training.
[<RequireQualifiedAccess>]
module CaseCache =
    /// The prepared case, from the folder where it is there; else made and kept.
    let prepare (cache: CaseCache) (model: Model) (case: CaseFile) = cache.Prepare(case, model)

/// What a training came to, epoch by epoch, as a file.
[<RequireQualifiedAccess>]
module TrainingHistory =
    /// The line of an epoch, with the most memory that the process held in MiB.
    let line (peakMib: int64) (epoch: EpochRecord) = TrainingHistory.Line(epoch, peakMib)

    /// The epochs of a file.
    let read (path: string) = TrainingHistory.Read path |> List.ofSeq

/// Recipes by name: options, network, voxel spacing and start.
[<RequireQualifiedAccess>]
module TrainingPreset =
    /// `paper`, `practical` or `smoke`.
    let named (name: string) = TrainingPreset.Named name

    /// The model that a run of the recipe starts from.
    let untrained (preset: TrainingPreset) = preset.Untrained()

/// Whole trainings, from case files to a model file: `TrainingRun(TrainingPreset.Practical, cases, Output = "liver.safetensors")`.
[<RequireQualifiedAccess>]
module TrainingRun =
    /// Prepares, learns, keeps history and checkpoints, writes the model; `progress` hears of every epoch.
    let execute (progress: EpochRecord -> unit) (run: TrainingRun) =
        run.Execute(Action<EpochRecord> progress)

    /// The same with listeners for what is odd and for each case that is prepared, until it is cancelled.
    let executeWith
        (warn: string -> unit)
        (note: string -> unit)
        (cancel: CancellationToken)
        (progress: EpochRecord -> unit)
        (run: TrainingRun)
        =
        run.Execute(Action<EpochRecord> progress, Action<string> warn, Action<string> note, cancel)
