namespace LiverSeg.Functional

/// Networks as values: words to build them and readings of them.
[<RequireQualifiedAccess>]
module Layer =
    /// Layers in order; side outputs append. `seq []` changes nothing; associative.
    let seq (layers: Layer list) : Layer = Layer.Seq layers

    /// Says how many channels flow in; the first word of a network that sees more than the image.
    let input channels : Layer = Layer.Input channels

    /// A convolution with ReLU: features and kernel (x, y, z), "same" padding.
    let conv features (x, y, z) : Layer = Layer.Conv(features, Kernel(x, y, z))

    /// A convolution with instance normalisation and leaky ReLU.
    let normConv features (x, y, z) : Layer =
        Layer.Conv(features, Kernel(x, y, z), Activation = Activation.LeakyRelu, Normalization = Normalization.Instance)

    /// The maximum over cubes of n voxels per side.
    let pool n : Layer = Layer.Pool n

    /// A 3×3×3 deconvolution to `features` channels that makes the extent n times as large.
    let up features n : Layer = Layer.Up(features, n)

    /// One logit per class.
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

    /// Channels of what flows in.
    let channels (network: Layer) = network.Channels()

    /// How many numbers it learns.
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
    let summary (network: Layer) = network.Describe()

/// The words that networks are made of, to match on; apart from `Layer`, whose nested types have the same names.
[<RequireQualifiedAccess>]
module LayerPattern =
    /// A layer is one of these: a total match where C# needs a throwing arm. `Fixed` (input, pool, resize) learns nothing.
    let (|Conv|Up|Score|Fixed|Seq|Tap|Skip|) (layer: Layer) =
        match layer with
        | :? Layer.Conv as c -> Conv c
        | :? Layer.Up as u -> Up u
        | :? Layer.Score as s -> Score s
        | :? Layer.Seq as s -> Seq(List.ofSeq s.Layers)
        | :? Layer.Tap as t -> Tap(t.Name, t.Head)
        | :? Layer.Skip as s -> Skip s.Inner
        | other -> Fixed other

/// The networks that come with the library; `Architectures.Paper`, `.Cnn` and `.Normalized` are values of their own.
[<RequireQualifiedAccess>]
module Architectures =
    /// A compact encoder and decoder with skip connections and these features per level.
    let compact (widths: int list) = Architectures.Compact(widths)

    /// The network of a name: `compact`, `dsn`, `cnn` or `dsn-norm`.
    let named (name: string) = Architectures.Named name

    /// A network's name in tables: `3D-DSN` for `dsn`.
    let title (name: string) = Architectures.Title name

/// Starts of training.
[<RequireQualifiedAccess>]
module Weights =
    /// The paper's: N(0, deviation²), biases 0.
    let gaussian (seed: int64) (deviation: float) (network: Layer) =
        Weights.Gaussian(network, seed, deviation)

    /// He's: N(0, 2 / fan-in), biases 0.
    let he (seed: int64) (network: Layer) = Weights.He(network, seed)

/// Models for other programs.
[<RequireQualifiedAccess>]
module OnnxFile =
    /// Writes the model as ONNX (opset 17); an existing file is kept and an error thrown.
    let exportOnnx (path: string) (model: Model) = model.ExportOnnx path

    /// Writes the model as ONNX over whatever stands there.
    let replaceOnnx (path: string) (model: Model) =
        model.ExportOnnx(path, overwrite = true)
