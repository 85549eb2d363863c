using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>How gradients become steps.</summary>
public enum OptimizerKind
{
    /// <summary>Gradient descent with momentum (the paper).</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (AdamW).</summary>
    Adam,
}

/// <summary>In which number format a training step multiplies.</summary>
public enum Precision
{
    /// <summary>32-bit floats throughout.</summary>
    Float32,

    /// <summary>bfloat16 products, 32-bit weights and losses: about twice as fast on processors with AVX512-BF16 or AMX, 30 times as slow and more on others.</summary>
    Mixed,
}

/// <summary>Everything that a training run depends on besides its cases. Defaults are the paper's numbers.</summary>
public sealed record TrainingOptions
{
    /// <summary>Epochs of the whole run. Default 150 (the paper names none; its rate drops every 50).</summary>
    public int Epochs { get; init; } = 150;

    /// <summary>Steps per epoch. Default 100.</summary>
    public int StepsPerEpoch { get; init; } = 100;

    /// <summary>Voxels of a crop. Default 160×160×72; a multiple of the network's stride.</summary>
    public Extent Crop { get; init; } = new(160, 160, 72);

    /// <summary>Crops per step. Default 1.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Default: gradient descent with momentum.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Momentum of gradient descent, or Adam's β₁. Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Learning rate by epoch. Default 0.1, a tenth each 50 epochs.</summary>
    public Schedule Rate { get; init; } = new Schedule.Staircase(0.1, 0.1, 50);

    /// <summary>λ of eq. 3, added to the gradient of weights (not of biases, scales and shifts). Default 5e-4.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>η of eq. 3 per tap, before <see cref="EtaSchedule"/>. Default: 0.3 after layer 3, 0.4 after layer 6.</summary>
    public IReadOnlyDictionary<string, double> Eta { get; init; } = new TapWeights { ["after3"] = 0.3, ["after6"] = 0.4 };

    /// <summary>η of taps that <see cref="Eta"/> does not name. Default 0.</summary>
    public double EtaElsewhere { get; init; }

    /// <summary>What all η are multiplied by. Default: 0.95 each 10 epochs.</summary>
    public Schedule EtaSchedule { get; init; } = new Schedule.Staircase(1, 0.95, 10);

    /// <summary>How much 1 − soft Dice is added to each loss. Default 0 (eq. 3 has none).</summary>
    public double DiceWeight { get; init; }

    /// <summary>What liver voxels weigh in the likelihood. Default 1 (the paper weighs classes equally).</summary>
    public double LiverWeight { get; init; } = 1;

    /// <summary>Longest gradient (Euclidean norm over all weights); 0 = any. Default 0.</summary>
    public double GradientClip { get; init; }

    /// <summary>Share of crops that are centred on a liver voxel; the others lie anywhere. Default 0.</summary>
    public double LiverShare { get; init; }

    /// <summary>Default: the paper's quarter turns.</summary>
    public Augmentation Augmentation { get; init; } = Augmentation.Paper;

    /// <summary>Default: 32-bit floats.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Validate each this many epochs (and after the last). Default 10.</summary>
    public int ValidateEvery { get; init; } = 10;

    /// <summary>Seed of crops, augmentation and order. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Threads of libtorch; 0 = one per processor. Equal counts give equal bytes.</summary>
    public int Threads { get; init; }

    /// <summary>Convolves all kernels voxel by voxel with libtorch, never by Fourier transforms or Winograd's products (which differ by rounding: gradients below 1e-4 of the largest). Default false.</summary>
    public bool DirectConvolution { get; init; }

    /// <summary>What computes. Default: the CPU. Not part of what a checkpoint belongs to: a run may be resumed on another device, where it goes on with that device's rounding.</summary>
    public Device Device { get; init; }

    /// <summary>The same run with what is named changed: <c>TrainingOptions.Practical.With(epochs: 5)</c>, in F# <c>With(epochs = 5)</c>.</summary>
    public TrainingOptions With(
        int? epochs = null, int? stepsPerEpoch = null, Extent? crop = null, int? batch = null, OptimizerKind? optimizer = null, double? momentum = null,
        Schedule? rate = null, double? weightDecay = null, IReadOnlyDictionary<string, double>? eta = null, double? etaElsewhere = null, Schedule? etaSchedule = null,
        double? diceWeight = null, double? liverWeight = null, double? gradientClip = null, double? liverShare = null, Augmentation? augmentation = null,
        Precision? precision = null, int? validateEvery = null, long? seed = null, int? threads = null, bool? directConvolution = null, Device? device = null) => this with
        {
            Epochs = epochs ?? Epochs,
            StepsPerEpoch = stepsPerEpoch ?? StepsPerEpoch,
            Crop = crop ?? Crop,
            Batch = batch ?? Batch,
            Optimizer = optimizer ?? Optimizer,
            Momentum = momentum ?? Momentum,
            Rate = rate ?? Rate,
            WeightDecay = weightDecay ?? WeightDecay,
            Eta = eta ?? Eta,
            EtaElsewhere = etaElsewhere ?? EtaElsewhere,
            EtaSchedule = etaSchedule ?? EtaSchedule,
            DiceWeight = diceWeight ?? DiceWeight,
            LiverWeight = liverWeight ?? LiverWeight,
            GradientClip = gradientClip ?? GradientClip,
            LiverShare = liverShare ?? LiverShare,
            Augmentation = augmentation ?? Augmentation,
            Precision = precision ?? Precision,
            ValidateEvery = validateEvery ?? ValidateEvery,
            Seed = seed ?? Seed,
            Threads = threads ?? Threads,
            DirectConvolution = directConvolution ?? DirectConvolution,
            Device = device ?? Device,
        };

    /// <summary>Faithful to the paper in every item that it names.</summary>
    public static TrainingOptions Paper { get; } = new();

    /// <summary>
    /// What works on an ordinary processor for whole CTs; for networks with normalisation. <see cref="Precision"/> is mixed where the processor multiplies bfloat16 itself, else
    /// 32 bit: give one to get the same weights on both kinds.
    /// </summary>
    public static TrainingOptions Practical { get; } = new()
    {
        Epochs = 30,
        StepsPerEpoch = 100,
        Crop = new(96, 96, 48),
        Optimizer = OptimizerKind.Adam,
        Rate = new Schedule.Cosine(2e-3, 1e-5, 1),
        WeightDecay = 1e-4,
        EtaElsewhere = 0.3,
        EtaSchedule = new Schedule.Poly(1, 0.9),
        DiceWeight = 1,
        GradientClip = 5,
        LiverShare = 0.5,
        Augmentation = Augmentation.Practical,
        Precision = Bfloat16.IsFast ? Precision.Mixed : Precision.Float32,
    };

    /// <summary>Seconds: to see that everything runs.</summary>
    public static TrainingOptions Smoke { get; } = Practical with
    {
        Epochs = 2,
        StepsPerEpoch = 4,
        Crop = new(32, 32, 16),
        Precision = Precision.Float32,
        ValidateEvery = 1,
    };
}

/// <summary>A dictionary from tap to weight with value equality, so that options compare by content.</summary>
internal sealed class TapWeights : SortedDictionary<string, double>
{
    internal TapWeights() : base(System.StringComparer.Ordinal) { }

    public override bool Equals(object? obj) => obj is TapWeights other && System.Linq.Enumerable.SequenceEqual(this, other);

    public override int GetHashCode() => Count;
}
