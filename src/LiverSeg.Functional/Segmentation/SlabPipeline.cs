using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Segments a scan of which only some slices are in memory at a time.</summary>
/// <remarks>The scan is needed twice: on its way down to the model's spacing, and where the scores have come back; once more in between where its liver is looked at again. Law: the same mask as <see cref="Pipeline.Segment(Volume{Hu}, Model, PipelineOptions, Action{StageProgress}?, CancellationToken)"/>, bit by bit.</remarks>
public static class SlabPipeline
{
    /// <summary>Whether a scan can be cut so: its slices are transverse, and the model works on a coarser grid.</summary>
    public static bool Fits(Grid grid, Model model)
    {
        if (model.Spacing is not { } spacing || grid.Extent.Count == 0 || Orient.CanonicalAxes(grid.Direction).Axes is not [_, _, 2]) return false;
        var small = Resample.GridAt(Orient.CanonicalGrid(grid), spacing).Extent;
        return (long)small.X * small.Y < (long)grid.Extent.X * grid.Extent.Y && model.Guides.All(guide => Fits(grid, guide));
    }

    /// <summary>Whether the settings can be followed slab by slab: a CRF must keep to transverse slices.</summary>
    public static bool Suits(PipelineOptions options) => !options.Refinement.Refines || options.Refinement.Options.Reach == CrfRange.TransverseSlice;

    /// <summary>Finds the liver slab by slab.</summary>
    /// <param name="grid">The scan's grid.</param>
    /// <param name="read">Gives the slices first .. first + count − 1 of the scan.</param>
    /// <param name="slices">Slices at a time, at least 1.</param>
    /// <param name="model">The trained network; it must <see cref="Fits"/>.</param>
    /// <param name="options">The settings.</param>
    /// <param name="keep">Whether slabs of whole numbers stay in memory, 2 bytes per voxel, so that each is read once only. Default false.</param>
    /// <param name="progress">Hears how far each stage is, on any thread.</param>
    /// <param name="cancel">Asks to stop between tiles and slices.</param>
    /// <exception cref="ArgumentException">The scan cannot be cut.</exception>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static SlabResult SegmentInSlabs(
        this Grid grid, Func<int, int, Volume<Hu>> read, int slices, Model model, PipelineOptions options, bool keep = false,
        Action<StageProgress>? progress = null, CancellationToken cancel = default)
    {
        if (!Fits(grid, model)) throw new ArgumentException($"grid {grid}; slabs need transverse slices and a model with a coarser spacing", nameof(grid));
        if (!Suits(options)) throw new ArgumentException("a CRF over the whole volume; slabs need one of transverse slices", nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(slices, 1);
        options = options.GuidedBy(model.Window);
        model = options.Refinement.FuseIn(model);
        var threads = options.Predict.Threads;
        var upright = Orient.CanonicalGrid(grid);
        var upsideDown = Orient.CanonicalAxes(grid.Direction).Flips[2];
        var small = Resample.GridAt(upright, model.Spacing!.Value);
        // The first slice of a slab once the scan stands upright.
        int Place(int first, int count) => upsideDown ? grid.Extent.Z - first - count : first;
        var spans = new List<(float, float, long)>();
        var kept = new Dictionary<int, KeptSlab>();
        var staged = Stage(model.Window);
        var (guides, scores) = BrightLiver.Look(staged, Stage, model, options.Predict.Heard(progress), grid, cancel);
        var quality = Quality.Of(staged.Image, scores, guides, model, HuCheck.LooksLikeHu(spans), options.Quality);
        (staged, guides) = (null!, EquatableArray<Volume<Probability>>.Empty); // their memory goes back
        FreedMemory.GiveBack();
        var mask = Volume.Allocate<bool>(grid);
        var cells = options.CellsOf(grid);
        if (Pipeline.Empties(quality, options)) return new(new(grid, mask), HuCheck.Warnings(spans), quality);
        foreach (var (first, count) in Slabs(grid.Extent.Z, slices))
        {
            Refine(first, count);
            FreedMemory.GiveBack();
        }
        return new(new Volume<bool>(grid, mask).CleanUp(cells, options), HuCheck.Warnings(spans), quality);

        // Reads the scan from end to end, and once more where a bright liver asks for another window.
        StagedImage Stage(Window window)
        {
            var shrinker = new StagedShrinker(upright, model, threads);
            var again = spans.Count > 0;
            foreach (var (first, count) in Slabs(grid.Extent.Z, slices)) Shrink(first, count, window, shrinker, again);
            var whole = shrinker.Finish();
            FreedMemory.GiveBack();
            return whole;
        }

        // Functions of their own, not inlined: nothing of a slab is held on to after it.
        [MethodImpl(MethodImplOptions.NoInlining)]
        void Shrink(int first, int count, Window window, StagedShrinker shrinker, bool again)
        {
            cancel.ThrowIfCancellationRequested();
            var ct = kept.TryGetValue(first, out var known) ? known.Ct : read(first, count);
            if (!again) spans.Add(HuCheck.Span(ct));
            if (!again && keep && KeptSlab.Of(ct) is { } own) kept[first] = own;
            shrinker.Add(ct.Window(window).ToCanonical().Memory, Place(first, count));
            progress?.Invoke(new("read", first + count, grid.Extent.Z));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        void Refine(int first, int count)
        {
            cancel.ThrowIfCancellationRequested();
            var image = (kept.Remove(first, out var own) ? own.Ct : read(first, count)).Window(model.Window);
            var place = Place(first, count);
            var there = upright.At(new(0, 0, place, upright.Extent with { Z = count }));
            var grown = new Volume<Probability>(there, TentFilter.Grow(scores.Memory, small, upright, place, count, threads)).Bounded().MatchOrientation(image.Grid);
            var found = grown.ThresholdSlices(image, options, null, cancel);
            cells?.Add(found, image, place);
            found.Voxels.CopyTo(mask.AsSpan(first * grid.Extent.X * grid.Extent.Y));
            progress?.Invoke(new("refine", first + count, grid.Extent.Z));
        }
    }

    /// <summary>Brings slabs to the spacing of a model and of each of its guides.</summary>
    private sealed class StagedShrinker(Grid upright, Model model, int threads)
    {
        private readonly Grid _small = Resample.GridAt(upright, model.Spacing!.Value);
        private readonly TentFilter.Shrinker<Intensity> _own = new(upright, Resample.GridAt(upright, model.Spacing!.Value), threads);
        private readonly EquatableArray<StagedShrinker> _guides = model.Guides.Select(guide => new StagedShrinker(upright, guide, threads)).ToEquatableArray();

        internal void Add(ReadOnlyMemory<Intensity> slab, int place)
        {
            _own.Add(slab, place);
            foreach (var guide in _guides) guide.Add(slab, place);
        }

        internal StagedImage Finish() => new(new(_small, _own.Finish()), _guides.Select(guide => guide.Finish()).ToEquatableArray());
    }

    /// <summary>A slab whose densities are whole numbers of 16 bits, as scanners store them.</summary>
    private sealed record KeptSlab(Grid Grid, short[] Voxels)
    {
        internal static KeptSlab? Of(Volume<Hu> ct)
        {
            var voxels = new short[ct.Voxels.Length];
            var source = Volume.Floats(ct.Voxels);
            for (var i = 0; i < voxels.Length; i++)
            {
                voxels[i] = (short)Math.Clamp(source[i], short.MinValue, short.MaxValue);
                if (voxels[i] != source[i]) return null;
            }
            return new(ct.Grid, voxels);
        }

        internal Volume<Hu> Ct
        {
            get
            {
                var voxels = Volume.Allocate<Hu>(Grid);
                for (var i = 0; i < voxels.Length; i++) voxels[i] = new(Voxels[i]);
                return new(Grid, voxels);
            }
        }
    }

    private static IEnumerable<(int First, int Count)> Slabs(int length, int slices)
    {
        for (var first = 0; first < length; first += slices) yield return (first, Math.Min(slices, length - first));
    }
}

/// <summary>A mask that was made slab by slab.</summary>
/// <param name="Mask">The mask.</param>
/// <param name="Warnings">What is odd about the scan, as <see cref="HuCheck.Warnings(Volume{Hu})"/> says it.</param>
/// <param name="Quality">What speaks against the mask.</param>
public sealed record SlabResult(Volume<bool> Mask, IReadOnlyList<string> Warnings, Quality Quality);
