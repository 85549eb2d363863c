using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A folder of prepared cases, so that a scan is unpacked, turned and resampled once and not before every training.</summary>
/// <remarks>
/// A file per case, named by the SHA-256 of all bytes of scan and mask, the mask's label, and of everything that the preparation depends on: the model's window and spacing, this
/// build of the library, the processor's vectors. So nothing is ever out of date, and any file may be deleted at any time. Each carries a hash; one
/// that is damaged is made again. Law: a case from the cache is the prepared case, bit for bit. Several processes may
/// share a folder. A folder that cannot be written is no error: cases are then prepared as without it.
/// </remarks>
/// <param name="folder">The folder; made when the first case is kept.</param>
/// <param name="warn">Hears of odd headers, of damaged entries, and, once, of a folder that cannot be written.</param>
public sealed class CaseCache(string folder, Action<string>? warn = null)
{
    // An entry: the magic, the grid's numbers, image, mask, what guides say, what was odd (a line each), hash of all before and of the key, so that a renamed entry is none.
    private const int Numbers = 19, Head = 16 + 8 * Numbers, Tail = SHA256.HashSizeInBytes;

    /// <summary>Larger cases are not kept: an entry is one array of at most 2 GiB.</summary>
    private const long MaxVoxels = 200_000_000;

    private static ReadOnlySpan<byte> Magic => "liverseg-case-1\n"u8;

    private int _found, _refused;

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>How many cases were found prepared so far.</summary>
    public int Found => _found;

    /// <summary>What <see cref="TrainingCase.Prepare"/> makes of a scan and its mask, as <see cref="Lattice.ReadMask"/> reads it: from the folder where it is there, else made and kept.</summary>
    /// <param name="file">The case's name and files.</param>
    /// <param name="model">Window and spacing to prepare for.</param>
    /// <param name="threads">0 = one per processor; the result does not depend on it.</param>
    /// <exception cref="FileErrorException">Scan or mask cannot be read, or they do not lie on one lattice.</exception>
    public TrainingCase Prepare(CaseFile file, Model model, int threads = 0) => Prepare(file, model, threads, isChecked: false);

    /// <summary>The same for a training: the case is looked at, and what is odd about it is said each time.</summary>
    internal TrainingCase PrepareChecked(CaseFile file, Model model) => Prepare(file, model, threads: 0, isChecked: true);

    private TrainingCase Prepare(CaseFile file, Model model, int threads, bool isChecked)
    {
        // Why a key cannot be made is why the case cannot be read.
        string key;
        try
        {
            key = Key(file, model, isChecked);
        }
        catch (FileErrorException e) when (isChecked)
        {
            throw CheckedCase.Of(file, e);
        }
        var path = Path.Combine(folder, key + ".case");
        if (Read(path, key) is { } bytes)
        {
            Interlocked.Increment(ref _found);
            return Of(file.Id, bytes, text => warn?.Invoke($"{file.Id}: {text}"));
        }
        var said = new List<string>();
        void Hear(string text)
        {
            said.Add(text.ReplaceControls());
            warn?.Invoke($"{file.Id}: {text}");
        }
        var (ct, liver) = isChecked ? Checked(file, Hear) : Plain(file, Hear);
        var made = TrainingCase.Prepare(file.Id, ct, liver, model, threads);
        if (made.Image.Extent.Count > MaxVoxels) return made;
        try
        {
            OutputFile.WriteBytes(path, Bytes(made, said, key), overwrite: true);
        }
        catch (FileErrorException e)
        {
            if (Interlocked.Exchange(ref _refused, 1) == 0) warn?.Invoke($"prepared cases are not kept: {e.Error}");
        }
        return made;
    }

    private static (Volume<Hu> Ct, Volume<bool> Liver) Plain(CaseFile file, Action<string> hear)
    {
        var ct = VolumeFile.Read(file.Image, hear);
        return (ct, Lattice.ReadMask(file.Mask, ct.Grid, file.Label, hear));
    }

    private static (Volume<Hu> Ct, Volume<bool> Liver) Checked(CaseFile file, Action<string> hear)
    {
        try
        {
            var (ct, liver, _) = CheckedCase.Read(file, hear);
            return (ct, liver);
        }
        catch (FileErrorException e)
        {
            throw CheckedCase.Of(file, e);
        }
    }

    private static string Key(CaseFile file, Model model, bool isChecked)
    {
        using var hash = new Sha256Hash();
        hash.AppendData(Magic);
        hash.AppendVolume(file.Image);
        hash.AppendVolume(file.Mask);
        // A name means what the header says, which is hashed, or what dataset.json says.
        hash.AppendData(Encoding.UTF8.GetBytes($"{file.Label}\n{LabelName.OfDataset(file.Mask)}\n{(isChecked ? "checked" : "")}\n"));
        var spacing = model.Spacing ?? default; // none: the scan's own
        foreach (var number in (ReadOnlySpan<double>)[model.Window.Low.Value, model.Window.High.Value, spacing.X, spacing.Y, spacing.Z, Vector<byte>.Count])
            hash.AppendData(BitConverter.GetBytes(number));
        if (model.Guides.Count > 0) hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{model.Gate} {string.Concat(model.Guides.Select(Identity))}")));
        hash.AppendData(typeof(CaseCache).Module.ModuleVersionId.ToByteArray());
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>All that what a guide says depends on.</summary>
    private static string Identity(Model guide) =>
        string.Join(' ', ModelFile.Describe(guide with { Provenance = [] }).Metadata.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => m.Value)) + guide.Hash;

    /// <summary>A whole entry, or none.</summary>
    private byte[]? Read(string path, string key)
    {
        if (!File.Exists(path)) return null;
        try
        {
            var bytes = File.ReadAllBytes(path);
            // What the hash covers was written by this very build, as the entry's name says: nothing else needs to be doubted.
            if (bytes.Length >= Head + Tail && Hash(bytes, key).AsSpan().SequenceEqual(bytes.AsSpan(^Tail..))) return bytes;
            warn?.Invoke($"{path}: a damaged prepared case, made again");
        }
        catch (FileNotFoundException)
        {
            // Deleted since: entries may be.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"{path}: a prepared case that cannot be read, made again ({e.Message})");
        }
        return null;
    }

    private static byte[] Hash(byte[] bytes, string key)
    {
        using var hash = new Sha256Hash();
        hash.AppendData(bytes.AsSpan(..^Tail));
        hash.AppendData(Convert.FromHexString(key));
        return hash.GetHashAndReset();
    }

    private static byte[] Bytes(TrainingCase made, IReadOnlyList<string> said, string key)
    {
        var (grid, direction) = (made.Image.Grid, made.Image.Grid.Direction);
        double[] numbers =
        [
            grid.Extent.X, grid.Extent.Y, grid.Extent.Z, grid.Spacing.X, grid.Spacing.Y, grid.Spacing.Z, grid.Origin.X, grid.Origin.Y, grid.Origin.Z,
            made.Guides.Count,
            .. from axis in new[] { direction.X, direction.Y, direction.Z } from part in new[] { axis.L, axis.P, axis.S } select part,
        ];
        var notes = Encoding.UTF8.GetBytes(string.Join('\n', said));
        var bytes = new byte[Head + (5 + 4 * made.Guides.Count) * grid.Extent.Count + notes.Length + Tail];
        Magic.CopyTo(bytes);
        for (var i = 0; i < Numbers; i++) BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(Magic.Length + 8 * i), numbers[i]);
        MemoryMarshal.AsBytes(made.Image.Voxels).CopyTo(bytes.AsSpan(Head));
        MemoryMarshal.AsBytes(made.Truth.Voxels).CopyTo(bytes.AsSpan(Head + 4 * (int)grid.Extent.Count));
        for (var g = 0; g < made.Guides.Count; g++) MemoryMarshal.AsBytes(made.Guides[g].Voxels).CopyTo(bytes.AsSpan(Head + (5 + 4 * g) * (int)grid.Extent.Count));
        notes.CopyTo(bytes, bytes.Length - Tail - notes.Length);
        Hash(bytes, key).CopyTo(bytes, bytes.Length - Tail);
        return bytes;
    }

    private static TrainingCase Of(string id, ReadOnlySpan<byte> bytes, Action<string> say)
    {
        var n = new double[Numbers];
        for (var i = 0; i < Numbers; i++) n[i] = BinaryPrimitives.ReadDoubleLittleEndian(bytes[(Magic.Length + 8 * i)..]);
        var direction = new Direction(new(n[10], n[11], n[12]), new(n[13], n[14], n[15]), new(n[16], n[17], n[18]));
        var grid = new Grid(new((int)n[0], (int)n[1], (int)n[2]), new(n[3], n[4], n[5]), new(n[6], n[7], n[8]), direction);
        var count = (int)grid.Extent.Count;
        var image = MemoryMarshal.Cast<byte, Intensity>(bytes.Slice(Head, 4 * count));
        var truth = MemoryMarshal.Cast<byte, bool>(bytes.Slice(Head + 4 * count, count));
        var guides = new Volume<Probability>[(int)n[9]];
        for (var g = 0; g < guides.Length; g++) guides[g] = Volume.Of(grid, MemoryMarshal.Cast<byte, Probability>(bytes.Slice(Head + (5 + 4 * g) * count, 4 * count)));
        foreach (var line in Encoding.UTF8.GetString(bytes[(Head + (5 + 4 * guides.Length) * count)..^Tail]).Split('\n', StringSplitOptions.RemoveEmptyEntries)) say(line);
        return new(id, Volume.Of(grid, image), Volume.Of(grid, truth), guides);
    }
}
