using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;

namespace LiverSeg.Functional;

/// <summary>What a page's script is told about its scan. The default encoder leaves no markup in it.</summary>
internal static class ViewerJson
{
    internal static string Of(ViewerScene scene, PageGrid grid, PageVoxels voxels)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.Numbers("size", [grid.Size.X, grid.Size.Y, grid.Size.Z]);
            json.Numbers("spacing", [grid.SpacingMm(0), grid.SpacingMm(1), grid.SpacingMm(2)]);
            json.Numbers("file", [grid.File.Extent.X, grid.File.Extent.Y, grid.File.Extent.Z]);
            json.WriteStartArray("axes");
            for (var i = 0; i < 3; i++)
            {
                var (axis, start, stride) = grid.Axis(i);
                json.Numbers(null, [axis, start, stride]);
            }
            json.WriteEndArray();
            json.WriteStartArray("toMm");
            foreach (var (x, y, z) in new[] { (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1) })
            {
                var at = grid.File.ToWorld(x, y, z);
                json.Numbers(null, [at.X, at.Y, at.Z]);
            }
            json.WriteEndArray();
            json.WriteNumber("step", voxels.Step);
            json.WriteBoolean("rounded", voxels.Rounded);
            json.WriteBoolean("probability", scene.Scores is not null);
            json.WriteStartArray("masks");
            foreach (var mask in scene.Masks) json.Mask(mask.Name, mask.Mask, truth: false);
            if (scene.Truth is { } truth) json.Mask("truth", truth, truth: true);
            json.WriteEndArray();
            if (scene.Truth is { } reference && scene.Masks.Count > 0) json.Comparison(scene.Masks[0].Mask, reference, grid);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Mask(this Utf8JsonWriter json, string name, Volume<bool> mask, bool truth)
    {
        json.WriteStartObject();
        json.WriteString("name", SafeText.Printable(name));
        json.WriteNumber("ml", Math.Round(mask.VolumeMl(), 1));
        json.WriteBoolean("truth", truth);
        json.WriteEndObject();
    }

    /// <summary>Dice, and the wrong area of each of the page's axial slices in cm², counted in the file's own voxels.</summary>
    private static void Comparison(this Utf8JsonWriter json, Volume<bool> mask, Volume<bool> truth, PageGrid grid)
    {
        json.WriteNumber("dice", Math.Round(MaskOverlap.Of(mask.Voxels, truth.Voxels).Dice, 4));
        var wrong = mask.WrongVoxels(truth);
        var (axis, start, stride) = grid.Axis(2);
        var spacing = grid.File.Spacing;
        var pixel = grid.File.VoxelVolume / (axis switch { 0 => spacing.X, 1 => spacing.Y, _ => spacing.Z }) / 100;
        json.Numbers("wrongCm2", Enumerable.Range(0, grid.Size.Z).Select(k => Math.Round(wrong[start + k * stride] * pixel, 3)));
    }

    private static void Numbers(this Utf8JsonWriter json, string? key, IEnumerable<double> numbers)
    {
        if (key is null) json.WriteStartArray();
        else json.WriteStartArray(key);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
