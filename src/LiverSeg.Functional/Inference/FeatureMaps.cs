using System;
using System.Linq;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>What single operations of a network make of an image, for pictures.</summary>
internal static class FeatureMaps
{
    /// <summary>One slice of what an operation of the network makes of an image that is as the model wants it: a plane per feature, by rows.</summary>
    /// <param name="image">As <see cref="StagedImage.Of"/> gives it; a tile's worth around its middle and the slice is looked at.</param>
    /// <param name="model">The network and its weights.</param>
    /// <param name="operation">Its path, as <c>conv1</c>.</param>
    /// <param name="slice">Index in the image.</param>
    /// <param name="device">What computes it.</param>
    /// <param name="threads">0 = one per processor.</param>
    /// <returns>The part that was looked at, the extent of a plane, and the planes.</returns>
    internal static (Region Part, int Width, int Height, float[][] Planes) Slice(Volume<Intensity> image, Model model, string operation, int slice, Device device, int threads)
    {
        if (model.Guides.Count > 0) throw new ArgumentException("features are shown of networks that see the image alone; choose one of the model's guides", nameof(model));
        var place = Placement.On(device);
        using var scope = NewDisposeScope();
        using var still = no_grad();
        using var guard = new TorchThreads(threads);
        var (e, tile, stride) = (image.Extent, model.Tile, model.Network.Stride());
        int Size(int length, int most) => Math.Min((length + stride - 1) / stride, most / stride) * stride;
        var size = new Extent(Size(e.X, tile.X), Size(e.Y, tile.Y), Size(e.Z, tile.Z));
        var part = new Region((e.X - size.X) / 2, (e.Y - size.Y) / 2, size.Z >= e.Z ? (e.Z - size.Z) / 2 : Math.Clamp(slice - size.Z / 2, 0, e.Z - size.Z), size);
        var x = place.Tensor(Volume.Floats(image.Pad(part, default).Voxels).ToArray(), 1, 1, size.Z, size.Y, size.X); // (1, 1, z, y, x)
        var made = TorchForward.Features(model.Network, model.Weights.Tensors(place), x, operation); // (1, features, z, y, x)
        var at = (slice - part.Z) * made.shape[2] / size.Z;
        var planes = Enumerable.Range(0, (int)made.shape[1]).Select(f => TorchForward.Floats(made[0, f, at])).ToArray();
        return (part, (int)made.shape[4], (int)made.shape[3], planes);
    }
}
