using System;
using System.Numerics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Refines score maps by a fully connected conditional random field guided by the scan.</summary>
public static partial class Crf
{
    /// <summary>Mean field approximation of <see cref="CrfOptions"/>' energy: probabilities after the given number of updates.</summary>
    /// <remarks>
    /// Laws: 0 iterations or weights 0 change nothing; probabilities stay in [0, 1]; exchanging both labels exchanges the result; mirroring
    /// or turning the volume turns the result; slices do not depend on each other; the number of threads does not matter.
    /// </remarks>
    /// <param name="scores">Probabilities of label 1 (liver).</param>
    /// <param name="guide">The scan in HU on the same grid.</param>
    /// <param name="options">Weights, lengths, iterations.</param>
    /// <param name="progress">Hears (slices done, slices in all) after each, on any thread.</param>
    /// <param name="cancel">Asks to stop between two updates of a slice.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    /// <exception cref="ArgumentException">Grids differ, a score is outside of [0, 1] or NaN, a density is not finite, or an option is out of range.</exception>
    public static Volume<Probability> Refine(this Volume<Probability> scores, Volume<Hu> guide, CrfOptions options, Action<int, int>? progress = null, CancellationToken cancel = default) =>
        Refine(scores, guide, 1, options, GridSampling.Default, progress, cancel);

    /// <param name="scores">Probabilities of label 1 (liver).</param>
    /// <param name="guide">The windowed scan on the same grid; <see cref="CrfOptions.GuideWindow"/> says how many HU it spans.</param>
    /// <param name="options">Weights, lengths, iterations.</param>
    /// <param name="progress">Hears (slices done, slices in all) after each, on any thread.</param>
    /// <param name="cancel">Asks to stop between two updates of a slice.</param>
    /// <inheritdoc cref="Refine(Volume{Probability}, Volume{Hu}, CrfOptions, Action{int, int}?, CancellationToken)"/>
    public static Volume<Probability> Refine(this Volume<Probability> scores, Volume<Intensity> guide, CrfOptions options, Action<int, int>? progress = null, CancellationToken cancel = default) =>
        Refine(scores, guide, options.GuideWindow.Width, options, GridSampling.Default, progress, cancel);

    internal static Volume<Probability> Refine<T>(Volume<Probability> scores, Volume<T> guide, double huPerUnit, CrfOptions options, GridSampling sampling, Action<int, int>? progress = null, CancellationToken cancel = default)
        where T : unmanaged, IEquatable<T>
    {
        Check(scores, guide, options);
        if (options.Iterations == 0 || scores.Extent.Count == 0) return scores;
        var planes = CrfPlanes.Of(scores.Grid, options.Reach);
        var n = (int)planes.Extent.Count;
        var result = Volume.Allocate<Probability>(scores.Grid);
        Each(planes, options, progress, cancel,
            () => (Field: Field(planes, huPerUnit, options, sampling), Q: new float[n], Guide: new float[n], Message: new float[n], Scratch: new float[n]),
            (i, own) =>
            {
                planes.Gather(Volume.Floats(scores.Voxels), i, own.Q);
                if (NoDoubt(own.Q, options))
                {
                    planes.Scatter(own.Q, i, MemoryMarshal.Cast<Probability, float>(result.AsSpan()));
                    return;
                }
                planes.Gather(Volume.Floats(guide.Voxels), i, own.Guide);
                own.Field.Prepare(own.Guide);
                // The guide is not needed any more: its room becomes that of the logits.
                MeanField.Binary(own.Field, own.Q, own.Guide, own.Message, own.Scratch, (float)options.MinProbability, cancel);
                planes.Scatter(own.Q, i, MemoryMarshal.Cast<Probability, float>(result.AsSpan()));
            });
        return new(scores.Grid, result);
    }

    /// <summary>Whether all voxels surely share one label: then each holds the others where they are.</summary>
    private static bool NoDoubt(ReadOnlySpan<float> p, CrfOptions options)
    {
        if (options.Tolerance < options.MinProbability) return false;
        float least = p[0], most = p[0];
        foreach (var v in p) (least, most) = (Math.Min(least, v), Math.Max(most, v));
        return most <= options.Tolerance || least >= 1 - options.Tolerance;
    }

    /// <summary>Field by field over the threads; an error comes out as it was thrown.</summary>
    private static void Each<T>(CrfPlanes planes, CrfOptions options, Action<int, int>? progress, CancellationToken cancel, Func<T> own, Action<int, T> field)
    {
        var (next, done) = (0, 0);
        try
        {
            // Each thread takes one field after the other: ranges of several would leave one thread the last alone.
            Parallel.For(0, Math.Min(Parallelism.Count(options.Threads), planes.Count), Parallelism.Of(options.Threads, cancel), (_, state) =>
            {
                var buffers = own();
                for (int i; !state.ShouldExitCurrentIteration && (i = Interlocked.Increment(ref next) - 1) < planes.Count;)
                {
                    cancel.ThrowIfCancellationRequested();
                    field(i, buffers);
                    if (progress is not null) progress(Interlocked.Increment(ref done), planes.Count);
                }
            });
        }
        catch (AggregateException e) when (e.InnerException is ArgumentException or OperationCanceledException && e.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
        }
    }

    private static ICrfField Field(CrfPlanes planes, double huPerUnit, CrfOptions options, GridSampling sampling) =>
        options.Reach == CrfRange.Volume ? new VolumeField(planes, huPerUnit, options, sampling) : new PlaneField(planes, huPerUnit, options, sampling);

    private static void Check<T>(Volume<Probability> scores, Volume<T> guide, CrfOptions options) where T : unmanaged, IEquatable<T>
    {
        options.Check();
        scores.Grid.EnsureSameGeometry(guide.Grid, nameof(guide));
        Within(Volume.Floats(scores.Voxels), 0, 1, scores.Grid, "probability", nameof(scores));
        Within(Volume.Floats(guide.Voxels), -float.MaxValue, float.MaxValue, guide.Grid, "density", nameof(guide));
    }

    /// <summary>Throws at the first number outside of a range, NaN among them.</summary>
    private static void Within(ReadOnlySpan<float> values, float low, float high, Grid grid, string what, string parameter)
    {
        Vector<float> least = new(low), most = new(high);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = new Vector<float>(values[i..]);
            if (!Vector.GreaterThanOrEqualAll(v, least) || !Vector.LessThanOrEqualAll(v, most)) break;
        }
        for (; i < values.Length; i++)
            if (!(values[i] >= low && values[i] <= high))
                throw new ArgumentException(FormattableString.Invariant(
                    $"{what} {values[i]} at ({i % grid.Extent.X}, {i / grid.Extent.X % grid.Extent.Y}, {i / grid.Extent.X / grid.Extent.Y}); {(low == 0 ? "a number in [0, 1]" : "a finite number")} is needed"), parameter);
    }
}
