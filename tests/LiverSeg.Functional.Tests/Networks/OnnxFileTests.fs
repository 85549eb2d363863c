module LiverSeg.Functional.Tests.OnnxFileTests

open System
open System.IO
open Expecto
open Microsoft.ML.OnnxRuntime
open Microsoft.ML.OnnxRuntime.Tensors
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

let private encode (model: Model) =
    use stream = new MemoryStream()
    OnnxFile.Write(model, stream)
    stream.ToArray()

/// Every output of the exported model by name, computed by ONNX Runtime.
let private run (model: Model) (e: Extent) (values: float32[]) =
    use options = new SessionOptions(IntraOpNumThreads = 1)
    use session = new InferenceSession(encode model, options)

    let image =
        DenseTensor<float32>(Memory values, ReadOnlySpan [| 1; model.Network.Channels(); e.Z; e.Y; e.X |])

    use results = session.Run [ NamedOnnxValue.CreateFromTensor("image", image) ]
    dict [ for r in results -> r.Name, Seq.toArray (r.AsTensor<float32>()) ]

/// The largest difference, over the largest of the expected numbers.
let private relative (expected: float32[]) (actual: float32[]) =
    Expect.equal actual.Length expected.Length "numbers"
    let largest = expected |> Array.map abs |> Array.max |> float

    Array.map2 (fun a b -> abs (float a - float b)) expected actual
    |> Array.max
    |> (fun d -> d / largest)

let private agrees (model: Model) (e: Extent) =
    TorchRuntime.Ensure() |> ignore
    use scope = torch.NewDisposeScope()
    let random = Random 5
    let channels = model.Network.Channels()

    let values =
        Array.init (channels * int e.Count) (fun _ -> float32 (random.NextDouble()))

    let input =
        torch.tensor (values, ReadOnlySpan [| 1L; int64 channels; int64 e.Z; int64 e.Y; int64 e.X |])

    let ours =
        TorchForward.Forward(model.Network, TorchForward.Tensors(model.Weights, Placement.Cpu), input)

    let theirs = run model e values
    Expect.isLessThan (relative (TorchForward.Floats ours.Main) theirs["logits"]) 1e-4 "main output"

    for struct (name, logits) in ours.Taps do
        Expect.isLessThan (relative (TorchForward.Floats logits) theirs["logits." + name]) 1e-4 name

    let tau name =
        model.Fusion
        |> Seq.tryFind (fun f -> f.Tap = name)
        |> Option.map _.Tau
        |> Option.defaultValue 0.

    let liver (logits: torch.Tensor) =
        TorchForward.Floats(torch.nn.functional.softmax(logits, 1L).narrow(1L, 1L, 1L))
        |> Array.map float

    let main = 1. - (model.Fusion |> Seq.sumBy _.Tau)

    let fused =
        ours.Taps
        |> Seq.fold
            (fun sum struct (name, logits) -> Array.map2 (fun s p -> s + tau name * p) sum (liver logits))
            (liver ours.Main |> Array.map ((*) main))

    Expect.isLessThan (relative (Array.map float32 fused) theirs["liver"]) 1e-4 "fused probability"

let private started (network: Layer) =
    Model(network, Weights.He(network, 4L), Fusion = [| for t in network.Taps() -> TapWeight(t, 0.2) |])

[<Tests>]
let tests =
    testSequenced
    <| testList
        "OnnxFile"
        [
            testCase "ONNX Runtime computes what we compute: all words, small"
            <| fun () ->
                agrees (tinyModel 3L) (Extent(8, 12, 16))
                agrees (started (Architectures.Compact [| 2; 3; 4 |])) (Extent(8, 12, 16))
            testCase "ONNX Runtime computes what we compute: factor 3, other activations"
            <| fun () ->
                let network: Layer =
                    Layer.Seq
                        [
                            Layer.Conv(2, Kernel(5, 3, 1), Activation = Activation.None) :> Layer
                            Layer.Pool 3
                            Layer.Tap("third", Layer.Seq [ Layer.Score 2 :> Layer; Layer.Resize 3 ])
                            Layer.Up(3, 3, Activation = Activation.Relu)
                            Layer.Skip(Layer.Conv(2, Kernel.Cube 3, Activation = Activation.LeakyRelu))
                            Layer.Score 2
                        ]

                agrees (started network) (Extent(9, 6, 12))
            testCase "ONNX Runtime computes what we compute: the paper's network and its kin"
            <| fun () ->
                for network in [ Architectures.Paper; Architectures.Cnn; Architectures.Normalized ] do
                    agrees (started network) (Extent(24, 20, 16))
            testCase "ONNX Runtime computes what we compute: both stages of the model that ships"
            <| fun () ->
                for stage in [ Pretrained.Liver; Pretrained.Liver.FirstStage ] do
                    agrees stage (Extent(32, 40, 24))
            testCase "equal models give equal bytes, and the metadata name the weights"
            <| fun () ->
                Expect.equal (encode (tinyModel 1L)) (encode (tinyModel 1L)) "bytes"
                use session = new InferenceSession(encode (tinyModel 1L))
                let facts = session.ModelMetadata.CustomMetadataMap
                Expect.equal facts["weights_sha256"] (tinyModel 1L).Weights.Hash "hash"
                Expect.equal facts["window"] "-160 240" "window"
            testCase "an existing file is kept"
            <| fun () ->
                let path = Path.GetTempFileName()

                try
                    Expect.throwsT<FileErrorException> (fun () -> (tinyModel 1L).ExportOnnx path) "refused"
                    Expect.equal (FileInfo path).Length 0L "kept"
                finally
                    File.Delete path
        ]
