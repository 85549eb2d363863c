using System;
using System.Linq;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>A case to tune the CRF on: the scan and what a network said about it, made once.</summary>
/// <param name="Name">Names the case in the table; unique.</param>
/// <param name="Patient">Cases of one patient are held out together.</param>
/// <param name="Guide">The scan in HU.</param>
/// <param name="Scores">Main and branch probabilities on the scan's grid.</param>
/// <param name="Truth">The true mask on the scan's grid.</param>
public sealed record CrfCase(string Name, string Patient, Volume<Hu> Guide, Prediction Scores, Volume<bool> Truth)
{
    /// <summary>A case with one fused score map and no branches: τ then has no part in the search.</summary>
    public static CrfCase Of(string name, string patient, Volume<Hu> guide, Volume<Probability> scores, Volume<bool> truth) =>
        new(name, patient, guide, new(scores, scores, EquatableArray<(string, Volume<Probability>)>.Empty), truth);

    /// <summary>The case in files: with the score map that its row names, else with what the model says about the scan, branches and all.</summary>
    /// <param name="file">The row.</param>
    /// <param name="model">The trained network; of no account where the row names a score map.</param>
    /// <param name="options">How the model is applied.</param>
    /// <param name="warn">Hears what is odd about the files, and of a device whose memory does not suffice.</param>
    /// <param name="cancel">Asks to stop between two operations of a tile.</param>
    /// <param name="branches">Whether the branches are wanted too, for a search for τ; without them the fused scores alone, in less time. Default true.</param>
    /// <exception cref="FileErrorException">A file cannot be read, or the case has an error as <see cref="DatasetFolder.Check"/> finds it.</exception>
    public static CrfCase Load(CaseFile file, Model model, PredictOptions options, Action<string>? warn = null, CancellationToken cancel = default, bool branches = true)
    {
        var (ct, truth, _) = CheckedCase.Named(file, warn);
        if (file.Scores.Length > 0) return Of(file.Id, file.Patient, ct, Lattice.ReadProbability(file.Scores, ct.Grid, null, warn), truth);
        var (image, heard) = (ct.Window(model.Window), options with { Warn = options.Warn + warn });
        return branches
            ? new(file.Id, file.Patient, ct, image.PredictAll(model, heard, cancel), truth)
            : Of(file.Id, file.Patient, ct, image.Predict(model, heard, cancel), truth);
    }

    /// <summary>The case on each n-th transverse slice, which is n times as fast to try: a CRF on slices does not know the others.</summary>
    /// <exception cref="ArgumentOutOfRangeException">n is less than 1.</exception>
    public CrfCase EverySlice(int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        if (n == 1) return this;
        var branches = Scores.Branches.Select(b => (b.Tap, Thin(b.Scores, n))).ToEquatableArray();
        return this with { Guide = Thin(Guide, n), Scores = new(Thin(Scores.Fused, n), Thin(Scores.Main, n), branches), Truth = Thin(Truth, n) };
    }

    private static Volume<T> Thin<T>(Volume<T> volume, int n) where T : unmanaged, IEquatable<T>
    {
        var (g, axis) = (volume.Grid, CrfPlanes.TransverseAxis(volume.Grid));
        int X(int i) => axis == 0 ? i * n : i;
        int Y(int i) => axis == 1 ? i * n : i;
        int Z(int i) => axis == 2 ? i * n : i;
        int Fewer(int count, int a) => axis == a ? (count + n - 1) / n : count;
        double Wider(double mm, int a) => axis == a ? mm * n : mm;
        var grid = g with
        {
            Extent = new(Fewer(g.Extent.X, 0), Fewer(g.Extent.Y, 1), Fewer(g.Extent.Z, 2)),
            Spacing = new(Wider(g.Spacing.X, 0), Wider(g.Spacing.Y, 1), Wider(g.Spacing.Z, 2)),
        };
        return Volume.Init(grid, (x, y, z) => volume[X(x), Y(y), Z(z)]);
    }
}
