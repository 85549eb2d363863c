using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Runtime.CompilerServices;

namespace LiverSeg.Functional;

/// <summary>An immutable sequence with value equality, so that records holding one compare by content.</summary>
[CollectionBuilder(typeof(Items), nameof(Items.Of))]
internal sealed class Items<T>(ImmutableArray<T> content) : IReadOnlyList<T>, IEquatable<Items<T>>
{
    internal static readonly Items<T> Empty = new([]);

    public int Count => content.Length;

    public T this[int index] => content[index];

    public ReadOnlySpan<T> Span => content.AsSpan();

    public bool Equals(Items<T>? other) => other is not null && content.AsSpan().SequenceEqual(other.Span);

    public override bool Equals(object? obj) => Equals(obj as Items<T>);

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

/// <summary>Ways to make an <see cref="Items{T}"/>.</summary>
internal static class Items
{
    internal static Items<T> Of<T>(ReadOnlySpan<T> content) => new([.. content]);

    internal static Items<T> ToItems<T>(this IEnumerable<T> content) => content as Items<T> ?? new([.. content]);
}
