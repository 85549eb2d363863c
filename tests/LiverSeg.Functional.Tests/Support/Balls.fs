/// What the tests of training learn from, and how.
module LiverSeg.Functional.Tests.Balls

open System
open LiverSeg.Functional

/// A bright ball in noise: what any network must learn at once.
let ball seed =
    let r = Random(seed: int)
    let e = Extent(20, 18, 16)
    let c = 7. + r.NextDouble() * 4.

    let inside x y z =
        (float x - c) ** 2. + (float y - 9.) ** 2. + (float z - 8.) ** 2. < 25.

    let grid = Grid.Of(e, Spacing.Isotropic 3.)

    TrainingCase(
        $"ball{seed}",
        Volume.Init(
            grid,
            fun x y z -> Intensity((if inside x y z then 0.8f else 0.3f) + float32 (r.NextDouble()) * 0.2f)
        ),
        Volume.Init(grid, fun x y z -> inside x y z)
    )

let cases = [| ball 1; ball 2; ball 3 |]

let options =
    TrainingOptions(
        Epochs = 6,
        StepsPerEpoch = 10,
        Crop = Extent(16, 16, 16),
        Optimizer = OptimizerKind.Adam,
        Rate = Schedule.Constant 0.02,
        DiceWeight = 1.,
        EtaElsewhere = 0.3,
        Augmentation = Augmentation.Practical,
        Threads = 1,
        Seed = 7L
    )
