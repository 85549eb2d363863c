using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace LiverSeg.Functional;

/// <summary>Segments a scan of which only some slices are in memory at a time.</summary>
/// <remarks>The scan is read twice: once on its way down to the model's spacing, once where the scores have come back. Law: the same mask as <see cref="Pipeline.Segment(Volume{Hu}, Model, PipelineOptions)"/>, bit by bit.</remarks>
public static class SlabPipeline
{
    /// <summary>Whether a scan can be cut so: its slices are transverse, and the model works on a coarser grid.</summary>
    public static bool Fits(Grid grid, Model model)
    {
        if (model.Spacing is not { } spacing || grid.Extent.Count == 0 || Orient.Canonical(grid.Direction).Axes is not [_, _, 2]) return false;
        var small = Resample.GridAt(Orient.Upright(grid), spacing).Extent;
        return (long)small.X * small.Y < (long)grid.Extent.X * grid.Extent.Y;
    }

    /// <summary>Whether the settings can be followed slab by slab: a CRF must keep to transverse slices.</summary>
    public static bool Suits(PipelineOptions options) => !options.UseCrf || options.Crf.Reach == CrfReach.TransverseSlice;

    /// <summary>Finds the liver slab by slab.</summary>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="read">Gives the slices first .. first + count − 1 of the scan.</param>
    /// <param name="slices">Slices at a time, at least 1.</param>
    /// <param name="model">The trained network; it must <see cref="Fits"/>.</param>
    /// <param name="options">The settings.</param>
    /// <exception cref="ArgumentException">The scan cannot be cut.</exception>
    public static SlabResult SegmentInSlabs(this Grid grid, Func<int, int, Volume<Hu>> read, int slices, Model model, PipelineOptions options)
    {
        if (!Fits(grid, model)) throw new ArgumentException($"grid {grid}; slabs need transverse slices and a model with a coarser spacing", nameof(grid));
        if (!Suits(options)) throw new ArgumentException("a CRF over the whole volume; slabs need one of transverse slices", nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(slices, 1);
        options = options with { Crf = options.Crf with { GuideWindow = model.Window } };
        var threads = options.Predict.Threads;
        var upright = Orient.Upright(grid);
        var upsideDown = Orient.Canonical(grid.Direction).Flips[2];
        var small = Resample.GridAt(upright, model.Spacing!.Value);
        // The first slice of a slab once the scan stands upright.
        int Place(int first, int count) => upsideDown ? grid.Extent.Z - first - count : first;
        var spans = new List<(float, float, long)>();
        var shrinker = new Separable.Shrinker<Intensity>(upright, small, threads);
        foreach (var (first, count) in Slabs(grid.Extent.Z, slices))
            Shrink(first, count);
        var coarse = shrinker.Finish();
        GiveBack();
        var scores = Prediction.Run(new(small, coarse), model, options.Predict, grid).Fused;
        GiveBack();
        var mask = Volume.Allocate<bool>(grid);
        foreach (var (first, count) in Slabs(grid.Extent.Z, slices))
        {
            Refine(first, count);
            GiveBack();
        }
        return new(new Volume<bool>(grid, mask).Whole(options), Plausibility.Doubts(spans));

        // Functions of their own, not inlined: nothing of a slab is held on to after it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        void Shrink(int first, int count)
        {
            var ct = read(first, count);
            spans.Add(Plausibility.Span(ct));
            shrinker.Add(ct.Window(model.Window).ToCanonical().Memory, Place(first, count));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Refine(int first, int count)
        {
            var image = read(first, count).Window(model.Window);
            var place = Place(first, count);
            var own = upright.At(new(0, 0, place, upright.Extent with { Z = count }));
            var grown = new Volume<Probability>(own, Separable.Grow(scores.Memory, small, upright, place, count, threads)).Like(image.Grid);
            grown.Inside(image, options).Voxels.CopyTo(mask.AsSpan(first * grid.Extent.X * grid.Extent.Y));
        }
    }

    /// <summary>What a stage has done with goes back to the system before the next takes its share, so that the peak is the largest stage's and not their sum.</summary>
    private static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);

    private static IEnumerable<(int First, int Count)> Slabs(int length, int slices)
    {
        for (var first = 0; first < length; first += slices) yield return (first, Math.Min(slices, length - first));
    }
}

/// <summary>A mask that was made slab by slab.</summary>
/// <param name="Mask">The mask.</param>
/// <param name="Doubts">What is odd about the scan, as <see cref="Plausibility.Doubts(Volume{Hu})"/> says it.</param>
public sealed record SlabResult(Volume<bool> Mask, IReadOnlyList<string> Doubts);
