using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A scan and what is to be seen on it: masks, a reference, a score map. A page shows it: <see cref="ViewerPage"/>.</summary>
/// <remarks>All volumes lie on the scan's grid. A value: each <c>With</c> gives a new one.</remarks>
public sealed record ViewerScene
{
    private readonly EquatableArray<ViewerMask> _masks = EquatableArray<ViewerMask>.Empty;
    private readonly EquatableArray<string> _notes = EquatableArray<string>.Empty;

    private ViewerScene(string title, Volume<Hu> ct) => (Title, Ct) = (title, ct);

    /// <summary>The page's heading.</summary>
    public string Title { get; }

    /// <summary>The scan.</summary>
    public Volume<Hu> Ct { get; }

    /// <summary>What is written above the pictures, as what a mask is doubted for.</summary>
    public IReadOnlyList<string> Notes { get => _notes; private init => _notes = value.ToEquatableArray(); }

    internal IReadOnlyList<ViewerMask> Masks { get => _masks; private init => _masks = value.ToEquatableArray(); }

    internal Volume<bool>? Truth { get; private init; }

    internal Volume<Probability>? Scores { get; private init; }

    /// <summary>A scan alone.</summary>
    /// <param name="title">The page's heading.</param>
    /// <param name="ct">The scan.</param>
    public static ViewerScene Of(string title, Volume<Hu> ct) => new(title, ct);

    /// <summary>With one more mask; the first is compared with the truth.</summary>
    /// <param name="name">What it is called in the legend.</param>
    /// <param name="mask">The mask.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public ViewerScene WithMask(string name, Volume<bool> mask)
    {
        Ct.Grid.EnsureSameGeometry(mask.Grid, nameof(mask));
        return this with { Masks = [.. Masks, new(name, mask)] };
    }

    /// <summary>With the reference.</summary>
    /// <param name="truth">The reference mask.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public ViewerScene WithTruth(Volume<bool> truth)
    {
        Ct.Grid.EnsureSameGeometry(truth.Grid, nameof(truth));
        return this with { Truth = truth };
    }

    /// <summary>With a score map, whose values a click shows.</summary>
    /// <param name="scores">The score map.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public ViewerScene WithProbability(Volume<Probability> scores)
    {
        Ct.Grid.EnsureSameGeometry(scores.Grid, nameof(scores));
        return this with { Scores = scores };
    }

    /// <summary>With lines above the pictures.</summary>
    /// <param name="notes">Plain text.</param>
    public ViewerScene WithNotes(IEnumerable<string> notes) => this with { Notes = [.. Notes, .. notes] };
}

/// <summary>A mask and its name in the legend.</summary>
internal sealed record ViewerMask(string Name, Volume<bool> Mask);
