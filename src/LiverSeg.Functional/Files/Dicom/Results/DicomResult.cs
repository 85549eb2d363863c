using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>What every object that is made of a series has: patient and study of its source or none, UIDs out of its content, equipment, derivation.</summary>
/// <remarks>Nothing depends on the clock: the same content of the same series is the same file.</remarks>
internal sealed class DicomResult
{
    internal const string Program = "LiverSeg.Functional";

    private const string ExplicitLittle = "1.2.840.10008.1.2.1";

    /// <summary>What the patient and study modules take over from the source, character set first.</summary>
    private static readonly (uint Tag, string Representation)[] Taken =
    [
        (0x00080005, "CS"), (0x00080020, "DA"), (0x00080030, "TM"), (0x00080050, "SH"), (0x00080090, "PN"), (0x00100010, "PN"), (0x00100020, "LO"), (0x00100030, "DA"), (0x00100040, "CS"),
        (0x0020000D, "UI"), (0x00200010, "SH"),
    ];

    private readonly DicomSeries _series;
    private readonly DicomResultOptions _options;
    private readonly byte[] _seed;

    /// <param name="series">The source.</param>
    /// <param name="options">What is said and left out.</param>
    /// <param name="content">What tells this result from others of the series.</param>
    internal DicomResult(DicomSeries series, DicomResultOptions options, params IEnumerable<byte[]> content)
    {
        (_series, _options) = (series, options);
        var texts = new[] { series.Slices[0].Series, string.Join("\0", series.Slices.Select(s => s.Instance)), options.Note, options.WeightsHash, options.IsAnonymous ? "anonymous" : "" };
        _seed = Sha256Hash.HashData([.. texts.SelectMany(t => Sha256Hash.HashData(Encoding.UTF8.GetBytes(t))), .. content.SelectMany(c => Sha256Hash.HashData(c))]);
    }

    internal static string Version { get; } = typeof(DicomResult).Assembly.GetName().Version!.ToString(3);

    internal string SourceClass => _series.First.Text(0x00080016);

    /// <summary>How the pixels came about, at most 1024 characters.</summary>
    internal string Derivation => $"{Program} {Version}{(_options.WeightsHash.Length > 0 ? ", weights SHA-256 " + _options.WeightsHash : "")}";

    /// <summary>The note in ASCII, which every character set has.</summary>
    internal string Note => new([.. _options.Note.Take(1024).Select(c => c == '×' ? 'x' : char.IsBetween(c, ' ', '~') && c != '\\' ? c : '?')]);

    /// <summary>2.25 and a number of 128 bits (PS3.5, B.2), here out of the content instead of chance.</summary>
    internal string Uid(string what) => Uid(_seed, what);

    /// <summary>A UID of the source, or a hash of it that tells nothing of where it came from.</summary>
    internal string Source(string uid) => _options.IsAnonymous ? Uid(Encoding.UTF8.GetBytes(uid), "anonymous") : uid;

    /// <summary>Patient, study, series, equipment and instance.</summary>
    internal DicomWriter DataSet(string instanceClass, string instance, string modality, string description, string number)
    {
        var (first, set) = (_series.First, new DicomWriter());
        foreach (var (tag, representation) in Taken)
        {
            var value = !_options.IsAnonymous && first[tag] is { Items.Count: 0 } element ? first.Value(element).ToArray() : [];
            if (value.Length > 0 || tag != 0x00080005) set.Add(tag, representation, value); // no empty character set
        }
        set.Text(0x0020000D, "UI", SourceOr(0x0020000D, "study"));
        if (_options.IsAnonymous)
        {
            // A name of its own for each study: archives would take all that have none for one patient.
            var name = Convert.ToHexString(Sha256Hash.HashData(Encoding.ASCII.GetBytes(SourceOr(0x0020000D, "study"))).AsSpan(0, 6));
            set.Text(0x00100010, "PN", "ANON^" + name);
            set.Text(0x00100020, "LO", "ANON-" + name);
            set.Text(0x00200010, "SH", "ANON");
            set.Text(0x00120062, "CS", "YES");
            set.Text(0x00120063, "LO", "nothing taken over; UIDs hashed");
        }
        set.Text(0x00080016, "UI", instanceClass);
        set.Text(0x00080018, "UI", instance);
        set.Text(0x00080060, "CS", modality);
        set.Text(0x00080070, "LO", Program);
        set.Text(0x0008103E, "LO", description);
        set.Text(0x00081090, "LO", Program);
        set.Text(0x00181000, "LO", "1");
        set.Text(0x00181020, "LO", Version);
        set.Text(0x0020000E, "UI", Uid("series"));
        set.Text(0x00200011, "IS", number);
        // Taken over even without patient and study: it is about the pixels, and a reader must know.
        if (first.Text(0x00282110) == "01")
            foreach (var (tag, representation) in new[] { (0x00282110u, "CS"), (0x00282112u, "DS"), (0x00282114u, "CS") })
                if (first.Text(tag) is { Length: > 0 } text) set.Text(tag, representation, text);
        return set;
    }

    /// <summary>A UID of the source's first slice, or one of its own where there is none.</summary>
    internal string SourceOr(uint tag, string what) => _series.First.Text(tag) is { Length: > 0 } uid ? Source(uid) : Uid(what);

    /// <summary>A date or time of the source, the first of two that is there; never one where nothing is taken over.</summary>
    internal string Moment(uint tag, uint or, string absent) =>
        _options.IsAnonymous ? absent : _series.First.Text(tag) is { Length: > 0 } own ? own : _series.First.Text(or) is { Length: > 0 } other ? other : absent;

    /// <summary>A reference to a slice's instance.</summary>
    internal DicomWriter Reference(string instance)
    {
        var own = new DicomWriter();
        own.Text(0x00081150, "UI", SourceClass);
        own.Text(0x00081155, "UI", Source(instance));
        return own;
    }

    /// <summary>A reference to the slice that an image was made of, with its frame where that needs saying.</summary>
    internal DicomWriter SourceImage(DicomSlice slice)
    {
        var source = Reference(slice.Instance);
        if (slice.Image.Frames > 1) source.Text(0x00081160, "IS", (slice.Frame + 1).ToString(CultureInfo.InvariantCulture));
        source.Sequence(0x0040A170, Code("121322", "DCM", "Source image for image processing operation"));
        return source;
    }

    /// <summary>The series and its instances that were referred to.</summary>
    internal DicomWriter References()
    {
        var own = new DicomWriter();
        own.Sequence(0x0008114A, [.. _series.Slices.Select(s => s.Instance).Distinct().Select(Reference)]);
        own.Text(0x0020000E, "UI", Source(_series.Slices[0].Series));
        return own;
    }

    internal static DicomWriter Code(string value, string scheme, string meaning)
    {
        var code = new DicomWriter();
        code.Text(0x00080100, "SH", value);
        code.Text(0x00080102, "SH", scheme);
        code.Text(0x00080104, "LO", meaning);
        return code;
    }

    internal static void Write(DicomWriter set, string instanceClass, string instance, string path, bool overwrite)
    {
        var meta = new DicomWriter();
        meta.Add(0x00020001, "OB", [0, 1]);
        meta.Text(0x00020002, "UI", instanceClass);
        meta.Text(0x00020003, "UI", instance);
        meta.Text(0x00020010, "UI", ExplicitLittle);
        meta.Text(0x00020012, "UI", Uid([], Program));
        var metaBytes = meta.ToArray();
        var length = new DicomWriter();
        length.Number(0x00020000, "UL", metaBytes.Length);
        AtomicFile.Write(path, overwrite, file =>
        {
            file.Write(new byte[128]);
            file.Write("DICM"u8);
            file.Write(length.ToArray());
            file.Write(metaBytes);
            file.Write(set.ToArray());
        });
    }

    private static string Uid(byte[] seed, string what) =>
        "2.25." + new BigInteger(Sha256Hash.HashData([.. seed, .. Encoding.ASCII.GetBytes(what)]).AsSpan(0, 16), isUnsigned: true).ToString(CultureInfo.InvariantCulture);
}
