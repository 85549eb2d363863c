using System;
using System.Collections.Generic;

namespace LiverSeg.Functional.Benchmarks;

/// <summary>
/// Gaussian filtering on the permutohedral lattice as it was published (Adams, Baek, Davis 2010), scalar and straightforward:
/// the textbook method, to metric beside.
/// </summary>
internal sealed class Lattice
{
    private readonly int _d, _n, _vertices;
    private readonly int[] _corner;
    private readonly float[] _weight;
    private readonly int[] _before, _after;

    /// <param name="features">d numbers a point, divided by their deviations.</param>
    /// <param name="d">Dimensions.</param>
    internal Lattice(float[] features, int d)
    {
        (_d, _n) = (d, features.Length / d);
        (_corner, _weight) = (new int[_n * (d + 1)], new float[_n * (d + 1)]);
        var keys = new Dictionary<Key, int>();
        var list = new List<Key>();
        var elevated = new float[d + 1];
        var nearest = new int[d + 1];
        var rank = new int[d + 1];
        var shares = new float[d + 2];
        var key = new int[d];
        var spread = MathF.Sqrt(2f / 3) * (d + 1);
        for (var p = 0; p < _n; p++)
        {
            // Into the plane of coordinates that sum to zero.
            var sum = 0f;
            for (var i = d; i > 0; i--)
            {
                var c = features[p * d + i - 1] * spread / MathF.Sqrt(i * (i + 1));
                elevated[i] = sum - i * c;
                sum += c;
            }
            elevated[0] = sum;
            // The nearest point whose coordinates are multiples of d + 1, and the order of what is left.
            var total = 0;
            for (var i = 0; i <= d; i++)
            {
                nearest[i] = (int)MathF.Round(elevated[i] / (d + 1)) * (d + 1);
                total += nearest[i] / (d + 1);
            }
            Array.Clear(rank);
            for (var i = 0; i < d; i++)
                for (var j = i + 1; j <= d; j++)
                    if (elevated[i] - nearest[i] < elevated[j] - nearest[j]) rank[i]++;
                    else rank[j]++;
            for (var i = 0; i <= d; i++)
            {
                rank[i] += total;
                if (rank[i] < 0)
                {
                    rank[i] += d + 1;
                    nearest[i] += d + 1;
                }
                else if (rank[i] > d)
                {
                    rank[i] -= d + 1;
                    nearest[i] -= d + 1;
                }
            }
            Array.Clear(shares);
            for (var i = 0; i <= d; i++)
            {
                var v = (elevated[i] - nearest[i]) / (d + 1);
                shares[d - rank[i]] += v;
                shares[d - rank[i] + 1] -= v;
            }
            shares[0] += 1 + shares[d + 1];
            for (var r = 0; r <= d; r++)
            {
                for (var i = 0; i < d; i++) key[i] = nearest[i] + r - (rank[i] > d - r ? d + 1 : 0);
                var k = new Key(key);
                if (!keys.TryGetValue(k, out var at))
                {
                    at = list.Count;
                    keys.Add(k, at);
                    list.Add(k);
                }
                (_corner[p * (d + 1) + r], _weight[p * (d + 1) + r]) = (at, shares[r]);
            }
        }
        _vertices = list.Count;
        (_before, _after) = (new int[_vertices * (d + 1)], new int[_vertices * (d + 1)]);
        for (var j = 0; j <= d; j++)
            for (var v = 0; v < _vertices; v++)
            {
                _before[j * _vertices + v] = keys.TryGetValue(list[v].Step(j, -1, d), out var b) ? b : -1;
                _after[j * _vertices + v] = keys.TryGetValue(list[v].Step(j, 1, d), out var a) ? a : -1;
            }
    }

    /// <summary>result = K · values for one channel.</summary>
    internal void Filter(float[] values, float[] result)
    {
        var (here, there) = (new float[_vertices], new float[_vertices]);
        for (var p = 0; p < _n; p++)
            for (var r = 0; r <= _d; r++) here[_corner[p * (_d + 1) + r]] += _weight[p * (_d + 1) + r] * values[p];
        for (var j = 0; j <= _d; j++)
        {
            for (var v = 0; v < _vertices; v++)
            {
                int b = _before[j * _vertices + v], a = _after[j * _vertices + v];
                there[v] = here[v] + 0.5f * ((b < 0 ? 0 : here[b]) + (a < 0 ? 0 : here[a]));
            }
            (here, there) = (there, here);
        }
        var scale = 1 / (1 + MathF.Pow(2, -_d));
        for (var p = 0; p < _n; p++)
        {
            var sum = 0f;
            for (var r = 0; r <= _d; r++) sum += _weight[p * (_d + 1) + r] * here[_corner[p * (_d + 1) + r]];
            result[p] = sum * scale;
        }
    }

    private readonly record struct Key(int A, int B, int C)
    {
        internal Key(int[] k) : this(k[0], k.Length > 1 ? k[1] : 0, k.Length > 2 ? k[2] : 0) { }

        /// <summary>The neighbour along one lattice axis: one less everywhere, d more at j (and the other way round).</summary>
        internal Key Step(int j, int sign, int d) => new(
            A - sign + (j == 0 ? sign * (d + 1) : 0),
            d > 1 ? B - sign + (j == 1 ? sign * (d + 1) : 0) : 0,
            d > 2 ? C - sign + (j == 2 ? sign * (d + 1) : 0) : 0);
    }
}

/// <summary>The mean field of a slice as in the literature: two lattices, both labels, symmetric scale.</summary>
internal static class Textbook
{
    internal static float[] Refine(float[] p, float[] guide, int width, CrfOptions options)
    {
        var n = p.Length;
        float[] near = new float[2 * n], far = new float[3 * n];
        for (var i = 0; i < n; i++)
        {
            float x = i % width, y = i / width;
            (near[2 * i], near[2 * i + 1]) = (x / (float)options.ThetaGamma, y / (float)options.ThetaGamma);
            (far[3 * i], far[3 * i + 1], far[3 * i + 2]) = (x / (float)options.ThetaAlpha, y / (float)options.ThetaAlpha, guide[i] / (float)options.ThetaBeta);
        }
        (Lattice Lattice, float Mu, float[] Scale)[] kernels = [(new(near, 2), (float)options.Mu2, new float[n]), (new(far, 3), (float)options.Mu1, new float[n])];
        var ones = new float[n];
        Array.Fill(ones, 1);
        foreach (var k in kernels)
        {
            k.Lattice.Filter(ones, k.Scale);
            for (var i = 0; i < n; i++) k.Scale[i] = 1 / MathF.Sqrt(k.Scale[i] + 1e-20f);
        }
        float[][] q = [new float[n], new float[n]], unary = [new float[n], new float[n]], sum = [new float[n], new float[n]];
        float[] scaled = new float[n], filtered = new float[n];
        for (var i = 0; i < n; i++)
        {
            q[1][i] = Math.Clamp(p[i], (float)options.MinProbability, 1 - (float)options.MinProbability);
            q[0][i] = 1 - q[1][i];
            for (var l = 0; l < 2; l++) unary[l][i] = MathF.Log(q[l][i]);
        }
        for (var t = 0; t < options.Iterations; t++)
        {
            for (var l = 0; l < 2; l++)
            {
                unary[l].CopyTo(sum[l], 0);
                foreach (var k in kernels)
                {
                    for (var i = 0; i < n; i++) scaled[i] = q[l][i] * k.Scale[i];
                    k.Lattice.Filter(scaled, filtered);
                    for (var i = 0; i < n; i++) sum[l][i] += k.Mu * k.Scale[i] * filtered[i];
                }
            }
            for (var i = 0; i < n; i++)
            {
                var most = Math.Max(sum[0][i], sum[1][i]);
                float a = MathF.Exp(sum[0][i] - most), b = MathF.Exp(sum[1][i] - most);
                (q[0][i], q[1][i]) = (a / (a + b), b / (a + b));
            }
        }
        return q[1];
    }
}
