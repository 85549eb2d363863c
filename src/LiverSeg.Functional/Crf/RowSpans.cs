using System;

namespace LiverSeg.Functional;

/// <summary>The part of a plane that is worked on: one stretch of pixels per row.</summary>
internal sealed class RowSpans(int width, int height)
{
    private readonly (int Start, int End)[] _rows = new (int, int)[height];

    internal int Width => width;

    internal int Height => height;

    /// <summary>The first pixel of a row and the one after its last; equal in an empty row.</summary>
    internal (int Start, int End) this[int y] => _rows[y];

    /// <summary>The smallest box around all rows.</summary>
    internal (int X0, int X1, int Y0, int Y1) Box { get; private set; }

    internal long Count { get; private set; }

    internal bool IsAll => Count == (long)width * height;

    /// <summary>Every pixel.</summary>
    internal void All()
    {
        Array.Fill(_rows, (0, width));
        Bound();
    }

    /// <summary>From the first to the last pixel above the limit in each row.</summary>
    internal void Above(ReadOnlySpan<float> values, float limit)
    {
        for (var y = 0; y < height; y++)
        {
            var row = values.Slice(y * width, width);
            int start = 0, end = width;
            while (start < end && !(row[start] > limit)) start++;
            while (end > start && !(row[end - 1] > limit)) end--;
            _rows[y] = (start, end);
        }
        Bound();
    }

    private void Bound()
    {
        var (x0, x1, y0, y1) = (width, 0, height, 0);
        Count = 0;
        for (var y = 0; y < height; y++)
        {
            var (start, end) = _rows[y];
            if (start == end) continue;
            (x0, x1, y0, y1) = (Math.Min(x0, start), Math.Max(x1, end), Math.Min(y0, y), y + 1);
            Count += end - start;
        }
        Box = Count == 0 ? default : (x0, x1, y0, y1);
    }
}
