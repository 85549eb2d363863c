namespace LiverSeg.Functional

open System.Collections.Generic

/// A training run's options as an F# record, for `{ TrainingRecipe.Practical with Epochs = 5 }`; the meanings are those of `TrainingOptions`.
type TrainingRecipe =
    {
        Epochs: int
        StepsPerEpoch: int
        Crop: Extent
        Batch: int
        Optimizer: OptimizerKind
        Momentum: float
        Rate: Schedule
        WeightDecay: float
        Eta: IReadOnlyDictionary<string, float>
        EtaElsewhere: float
        EtaSchedule: Schedule
        DiceWeight: float
        LiverWeight: float
        GradientClip: float
        LiverShare: float
        Augmentation: Augmentation
        Precision: Precision
        ValidateEvery: int
        Seed: int64
        Threads: int
        DirectConvolution: bool
    }

    /// The record of options.
    static member Of(options: TrainingOptions) =
        {
            Epochs = options.Epochs
            StepsPerEpoch = options.StepsPerEpoch
            Crop = options.Crop
            Batch = options.Batch
            Optimizer = options.Optimizer
            Momentum = options.Momentum
            Rate = options.Rate
            WeightDecay = options.WeightDecay
            Eta = options.Eta
            EtaElsewhere = options.EtaElsewhere
            EtaSchedule = options.EtaSchedule
            DiceWeight = options.DiceWeight
            LiverWeight = options.LiverWeight
            GradientClip = options.GradientClip
            LiverShare = options.LiverShare
            Augmentation = options.Augmentation
            Precision = options.Precision
            ValidateEvery = options.ValidateEvery
            Seed = options.Seed
            Threads = options.Threads
            DirectConvolution = options.DirectConvolution
        }

    /// Faithful to the paper.
    static member Paper = TrainingRecipe.Of TrainingOptions.Paper

    /// What works on an ordinary processor for whole CTs.
    static member Practical = TrainingRecipe.Of TrainingOptions.Practical

    /// Seconds: to see that everything runs.
    static member Smoke = TrainingRecipe.Of TrainingOptions.Smoke

    /// What the core takes.
    member recipe.Options =
        TrainingOptions(
            Epochs = recipe.Epochs,
            StepsPerEpoch = recipe.StepsPerEpoch,
            Crop = recipe.Crop,
            Batch = recipe.Batch,
            Optimizer = recipe.Optimizer,
            Momentum = recipe.Momentum,
            Rate = recipe.Rate,
            WeightDecay = recipe.WeightDecay,
            Eta = recipe.Eta,
            EtaElsewhere = recipe.EtaElsewhere,
            EtaSchedule = recipe.EtaSchedule,
            DiceWeight = recipe.DiceWeight,
            LiverWeight = recipe.LiverWeight,
            GradientClip = recipe.GradientClip,
            LiverShare = recipe.LiverShare,
            Augmentation = recipe.Augmentation,
            Precision = recipe.Precision,
            ValidateEvery = recipe.ValidateEvery,
            Seed = recipe.Seed,
            Threads = recipe.Threads,
            DirectConvolution = recipe.DirectConvolution
        )

/// The CRF's options as an F# record, for `{ CrfRecipe.Shipped with Iterations = 10 }`; the meanings are those of `CrfOptions`.
type CrfRecipe =
    {
        Mu1: float
        Mu2: float
        ThetaAlpha: float
        ThetaBeta: float
        ThetaGamma: float
        Iterations: int
        Unit: CrfUnit
        GuideWindow: Window
        Normalization: CrfNormalization
        SelfTerm: bool
        Reach: CrfReach
        LeastProbability: float
        Tolerance: float
        Threads: int
    }

    /// The record of options.
    static member Of(options: CrfOptions) =
        {
            Mu1 = options.Mu1
            Mu2 = options.Mu2
            ThetaAlpha = options.ThetaAlpha
            ThetaBeta = options.ThetaBeta
            ThetaGamma = options.ThetaGamma
            Iterations = options.Iterations
            Unit = options.Unit
            GuideWindow = options.GuideWindow
            Normalization = options.Normalization
            SelfTerm = options.SelfTerm
            Reach = options.Reach
            LeastProbability = options.LeastProbability
            Tolerance = options.Tolerance
            Threads = options.Threads
        }

    /// The values that a public CT liver set-up of the same method uses.
    static member Default = CrfRecipe.Of(CrfOptions())

    /// What `Pipeline.segment` uses.
    static member Shipped = CrfRecipe.Of CrfSetting.Shipped

    /// What the core takes.
    member recipe.Options =
        CrfOptions(
            Mu1 = recipe.Mu1,
            Mu2 = recipe.Mu2,
            ThetaAlpha = recipe.ThetaAlpha,
            ThetaBeta = recipe.ThetaBeta,
            ThetaGamma = recipe.ThetaGamma,
            Iterations = recipe.Iterations,
            Unit = recipe.Unit,
            GuideWindow = recipe.GuideWindow,
            Normalization = recipe.Normalization,
            SelfTerm = recipe.SelfTerm,
            Reach = recipe.Reach,
            LeastProbability = recipe.LeastProbability,
            Tolerance = recipe.Tolerance,
            Threads = recipe.Threads
        )

/// How a scan becomes a mask, as an F# record, for `{ PipelineRecipe.Default with UseCrf = false }`; the meanings are those of `PipelineOptions`.
type PipelineRecipe =
    {
        Predict: PredictOptions
        Threshold: float
        UseCrf: bool
        Crf: CrfOptions
        TissueOnly: bool
        LargestComponent: bool
        FillHoles: bool
    }

    /// The record of options.
    static member Of(options: PipelineOptions) =
        {
            Predict = options.Predict
            Threshold = options.Threshold
            UseCrf = options.UseCrf
            Crf = options.Crf
            TissueOnly = options.TissueOnly
            LargestComponent = options.LargestComponent
            FillHoles = options.FillHoles
        }

    /// What `liverseg segment` does.
    static member Default = PipelineRecipe.Of(PipelineOptions())

    /// What the core takes.
    member recipe.Options =
        PipelineOptions(
            Predict = recipe.Predict,
            Threshold = recipe.Threshold,
            UseCrf = recipe.UseCrf,
            Crf = recipe.Crf,
            TissueOnly = recipe.TissueOnly,
            LargestComponent = recipe.LargestComponent,
            FillHoles = recipe.FillHoles
        )
