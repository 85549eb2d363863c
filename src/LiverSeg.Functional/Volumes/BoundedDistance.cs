using System;
using System.Collections.Generic;
using System.Numerics;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>How far each voxel lies from the nearest one that is set, as far as a reach: one axis after the other, a window of the reach along each.</summary>
/// <remarks>Squared and in whole steps, so that sums are the same whichever axis comes first.</remarks>
internal static class BoundedDistance
{
    /// <summary>The squared reach in steps; whatever is more lies farther away.</summary>
    internal const ushort Reach = 32_000;

    // With a square added it still fits.
    private const ushort Beyond = 32_767;

    /// <summary>Squared distances to voxels of a value, in steps of reach² / <see cref="Reach"/>. Outside of the volume there are none.</summary>
    internal static ushort[] Squared(Volume<bool> mask, bool to, double reachMm)
    {
        var (e, spacing, step) = (mask.Extent, mask.Grid.Spacing, reachMm * reachMm / Reach);
        ushort[] x = Squares(spacing.X, step), y = Squares(spacing.Y, step), z = Squares(spacing.Z, step);
        var (squared, slice) = (new ushort[mask.Voxels.Length], e.X * e.Y);
        Parallel.For(0, e.Z, k =>
        {
            var rows = new ushort[slice];
            for (var j = 0; j < e.Y; j++) Row(mask.Slice(k).Slice(j * e.X, e.X), to, rows.AsSpan(j * e.X, e.X), x);
            Spread(rows, squared.AsSpan(k * slice, slice), e.X, y);
        });
        Parallel.For(0, e.Y, j =>
        {
            ushort[] before = new ushort[e.X * e.Z], after = new ushort[e.X * e.Z];
            for (var k = 0; k < e.Z; k++) squared.AsSpan(k * slice + j * e.X, e.X).CopyTo(before.AsSpan(k * e.X));
            Spread(before, after, e.X, z);
            for (var k = 0; k < e.Z; k++) after.AsSpan(k * e.X, e.X).CopyTo(squared.AsSpan(k * slice + j * e.X));
        });
        return squared;
    }

    /// <summary>Squares of 0, 1, 2 .. voxels, those within the reach.</summary>
    private static ushort[] Squares(double spacing, double step)
    {
        var squares = new List<ushort>();
        for (var i = 0; Math.Round(i * spacing * (i * spacing) / step) is var square and <= Reach; i++) squares.Add((ushort)square);
        return [.. squares];
    }

    private static void Row(ReadOnlySpan<bool> row, bool to, Span<ushort> squared, ushort[] squares)
    {
        squared.Fill(Beyond);
        for (var end = 0; row[end..].IndexOf(to) is var start and >= 0;)
        {
            start += end;
            for (var i = 1; i < squares.Length && start - i >= end; i++) squared[start - i] = Math.Min(squared[start - i], squares[i]);
            var length = row[start..].IndexOf(!to);
            end = length < 0 ? row.Length : start + length;
            squared[start..end].Clear();
            for (var i = 1; i < squares.Length && end - 1 + i < row.Length; i++) squared[end - 1 + i] = squares[i];
        }
    }

    /// <summary>Of each row the least over its neighbours before and after, with the square of how far they are.</summary>
    private static void Spread(ReadOnlySpan<ushort> before, Span<ushort> after, int width, ushort[] squares)
    {
        before.CopyTo(after);
        for (var at = 0; at < before.Length; at += width)
            for (var i = 1; i < squares.Length; i++)
            {
                var apart = i * width;
                var row = after.Slice(at, width);
                if (at >= apart) Lower(row, before.Slice(at - apart, width), squares[i]);
                if (at + apart < before.Length) Lower(row, before.Slice(at + apart, width), squares[i]);
            }
    }

    private static void Lower(Span<ushort> row, ReadOnlySpan<ushort> other, ushort more)
    {
        var (i, lanes, added) = (0, Vector<ushort>.Count, new Vector<ushort>(more));
        for (; i <= row.Length - lanes; i += lanes) Vector.Min(new Vector<ushort>(row[i..]), new Vector<ushort>(other[i..]) + added).CopyTo(row[i..]);
        for (; i < row.Length; i++) row[i] = Math.Min(row[i], (ushort)(other[i] + more));
    }
}
