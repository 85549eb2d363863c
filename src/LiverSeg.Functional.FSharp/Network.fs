namespace LiverSeg.Functional

open System

/// Networks as values: words to build them and readings of them.
[<RequireQualifiedAccess>]
module Layer =
    /// Layers in order; side outputs append. `seq []` changes nothing; associative.
    let seq (layers: Layer list) : Layer = Layer.Seq layers

    /// A convolution with ReLU: features and kernel (x, y, z), "same" padding.
    let conv features (x, y, z) : Layer = Layer.Conv(features, Kernel(x, y, z))

    /// A convolution with instance normalisation and leaky ReLU.
    let normConv features (x, y, z) : Layer =
        Layer.Conv(features, Kernel(x, y, z), Activation = Activation.LeakyRelu, Normalization = Normalization.Instance)

    /// The maximum over cubes of n voxels a side.
    let pool n : Layer = Layer.Pool n

    /// A 3×3×3 deconvolution to `features` channels that makes the extent n times as large.
    let up features n : Layer = Layer.Up(features, n)

    /// One logit a class.
    let score classes : Layer = Layer.Score classes

    /// Trilinear enlargement by n.
    let resize n : Layer = Layer.Resize n

    /// Passes x on and emits what the head makes of it: deep supervision.
    let tap name (head: Layer list) : Layer = Layer.Tap(name, seq head)

    /// x beside what the inner layers make of it.
    let skip (inner: Layer list) : Layer = Layer.Skip(seq inner)

    /// Every operation at its place, for an input with these channels and extent.
    let operations (input: Shape) (network: Layer) = network.Operations input |> List.ofSeq

    /// The shape of the main output.
    let outputShape (input: Shape) (network: Layer) = network.OutputShape input

    /// Voxels of the input that one voxel of the main output sees.
    let receptiveField (input: Shape) (network: Layer) = network.ReceptiveField input

    /// How many numbers it learns from images with one channel.
    let parameters (network: Layer) = network.Parameters()

    /// Multiplications and additions of one forward pass.
    let multiplyAdds (input: Shape) (network: Layer) = network.MultiplyAdds input

    /// The names of the side outputs.
    let taps (network: Layer) = network.Taps() |> List.ofSeq

    /// Extents are multiples of this.
    let stride (network: Layer) = network.Stride()

    /// The network as a Markdown table.
    let table (input: Shape) (network: Layer) = network.Table input

    /// A few lines for the eye: parameters, stride, taps and a table.
    let glance (network: Layer) = network.Glance()

/// The words that networks are made of, to match on; apart from `Layer`, whose nested types have the same names.
[<RequireQualifiedAccess>]
module Word =
    /// A layer is one of these: a total match where C# needs a throwing arm. `Fixed` (pool, resize) learns nothing.
    let (|Conv|Up|Score|Fixed|Seq|Tap|Skip|) (layer: Layer) =
        match layer with
        | :? Layer.Conv as c -> Conv c
        | :? Layer.Up as u -> Up u
        | :? Layer.Score as s -> Score s
        | :? Layer.Seq as s -> Seq(List.ofSeq s.Layers)
        | :? Layer.Tap as t -> Tap(t.Name, t.Head)
        | :? Layer.Skip as s -> Skip s.Inner
        | other -> Fixed other

/// Starts of training.
[<RequireQualifiedAccess>]
module Weights =
    /// The paper's: N(0, deviation²), biases 0.
    let gaussian (seed: int64) (deviation: float) (network: Layer) =
        Weights.Gaussian(network, seed, deviation)

    /// He's: N(0, 2 / fan-in), biases 0.
    let he (seed: int64) (network: Layer) = Weights.He(network, seed)

/// Trained networks as values and files.
[<RequireQualifiedAccess>]
module Model =
    /// A network with its weights.
    let create (network: Layer) (weights: Weights) = Model(network, weights)

    /// The model in a file; throws `VolumeFileException`.
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

    /// One line for the eye: parameters, taps, window, voxels.
    let glance (model: Model) = string model

/// The 3D deeply supervised network.
[<RequireQualifiedAccess>]
module Dsn =
    /// A compact encoder and decoder with skip connections and these features a level.
    let compact (widths: int list) = Dsn.Compact(widths)

    /// The fused liver probability (eq. 4) on the image's own grid.
    let predict (model: Model) (image: Volume<Intensity>) = image.Predict model

    /// The same with options.
    let predictWith (options: PredictOptions) (model: Model) (image: Volume<Intensity>) = image.Predict(model, options)

    /// Main and branch probabilities beside the fused one.
    let predictAll (options: PredictOptions) (model: Model) (image: Volume<Intensity>) =
        image.PredictAll(model, options)

/// Learning from cases.
[<RequireQualifiedAccess>]
module Training =
    /// A case ready for training, from a windowed image and a mask on one grid.
    let case (id: string) (image: Volume<Intensity>) (truth: Volume<bool>) = TrainingCase(id, image, truth)

    /// A scan and its mask as the model wants them: windowed, upright, at the model's spacing.
    let prepare (model: Model) (id: string) (ct: Volume<Hu>) (liver: Volume<bool>) =
        TrainingCase.Prepare(id, ct, liver, model)

    /// Learns; `progress` hears of every epoch.
    let fit (options: TrainingOptions) (progress: EpochRecord -> unit) (cases: TrainingCase list) (model: Model) =
        Training.Fit(model, cases, options, progress = Action<EpochRecord> progress)

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

/// Cases in folders as they are published.
[<RequireQualifiedAccess>]
module CaseFolder =
    /// The cases of a folder in one of the known layouts.
    let find (folder: string) = CaseFolder.Find folder

    /// Whether a case can be learned from, and what is odd.
    let check (case: CaseFile) = CaseFolder.Check case

/// The native library that networks run on.
[<RequireQualifiedAccess>]
module Runtime =
    /// Begins to load it on another thread and returns at once: for programs that first read a scan.
    let ``begin`` () = Runtime.Begin()

    /// Loads it and says what was found and done; every function that needs it does so by itself.
    let load () = Runtime.Load()
