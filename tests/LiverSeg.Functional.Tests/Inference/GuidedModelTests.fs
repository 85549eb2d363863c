/// Models behind coarser ones: what flows in, where the gate is open, and that files, slabs, caches and training know of them.
module LiverSeg.Functional.Tests.GuidedModelTests

open System
open System.IO
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Balls
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Models

let private image seed (e: Extent) =
    let r = Random(seed: int)
    Volume.Init(Grid.Of(e, Spacing.Isotropic 3.), fun _ _ _ -> Intensity(float32 (r.NextDouble())))

/// Two blobs, one bright; about 30 voxels apart.
let private blobs =
    Volume.Init(
        Grid.Of(Extent(40, 20, 16), Spacing.Isotropic 3.),
        fun x y z ->
            let near cx =
                (x - cx) * (x - cx) + (y - 10) * (y - 10) + (z - 8) * (z - 8) < 16

            Intensity(
                if near 8 then 0.9f
                elif near 34 then 0.45f
                else 0.1f
            )
    )

let private values (v: Volume<Probability>) = v.Voxels.ToArray() |> Array.map _.Value

let private apart a b =
    Array.map2 (fun (x: float32) y -> abs (x - y)) a b |> Array.max

let private own = Model(tiny, Weights.He(tiny, 4L), Tile = Extent(64, 64, 64))

[<Tests>]
let tests =
    testSequenced
    <| testList
        "GuidedModel"
        [
            testCase "a network says how many channels flow in"
            <| fun () ->
                Expect.equal (tiny.Channels()) 1 "one"
                let two: Layer = Layer.Seq [ Layer.Input 2 :> Layer; tiny ]
                Expect.equal (two.Channels()) 2 "two"

                Expect.equal
                    (two.Parameters() - tiny.Parameters())
                    (2L * 27L)
                    "a channel more for the first convolution"

                Expect.throwsT<ArgumentException> (fun () -> Model(two, Weights.He(two, 1L)) |> ignore) "no guide"

                Expect.throwsT<ArgumentException>
                    (fun () -> two.Operations(Shape(1, Extent(4, 4, 4))) |> ignore)
                    "one channel for two"

                let late: Layer = Layer.Seq [ tiny; Layer.Input 3 :> Layer ]

                Expect.throwsT<ArgumentException>
                    (fun () -> late.Parameters() |> ignore)
                    "three channels after two classes"
            testCase "a guide that is sure everywhere changes nothing"
            <| fun () ->
                let ct = image 3 (Extent(16, 12, 10))

                let guided =
                    own.GuidedBy(bright -9f (Nullable(Spacing.Isotropic 6.))).WithGate(0., 0.)

                let before, after =
                    ct.PredictAll(own, PredictOptions()), ct.PredictAll(guided, PredictOptions())

                Expect.isLessThan (apart (values before.Fused) (values after.Fused)) 1e-5f "fused"
                let struct (_, a), struct (_, b) = before.Branches[0], after.Branches[0]
                Expect.isLessThan (apart (values a) (values b)) 1e-5f "branch"
            testCase "where the guide sees nothing the probability is 0, elsewhere its share counts"
            <| fun () ->
                let guide = bright 0.5f (Nullable())
                let said = blobs.Predict guide |> values

                let score share =
                    blobs.Predict(own.GuidedBy(guide).WithGate(0.3, share)) |> values

                let alone, half, wholly = score 0., score 0.5, score 1.
                Expect.isTrue (Array.exists (fun p -> p > 0f) alone) "the first blob is looked at"

                for i in 0 .. said.Length - 1 do
                    if said[i] <= 0.3f then
                        Expect.equal alone[i] 0f "closed"
                        Expect.equal wholly[i] 0f "closed whatever the share"
                    else
                        Expect.isLessThan (abs (half[i] - (alone[i] + said[i]) / 2f)) 1e-6f "the mean"
                        Expect.isLessThan (abs (wholly[i] - said[i])) 1e-6f "the guide alone"
            testCase "a guide that sees nothing leaves nothing, and the network is not asked"
            <| fun () ->
                let tiles = ResizeArray()

                let all =
                    blobs.PredictAll(
                        own.GuidedBy(bright 9f (Nullable())),
                        PredictOptions(Progress = Action<_, _>(fun _ total -> tiles.Add total))
                    )

                Expect.all (values all.Fused) (fun p -> p = 0f) "fused"
                Expect.equal all.Branches.Count 1 "branches are there"
                Expect.equal (Seq.length (Seq.filter ((=) 1) tiles)) 2 "one tile, that of the guide, begun and done"
            testCase "a region asked about holds for the guide too"
            <| fun () ->
                let guided = own.GuidedBy(bright 0.2f (Nullable())).WithGate(0.05, 0.)
                let asked = Region(0, 0, 0, Extent(20, 20, 16))
                let scores = blobs.Predict(guided, PredictOptions(Region = Nullable asked))

                for z in 0..15 do
                    for y in 0..19 do
                        for x in 20..39 do
                            Expect.equal scores[x, y, z].Value 0f "outside"
            testCase "windows, gates and shares that make no sense are refused"
            <| fun () ->
                let other = Model(tiny, Weights.He(tiny, 1L), Window = Window(Hu 0f, Hu 100f))

                let refused f =
                    Expect.throwsT<ArgumentException> (fun () -> f () |> ignore) "refused"

                refused (fun () -> own.GuidedBy(bright 0f (Nullable())).WithGate(1., 0.))
                refused (fun () -> own.GuidedBy(bright 0f (Nullable())).WithGate(0.1, 1.5))
                Expect.throwsT<ArgumentException> (fun () -> own.GuidedBy other |> ignore) "another window"

                let root: Layer =
                    Layer.Seq [ Layer.Skip(Layer.Conv(1, Kernel.Cube 3)) :> Layer; Layer.Score 2 ]

                refused (fun () -> Model(root, Weights.He(root, 1L)).GuidedBy own)
            testCase
                "behind one guide, then behind another, is behind the other; without a guide or with two it is refused"
            <| fun () ->
                let bright level = bright level (Nullable())
                let once = own.GuidedBy(bright 0.2f).WithGate(0.1, 0.5)
                Expect.equal (once.WithGuide(bright 0.7f)) (own.GuidedBy(bright 0.7f).WithGate(0.1, 0.5)) "the other"

                for model in [ own; once.GuidedBy(bright 0.3f) ] do
                    Expect.throwsT<ArgumentException> (fun () -> model.WithGuide(bright 0.7f) |> ignore) "which one?"
            testProperty "load ∘ save is the identity, guides of guides too"
            <| Prop.forAll (Gen.choose (0, 10000) |> Arb.fromGen) (fun seed ->
                inFolder (fun path ->
                    let inner =
                        own.GuidedBy(tinyModel (int64 seed)).WithGate(float (seed % 90) / 100., 0.25)

                    let model =
                        Model(tiny, Weights.He(tiny, int64 seed + 1L)).GuidedBy(inner).GuidedBy(own)

                    model.Save(path "m.safetensors", true)
                    let back = ModelFile.Load(path "m.safetensors")
                    Expect.equal back model "equal"
                    Expect.equal back.Hash model.Hash "hash"
                    Expect.notEqual model.Hash (model.Weights.Hash) "guides count"
                    Expect.equal (Model.firstStage back) (inner.Guides[0]) "the first stage of the first guide"
                    Expect.equal (Model.firstStage own) own "one stage is its own"))
            testCase "slabs give the mask of the whole"
            <| fun () ->
                let p = Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing(4., 4., 5.)))
                let guide = coarse.Value

                let fine =
                    Model(guide.Network, guide.Weights, Spacing = Spacing.Isotropic 5., Tile = Extent(48, 48, 48))

                let model = fine.GuidedBy(guide).WithGate(0.05, 0.5)

                let options = PipelineOptions(Refinement = CrfSetting.None)

                let whole = p.Ct.Segment(model, options).Mask

                let read first count =
                    p.Ct.Crop(Region(0, 0, first, Extent(p.Ct.Extent.X, p.Ct.Extent.Y, count)))

                let slabs = p.Ct.Grid.SegmentInSlabs(read, 7, model, options)
                Expect.isGreaterThan (whole.Count()) 0L "a liver"
                Expect.equal slabs.Mask whole "the same"

                let plan = MemoryPlan.Of(p.Ct.Grid, model, MemoryPlanOptions())
                Expect.isGreaterThan plan.Bytes (MemoryPlan.Of(p.Ct.Grid, guide, MemoryPlanOptions()).Bytes) "memory"
            testCase "training learns behind a guide, repeatably, and the cache keeps what it said"
            <| fun () ->
                inFolder (fun path ->
                    let p = Phantom.abdomen (PhantomOptions(Seed = 1L, Spacing = Spacing.Isotropic 12.))
                    p.Ct.Write(path "ct.mha", true)
                    p.Liver.Write(path "liver.mha", true)
                    let file = CaseFile("case", path "ct.mha", path "liver.mha", "case")
                    let start = own.GuidedBy(bright 0.3f (Nullable(Spacing.Isotropic 24.)))
                    let plain = TrainingCase.Prepare("case", p.Ct, p.Liver, start)
                    let cache = CaseCache(path "cache")
                    let kept = cache.Prepare(file, start)
                    let again = cache.Prepare(file, start)
                    Expect.equal cache.Found 1 "found"

                    for found in [ kept; again ] do
                        Expect.equal found.Image plain.Image "image"
                        Expect.equal found.Truth plain.Truth "truth"
                        Expect.equal found.Guides[0] plain.Guides[0] "guide"

                    let other = CaseCache(path "cache")

                    other.Prepare(file, own.GuidedBy(bright 0.4f (Nullable(Spacing.Isotropic 24.))))
                    |> ignore

                    Expect.equal other.Found 0 "another guide, another case"

                    let learn () =
                        (Training.Fit(start, [| again |], options.With(epochs = 2, stepsPerEpoch = 3), [| again |]))
                            .Model

                    let model = learn ()
                    Expect.equal model.Guides.Count 1 "the guide stays"
                    Expect.equal (learn ()) model "the same again"
                    Expect.notEqual model.Weights start.Weights "learned"

                    Expect.throwsT<ArgumentException>
                        (fun () -> Training.Fit(start, cases, options) |> ignore)
                        "cases without a guide")
            testCase "a crop shows the guide where the image is, or nothing"
            <| fun () ->
                let b = ball 5

                let guide =
                    Volume.Init(b.Image.Grid, fun x y z -> Probability(float32 (x + 20 * y + 400 * z) / 8000f))

                let case = TrainingCase("a", b.Image, b.Truth, [| guide |])
                let count = 16 * 16 * 16

                let draw loss step =
                    Sampler.Draw(
                        [| case |],
                        options.With(augmentation = Augmentation(GuideLoss = loss), liverShare = 0.),
                        step
                    )

                for step in 0L .. 5L do
                    let crop = draw 0. step
                    Expect.equal crop.Image.Length (2 * count) "image and guide"

                    let bare =
                        Sampler.Draw([| b |], options.With(augmentation = Augmentation.None, liverShare = 0.), step)

                    Expect.equal crop.Image[.. count - 1] bare.Image "the image is drawn as without"

                    for i in 0 .. count - 1 do
                        if crop.Known[i] > 0f then
                            let at = int (Math.Round(float crop.Image[count + i] * 8000.))
                            let x, y, z = at % 20, at / 20 % 20, at / 400
                            Expect.equal b.Image[x, y, z].Value crop.Image[i] "the same voxel"

                    Expect.all (draw 1. step).Image[count..] (fun p -> p = 0f) "lost"
        ]
