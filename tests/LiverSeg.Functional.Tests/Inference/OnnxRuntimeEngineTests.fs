module LiverSeg.Functional.Tests.OnnxRuntimeEngineTests

open System
open System.Collections.Generic
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

let private image seed (e: Extent) =
    let r = Random(seed: int)
    Volume.Init(Grid.Of(e, Spacing.Isotropic 3.), fun _ _ _ -> Intensity(float32 (r.NextDouble())))

let private engine = OnnxRuntimeEngine()
let private options = PredictOptions(Engine = engine, Threads = 2)

let private scores (v: Volume<Probability>) = v.Voxels.ToArray() |> Array.map _.Value

let private apart a b =
    Array.map2 (fun p q -> abs (p - q)) (scores a) (scores b) |> Array.max

/// The paper's topologies with random weights and a share of each branch, in small tiles.
let private started (network: Layer) =
    Model(
        network,
        Weights.He(network, 4L),
        Tile = Extent(24, 24, 16),
        Fusion = [| for t in network.Taps() -> TapWeight(t, 0.2) |]
    )

/// Lends what another engine does, after it has noted what was asked and changed what was said.
type private Between(change: IReadOnlyList<ReadOnlyMemory<float32>> -> IReadOnlyList<ReadOnlyMemory<float32>>, bytes) =
    member val Tasks = ResizeArray<EngineTask>()

    interface IEngine with
        member this.Lend(task, used) =
            this.Tasks.Add task
            let inner: IEngine = engine

            inner.Lend(
                task,
                fun run ->
                    used.Invoke(EngineNetwork(fun tile channels cancel -> change (run.Invoke(tile, channels, cancel))))
            )

        member _.TileBytes(_, _) = bytes

[<Tests>]
let tests =
    testSequenced
    <| testList
        "OnnxRuntimeEngine"
        [
            testCase "says what the library says, but for rounding: fused, main and branches"
            <| fun () ->
                for network in
                    [
                        tiny
                        Architectures.Paper
                        Architectures.Cnn
                        Architectures.Compact [| 2; 3; 4 |]
                    ] do
                    let model, ct = started network, image 3 (Extent(30, 26, 20))

                    let own, onnx =
                        ct.PredictAll(model, PredictOptions()), ct.PredictAll(model, options)

                    Expect.isLessThan (apart own.Fused onnx.Fused) 1e-4f "fused"
                    Expect.isLessThan (apart own.Main onnx.Main) 1e-4f "main"
                    Expect.equal onnx.Branches.Count (network.Taps().Count) "branches"

                    for struct (a, x), struct (b, y) in Seq.zip own.Branches onnx.Branches do
                        Expect.equal a b "taps in their order"
                        Expect.isLessThan (apart x y) 1e-4f a

                    Expect.isLessThan (apart own.Fused (ct.Predict(model, options))) 1e-4f "fused alone"
            testCase "a whole pipeline with the shipped models has the same mask"
            <| fun () ->
                let ct = unseen.Value.Ct

                let mask (options: PredictOptions) =
                    ct.Segment(coarseCascade.Value, PipelineOptions(Predict = options)).Mask

                let own = mask (PredictOptions())
                Expect.isGreaterThan (own.Count()) 1000L "a liver"
                Expect.isGreaterThanOrEqual (own.Evaluate(mask options)).Dice 0.9999 "Dice"
            testCase "equal input and threads give equal bytes, on several threads at once too"
            <| fun () ->
                let model, ct = started Architectures.Normalized, image 5 (Extent(30, 26, 20))
                let once = scores (ct.Predict(model, options))

                for again in Array.Parallel.init 4 (fun _ -> scores (ct.Predict(model, options))) do
                    Expect.equal again once "bytes"
            testCase "is asked for no branch that eq. 4 does not weigh"
            <| fun () ->
                let ct = image 5 (Extent(16, 16, 16))
                let noted = Between(id, 0L)
                let network = Architectures.Paper

                let model =
                    Model(
                        network,
                        Weights.He(network, 1L),
                        Fusion = [| TapWeight("after3", 0.); TapWeight("after6", 0.3) |]
                    )

                ct.Predict(model, PredictOptions(Engine = noted, Threads = 1)) |> ignore
                Expect.equal (List.ofSeq noted.Tasks[0].Taps) [ "after6" ] "the weighed one"
                Expect.equal noted.Tasks[0].Threads 1 "threads"
                ct.PredictAll(model, PredictOptions(Engine = noted)) |> ignore
                Expect.equal (List.ofSeq noted.Tasks[1].Taps) [ "after3"; "after6" ] "all"
                Expect.equal noted.Tasks[1].Threads Environment.ProcessorCount "all processors"
            testCase "an engine that says too little is named"
            <| fun () ->
                let cut = Between((fun logits -> [| for l in logits -> l.Slice 1 |]), 0L)

                let predict () =
                    (image 1 (Extent(8, 8, 8))).Predict(tinyModel 1L, PredictOptions(Engine = cut))
                    |> ignore

                Expect.throwsC predict (fun e ->
                    Expect.stringContains e.Message "Between" "who"
                    Expect.stringContains e.Message "1024" "what was expected")
            testCase "devices that are not its own, and libtorch's direct convolution, are refused"
            <| fun () ->
                let predict (options: PredictOptions) () =
                    (image 1 (Extent(8, 8, 8))).Predict(tinyModel 1L, options) |> ignore

                Expect.throwsC (predict (PredictOptions(Engine = engine, Device = Device.cuda 0))) (fun e ->
                    Expect.isTrue (e :? DeviceUnavailableException) "of the device"
                    Expect.stringContains e.Message "leave the engine out" "remedy")

                Expect.throwsT<ArgumentException>
                    (predict (PredictOptions(Engine = engine, DirectConvolution = true)))
                    "direct"
            testCase "stops within a tile when it is asked to"
            <| fun () ->
                let model = started Architectures.Paper
                let inner: IEngine = engine
                let e = Extent(160, 160, 96)
                let channels = Array.zeroCreate<float32>(int e.Count)

                inner.Lend(
                    EngineTask(model, [||], Device.Cpu, 1),
                    fun run ->
                        use cancel = new CancellationTokenSource(100)

                        Expect.throwsT<OperationCanceledException>
                            (fun () -> run.Invoke(e, ReadOnlyMemory channels, cancel.Token) |> ignore)
                            "a tile of seconds"
                )
            testCase "plans of memory ask it"
            <| fun () ->
                let ct = unseen.Value.Ct

                let planned (engine: IEngine) =
                    MemoryPlan.Of(ct.Grid, coarse.Value, MemoryPlanOptions(), engine).Bytes

                let far = 1L <<< 40
                Expect.equal (planned (Between(id, far)) - planned (Between(id, 0L))) far "its own estimate counts"
                Expect.isGreaterThan (planned engine) (planned (Between(id, 0L))) "it has one"
            testCase "neither assembly knows the other's native library"
            <| fun () ->
                let uses (t: Type) =
                    t.Assembly.GetReferencedAssemblies() |> Array.map _.Name

                Expect.contains (uses typeof<OnnxRuntimeEngine>) "Microsoft.ML.OnnxRuntime" "the engine's"

                Expect.isFalse
                    (Array.contains "TorchSharp" (uses typeof<OnnxRuntimeEngine>))
                    "no libtorch in the engine"

                Expect.isFalse
                    (Array.contains "Microsoft.ML.OnnxRuntime" (uses typeof<Grid>))
                    "no ONNX Runtime in the core"
        ]
