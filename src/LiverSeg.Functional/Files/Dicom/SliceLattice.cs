using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>Lays slices in order of their places, and says whether they are an even stack.</summary>
/// <remarks>
/// In silence: steps within 1 % (at most 0.05 mm) and 0.005 mm of the median. With a warning: every place within a tenth of the step of an even lattice, as when
/// places were rounded or a table drifted. Everything else is no stack, unless missing slices are to be made.
/// </remarks>
internal static class SliceLattice
{
    private const double MaxDriftMm = 0.1, MaxGapMm = 0.05, RoundingMm = 0.005, MaxOff = 0.1, OnePlace = 1e-3;
    private const int MaxListed = 12, MaxCopies = 64;

    /// <summary>Where a stack lies along its normal, from low to high.</summary>
    private sealed record Stack(List<DicomSlice> Slices, double[] Heights, Axis X, Axis Y, Axis Normal)
    {
        internal double[] Gaps => [.. Heights.Zip(Heights.Skip(1), (a, b) => b - a)];

        internal double Median => Gaps.Order().ElementAt(Gaps.Length / 2);
    }

    /// <summary>Whether slices with places stand in even steps, no two at one place.</summary>
    internal static bool IsEven(List<DicomSlice> slices, FileErrors refuse) => Of(slices) is { } stack && (slices.Count == 1 || Trouble(stack, refuse, out _, out _, out _) is null);

    /// <summary>Pairs of slices at one place, the lower ones of which stand first in the list.</summary>
    internal static List<(DicomSlice A, DicomSlice B)> SamePlaces(List<DicomSlice> slices)
    {
        var pairs = new List<(DicomSlice, DicomSlice)>();
        if (Of(slices) is not { } stack) return pairs;
        for (var i = 0; i < stack.Slices.Count; i++)
            for (var j = i + 1; j < stack.Slices.Count && j <= i + MaxCopies && stack.Heights[j] - stack.Heights[i] < OnePlace; j++)
                if (stack.Slices[i].Position!.Value.DistanceTo(stack.Slices[j].Position!.Value) < OnePlace) pairs.Add((stack.Slices[i], stack.Slices[j]));
        return pairs;
    }

    /// <summary>The greatest step of an even part, and whether the parts of a series overlap or lie far from each other: passes rather than a missing slice.</summary>
    internal static bool StandApart(IReadOnlyList<List<DicomSlice>> parts)
    {
        var spans = parts.Select(p => Of(p)!).Select(s => (Low: s.Heights[0], High: s.Heights[^1], Step: s.Median)).OrderBy(s => s.Low).ToArray();
        return spans.Zip(spans.Skip(1)).All(p => p.Second.Low - p.First.High is var jump && (jump < 0.5 * p.First.Step || jump > 3 * p.First.Step));
    }

    /// <summary>The grid of a stack, and its slices from low to high.</summary>
    internal static (Grid Grid, List<DicomSlice> Slices) Place(List<DicomSlice> slices, bool anyImage, bool fillGaps, FileErrors refuse, List<string> warnings)
    {
        var first = slices[0];
        var image = first.Image;
        if (Of(slices) is not { } stack || first.Spacing is not { } spacing)
        {
            if (anyImage) return Unplaced(slices, warnings);
            var field = first.Spacing is null ? "PixelSpacing" : first.Axes is null ? "ImageOrientationPatient" : "ImagePositionPatient";
            throw (refuse with { File = slices.Find(s => s.Position is null)?.Name ?? first.Name }).Bad(field, "nothing", "this element in every slice", "export the series with its geometry");
        }
        var (sorted, origin) = (stack.Slices, stack.Slices[0].Position!.Value);
        double step;
        if (sorted.Count == 1)
        {
            step = sorted[0].Thickness;
            if (!(step > 0)) throw refuse.Bad("SliceThickness", step, "a positive number, since there is one slice only", "name the folder of the whole series");
            warnings.Add("one slice only: its thickness is taken as the spacing");
        }
        else if (Trouble(stack, refuse, out step, out var doubt, out var gap) is { } trouble)
        {
            if (!gap || !fillGaps) throw trouble;
            (sorted, step) = Filled(stack, refuse, warnings);
        }
        else if (doubt.Length > 0) warnings.Add(doubt);
        return (new(new(image.Columns, image.Rows, sorted.Count), new(spacing.Column, spacing.Row, step), origin, new(stack.X, stack.Y, stack.Normal)), sorted);
    }

    /// <summary>Images without a place: in order of their numbers, and what the files say of spacing counts.</summary>
    private static (Grid, List<DicomSlice>) Unplaced(List<DicomSlice> slices, List<string> warnings)
    {
        var (first, sorted) = (slices[0], slices.OrderBy(s => s.Number).ThenBy(s => s.Frame).ToList());
        var step = first.SpacingBetween > 0 ? first.SpacingBetween : first.Thickness > 0 ? first.Thickness : 1;
        var (row, column) = first.Spacing ?? (1, 1);
        warnings.Add(FormattableString.Invariant($"the slices have no place in the patient: they are taken in order of their numbers, with voxels of {column}×{row}×{step} mm{(first.Spacing is null ? "; the files say no spacing" : "")}"));
        return (Grid.Of(new(first.Image.Columns, first.Image.Rows, sorted.Count), new(column, row, step)), sorted);
    }

    private static Stack? Of(List<DicomSlice> slices)
    {
        if (slices.Count == 0 || slices[0].Axes is not { } axes || slices.Exists(s => s.Position is null)) return null;
        var x = axes.X.Times(1 / axes.X.Length);
        var normal = x.Cross(axes.Y);
        normal = normal.Times(1 / normal.Length);
        double Height(DicomSlice s) => s.Position!.Value.X * normal.L + s.Position.Value.Y * normal.P + s.Position.Value.Z * normal.S;
        var sorted = slices.OrderBy(Height).ThenBy(s => s.Frame).ToList();
        return new(sorted, [.. sorted.Select(Height)], x, normal.Cross(x), normal);
    }

    /// <summary>Why slices are no even stack, none where they are one; what is doubtful about it; whether it is a matter of gaps.</summary>
    private static FileErrorException? Trouble(Stack stack, FileErrors refuse, out double step, out string doubt, out bool gap)
    {
        var (slices, heights, gaps) = (stack.Slices, stack.Heights, stack.Gaps);
        var (n, median) = (gaps.Length, stack.Median);
        (step, doubt, gap) = ((heights[^1] - heights[0]) / n, "", false);
        FileErrorException Bad(int at, string found, string expected, string remedy) => (refuse with { File = slices[at].Name }).Bad("ImagePositionPatient", found, expected, remedy);
        for (var i = 0; i < n; i++)
            if (gaps[i] < OnePlace) return Bad(i + 1, "two slices at one place, with other pixels", "one slice at each place", "keep the right one of them, or export one pass of the series");
        var tilt = Tilt(stack, refuse, ref doubt);
        if (tilt is not null) return tilt;
        var tolerance = Math.Min(0.01 * median, MaxGapMm) + RoundingMm;
        var odd = Array.FindIndex(gaps, g => Math.Abs(g - median) > tolerance);
        if (odd < 0) return null;
        var (even, off) = Fit(heights);
        if (off <= MaxOff * even)
        {
            step = even;
            doubt = Join(doubt, FormattableString.Invariant($"the slices' places are up to {off:0.###} mm ({100 * off / even:0.#} % of a step) off an even stack: they are taken as {even:0.####} mm apart"));
            return null;
        }
        gap = true;
        odd = Array.FindIndex(gaps, g => Math.Abs(g - median) > 2 * MaxOff * median) is >= 0 and var far ? far : odd;
        return Bad(odd + 1, FormattableString.Invariant($"a step of {gaps[odd]:0.####} mm"), FormattableString.Invariant($"{median:0.####} mm as between the others; slices are missing or uneven"), "export the whole series, or add --fill-gaps (DicomOptions.FillGaps) to have the missing slices interpolated");
    }

    /// <summary>Sideways steps: all alike they are a tilted gantry, single ones a slice that lies elsewhere.</summary>
    private static FileErrorException? Tilt(Stack stack, FileErrors refuse, ref string doubt)
    {
        var (slices, heights, n) = (stack.Slices, stack.Heights, stack.Heights.Length - 1);
        Axis Side(int i)
        {
            var (p, q, up) = (slices[0].Position!.Value, slices[i].Position!.Value, heights[i] - heights[0]);
            return new(q.X - p.X - up * stack.Normal.L, q.Y - p.Y - up * stack.Normal.P, q.Z - p.Z - up * stack.Normal.S);
        }
        FileErrorException Bad(int at, double mm, string expected) => (refuse with { File = slices[at].Name }).Bad("ImagePositionPatient", FormattableString.Invariant($"a sideways step of {mm:0.####} mm"), expected, "export the series reformatted, without tilt");
        var lean = Side(n);
        if (lean.Length / n > MaxDriftMm) return Bad(1, lean.Length / n, FormattableString.Invariant($"at most {MaxDriftMm} mm; the gantry was tilted"));
        var (allowed, worst, at) = (Math.Max(MaxDriftMm, MaxOff * stack.Median), 0.0, 0);
        for (var i = 1; i < n; i++)
        {
            var (side, part) = (Side(i), (heights[i] - heights[0]) / (heights[^1] - heights[0]));
            var off = new Axis(side.L - part * lean.L, side.P - part * lean.P, side.S - part * lean.S).Length;
            if (off > worst) (worst, at) = (off, i);
        }
        if (worst > allowed) return Bad(at, worst, FormattableString.Invariant($"at most {allowed:0.###} mm; the slice lies beside the others"));
        var pixel = slices[0].Spacing is { } spacing ? Math.Min(spacing.Row, spacing.Column) : 1;
        if (worst > Math.Max(MaxDriftMm, 0.25 * pixel)) doubt = FormattableString.Invariant($"slices lie up to {worst:0.###} mm beside each other: they are taken as above each other");
        if (lean.Length > Math.Max(1, pixel)) doubt = Join(doubt, FormattableString.Invariant($"the stack leans by {lean.Length:0.##} mm from its first to its last slice: it is taken as upright"));
        return null;
    }

    private static string Join(string a, string b) => a.Length == 0 ? b : a + "; " + b;

    /// <summary>The line of least squares through the heights: its step, and how far a height lies off at most.</summary>
    private static (double Step, double Off) Fit(double[] heights)
    {
        var (middle, mean) = ((heights.Length - 1) / 2.0, heights.Average());
        double sum = 0, squares = 0;
        for (var i = 0; i < heights.Length; i++) (sum, squares) = (sum + (i - middle) * (heights[i] - mean), squares + (i - middle) * (i - middle));
        var step = sum / squares;
        return (step, heights.Select((h, i) => Math.Abs(h - mean - (i - middle) * step)).Max());
    }

    /// <summary>The even lattice over an uneven stack: slices where there are such within a tenth of a step, elsewhere mixtures of the two around.</summary>
    private static (List<DicomSlice>, double Step) Filled(Stack stack, FileErrors refuse, List<string> warnings)
    {
        var (slices, heights, gaps) = (stack.Slices, stack.Heights, stack.Gaps);
        var least = gaps.Min();
        var near = gaps.All(g => Math.Abs(g / least - Math.Round(g / least)) <= MaxOff) ? least : stack.Median;
        var whole = heights[^1] - heights[0];
        var count = Math.Round(whole / near);
        if (!(count <= 4 * slices.Count + 16)) throw refuse.Bad("ImagePositionPatient", FormattableString.Invariant($"{slices.Count} slices for {count + 1} places"), "at most four fifths of a series missing", "export the whole series");
        var (step, filled, made, below) = (whole / count, new List<DicomSlice>(), new List<int>(), 0);
        for (var k = 0; k <= count; k++)
        {
            var at = heights[0] + k * step;
            while (below + 2 < heights.Length && heights[below + 1] <= at) below++;
            var part = (at - heights[below]) / (heights[below + 1] - heights[below]);
            var (lower, upper) = (slices[below], slices[below + 1]);
            var own = Math.Abs(at - heights[below]) <= MaxOff * step ? lower : Math.Abs(at - heights[below + 1]) <= MaxOff * step ? upper : null;
            if (own is null) made.Add(k + 1);
            var (p, q) = (lower.Position!.Value, upper.Position!.Value);
            filled.Add(own ?? (part < 0.5 ? lower : upper) with
            {
                Blend = (upper, part),
                Name = lower.Name,
                Frame = lower.Frame,
                Image = lower.Image,
                Slope = lower.Slope,
                Intercept = lower.Intercept,
                Position = new Point(p.X + part * (q.X - p.X), p.Y + part * (q.Y - p.Y), p.Z + part * (q.Z - p.Z)),
            });
        }
        warnings.Add(FormattableString.Invariant($"{made.Count} of {filled.Count} slices were not in the series and are interpolated between their neighbours: number {Ranges(made)}"));
        return (filled, step);
    }

    /// <summary>As <c>4, 7-9</c>.</summary>
    private static string Ranges(List<int> numbers)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var number in numbers)
            if (runs.Count > 0 && runs[^1].Last == number - 1) runs[^1] = (runs[^1].First, number);
            else runs.Add((number, number));
        return string.Join(", ", runs.Take(MaxListed).Select(r => r.First == r.Last ? FormattableString.Invariant($"{r.First}") : FormattableString.Invariant($"{r.First}-{r.Last}"))) + (runs.Count > MaxListed ? ", .." : "");
    }
}
