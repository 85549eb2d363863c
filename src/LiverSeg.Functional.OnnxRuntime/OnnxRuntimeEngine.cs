using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.ML.OnnxRuntime;

namespace LiverSeg.Functional;

/// <summary>ONNX Runtime on the CPU as <see cref="PredictOptions.Engine"/>: every network, on every platform that its package has, without libtorch.</summary>
/// <remarks>
/// Scores differ from the library's own by rounding, below 1e-4. Equal input, version and thread count give equal bytes. A network is made ready once for each call and holds no memory
/// after it. Training, CUDA and <see cref="PredictOptions.DirectConvolution"/> stay with libtorch. Run by us on Linux x64 alone.
/// </remarks>
public sealed record OnnxRuntimeEngine : IEngine
{
    /// <inheritdoc />
    /// <exception cref="OnnxRuntimeUnavailableException">There is no native library for this platform beside the program.</exception>
    public void Lend(EngineTask task, Action<EngineNetwork> use)
    {
        if (!task.Device.IsCpu)
            throw new DeviceUnavailableException(task.Device, "ONNX Runtime as the engine", "libtorch, which alone computes on CUDA here", "leave the engine out");
        using var options = Options(task.Threads);
        using var session = new InferenceSession(OnnxFile.Logits(task.Model, task.Taps), options);
        string[] outputs = ["logits", .. task.Taps.Select(t => "logits." + t)];
        var features = task.Model.Network.Channels();
        use((tile, channels, cancel) => Run(session, outputs, channels, [1, features, tile.Z, tile.Y, tile.X], cancel));
    }

    /// <inheritdoc />
    public long TileBytes(Model model, Extent tile) => OnnxMemory.Peak(model.Network, new(model.Network.Channels(), tile));

    private static SessionOptions Options(int threads)
    {
        try
        {
            // Without an arena memory goes back after each tile; with a pattern a tile is given one block that all its values share, which takes less than a block for each.
            return new()
            {
                IntraOpNumThreads = threads,
                InterOpNumThreads = 1,
                EnableCpuMemArena = false,
                EnableMemoryPattern = true,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            };
        }
        catch (Exception e) when (((e as TypeInitializationException)?.InnerException ?? e) is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new OnnxRuntimeUnavailableException(e);
        }
    }

    private static ReadOnlyMemory<float>[] Run(InferenceSession session, string[] outputs, ReadOnlyMemory<float> channels, long[] shape, CancellationToken cancel)
    {
        using var image = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(channels), shape);
        using var run = new RunOptions();
        using var stop = cancel.Register(() => run.Terminate = true);
        try
        {
            using var made = session.Run(run, ["image"], [image], outputs);
            return [.. made.Select(m => (ReadOnlyMemory<float>)m.GetTensorDataAsSpan<float>().ToArray())];
        }
        catch (OnnxRuntimeException) when (cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancel);
        }
    }
}
