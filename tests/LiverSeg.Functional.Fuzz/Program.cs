// The readers as a target for coverage-guided fuzzing; tests/oracles/coverage_fuzz.sh builds, instruments and runs it.
//   fuzz ENDING            input on standard input, under a fuzzer or alone; mask:ENDING reads it as a mask, NAME:ENDING is ENDING with other seeds
//   fuzz ENDING --seed F   writes a valid file of the format
using System;
using System.IO;
using LiverSeg.Functional;
using SharpFuzz;

var kind = args[0].Split(':')[0];
var ending = args[0][(args[0].IndexOf(':') + 1)..];
if (args is [_, "--seed", var seed])
{
    Volume.Init(Grid.Of(new(4, 3, 2), new(0.7, 0.8, 2.5)), (x, y, z) => new Hu(x + 10 * y - 100 * z)).Write(seed);
    return;
}

// The fuzzer's own watch over its processes may end them too, with an exit code, and is then told as a crash of the input.
AppDomain.CurrentDomain.ProcessExit += (_, _) => Note(FormattableString.Invariant($"exit with code {Environment.ExitCode}"));

// Readers look at names: the bytes go into a file of the right ending, in memory where the system has such a place.
var folder = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
var path = Path.Combine(folder, FormattableString.Invariant($"liverseg-fuzz-{Environment.ProcessId}{ending}"));
try
{
    Fuzzer.OutOfProcess.Run(stream =>
    {
        using (var file = File.Create(path)) stream.CopyTo(file);
        try
        {
            if (kind == "mask") ReadMask(path);
            else
                foreach (var v in VolumeFile.Read(path).Voxels)
                    if (!float.IsFinite(v.Value)) throw new InvalidOperationException("a voxel that is not finite");
        }
        catch (FileErrorException)
        {
            // The one kind of error that a reader may give.
        }
        catch (Exception e) when (Note(e))
        {
        }
    });
}
finally
{
    File.Delete(path);
}

// Alone and, as structure sets and sparse segmentations need it, on an image's grid.
static void ReadMask(string path)
{
    try
    {
        VolumeFile.ReadMask(path);
    }
    catch (FileErrorException)
    {
        Lattice.ReadMask(path, Grid.Of(new(16, 12, 6), new(10, 10, 5)));
    }
}

// A fuzzer keeps the input, not what was thrown.
static bool Note(object what)
{
    if (Environment.GetEnvironmentVariable("LIVERSEG_FUZZ_THROWN") is { Length: > 0 } file) File.AppendAllText(file, FormattableString.Invariant($"{Environment.ProcessId}: {what}\n\n"));
    return false;
}
