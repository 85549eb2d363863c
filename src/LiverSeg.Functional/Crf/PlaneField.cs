using System;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>How finely the bilateral grid samples and how far its blur reaches, in nodes a θ and in θ; chosen by measurement.</summary>
internal readonly record struct GridSampling(double Space, double Density, double Reach)
{
    internal static GridSampling Default { get; } = new(3, 4, 3);
}

/// <summary>One transverse slice: buffers for one thread, used for slice after slice.</summary>
internal sealed class PlaneField : ICrfField
{
    /// <summary>Logits to spare when the bound of a voxel is raised, so that few rounds are needed.</summary>
    private const float Spare = 1;

    private readonly CrfOptions _options;
    private readonly Extent _extent;
    private readonly BilateralGrid? _grid;
    private readonly Smoothness? _smoothness;
    private readonly float[] _space, _density, _share, _before, _after, _self;
    private readonly RowSpans _all, _few, _raised;
    private readonly float _limit;
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
        if (options.Mu1 > 0) _grid = new(new(_extent.X, ax, sampling.Space), new(_extent.Y, ay, sampling.Space));
        if (options.Mu2 > 0) _smoothness = new(_extent.X, _extent.Y, gx, gy, options.Mu2, options.Normalization);
        (_node, _share, _before, _after) = (new int[n], new float[n], new float[n], new float[n]);
        _self = options.SelfTerm ? [] : new float[n];
        (_all, _few, _raised) = (new(_extent.X, _extent.Y), new(_extent.X, _extent.Y), new(_extent.X, _extent.Y));
        _all.All();
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
            Appearance(_before, _rows, _before);
            CrfScale.Of(_before, _options.Normalization, _options.Mu1, _before, _after);
        }
        for (var i = 0; i < _self.Length; i++)
            _self[i] = (_grid is null ? 0 : _before[i] * _after[i]) + (_smoothness?.Self(i % _extent.X, i / _extent.X) ?? 0);
    }

    public void Message(ReadOnlySpan<float> values, Span<float> result)
    {
        if (_grid is null) result.Clear();
        else Appearance(values, _rows, result);
        _smoothness?.Add(values, result, _rows.Box);
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i] * values[i];
    }

    public void Total(Span<float> result)
    {
        result.Fill(1);
        if (_grid is null) result.Clear();
        else Appearance(result, _rows, result);
        _smoothness?.AddTotal(result);
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i];
    }

    public void Raised(ReadOnlySpan<float> values, float floor, ReadOnlySpan<float> total, Span<float> result)
    {
        if (_options.Tolerance == 0)
        {
            Message(values, result);
            return;
        }
        if (_above.Length == 0) _above = new float[values.Length];
        _raised.Above(values, floor + (float)_options.Tolerance / 100);
        _above.AsSpan().Clear();
        for (var y = _raised.Box.Y0; y < _raised.Box.Y1; y++)
            for (var (x, end) = (y * _extent.X + _raised[y].Start, y * _extent.X + _raised[y].End); x < end; x++) _above[x] = values[x] - floor;
        result.Clear();
        if (_raised.Count > 0)
        {
            if (_grid is not null) Appearance(_above, _raised, result);
            _smoothness?.Add(_above, result, _smoothness.Around(_raised.Box));
        }
        NeighbourSums.Add(total, floor, result);
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i] * _above[i];
    }

    public RowSpans Focus(ReadOnlySpan<float> q, ReadOnlySpan<float> unary, ReadOnlySpan<float> total, Span<float> scratch)
    {
        var tolerance = (float)_options.Tolerance;
        if (tolerance == 0 || _options.Iterations < 4) return _rows;
        if (_bound.Length == 0) _bound = new float[q.Length];
        // An upper bound v of all later iterations is sought: the update grows with every probability, so one that the update
        // does not exceed anywhere stays one. First guess: the tolerance, or 1 where q is above it.
        var (j, most) = (0, new Vector<float>(tolerance));
        for (; j <= q.Length - Vector<float>.Count; j += Vector<float>.Count)
            Vector.ConditionalSelect(Vector.LessThanOrEqual(new Vector<float>(q[j..]), most), most, Vector<float>.One).CopyTo(_bound, j);
        for (; j < q.Length; j++) _bound[j] = q[j] <= tolerance ? tolerance : 1;
        // A round costs as much as an iteration: after a few, working on all is cheaper.
        for (var round = 0; round < 4; round++)
        {
            _few.Above(_bound, tolerance);
            if (_few.Count > 0.5 * _extent.Count) break;
            if (_few.Count > 0 && Raise(unary, total, scratch) > 0) continue;
            _rows = _few;
            if (_grid is not null) Place();
            break;
        }
        return _rows;
    }

    /// <summary>Raises the bound, with something to spare, where the update exceeds it; how often.</summary>
    private int Raise(ReadOnlySpan<float> unary, ReadOnlySpan<float> total, Span<float> scratch)
    {
        Raised(_bound, (float)_options.Tolerance, total, scratch);
        var (fails, least) = (0, new Vector<float>(_limit - Spare));
        for (var i = 0; i < scratch.Length; i++)
        {
            // Most are far below.
            while (i <= scratch.Length - Vector<float>.Count && Vector.LessThanOrEqualAll(new Vector<float>(unary[i..]) + 2 * new Vector<float>(scratch[i..]), least)) i += Vector<float>.Count;
            if (i >= scratch.Length) break;
            if (_bound[i] == 1) continue;
            var logit = unary[i] + 2 * scratch[i];
            if (logit <= _limit - Spare) continue;
            var bound = MathF.Log(_bound[i] / (1 - _bound[i]));
            // Those that only just hold are raised too: the others' rise would make them fail in the next round.
            if (logit <= bound - Spare) continue;
            _bound[i] = logit > 0 ? 1 : 1 / (1 + MathF.Exp(-logit - 2 * Spare));
            if (logit > bound) fails++;
        }
        return fails;
    }

    private void Place()
    {
        _grid!.Place(_node, _share, _rows);
        if (_cells.Length < _grid.Size) (_cells, _scratch) = (new float[_grid.Size], new float[_grid.Size]);
    }

    /// <summary>What some rows send to all that the kernel reaches; the rest of the result stays as it is.</summary>
    private void Appearance(ReadOnlySpan<float> values, RowSpans rows, Span<float> result)
    {
        Span<float> cells = _cells.AsSpan(0, _grid!.Size), blurred = _scratch.AsSpan(0, _grid.Size);
        GridBlocks from = _grid.Around(rows, 0), to = _grid.Around(rows, _space.Length);
        _grid.Splat(values, _before, cells, rows);
        _grid.Blur(cells, blurred, _density, _space, from, to);
        _grid.Read(blurred, to, _after, result);
    }
}
