using System;
using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>A case ready for training: windowed image and liver mask on one grid, at the voxel spacing of the model.</summary>
public sealed class TrainingCase
{
    private readonly Lazy<IReadOnlyList<int>> _liver;

    /// <summary>A case of these volumes.</summary>
    /// <param name="id">Names the case in reports.</param>
    /// <param name="image">Windowed CT.</param>
    /// <param name="truth">Liver mask on the same grid.</param>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public TrainingCase(string id, Volume<Intensity> image, Volume<bool> truth)
    {
        image.Grid.EnsureSameGeometry(truth.Grid, nameof(truth));
        (Id, Image, Truth) = (id, image, truth);
        _liver = new(() =>
        {
            var found = new List<int>();
            var voxels = truth.Voxels;
            for (var i = 0; i < voxels.Length; i++)
                if (voxels[i]) found.Add(i);
            return found;
        });
    }

    /// <summary>A scan and its liver mask as a model wants them: windowed, upright, at the model's spacing.</summary>
    /// <exception cref="ArgumentException">The grids differ.</exception>
    public static TrainingCase Prepare(string id, Volume<Hu> ct, Volume<bool> liver, Model model, int threads = 0)
    {
        ct.Grid.EnsureSameGeometry(liver.Grid, nameof(liver));
        var image = Predictor.Prepare(ct.Window(model.Window), model, threads);
        var upright = liver.WithGrid(ct.Grid).ToCanonical();
        return new(id, image, model.Spacing is { } spacing ? upright.ToSpacing(spacing, threads) : upright);
    }

    /// <summary>Names the case in reports.</summary>
    public string Id { get; }

    /// <summary>Windowed CT.</summary>
    public Volume<Intensity> Image { get; }

    /// <summary>Liver mask.</summary>
    public Volume<bool> Truth { get; }

    /// <summary>Indices of all liver voxels.</summary>
    internal IReadOnlyList<int> LiverVoxels => _liver.Value;
}
