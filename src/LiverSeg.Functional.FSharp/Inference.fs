namespace LiverSeg.Functional

open System.Threading

/// Trained networks as values and files.
[<RequireQualifiedAccess>]
module Model =
    /// A network with its weights.
    let create (network: Layer) (weights: Weights) = Model(network, weights)

    /// The same network behind a coarser model: what that says is one more input channel, and where it sees nothing there is no liver.
    let guidedBy (guide: Model) (model: Model) = model.GuidedBy guide

    /// The same with other weights for what its guides say: the gate below which there is no liver, and their share of the result.
    let withGate gate guideShare (model: Model) = model.WithGate(gate, guideShare)

    /// The same whose scores become probabilities by another temperature; the mask stays as it is.
    let withTemperature temperature (model: Model) = model.WithTemperature temperature

    /// The same with other words on what is usual on the scans that it learned from, how sure it is of the livers that it finds and how bright they are; None where it was not measured.
    let withUsual (certainty: float option) (hu: UsualHu option) (model: Model) =
        model.WithUsual(Option.toNullable certainty, Option.toNullable hu)

    /// What looks first and knows of no other: several times as fast as the whole, less exact; a model of one stage is its own.
    let firstStage (model: Model) = model.FirstStage

    /// The device memory that applying it takes, in bytes: an estimate from its shapes.
    let deviceBytes (model: Model) = model.DeviceBytes()

    /// Whether libtorch is loaded to apply it on the CPU; the shipped default needs none.
    let needsLibtorch (model: Model) = model.NeedsLibtorch()

    /// The model in a file; throws `FileErrorException`.
    let load (path: string) = ModelFile.Load path

    /// The model in a file, or why not.
    let tryLoad (path: string) =
        match ModelFile.TryLoad path with
        | true, model, _ -> Ok model
        | _, _, error -> Error error

    /// Writes the model; an existing file is kept and an error thrown.
    let save (path: string) (model: Model) = model.Save path

    /// Writes the model over whatever stands there.
    let replace (path: string) (model: Model) = model.Save(path, overwrite = true)

    /// A network that has learned nothing, in He's start, for images at 3 mm.
    let untrained (network: Layer) (seed: int64) = Model.Untrained(network, seed)

    /// The same for images at another spacing.
    let untrainedAt (x: float<mm>, y: float<mm>, z: float<mm>) (network: Layer) (seed: int64) =
        Model.Untrained(network, seed, Spacing(float x, float y, float z))

    /// One line for the eye: parameters, taps, window, voxels.
    let describe (model: Model) = string model

    /// The fused liver probability (eq. 4) on the image's own grid.
    let predict (model: Model) (image: Volume<Intensity>) = image.Predict model

    /// The same with options.
    let predictWith (options: PredictOptions) (model: Model) (image: Volume<Intensity>) = image.Predict(model, options)

    /// The same until it is cancelled.
    let predictCancellable
        (cancel: CancellationToken)
        (options: PredictOptions)
        (model: Model)
        (image: Volume<Intensity>)
        =
        image.Predict(model, options, cancel)

    /// Main and side outputs' probabilities beside the fused one.
    let predictAll (options: PredictOptions) (model: Model) (image: Volume<Intensity>) =
        image.PredictAll(model, options)

/// The liver's box by a cheap pass.
[<RequireQualifiedAccess>]
module LiverRegion =
    /// The box, or the whole scan with the reason when in doubt.
    let find (options: RegionOptions) (finder: Model) (ct: Volume<Hu>) = ct.Find(finder, options)
