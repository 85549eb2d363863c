using System;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>A volume cut into pieces of some rows and some slices, each for one thread; the cut does not depend on the number of threads.</summary>
internal readonly record struct Strips(int Rows, int AcrossY, int Slices, int AcrossZ, Extent Extent)
{
    /// <summary>So many pieces at least, where there are as many slices, that threads end together.</summary>
    private const int MinPieces = 8;

    /// <summary>Strips whose transformed rows stay in a processor's own cache.</summary>
    /// <param name="extent">The volume's.</param>
    /// <param name="numbersPerRow">What a row becomes.</param>
    /// <param name="least">Rows that a strip has at least where there are as many.</param>
    internal static Strips Of(Extent extent, int numbersPerRow, int least)
    {
        var rows = Math.Clamp(MaxNumbers / Math.Max(1, numbersPerRow), Math.Min(least, extent.Y), extent.Y);
        var acrossY = (extent.Y + rows - 1) / rows;
        rows = (extent.Y + acrossY - 1) / acrossY;
        var slices = Math.Max(1, extent.Z / Math.Min(extent.Z, (MinPieces + acrossY - 1) / acrossY));
        return new(rows, acrossY, slices, (extent.Z + slices - 1) / slices, extent);
    }

    private const int MaxNumbers = 20_000;

    internal int Count => AcrossY * AcrossZ;

    /// <summary>Rows and slices of a piece: first and one after the last.</summary>
    internal (int Y0, int Y1, int Z0, int Z1) this[int piece]
    {
        get
        {
            var (y, z) = (piece % AcrossY * Rows, piece / AcrossY * Slices);
            return (y, Math.Min(Extent.Y, y + Rows), z, Math.Min(Extent.Z, z + Slices));
        }
    }

    /// <summary>Piece by piece over the threads, each with a workspace of its own.</summary>
    internal void Each<T>(int threads, Func<T> workspace, Action<T, int> piece) where T : IDisposable =>
        Parallel.For(0, Count, Parallelism.Of(threads), workspace, (i, _, own) =>
        {
            piece(own, i);
            return own;
        }, own => own.Dispose());
}
