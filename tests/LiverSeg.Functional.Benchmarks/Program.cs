using System;
using System.Collections.Generic;
using System.Globalization;
using LiverSeg.Functional.Benchmarks;

// One sub-command a table: benchmarks NAME [ARGUMENT ...]
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var commands = new Dictionary<string, (string Does, Action<string[]> Run)>
{
    ["crf"] = ("all tables of the CRF: docs/results/crf.md", CrfBenchmarks.All),
    ["crf-accuracy"] = ("mean and maximum |ΔQ| of the fast filter beside the exact sums", CrfBenchmarks.Accuracy),
    ["crf-sampling"] = ("the same over samplings of the grid: how the default was chosen", CrfBenchmarks.Sampling),
    ["crf-volume"] = ("seconds and memory of a whole case, slices and 3-D", CrfBenchmarks.Volumes),
    ["crf-case"] = ("wall times on a CT and a score map of yours: crf-case CT SCORES", CrfBenchmarks.Case),
    ["crf-doubtful"] = ("ms per slice where every voxel is in doubt, and the error there: crf-doubtful [quick]", CrfBenchmarks.Uncertain),
    ["crf-speed"] = ("wall times of the CRF beside the textbook lattice", CrfBenchmarks.Speed),
    ["table"] = ("every stage beside its plain alternative: table [docs/results/speed.md], about two minutes", SpeedTable.Run),
    ["stages"] = ("where the seconds of a whole scan go: stages SCAN [MODEL [REPEATS]]", StageBenchmarks.Run),
    ["tile"] = ("one forward pass, operation by operation: tile MODEL X Y Z", StageBenchmarks.Tile),
    ["engine"] = ("one forward pass of the managed network beside libtorch's: engine MODEL X Y Z", StageBenchmarks.Engine),
    ["engines"] = ("the library's own computation, libtorch and ONNX Runtime, each in a process of its own: engines MODEL X Y Z for a tile, engines MODEL SCAN for a scan", EngineBenchmarks.Run),
    ["training-step"] = ("a step of the practical preset, libtorch's convolutions and Winograd's products in turn: training-step [THREADS [ROUNDS]]", TrainingBenchmarks.Step),
    ["conv-layers"] = ("processor time of the paper's convolutions, direct and by blocks: conv-layers [train]", ConvolutionBenchmarks.Probe),
    ["agreement"] = ("the paper's network on a phantom, by blocks and direct: how far scores and masks are apart", NativeBenchmarks.Agreement),
    ["paper-volume"] = ("the paper's network over 512×512×129: paper-volume [TILE_XY TILE_Z [WEIGHTING [OVERLAP [direct]]]]", NativeBenchmarks.Volume),
    ["conv-network"] = ("the paper's network, forward and one training step, direct and by blocks: conv-network [THREADS]", ConvolutionBenchmarks.Network),
};
if (args.Length > 0 && commands.TryGetValue(args[0], out var command))
{
    command.Run(args[1..]);
    return 0;
}
Console.WriteLine("benchmarks COMMAND\n");
foreach (var (name, c) in commands) Console.WriteLine($"  {name,-14} {c.Does}");
return args.Length == 0 ? 0 : 2;
