/// Small and quick networks.
module LiverSeg.Functional.Tests.Models

open System
open TorchSharp
open LiverSeg.Functional

/// The smallest network with pooling, both branches and instance normalisation.
let tiny: Layer =
    Layer.Seq
        [
            Layer.Conv(2, Kernel.Cube 3) :> Layer
            Layer.Pool 2
            Layer.Tap("half", Layer.Up(2, 2))
            Layer.Conv(3, Kernel(3, 3, 1), Normalization = Normalization.Instance)
            Layer.Up(2, 2)
        ]

let tinyModel seed =
    Model(
        tiny,
        Weights.He(tiny, seed),
        Tile = Extent(8, 8, 8),
        Fusion = [| TapWeight("half", 0.25) |],
        Provenance = [| ProvenanceEntry("data", "none, a test") |]
    )

/// A network that says what the intensity says: logit 20 (x - at).
let bright at spacing =
    let weight = [| 0f; 20f |]
    let bias = [| 0f; -20f * at |]

    Model(
        Layer.Score 2,
        Weights
            [
                System.Collections.Generic.KeyValuePair("score1/weight", Weight.Of([| 2; 1; 1; 1; 1 |], weight))
                System.Collections.Generic.KeyValuePair("score1/bias", Weight.Of([| 2 |], bias))
            ],
        Spacing = spacing,
        Tile = Extent(64, 64, 64)
    )

/// A tensor (1, 1, z, y, x) of these numbers.
let tensorOf (values: float32[]) (e: Extent) =
    torch.tensor (values, ReadOnlySpan [| 1L; 1L; int64 e.Z; int64 e.Y; int64 e.X |])

/// The shipped first stage at a coarser spacing: quick, and the scan is finer than the network's grid.
let coarse =
    lazy
        Model(
            Pretrained.Liver.FirstStage.Network,
            Pretrained.Liver.FirstStage.Weights,
            Spacing = Spacing.Isotropic 6.,
            Tile = Extent(48, 48, 48)
        )

/// The shipped second stage behind it, coarser too: all that two stages do, in a tenth of the time.
let coarseCascade =
    lazy
        (let shipped = Pretrained.Liver

         Model(
             shipped.Network,
             shipped.Weights,
             [| coarse.Value |],
             Spacing = Spacing.Isotropic 4.,
             Tile = Extent(48, 48, 48),
             Gate = shipped.Gate,
             GuideShare = shipped.GuideShare
         ))

/// A body of whose kind the shipped model has learned, but not it.
let unseen =
    lazy Phantom.abdomen (PhantomOptions(Seed = 77L, Spacing = Spacing.Isotropic 3.5))

/// What the shipped model makes of it as it is: seconds, so once for all tests.
let found = lazy unseen.Value.Ct.Segment(Pretrained.Liver, PipelineOptions())
