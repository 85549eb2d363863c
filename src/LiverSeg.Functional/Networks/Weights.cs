using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>The numbers of one named weight, in PyTorch's layout; never changed once made.</summary>
/// <remarks>Equal when shape and all numbers are.</remarks>
public sealed class Weight : IEquatable<Weight>
{
    private readonly EquatableArray<int> _shape;
    private readonly float[] _values;

    /// <summary>Takes the array as its own.</summary>
    internal Weight(EquatableArray<int> shape, float[] values)
    {
        var count = shape.Aggregate(1L, (n, d) => n * d);
        if (count != values.Length)
            throw new ArgumentException(FormattableString.Invariant($"{values.Length} values ≠ {count} of the shape {shape}"), nameof(values));
        (_shape, _values) = (shape, values);
    }

    /// <summary>A weight with a copy of the values, the last dimension fastest.</summary>
    /// <exception cref="ArgumentException">The number of values is not the shape's.</exception>
    public static Weight Of(IReadOnlyList<int> shape, ReadOnlySpan<float> values) => new(shape.ToEquatableArray(), values.ToArray());

    /// <summary>(out, in, z, y, x) of a convolution, (in, out, z, y, x) of a deconvolution, (out) of a bias.</summary>
    public IReadOnlyList<int> Shape => _shape;

    /// <summary>The numbers, the last dimension fastest.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <inheritdoc/>
    public bool Equals(Weight? other) => other is not null && _shape.Equals(other._shape) && Values.SequenceEqual(other.Values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Weight);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_shape, _values.Length > 0 ? _values[0] : 0f);
}

/// <summary>All numbers that a network learned, by name (<c>after3/up1/weight</c>), in the names' ordinal order.</summary>
/// <remarks>An immutable value: equal when all names and numbers are.</remarks>
public sealed partial class Weights : IReadOnlyDictionary<string, Weight>, IEquatable<Weights>
{
    private readonly SortedList<string, Weight> _byName;

    /// <summary>The weights of these names.</summary>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public Weights(IEnumerable<KeyValuePair<string, Weight>> weights)
    {
        _byName = new(StringComparer.Ordinal);
        foreach (var (name, weight) in weights) _byName.Add(name, weight);
    }

    /// <summary>How many numbers there are in all; equals the network's parameter count.</summary>
    public long ParameterCount => _byName.Values.Sum(w => (long)w.Values.Length);

    /// <summary>SHA-256 over names, shapes and numbers, in lower-case hexadecimal: names the weights wherever results are reported.</summary>
    public string Hash
    {
        get
        {
            using var hash = new Sha256Hash();
            foreach (var (name, weight) in _byName)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(name + string.Join(',', weight.Shape) + "\n"));
                hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weight.Values));
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>Throws unless names and shapes are exactly those that the network asks for.</summary>
    internal Weights EnsureFits(Layer network)
    {
        var wanted = network.WeightShapes().ToDictionary(w => w.Name, w => w.Shape);
        foreach (var (name, shape) in wanted)
            if (!TryGetValue(name, out var weight)) throw new ArgumentException($"weight '{name}' {shape} is missing", nameof(network));
            else if (!shape.Equals(weight.Shape)) throw new ArgumentException($"weight '{name}' has shape {weight.Shape}, the network asks for {shape}", nameof(network));
        foreach (var name in Keys)
            if (!wanted.ContainsKey(name)) throw new ArgumentException($"weight '{name}' belongs to no layer of the network", nameof(network));
        return this;
    }

    /// <summary>The same numbers for a network whose input has more channels, 0 for those that are new.</summary>
    /// <exception cref="ArgumentException">Another operation than a convolution that reads the input alone grew, or more changed than that.</exception>
    internal Weights Widened(Layer network)
    {
        var input = network.Operations(new(network.Channels(), new(network.Stride(), network.Stride(), network.Stride()))).First(o => o.Layer is not Layer.Input).Path + "/weight";
        return new(network.WeightShapes().Select(w =>
        {
            if (!TryGetValue(w.Name, out var own)) throw new ArgumentException($"weight '{w.Name}' {w.Shape} is missing", nameof(network));
            if (w.Shape.Equals(own.Shape)) return KeyValuePair.Create(w.Name, own);
            if (w.Name != input || own.Shape.Count != 5 || own.Shape[1] > w.Shape[1])
                throw new ArgumentException($"weight '{w.Name}' would be {w.Shape} instead of {own.Shape}; only the first convolution may read the input", nameof(network));
            // (out, in, z, y, x): the channels that were there come first.
            var (block, wide) = (own.Values.Length / own.Shape[0], w.Shape.Aggregate(1, (n, d) => n * d) / w.Shape[0]);
            var values = new float[w.Shape[0] * wide];
            for (var o = 0; o < w.Shape[0]; o++) own.Values.Slice(o * block, block).CopyTo(values.AsSpan(o * wide));
            return KeyValuePair.Create(w.Name, new Weight(w.Shape, values));
        }));
    }

    /// <inheritdoc/>
    public Weight this[string key] => _byName[key];

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _byName.Keys;

    /// <inheritdoc/>
    public IEnumerable<Weight> Values => _byName.Values;

    /// <inheritdoc/>
    public int Count => _byName.Count;

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _byName.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Weight value) => _byName.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Weight>> GetEnumerator() => _byName.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Weights? other) => other is not null && _byName.SequenceEqual(other._byName);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Weights);

    /// <inheritdoc/>
    public override int GetHashCode() => _byName.Aggregate(0, (hash, w) => HashCode.Combine(hash, w.Key, w.Value));
}
