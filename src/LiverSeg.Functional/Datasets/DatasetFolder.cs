using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;

namespace LiverSeg.Functional;

/// <summary>The labelled cases of a folder and the layout by which they were recognised.</summary>
/// <param name="Layout">As <c>SLiver07</c>, <c>LiTS</c>.</param>
/// <param name="Cases">In the order of their names; paths are absolute.</param>
public sealed record FoundCases(string Layout, IReadOnlyList<CaseFile> Cases);

/// <summary>Finds scans with liver masks in the folder layouts that public data sets have, and looks at each before a long run.</summary>
/// <remarks>Masks are read as <see cref="MaskLabel.Any"/> says: LiTS and Decathlon mark tumours, which belong to the liver, by 2; of many organs the one called liver is taken.</remarks>
public static class DatasetFolder
{
    /// <summary>
    /// The cases of the first layout that fits: SLiver07 (liver-origNNN, liver-segNNN), LiTS (volume-N, segmentation-N), Decathlon and
    /// nnU-Net (imagesTr, labelsTr), 3D-IRCADb (PATIENT_DICOM, MASKS_DICOM/liver), CHAOS (DICOM_anon, Ground), CASE/ct with CASE/liver,
    /// NAME-ct with NAME-liver.
    /// </summary>
    /// <exception cref="FileErrorException">The folder cannot be read, none of the layouts is in it, or its masks are pictures (CHAOS as it is handed out).</exception>
    public static FoundCases Find(string folder)
    {
        var refuse = new FileErrors(folder, "cases");
        string[] files, folders;
        try
        {
            files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !ForeignContent.IsLitter(f)).Select(Path.GetFullPath).Order(StringComparer.Ordinal)];
            folders = [.. Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Where(f => !ForeignContent.IsLitter(Path.Combine(f, "x"))).Append(folder).Select(Path.GetFullPath).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refuse.InputOutput("folder", "no access", "a readable folder", "check the path and its permissions", e);
        }
        foreach (var (layout, cases) in new (string, IEnumerable<CaseFile>)[]
        {
            ("SLiver07", Numbered(files, "liver-orig", "liver-seg", "sliver")),
            ("LiTS", Numbered(files, "volume-", "segmentation-", "lits")),
            ("Decathlon or nnU-Net", ImagesAndLabels(files)),
            ("3D-IRCADb", Ircadb(folders)),
            ("CHAOS", Chaos(folders)),
            ("ct and liver", CtAndLiver(files)),
        })
            if (cases.OrderBy(c => c.Id, StringComparer.Ordinal).ToEquatableArray() is { Count: > 0 } found)
                return found.FirstOrDefault(c => Pictures(c.Mask)) is { } drawn ? throw NoVolume(refuse, layout, drawn) : new(layout, found);
        throw refuse.Bad("layout", $"{files.Length} files", "liver-origNNN with liver-segNNN, volume-N with segmentation-N, imagesTr with labelsTr, PATIENT_DICOM with MASKS_DICOM, DICOM_anon with Ground, or ct with liver", "rename the files, or write the CSV (case,image,mask,patient) by hand");
    }

    /// <summary>
    /// Reads a case and looks at it, as every training does first: readable, a scan and not a mask, one lattice, a mask that is not full, values like
    /// Hounsfield units, a liver's volume and density, on the patient's right.
    /// </summary>
    public static CaseCheck Check(CaseFile file)
    {
        var warnings = new List<string>();
        try
        {
            var empty = CheckedCase.Read(file, warnings.Add).IsEmpty;
            return new(EquatableArray<string>.Empty, warnings.ToEquatableArray()) { IsEmpty = empty };
        }
        catch (FileErrorException e)
        {
            return new(EquatableArray.Of([e.Message]), warnings.ToEquatableArray());
        }
    }

    private static string? Ending(string file) => VolumeFile.Endings.FirstOrDefault(e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    private static string Stem(string file) => Path.GetFileName(file)[..^Ending(file)!.Length];

    private static IEnumerable<CaseFile> Numbered(string[] files, string image, string mask, string prefix)
    {
        Dictionary<string, string> Of(string name) => files
            .Where(f => Ending(f) is not null && Regex.IsMatch(Stem(f), $"^{name}[0-9]+$", RegexOptions.IgnoreCase))
            .GroupBy(f => Stem(f)[name.Length..]).ToDictionary(g => g.Key, g => g.First());
        var masks = Of(mask);
        return Of(image).Where(i => masks.ContainsKey(i.Key)).Select(i => Case($"{prefix}{i.Key.PadLeft(3, '0')}", i.Value, masks[i.Key]));
    }

    private static IEnumerable<CaseFile> ImagesAndLabels(string[] files)
    {
        var labels = files.Where(f => Ending(f) is not null && Path.GetFileName(Path.GetDirectoryName(f)) == "labelsTr").ToDictionary(f => Path.Combine(Path.GetDirectoryName(f)!, Stem(f)), StringComparer.Ordinal);
        foreach (var image in files.Where(f => Ending(f) is not null && Path.GetFileName(Path.GetDirectoryName(f)) == "imagesTr"))
        {
            // nnU-Net numbers the channels; a CT has one.
            var name = Regex.Replace(Stem(image), "_0000$", "");
            if (labels.TryGetValue(Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(image))!, "labelsTr", name), out var label)) yield return Case(name, image, label);
        }
    }

    private static IEnumerable<CaseFile> Ircadb(string[] folders) =>
        from f in folders
        let image = Nested(Path.Combine(f, "PATIENT_DICOM"), "PATIENT_DICOM")
        let mask = Path.Combine(Nested(Path.Combine(f, "MASKS_DICOM"), "MASKS_DICOM"), "liver")
        where Directory.Exists(image) && Directory.Exists(mask)
        select Case(Path.GetFileName(f), image, mask);

    /// <summary>Some unpack each archive into a folder of its own name.</summary>
    private static string Nested(string folder, string name) => Directory.Exists(Path.Combine(folder, name)) ? Path.Combine(folder, name) : folder;

    private static IEnumerable<CaseFile> Chaos(string[] folders) =>
        from f in folders
        let image = Path.Combine(f, "DICOM_anon")
        let mask = Path.Combine(f, "Ground")
        where Directory.Exists(image) && Directory.Exists(mask)
        select Case("chaos" + Path.GetFileName(f).PadLeft(2, '0'), image, mask);

    /// <summary>CHAOS gives masks as pictures, which name neither their slice nor its place: pairing them by guess would teach wrong livers.</summary>
    private static bool Pictures(string mask) => Directory.Exists(mask) && Directory.EnumerateFiles(mask, "*.png").Any();

    private static FileErrorException NoVolume(FileErrors refuse, string layout, CaseFile drawn) =>
        (refuse with { File = drawn.Mask }).Unsupported(
            "mask", $"PNG pictures ({layout})", "a mask volume on the scan's grid",
            $"stack the pictures into a volume with the geometry of {drawn.Image}, look at both, and write the CSV (case,image,mask,patient) by hand");

    private static IEnumerable<CaseFile> CtAndLiver(string[] files)
    {
        foreach (var image in files.Where(f => Ending(f) is not null))
        {
            var (stem, folder) = (Stem(image), Path.GetDirectoryName(image)!);
            var (id, wanted) = stem == "ct" ? (Path.GetFileName(folder), "liver") : stem.EndsWith("-ct", StringComparison.Ordinal) ? (stem[..^3], stem[..^3] + "-liver") : ("", "");
            if (wanted.Length > 0 && files.FirstOrDefault(f => Ending(f) is not null && Path.GetDirectoryName(f) == folder && Stem(f) == wanted) is { } mask) yield return Case(id, image, mask);
        }
    }

    private static CaseFile Case(string id, string image, string mask) => new(id, image, mask, id);
}
