using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Reads the voxels that a header promises, exactly as many, and checks the stream to its end.</summary>
internal static class VoxelReader
{
    private const int SlabBytes = 1 << 23;

    /// <summary>What stands for a voxel without a finite number: air.</summary>
    private const float Missing = -1024;

    /// <summary>All voxels as floats in a fresh array of a type that wraps one float.</summary>
    /// <param name="image">The header.</param>
    /// <param name="refuse">Makes the errors.</param>
    /// <param name="warn">Hears of numbers that are not finite.</param>
    /// <param name="cancel">Asks to stop between slices.</param>
    /// <param name="kept">An open stream, not yet beyond the wanted voxels, that is read no further than they reach; absent: the files are opened, and packed ones read to their end.</param>
    internal static T[] ReadFloats<T>(StoredImage image, FileErrors refuse, Action<string>? warn = null, CancellationToken cancel = default, VoxelStream? kept = null) where T : unmanaged
    {
        var target = Room<T>(image, refuse);
        long missing = 0;
        Read(image, refuse, cancel, kept, (bytes, first, count) =>
        {
            var inexact = VoxelDecoder.Inexact(bytes, image.Info);
            if (inexact > 0) throw refuse.Unsupported("voxels", $"{inexact} numbers beyond 2^53", "numbers that a double holds exactly", "convert it to int16 or float32");
            var floats = MemoryMarshal.Cast<T, float>(target.AsSpan(first, count));
            VoxelDecoder.Decode(bytes, image.Info, floats);
            if (typeof(T) != typeof(Hu) || !MayBeMissing(image.Info)) return;
            var bad = 0;
            foreach (ref var value in floats)
                if (!float.IsFinite(value)) (value, bad) = (Missing, bad + 1);
            Interlocked.Add(ref missing, bad);
        });
        if (missing > 0) warn?.Invoke(FormattableString.Invariant($"{missing} voxels are not finite: taken as {Missing} HU"));
        return target;
    }

    /// <summary>All voxels as a mask, and which values there are: inside are the wanted ones, or without such all but 0; NaN is outside.</summary>
    internal static bool[] ReadMask(StoredImage image, FileErrors refuse, HashSet<float>? wanted, MaskValues found, CancellationToken cancel = default)
    {
        var target = Room<bool>(image, refuse);
        var plain = image.Info is { Size: 1, Slope: 1, Intercept: 0 };
        Read(image, refuse, cancel, null, (bytes, first, count) =>
        {
            var inside = target.AsSpan(first, count);
            if (plain)
            {
                found.Sort(bytes, image.Info.Type == StoredType.Int8, wanted, inside);
                return;
            }
            var floats = new float[count];
            VoxelDecoder.Decode(bytes, image.Info, floats);
            found.Sort(floats, wanted, inside);
        });
        return target;
    }

    private static bool MayBeMissing(VolumeInfo info) =>
        info.Type is StoredType.Float32 or StoredType.Float64 || Math.Abs(info.Slope) > 1e15 || Math.Abs(info.Intercept) > 1e30;

    private delegate void Slab(ReadOnlySpan<byte> bytes, int first, int count);

    /// <summary>Room for the voxels, once the files' own lengths and the memory bear out the claim.</summary>
    private static T[] Room<T>(StoredImage image, FileErrors refuse)
    {
        var (want, packing) = (image.Bytes, image.Info.Packing);
        var each = want / image.Parts.Count;
        foreach (var part in image.Parts)
        {
            var have = Length(part, refuse) - Math.Max(0, image.Offset);
            if (packing == Packing.Raw && have < each) throw refuse.Truncated("voxels", Math.Max(0, have), each);
            if (packing != Packing.Raw && each / Limits.Ratio > have) throw refuse.Bad("voxels", $"{Math.Max(0, have)} packed bytes", $"at least {each / Limits.Ratio} for the {each} that the header claims");
            // No scan and hardly a mask packs so well; a bomb does.
            if (packing != Packing.Raw && want > Limits.Suspicious && want / Limits.SuspiciousRatio > have)
                throw refuse.Unsupported("voxels", $"{want >> 20} MiB out of {have >> 10} KiB", FormattableString.Invariant($"at most {Limits.SuspiciousRatio} : 1 for so many"), "if it is no attack, crop it or unpack it first");
            if (packing == Packing.Hex && have < 2 * each || packing == Packing.Text && have < 2 * (each / image.Info.Size) - 1) throw refuse.Truncated("voxels", have, each);
        }
        var (room, memory) = (checked(image.Wanted.Extent.Count * Marshal.SizeOf<T>()), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (room > memory / 2) throw refuse.Unsupported("voxels", $"{room >> 20} MiB of voxels", $"at most half of the memory ({memory >> 21} MiB)", "crop or resample the image, or use a machine with more memory");
        return new T[image.Wanted.Extent.Count];
    }

    internal static long Length(string file, FileErrors refuse)
    {
        var info = new FileInfo(file);
        return info.Exists ? FileSize.Of(info) : throw refuse.InputOutput("data file", "nothing at its place", "the file with the voxels", "keep header and data file together");
    }

    private static void Read(StoredImage image, FileErrors refuse, CancellationToken cancel, VoxelStream? kept, Slab slab)
    {
        try
        {
            var each = image.Voxels / image.Parts.Count;
            for (var i = 0; i < image.Parts.Count; i++) ReadPart(image, image.Parts[i], i * each, each, refuse, cancel, kept, slab);
        }
        catch (InvalidDataException e)
        {
            throw refuse.Bad("packed voxels", "a damaged stream", $"a whole {image.Info.Packing} stream ({e.GetType().Name})");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refuse.InputOutput("voxels", "no access", "a readable file", "check the path and its permissions", e);
        }
    }

    private static void ReadPart(StoredImage image, string part, long from, long voxels, FileErrors refuse, CancellationToken cancel, VoxelStream? kept, Slab slab)
    {
        using var own = kept is null ? new VoxelStream(image, part, voxels, refuse) : null;
        var stream = kept ?? own!;
        var size = image.Info.Size * image.Stride;
        // Plain files are read where the wanted voxels lie, packed ones to their end whatever is wanted of them, if nobody goes on with them.
        var (wantedFrom, wantedTo) = (image.From - from, image.From + image.Wanted.Extent.Count - from);
        var (start, stop) = image.Info.Packing == Packing.Raw ? (Math.Clamp(wantedFrom, 0, voxels), Math.Clamp(wantedTo, 0, voxels)) : (stream.Next, kept is null ? voxels : wantedTo);
        if (image.Info.Packing == Packing.Raw && start > 0) stream.Unpacked.Position += start * size;
        var most = (int)Math.Max(1, Math.Min(stop - start, SlabBytes / size));
        var (buffer, next) = (new byte[most * size], new byte[most * size]);
        var decode = Task.CompletedTask;
        for (var first = start; first < stop; first += most)
        {
            cancel.ThrowIfCancellationRequested();
            var count = (int)Math.Min(most, stop - first);
            Decompression.Fill(stream.Unpacked, next.AsSpan(0, count * size), first * size, voxels * size, refuse);
            decode.GetAwaiter().GetResult(); // unpacking goes on while the slab before is decoded
            (buffer, next) = (next, buffer);
            var (low, high) = (Math.Max(first, wantedFrom), Math.Min(first + count, wantedTo));
            if (low >= high) continue;
            var (bytes, skip, length, at) = (buffer, (int)(low - first) * size, (int)(high - low), (int)(low - wantedFrom));
            decode = Task.Run(() => slab(OfChannel(image, bytes.AsSpan(skip, length * size)), at, length));
        }
        decode.GetAwaiter().GetResult();
        stream.Next = stop;
        if (stop == voxels && stream.Source is { } source) Decompression.CheckEnd(image, stream.Unpacked, source, refuse);
    }

    /// <summary>The wanted number of each voxel.</summary>
    private static ReadOnlySpan<byte> OfChannel(StoredImage image, ReadOnlySpan<byte> bytes)
    {
        if (image.Stride == 1) return bytes;
        var (size, step) = (image.Info.Size, image.Info.Size * image.Stride);
        var picked = new byte[bytes.Length / image.Stride];
        for (int from = image.Channel * size, to = 0; to < picked.Length; from += step, to += size) bytes.Slice(from, size).CopyTo(picked.AsSpan(to));
        return picked;
    }
}
