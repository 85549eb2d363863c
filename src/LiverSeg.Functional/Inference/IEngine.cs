using System;
using System.Collections.Generic;
using System.Threading;

namespace LiverSeg.Functional;

/// <summary>Computes networks in the library's place: what <see cref="PredictOptions.Engine"/> takes, so that a package of its own can bring another library for it.</summary>
/// <remarks>
/// A <see cref="Device"/> says where is computed, an engine by what; it refuses devices that it does not know. Tiles, guides, blending and eq. 4 are not its business. Law for
/// who writes one: logits within 1e-4 of the largest of libtorch's, equal bytes for an equal task and tile, and calls from several threads at once do not disturb each other.
/// </remarks>
public interface IEngine
{
    /// <summary>Makes a network ready, lends it for the time of one call, and frees what it has taken, whatever happens.</summary>
    /// <param name="task">What is to be computed.</param>
    /// <param name="use">Is called once, with the network; it asks for one tile after the other.</param>
    /// <exception cref="DeviceUnavailableException">The task's device is none of the engine's.</exception>
    void Lend(EngineTask task, Action<EngineNetwork> use);

    /// <summary>What computing one tile takes at most, in bytes, beside the channels: an estimate from shapes, for plans of memory.</summary>
    /// <param name="model">The network; its guides are asked about apart.</param>
    /// <param name="tile">The tile's extent.</param>
    long TileBytes(Model model, Extent tile);
}

/// <summary>A network that an engine is to compute, tile by tile.</summary>
/// <param name="Model">The network and its weights; its guides' scores are among a tile's channels.</param>
/// <param name="Taps">The side outputs that are wanted, in the network's order.</param>
/// <param name="Device">Where it is to be computed.</param>
/// <param name="Threads">How many threads may compute, at least 1.</param>
public sealed record EngineTask(Model Model, IReadOnlyList<string> Taps, Device Device, int Threads);

/// <summary>A network that is ready, as an engine lends it.</summary>
/// <param name="tile">The extent of a channel, multiples of the network's stride; it may change from tile to tile.</param>
/// <param name="channels">The windowed image, then each guide's scores; in each x runs fastest, then y, then z.</param>
/// <param name="cancel">Asks to stop between two operations.</param>
/// <returns>Logits: the main output's, then those of the task's taps. Each is two channels of the tile's extent, background and liver.</returns>
/// <exception cref="OperationCanceledException">It was asked to stop.</exception>
public delegate IReadOnlyList<ReadOnlyMemory<float>> EngineNetwork(Extent tile, ReadOnlyMemory<float> channels, CancellationToken cancel);
