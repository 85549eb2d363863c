using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>A case ready for training: windowed image and liver mask on one grid, at the voxel spacing of the model.</summary>
public sealed class TrainingCase
{
    private readonly Lazy<IReadOnlyList<int>> _liver;
    private readonly EquatableArray<Volume<Probability>> _guides;

    /// <summary>A case of these volumes.</summary>
    /// <param name="id">Names the case in reports.</param>
    /// <param name="image">Windowed CT.</param>
    /// <param name="truth">Liver mask on the same grid.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public TrainingCase(string id, Volume<Intensity> image, Volume<bool> truth) : this(id, image, truth, []) { }

    /// <summary>A case for a model with guides.</summary>
    /// <param name="id">Names the case in reports.</param>
    /// <param name="image">Windowed CT.</param>
    /// <param name="truth">Liver mask on the same grid.</param>
    /// <param name="guides">What the model's guides say, each on the same grid; none for a model without.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public TrainingCase(string id, Volume<Intensity> image, Volume<bool> truth, IReadOnlyList<Volume<Probability>> guides)
    {
        image.Grid.EnsureSameGeometry(truth.Grid, nameof(truth));
        foreach (var guide in guides) image.Grid.EnsureSameGeometry(guide.Grid, nameof(guides));
        (Id, Image, Truth, _guides) = (id, image, truth, guides.ToEquatableArray());
        _liver = new(() =>
        {
            var found = new List<int>();
            var voxels = truth.Voxels;
            for (var i = 0; i < voxels.Length; i++)
                if (voxels[i]) found.Add(i);
            return found;
        });
    }

    /// <summary>
    /// A scan and its liver mask as a model wants them: windowed, upright, at the model's spacing; with guides what they say, and only the box that they
    /// leave to the model (the whole scan where they see nothing).
    /// </summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static TrainingCase Prepare(string id, Volume<Hu> ct, Volume<bool> liver, Model model, int threads = 0)
    {
        ct.Grid.EnsureSameGeometry(liver.Grid, nameof(liver));
        var staged = StagedImage.Of(ct.Window(model.Window), model, threads);
        var upright = liver.WithGrid(ct.Grid).ToCanonical();
        var truth = model.Spacing is { } spacing ? upright.ToSpacing(spacing, threads) : upright;
        if (model.Guides.Count == 0) return new(id, staged.Image, truth);
        var guides = staged.Ask(model, new() { Threads = threads }, ct.Grid, default);
        var box = StagedImage.Gate(guides, model.Gate);
        return box.IsEmpty ? new(id, staged.Image, truth, guides) : new(id, staged.Image.Crop(box), truth.Crop(box), guides.Select(g => g.Crop(box)).ToEquatableArray());
    }

    /// <summary>Names the case in reports.</summary>
    public string Id { get; }

    /// <summary>Windowed CT.</summary>
    public Volume<Intensity> Image { get; }

    /// <summary>Liver mask.</summary>
    public Volume<bool> Truth { get; }

    /// <summary>What the model's guides say.</summary>
    public IReadOnlyList<Volume<Probability>> Guides => _guides;

    /// <summary>Indices of all liver voxels.</summary>
    internal IReadOnlyList<int> LiverVoxels => _liver.Value;
}
