using System;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>How finely the bilateral grid samples and how far its blur reaches, in nodes a θ and in θ; chosen by measurement.</summary>
internal readonly record struct GridSampling(double Space, double Density, double Reach)
{
    internal static GridSampling Default { get; } = new(3, 4, 3);
}

/// <summary>One transverse slice: buffers for one thread, used for slice after slice.</summary>
internal sealed partial class PlaneField : ICrfField
{
    private readonly CrfOptions _options;
    private readonly Extent _extent;
    private readonly BilateralGrid? _grid;
    private readonly Smoothness? _smoothness;
    private readonly PlaneSweep? _sweep;
    private readonly float[] _space, _density, _weighted, _share, _before, _after, _self;
    private readonly RowSpans _all, _few, _raised;
    private readonly float _limit, _tolerance;
    private readonly double _theta;
    private readonly GridSampling _sampling;
    private readonly int[] _node;
    private float[] _cells = [], _scratch = [], _bound = [], _above = [];
    private RowSpans _rows;

    internal PlaneField(CrfPlanes planes, double huPerUnit, CrfOptions options, GridSampling sampling)
    {
        (_options, _extent, _sampling, _theta) = (options, planes.Extent, sampling, options.ThetaBeta / huPerUnit);
        var n = (int)planes.Extent.Count;
        var (ax, ay, _) = planes.Voxels(options.ThetaAlpha, options.Unit);
        var (gx, gy, _) = planes.Voxels(options.ThetaGamma, options.Unit);
        (_space, _density) = (GridAxis.Blur(sampling.Space, sampling.Reach), GridAxis.Blur(sampling.Density, sampling.Reach));
        _weighted = Array.ConvertAll(_density, w => w * (float)options.Mu1);
        if (options.Mu2 > 0) _smoothness = new(_extent.X, _extent.Y, gx, gy, options.Mu2, options.Normalization);
        if (options.Mu1 > 0)
        {
            _grid = new(new(_extent.X, ax, sampling.Space), new(_extent.Y, ay, sampling.Space));
            _sweep = new(_grid, _smoothness, _extent.X);
        }
        (_node, _share, _before) = (new int[n], new float[n], new float[n]);
        // The symmetric scale is one and the same before and after: it is read from memory once.
        _after = options.Normalization == CrfNormalization.Symmetric ? _before : new float[n];
        _self = options.SelfTerm ? [] : new float[n];
        (_all, _few, _raised) = (new(_extent.X, _extent.Y), new(_extent.X, _extent.Y), new(_extent.X, _extent.Y));
        _all.All();
        _tolerance = (float)options.Tolerance;
        _limit = (float)Math.Log(options.Tolerance / (1 - options.Tolerance));
        _rows = _all;
    }

    public void Prepare(ReadOnlySpan<float> guide)
    {
        _rows = _all;
        if (_grid is not null)
        {
            var axis = new DensityAxis(guide, _theta, _sampling.Density, _density.Length - 1);
            axis.Place(guide, _node, _share);
            Place();
            Array.Fill(_before, 1);
            Array.Fill(_after, 1);
            Appearance(_before, _rows, _density, _before);
            CrfScale.Of(_before, _options.Normalization, 1, _before, _after);
            _sweep!.Prepare(_before, _after, _self, _weighted, _space);
        }
        for (var i = 0; i < _self.Length; i++)
            _self[i] = (_grid is null ? 0 : (float)_options.Mu1 * _before[i] * _after[i]) + (_smoothness?.Self(i % _extent.X, i / _extent.X) ?? 0);
    }

    public void Message(ReadOnlySpan<float> values, Span<float> result)
    {
        if (_grid is null) result.Clear();
        else Appearance(values, _rows, _weighted, result);
        _smoothness?.Add(values, result, _rows.Box);
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i] * values[i];
    }

    public void Iterate(float[] q, float[] logit, float[] message, float[] scratch, CancellationToken cancel)
    {
        var (done, all) = (0, _options.Iterations);
        if (_sweep is null)
        {
            MeanField.Updates(this, q, logit, message, scratch, all, cancel);
            return;
        }
        // Messages of q − ½ need no total, and where most is in doubt nothing is gained by leaving out the rest.
        if (IsDoubtful(q))
        {
            _sweep.Begin(q, 0.5f, logit, _rows, message);
            while (done < all && (done != 1 || all < 4 || IsDoubtful(q)))
            {
                cancel.ThrowIfCancellationRequested();
                _sweep.Step(q, ++done == all);
            }
        }
        if (done < all) Focused(q, logit, message, scratch, done, cancel);
    }

    /// <summary>Whether most pixels have to be worked on.</summary>
    private bool IsDoubtful(float[] q)
    {
        if (_tolerance == 0) return true;
        _few.Above(q, _tolerance);
        return _few.Count > Most * _extent.Count;
    }

    private void Place()
    {
        _grid!.Place(_node, _share, _rows);
        if (_cells.Length < _grid.Size) (_cells, _scratch) = (new float[_grid.Size], new float[_grid.Size]);
    }

    /// <summary>What some rows send to all that the kernel reaches; the rest of the result stays as it is.</summary>
    private void Appearance(ReadOnlySpan<float> values, RowSpans rows, float[] density, Span<float> result)
    {
        Span<float> cells = _cells.AsSpan(0, _grid!.Size), blurred = _scratch.AsSpan(0, _grid.Size);
        GridBlocks from = _grid.Around(rows, 0), to = _grid.Around(rows, _space.Length);
        _grid.Splat(values, _before, cells, rows);
        _grid.Blur(cells, blurred, density, _space, from, to);
        _grid.Read(blurred, to, _after, result);
    }
}
