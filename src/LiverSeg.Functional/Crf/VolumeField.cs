using System;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>A whole volume as one field: the planes' grids stacked along z, all loops slice by slice over the threads.</summary>
internal sealed class VolumeField : ICrfField
{
    private readonly CrfOptions _options;
    private readonly CrfPlanes _planes;
    private readonly GridSampling _sampling;
    private readonly GridAxis _x, _y, _z;
    private readonly float[] _space, _density, _before, _after, _across, _values, _sums, _alongZ;
    private readonly RowSpans _slice;
    private readonly double _theta;
    private readonly (float[] Before, float[] After) _scaleZ;
    private readonly int _area;
    private float[] _guide = [], _layers = [], _blurred = [];
    private DensityAxis? _axis;

    internal VolumeField(CrfPlanes planes, double huPerUnit, CrfOptions options, GridSampling sampling)
    {
        (_options, _planes, _sampling, _theta) = (options, planes, sampling, options.ThetaBeta / huPerUnit);
        var e = planes.Extent;
        _area = e.X * e.Y;
        var (ax, ay, az) = planes.Voxels(options.ThetaAlpha, options.Unit);
        (_x, _y, _z) = (new(e.X, ax, sampling.Space), new(e.Y, ay, sampling.Space), new(e.Z, az, sampling.Space));
        (_space, _density) = (GridAxis.Blur(sampling.Space, sampling.Reach), GridAxis.Blur(sampling.Density, sampling.Reach));
        _alongZ = Smoothness.Weights(planes.Voxels(options.ThetaGamma, options.Unit).Z, e.Z);
        _scaleZ = Smoothness.Scale(_alongZ, e.Z, options.Normalization);
        var n = _area * e.Z;
        (_before, _after, _across, _values, _sums) = (new float[n], new float[n], new float[n], new float[n], new float[n]);
        _slice = new(e.X, e.Y);
        _slice.All();
    }

    public void Prepare(ReadOnlySpan<float> guide)
    {
        if (_options.Mu1 == 0) return;
        _guide = guide.ToArray();
        _axis = new(guide, _theta, _sampling.Density, _density.Length - 1);
        Array.Fill(_before, 1);
        Array.Fill(_after, 1);
        Appearance(_before, _before);
        CrfScale.Of(_before, _options.Normalization, _options.Mu1, _before, _after);
    }

    /// <summary>All voxels in each update: the proof by worst cases is made for slices only.</summary>
    public void Iterate(float[] q, float[] logit, float[] message, float[] scratch, CancellationToken cancel) =>
        MeanField.Updates(this, q, logit, message, scratch, _options.Iterations, cancel);

    public void Message(ReadOnlySpan<float> values, Span<float> result)
    {
        // Spans cannot cross threads.
        values.CopyTo(_values);
        if (_options.Mu1 > 0) Appearance(_values, _sums);
        else Array.Clear(_sums);
        if (_options.Mu2 > 0) Smooth(_values, _sums);
        if (!_options.SelfTerm) SubtractSelf(_values, _sums);
        _sums.CopyTo(result);
    }

    private void Smooth(float[] values, float[] result)
    {
        var e = _planes.Extent;
        var (x, y, _) = _planes.Voxels(_options.ThetaGamma, _options.Unit);
        Slices(() => new Smoothness(e.X, e.Y, x, y, _options.Mu2, _options.Normalization), (plane, z) =>
        {
            var target = _across.AsSpan(z * _area, _area);
            target.Clear();
            plane.Add(values.AsSpan(z * _area, _area), target, _slice.Box);
            for (var i = 0; i < target.Length; i++) target[i] *= _scaleZ.Before[z];
        });
        Slices(() => new float[_area], (line, z) =>
        {
            NeighbourSums.Line(_across, line, z, e.Z, _area, _alongZ);
            NeighbourSums.Add(line, _scaleZ.After[z], result.AsSpan(z * _area, _area));
        });
    }

    private void Appearance(float[] values, float[] result)
    {
        var (size, nodes) = ((_x.Cells + 1) * (_y.Cells + 1) * _axis!.Nodes, _axis.Nodes);
        if (_layers.Length != checked((_z.Cells + 1) * size)) (_layers, _blurred) = (new float[(_z.Cells + 1) * size], new float[(_z.Cells + 1) * size]);
        var (layers, blurred) = (_layers, _blurred);
        Array.Clear(layers);
        // Each interval between two layers of nodes has sums of its own, added in a fixed order: no result depends on the threads.
        for (var parity = 0; parity < 2; parity++)
            Intervals(parity, () => new Plane(this, size), (plane, cell) =>
            {
                for (var z = _z.Start[cell]; z < _z.Start[cell + 1]; z++)
                {
                    plane.Place(z);
                    plane.Grid.Splat(values.AsSpan(z * _area, _area), _before.AsSpan(z * _area, _area), plane.Cells, _slice);
                    NeighbourSums.Add(plane.Cells, 1 - _z.Share[z], layers.AsSpan(cell * size, size));
                    NeighbourSums.Add(plane.Cells, _z.Share[z], layers.AsSpan((cell + 1) * size, size));
                }
            });
        Parallel.For(0, _z.Cells + 1, Workers, () => new Plane(this, size), (layer, _, plane) =>
        {
            plane.Place(0);
            plane.Grid.Blur(layers.AsSpan(layer * size, size), plane.Cells, _density, _space, plane.Grid.Blocks, plane.Grid.Blocks);
            plane.Cells.AsSpan(0, plane.Grid.Size).CopyTo(layers.AsSpan(layer * size));
            return plane;
        }, _ => { });
        Parallel.For(0, _z.Cells + 1, Workers, layer => NeighbourSums.Line(layers, blurred.AsSpan(layer * size, size), layer, _z.Cells + 1, size, _space));
        Slices(() => new Plane(this, size), (plane, z) =>
        {
            plane.Place(z);
            plane.Cells.AsSpan().Clear();
            NeighbourSums.Add(blurred.AsSpan(_z.Cell[z] * size, size), 1 - _z.Share[z], plane.Cells);
            NeighbourSums.Add(blurred.AsSpan((_z.Cell[z] + 1) * size, size), _z.Share[z], plane.Cells);
            plane.Grid.Read(plane.Cells, plane.Grid.Blocks, _after.AsSpan(z * _area, _area), result.AsSpan(z * _area, _area));
        });
    }

    private void SubtractSelf(float[] values, float[] sums)
    {
        var e = _planes.Extent;
        var (x, y, _) = _planes.Voxels(_options.ThetaGamma, _options.Unit);
        var plane = new Smoothness(e.X, e.Y, x, y, _options.Mu2, _options.Normalization);
        for (var i = 0; i < sums.Length; i++)
        {
            var z = i / _area;
            var near = _options.Mu2 > 0 ? plane.Self(i % e.X, i / e.X % e.Y) * _scaleZ.Before[z] * _scaleZ.After[z] : 0;
            sums[i] -= values[i] * (near + (_options.Mu1 > 0 ? _before[i] * _after[i] : 0));
        }
    }

    private ParallelOptions Workers => Parallelism.Of(_options.Threads);

    private void Slices<T>(Func<T> own, Action<T, int> slice) => Parallel.For(0, _planes.Extent.Z, Workers, own, (z, _, o) =>
    {
        slice(o, z);
        return o;
    }, _ => { });

    /// <summary>Every second interval at once: two of them share a layer only if they are neighbours.</summary>
    private void Intervals<T>(int parity, Func<T> own, Action<T, int> interval) => Parallel.For(0, (_z.Cells + 1 - parity) / 2, Workers, own, (i, _, o) =>
    {
        interval(o, 2 * i + parity);
        return o;
    }, _ => { });

    /// <summary>One thread's grid and what it knows of the slice at hand.</summary>
    private sealed class Plane
    {
        private readonly VolumeField _field;
        private readonly int[] _node;
        private readonly float[] _share;

        internal Plane(VolumeField field, int size)
        {
            _field = field;
            (_node, _share, Cells) = (new int[field._area], new float[field._area], new float[size]);
            Grid = new(field._x, field._y);
        }

        internal BilateralGrid Grid { get; }

        internal float[] Cells { get; }

        internal void Place(int z)
        {
            _field._axis!.Place(_field._guide.AsSpan(z * _field._area, _field._area), _node, _share);
            Grid.Place(_node, _share, _field._slice, _field._axis.Nodes);
        }
    }
}
