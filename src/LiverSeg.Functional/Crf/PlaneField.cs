using System;

namespace LiverSeg.Functional;

/// <summary>One transverse slice: buffers for one thread, used for slice after slice.</summary>
internal sealed class PlaneField : ICrfField
{
    private readonly CrfOptions _options;
    private readonly Extent _extent;
    private readonly BilateralGrid? _grid;
    private readonly Smoothness? _smoothness;
    private readonly float[] _space, _density, _share, _before, _after, _appearance, _self;
    private readonly double _theta;
    private readonly GridSampling _sampling;
    private readonly int[] _node;
    private float[] _cells = [], _scratch = [];

    internal PlaneField(CrfPlanes planes, double huPerUnit, CrfOptions options, GridSampling sampling)
    {
        (_options, _extent, _sampling, _theta) = (options, planes.Extent, sampling, options.ThetaBeta / huPerUnit);
        var n = (int)planes.Extent.Count;
        var (ax, ay, _) = planes.Voxels(options.ThetaAlpha, options.Unit);
        var (gx, gy, _) = planes.Voxels(options.ThetaGamma, options.Unit);
        (_space, _density) = (GridAxis.Blur(sampling.Space, sampling.Reach), GridAxis.Blur(sampling.Density, sampling.Reach));
        if (options.Mu1 > 0) _grid = new(new(_extent.X, ax, sampling.Space), new(_extent.Y, ay, sampling.Space));
        if (options.Mu2 > 0) _smoothness = new(_extent.X, _extent.Y, gx, gy, options.Mu2, options.Normalization);
        (_node, _share, _before, _after, _appearance) = (new int[n], new float[n], new float[n], new float[n], new float[n]);
        _self = options.SelfTerm ? [] : new float[n];
    }

    public void Prepare(ReadOnlySpan<float> guide)
    {
        if (_grid is { } grid)
        {
            var axis = new DensityAxis(guide, _theta, _sampling.Density, _density.Length - 1);
            axis.Place(guide, _node, _share);
            grid.Place(_node, _share, axis.Nodes);
            if (_cells.Length < grid.Size) (_cells, _scratch) = (new float[grid.Size], new float[grid.Size]);
            Array.Fill(_before, 1);
            Array.Fill(_after, 1);
            Appearance(_before, _appearance);
            // A Gaussian's sum is 1 at least, the self term's share; the grid may come out a little below.
            for (var i = 0; i < _before.Length; i++)
                (_before[i], _after[i]) = CrfScale.Of(Math.Max(_appearance[i], 0.5f), _options.Normalization);
            for (var i = 0; i < _after.Length; i++) _after[i] *= (float)_options.Mu1;
        }
        if (_self.Length == 0) return;
        for (var i = 0; i < _self.Length; i++)
            _self[i] = (_grid is null ? 0 : _before[i] * _after[i]) + (_smoothness?.Self(i % _extent.X, i / _extent.X) ?? 0);
    }

    public void Message(ReadOnlySpan<float> values, Span<float> result)
    {
        if (_smoothness is { } smoothness) smoothness.Apply(values, result);
        else result.Clear();
        if (_grid is not null)
        {
            Appearance(values, _appearance);
            NeighbourSums.Add(_appearance, 1, result);
        }
        for (var i = 0; i < _self.Length; i++) result[i] -= _self[i] * values[i];
    }

    private void Appearance(ReadOnlySpan<float> values, Span<float> result)
    {
        var cells = _cells.AsSpan(0, _grid!.Size);
        _grid.Splat(values, _before, cells);
        _grid.Blur(cells, _scratch, _density, _space);
        _grid.Read(cells, _after, result);
    }
}
