using System;
using System.Threading;
using System.Numerics;

namespace LiverSeg.Functional;

/// <summary>The mean field updates of one field: Q ← softmax(−U + message), all voxels at once.</summary>
internal static class MeanField
{
    /// <summary>Two labels in one channel: Q₀ = 1 − Q₁, so only k̃·(2Q₁ − 1) has to be summed.</summary>
    /// <param name="field">The kernels.</param>
    /// <param name="q">The probabilities of label 1, overwritten.</param>
    /// <param name="logit">Room for as many numbers.</param>
    /// <param name="message">Room for as many numbers.</param>
    /// <param name="scratch">Room for as many numbers.</param>
    /// <param name="least">The least probability.</param>
    /// <param name="cancel">Asks to stop between updates.</param>
    internal static void Binary(ICrfField field, float[] q, float[] logit, float[] message, float[] scratch, float least, CancellationToken cancel = default)
    {
        // The rarer label is 1 from here on: voxels that surely are not of it can be left out.
        var exchange = IsLikely(q);
        if (exchange) Exchange(q);
        Logits(q, least, logit);
        field.Iterate(q, logit, message, scratch, cancel);
        if (exchange) Exchange(q);
    }

    /// <summary>The updates one after the other, all voxels at once.</summary>
    internal static void Updates(ICrfField field, float[] q, float[] logit, float[] message, float[] scratch, int iterations, CancellationToken cancel)
    {
        for (var t = 0; t < iterations; t++)
        {
            cancel.ThrowIfCancellationRequested();
            NeighbourSums.Shift(q, -0.5f, scratch);
            field.Message(scratch, message);
            Update(logit, message, q);
        }
    }

    /// <summary>q is drawn into [least, 1 − least]; logit = log(q / (1 − q)).</summary>
    private static void Logits(Span<float> q, float least, Span<float> logit)
    {
        var (low, high, i) = (new Vector<float>(least), new Vector<float>(1 - least), 0);
        for (; i <= q.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var p = Vector.Min(Vector.Max(new Vector<float>(q[i..]), low), high);
            p.CopyTo(q[i..]);
            Vector.Log(p / (Vector<float>.One - p)).CopyTo(logit[i..]);
        }
        for (; i < q.Length; i++)
        {
            q[i] = Math.Clamp(q[i], least, 1 - least);
            logit[i] = MathF.Log(q[i] / (1 - q[i]));
        }
    }

    /// <summary>Whether label 1 is the more frequent one; where both are as frequent, whether the first voxel that says anything says 1.</summary>
    private static bool IsLikely(ReadOnlySpan<float> p)
    {
        var (balance, first) = (0, 0);
        foreach (var v in p)
        {
            var side = (v > 0.5f ? 1 : 0) - (v < 0.5f ? 1 : 0);
            balance += side;
            if (first == 0) first = side;
        }
        return balance != 0 ? balance > 0 : first > 0;
    }

    private static void Exchange(Span<float> p)
    {
        for (var i = 0; i < p.Length; i++) p[i] = 1 - p[i];
    }

    /// <summary>Any number of labels: one message per label, then the softmax over all of them.</summary>
    /// <param name="field">The kernels.</param>
    /// <param name="q">The probabilities label after label, overwritten.</param>
    /// <param name="unary">Room for as many numbers.</param>
    /// <param name="message">Room for as many numbers.</param>
    /// <param name="labels">How many labels there are.</param>
    /// <param name="options">Iterations and the least probability.</param>
    /// <param name="cancel">Asks to stop between updates.</param>
    internal static void General(ICrfField field, Span<float> q, Span<float> unary, Span<float> message, int labels, CrfOptions options, CancellationToken cancel = default)
    {
        var n = q.Length / labels;
        var least = (float)options.MinProbability;
        for (var i = 0; i < q.Length; i++) unary[i] = MathF.Log(Math.Max(q[i], least));
        message.Clear();
        Softmax(unary, message, q, n, labels);
        for (var t = 0; t < options.Iterations; t++)
        {
            cancel.ThrowIfCancellationRequested();
            for (var l = 0; l < labels; l++) field.Message(q.Slice(l * n, n), message.Slice(l * n, n));
            Softmax(unary, message, q, n, labels);
        }
    }

    private static void Softmax(ReadOnlySpan<float> unary, ReadOnlySpan<float> message, Span<float> q, int n, int labels)
    {
        for (var i = 0; i < n; i++)
        {
            var most = float.NegativeInfinity;
            for (var j = i; j < q.Length; j += n) most = Math.Max(most, unary[j] + message[j]);
            var sum = 0f;
            for (var j = i; j < q.Length; j += n) sum += q[j] = MathF.Exp(unary[j] + message[j] - most);
            for (var j = i; j < q.Length; j += n) q[j] /= sum;
        }
    }

    /// <summary>q = 1 / (1 + exp(−(unary + 2 · message))).</summary>
    internal static void Update(ReadOnlySpan<float> unary, ReadOnlySpan<float> message, Span<float> q)
    {
        var i = 0;
        for (; i <= q.Length - Vector<float>.Count; i += Vector<float>.Count)
            Logistic(new Vector<float>(unary[i..]) + 2 * new Vector<float>(message[i..])).CopyTo(q[i..]);
        for (; i < q.Length; i++) q[i] = Logistic(new Vector<float>(unary[i] + 2 * message[i]))[0];
    }

    /// <summary>1 / (1 + exp(−x)), to about 1e−7.</summary>
    internal static Vector<float> Logistic(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Exp(-x));

    /// <summary>exp by splitting off powers of two; arguments beyond ±80 are drawn in.</summary>
    private static Vector<float> Exp(Vector<float> x)
    {
        x = Vector.Min(Vector.Max(x, new(-80f)), new(80f));
        var n = Vector.Floor(Vector.FusedMultiplyAdd(x, new(1.44269504f), new(0.5f)));
        var r = Vector.FusedMultiplyAdd(n, new(-0.693359375f), x);
        r = Vector.FusedMultiplyAdd(n, new(2.12194440e-4f), r);
        // Taylor's series; |r| ≤ ln 2 / 2.
        var e = new Vector<float>(1 / 5040f);
        e = Vector.FusedMultiplyAdd(e, r, new(1 / 720f));
        e = Vector.FusedMultiplyAdd(e, r, new(1 / 120f));
        e = Vector.FusedMultiplyAdd(e, r, new(1 / 24f));
        e = Vector.FusedMultiplyAdd(e, r, new(1 / 6f));
        e = Vector.FusedMultiplyAdd(e, r, new(0.5f));
        e = Vector.FusedMultiplyAdd(e, r, Vector<float>.One);
        e = Vector.FusedMultiplyAdd(e, r, Vector<float>.One);
        return e * Vector.AsVectorSingle((Vector.ConvertToInt32(n) + new Vector<int>(127)) << 23);
    }
}
