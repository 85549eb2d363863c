using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>A scan with its masks as one HTML page that needs neither network nor server: three planes, 3-D, what each voxel says.</summary>
/// <remarks>
/// The page holds every n-th voxel of the scan, at most 256 along a side, with the file's own HU: all exact while the page stays below 9 MB, otherwise
/// exact near the masks and to ±2 HU elsewhere, as the page says. It forbids everything but its own scripts, styles and pictures
/// (Content-Security-Policy). The same scene gives the same bytes: no dates, no paths.
/// </remarks>
public static class ViewerPage
{
    /// <summary>The most voxels along a side.</summary>
    private const int Side = 256;

    /// <summary>The most bytes of a page, as long as HU may be less than exact.</summary>
    private const long MaxBytes = 9_000_000;

    /// <summary>The page.</summary>
    /// <param name="scene">What to show.</param>
    /// <param name="full">Every voxel, each HU exact, however large the page becomes.</param>
    public static string Html(this ViewerScene scene, bool full = false)
    {
        using var text = new StringWriter { NewLine = "\n" };
        Write(scene, full, served: false, text);
        return text.ToString();
    }

    /// <summary>Writes the page under a temporary name and renames it.</summary>
    /// <param name="scene">What to show.</param>
    /// <param name="path">The file.</param>
    /// <param name="full">Every voxel, each HU exact, however large the page becomes.</param>
    /// <param name="overwrite">Whether a file of that name may be replaced.</param>
    /// <exception cref="FileErrorException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Write(this ViewerScene scene, string path, bool full = false, bool overwrite = false) =>
        AtomicFile.Write(path, overwrite, stream => Write(scene, stream, full, served: false));

    /// <summary>Writes the page into a new temporary folder, which only its owner may read, and opens the browser; gives the file, to open it by hand where there is none.</summary>
    /// <param name="scene">What to show.</param>
    public static string Show(this ViewerScene scene) =>
        Browser.Show("view", "view.html", folder => scene.Write(Path.Combine(folder, "view.html")));

    /// <summary>A scan alone, shown as <see cref="Show(ViewerScene)"/> does.</summary>
    /// <param name="ct">The scan.</param>
    public static string Show(this Volume<Hu> ct) => ViewerScene.Of("Scan", ct).Show();

    /// <summary>The page for a server of one's own, which it tells that it is still open: it keeps <c>alive</c> beside itself open (text/event-stream).</summary>
    /// <param name="scene">What to show.</param>
    /// <param name="full">Every voxel, each HU exact.</param>
    public static ReadOnlyMemory<byte> Served(this ViewerScene scene, bool full = false)
    {
        using var bytes = new MemoryStream();
        Write(scene, bytes, full, served: true);
        return bytes.ToArray();
    }

    private static void Write(ViewerScene scene, Stream stream, bool full, bool served)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true);
        Write(scene, full, served, text);
    }

    private static void Write(ViewerScene scene, bool full, bool served, TextWriter page)
    {
        if (scene.Ct.Extent.Count == 0) throw new ArgumentException("a scan without voxels cannot be shown", nameof(scene));
        var (niivue, script, surface) = (PageText.Resource("niivue.umd.js"), PageText.Resource("viewer.js"), PageText.Resource("surface.js"));
        var grid = PageGrid.Of(scene.Ct.Grid, full ? int.MaxValue / 2 : Side);
        var masks = scene.Masks.Select(m => m.Mask).Concat(scene.Truth is { } t ? [t] : []).Select(m => grid.Pick(m, inside => inside ? (byte)1 : (byte)0)).ToList();
        var figures = Figures(scene);
        // Packed it takes 40 %; the policy names what is unpacked by its hash.
        var others = new List<(string Id, string Text)> { ("niivue", VoxelCode.Text(Encoding.UTF8.GetBytes(niivue))) };
        others.AddRange(masks.Select((m, i) => ($"mask{i}", VoxelCode.Text(m))));
        if (scene.Scores is { } scores) others.Add(("probability", VoxelCode.Text(grid.Pick(scores, p => (byte)Math.Round(Math.Clamp(p.Value, 0, 1) * 255)))));
        var room = full ? long.MaxValue : MaxBytes - figures.Length - others.Sum(o => o.Text.Length) - 50_000;
        var voxels = PageVoxels.Of(scene.Ct, grid, masks, room);
        var blocks = new List<(string Id, string Text)> { ("hu", voxels.Hu) };
        if (voxels.Step > 1) blocks.AddRange([("near", voxels.Near), ("detail", voxels.Detail)]);
        blocks.AddRange(others);
        var values = new Dictionary<string, Action>
        {
            ["policy"] = () => page.Write(
                $"default-src 'none'; script-src {string.Join(' ', new[] { niivue, surface, script }.Select(PageText.Hash))}; style-src 'unsafe-inline'; img-src data:{(served ? "; connect-src 'self'" : "")}"),
            ["served"] = () => page.Write(served ? " data-served" : ""),
            ["title"] = () => page.Write(SafeText.Html(scene.Title)),
            ["style"] = () => page.Write(PageText.Resource("viewer.css")),
            ["notes"] = () => page.Write(string.Concat(scene.Notes.Select(n => $"<p class=\"doubt\">{SafeText.Html(n)}</p>\n"))),
            ["figures"] = () => page.Write(figures),
            ["scene"] = () => page.Write(ViewerJson.Of(scene, grid, voxels)),
            ["blocks"] = () =>
            {
                foreach (var (id, text) in blocks) page.Write($"<script type=\"text/plain\" id=\"{id}\">{text}</script>\n");
            },
            ["licence"] = () => page.Write(PageText.Resource("niivue.LICENSE.txt")),
            ["surface"] = () => page.Write(surface),
            ["script"] = () => page.Write(script),
        };
        var parts = PageText.Resource("viewer.html").Split("{{");
        page.Write(parts[0]);
        foreach (var part in parts.Skip(1))
        {
            var end = part.IndexOf("}}", StringComparison.Ordinal);
            values[part[..end]]();
            page.Write(part[(end + 2)..]);
        }
    }

    /// <summary>What a browser without WebGL 2 shows instead.</summary>
    private static string Figures(ViewerScene scene)
    {
        var image = scene.Ct.Window(Window.Liver);
        var mask = scene.Masks.FirstOrDefault()?.Mask ?? scene.Truth ?? Volume.Constant(scene.Ct.Grid, false);
        var figures = new List<Figure> { scene.Truth is { } truth ? Figure.Of("planes", "Three planes through the middle: truth green, result red.", image.Draw(mask, truth)) : Figure.Of("planes", "Three planes through the middle of the mask.", image.Draw(mask)) };
        if (scene.Truth is { } reference && scene.Masks.Count > 0) figures.Add(Figure.Of("worst", "The axial slices with most wrong voxels, worst first.", image.DrawWorst(mask, reference)));
        return string.Concat(figures.Select(f => $"<figure>{f.Markup}<figcaption>{SafeText.Html(f.Caption)}</figcaption></figure>\n"));
    }
}
