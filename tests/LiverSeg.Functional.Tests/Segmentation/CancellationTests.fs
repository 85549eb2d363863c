/// Long work stops when it is asked to, at any moment, and leaves nothing behind.
module LiverSeg.Functional.Tests.CancellationTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open TorchSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models

let private scan =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 12L, Spacing = Spacing(5., 5., 9.))))

/// The work once whole, then stopped at moments drawn over its length and once before it begins. Whether stopped or not: no tensor is left, and no
/// thread goes on.
let private stopped (work: (unit -> unit) -> CancellationToken -> 'T) =
    let clock = Stopwatch.StartNew()
    let whole = work ignore CancellationToken.None
    let length = clock.Elapsed
    let random = Random 2016
    let tensors = torch.Tensor.TotalCount
    let mutable stops = 0

    for share in 0. :: List.init 4 (fun _ -> random.NextDouble()) do
        use source = new CancellationTokenSource()

        if share = 0. then
            source.Cancel()
        else
            source.CancelAfter(length * share)

        let heard = [| 0 |]

        let hear () =
            Interlocked.Increment(&heard[0]) |> ignore

        try
            Expect.equal (work hear source.Token) whole "not stopped in time: the same result"
        with :? OperationCanceledException ->
            stops <- stops + 1

        let last = Volatile.Read(&heard[0])
        Thread.Sleep 30
        Expect.equal (Volatile.Read(&heard[0])) last "no thread goes on"
        Expect.equal torch.Tensor.TotalCount tensors "no tensor is left"

    Expect.isGreaterThan stops 0 "stopped before it began, at least"

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cancellation"
        [
            testCase "a series, read"
            <| fun () ->
                withFolder (fun folder ->
                    DicomFixture.series DicomFixture.ExplicitLittle scan.Value.Ct folder |> ignore

                    stopped (fun hear cancel ->
                        hear ()
                        VolumeFile.Open(folder, DicomOptions(), ignore, cancel).Read(ignore, cancel)))
            testCase "a packed file, read"
            <| fun () ->
                inFolder (fun path ->
                    scan.Value.Ct.Write(path "ct.nii.gz")
                    stopped (fun _ cancel -> (VolumeFile.Open(path "ct.nii.gz")).Read(ignore, cancel)))
            testCase "a network's scores"
            <| fun () ->
                let image = scan.Value.Ct |> Hounsfield.windowed Window.Liver

                stopped (fun hear cancel ->
                    let options = PredictOptions(Progress = fun _ _ -> hear ())
                    image |> Model.predictCancellable cancel options coarse.Value)
            testCase "a CRF, by slices and over the volume"
            <| fun () ->
                let ct = scan.Value.Ct |> Volume.crop (Region(10, 10, 10, Extent(24, 20, 8)))
                let image = ct |> Hounsfield.windowed Window.Liver

                let scores =
                    ct |> Volume.map (fun hu -> Probability(if hu.Value > 60f then 0.7f else 0.3f))

                for reach in [ CrfRange.TransverseSlice; CrfRange.Volume ] do
                    let options = CrfOptions.Shipped.With(reach = reach, iterations = 4)
                    stopped (fun hear cancel -> scores |> Crf.refineWith (fun _ _ -> hear ()) cancel options image)
            testCase "a scan from file to mask, whole and in slabs"
            <| fun () ->
                inFolder (fun path ->
                    scan.Value.Ct.Write(path "ct.nii")
                    let source, options = VolumeFile.Open(path "ct.nii"), PipelineOptions()

                    let whole =
                        source |> ScanSegmentation.plan (MemoryPlanOptions()) options coarse.Value

                    for slices, keep in [ 0, false; 5, false; 5, true ] do
                        let plan = MemoryPlan(slices, whole.Tile, 0L, 0L, 0L, 0L, KeepSlabs = keep)

                        stopped (fun hear cancel ->
                            (source
                             |> ScanSegmentation.runWith (fun _ -> hear ()) cancel plan options coarse.Value)
                                .Mask))
            testCase "a search for CRF settings, whose trials stay whole"
            <| fun () ->
                inFolder (fun path ->
                    let p = scan.Value

                    let scores =
                        p.Liver |> Volume.map (fun inside -> Probability(if inside then 0.8f else 0.1f))

                    let case = CrfCase.Of("a", "a", p.Ct, scores, p.Liver)

                    let options =
                        CrfSearchOptions(
                            Start = CrfOptions.Shipped,
                            Mu1 = [| 1.; 5. |],
                            Mu2 = [| 1. |],
                            ThetaAlpha = [| 20. |],
                            ThetaBeta = [| 20. |],
                            ThetaGamma = [| 2. |],
                            Threshold = [| 0.5 |],
                            Rounds = 1
                        )

                    let count = [| 0 |]

                    stopped (fun hear cancel ->
                        count[0] <- count[0] + 1
                        let trials = CrfTrials.InFile(path $"trials{count[0]}.csv")

                        (CrfSearch.coordinateWith (fun _ -> hear ()) cancel options trials [ case ]).Best)

                    for file in Directory.GetFiles(path ".") do
                        Expect.isTrue (file.EndsWith ".csv") $"no half file: {file}"
                        Expect.isTrue (File.ReadAllText(file).EndsWith '\n') "whole lines")
        ]
