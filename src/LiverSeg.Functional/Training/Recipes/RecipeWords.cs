using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>What a model's provenance says of how it learned.</summary>
internal static class RecipeWords
{
    /// <summary>Epochs, crop, seed, rate and precision, and whatever else is not as the preset of that name has it (without one: as <see cref="TrainingOptions.Practical"/> has it).</summary>
    internal static string Of(TrainingOptions options, string preset)
    {
        var usual = TrainingPreset.Names.Contains(preset) ? TrainingPreset.Named(preset).Options : TrainingOptions.Practical;
        var other = Others(options).Zip(Others(usual)).Where(p => p.First != p.Second).Select(p => $", {p.First.Name} {p.First.Value}");
        return FormattableString.Invariant($"{options.Epochs} epochs of {options.StepsPerEpoch} steps, crop {options.Crop}, seed {options.Seed}, {options.Rate}, {options.Precision}{string.Concat(other)}")
            + (options.Device.IsCpu ? "" : $", {options.Device}");
    }

    private static IReadOnlyList<(string Name, string Value)> Others(TrainingOptions options)
    {
        static string Invariant(FormattableString value) => FormattableString.Invariant(value);
        var change = options.Augmentation;
        return
        [
            ("batch", Invariant($"{options.Batch}")),
            ("optimizer", $"{options.Optimizer}"),
            ("momentum", Invariant($"{options.Momentum}")),
            ("weight decay", Invariant($"{options.WeightDecay}")),
            ("η", string.Join(' ', options.Eta.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => Invariant($"{e.Key} {e.Value}")))),
            ("η elsewhere", Invariant($"{options.EtaElsewhere}")),
            ("η schedule", $"{options.EtaSchedule}"),
            ("Dice weight", Invariant($"{options.DiceWeight}")),
            ("liver weight", Invariant($"{options.LiverWeight}")),
            ("gradient clip", Invariant($"{options.GradientClip}")),
            ("liver share", Invariant($"{options.LiverShare}")),
            ("quarter turns", $"{change.QuarterTurns}"),
            ("rotation", Invariant($"{change.RotationDegrees}°")),
            ("tilt", Invariant($"{change.TiltDegrees}°")),
            ("scale", Invariant($"{change.Scale}")),
            ("elastic", Invariant($"{change.ElasticVoxels}")),
            ("contrast", Invariant($"{change.Contrast}")),
            ("brightness", Invariant($"{change.Brightness}")),
            ("noise", Invariant($"{change.Noise}")),
            ("guide elastic", Invariant($"{change.GuideElasticVoxels}")),
            ("guide loss", Invariant($"{change.GuideLoss}")),
        ];
    }
}
