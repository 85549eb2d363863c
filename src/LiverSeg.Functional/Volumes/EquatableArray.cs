using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;

namespace LiverSeg.Functional;

/// <summary>An immutable sequence with value equality, so that records holding one compare by content.</summary>
[CollectionBuilder(typeof(EquatableArray), nameof(EquatableArray.Of))]
internal sealed class EquatableArray<T>(ImmutableArray<T> content) : IReadOnlyList<T>, IEquatable<EquatableArray<T>>
{
    internal static readonly EquatableArray<T> Empty = new([]);

    public int Count => content.Length;

    public T this[int index] => content[index];

    public ReadOnlySpan<T> Span => content.AsSpan();

    public bool Equals(EquatableArray<T>? other) => other is not null && content.AsSpan().SequenceEqual(other.Span);

    public override bool Equals(object? obj) => Equals(obj as EquatableArray<T>);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in content) hash.Add(item);
        return hash.ToHashCode();
    }

    public override string ToString() => "[" + string.Join("; ", content) + "]";

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)content).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Ways to make an <see cref="EquatableArray{T}"/>.</summary>
internal static class EquatableArray
{
    internal static EquatableArray<T> Of<T>(ReadOnlySpan<T> content) => new([.. content]);

    internal static EquatableArray<T> ToEquatableArray<T>(this IEnumerable<T> content) => content as EquatableArray<T> ?? new([.. content]);
}
