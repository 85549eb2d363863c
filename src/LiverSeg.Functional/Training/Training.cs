using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>What a trained run gives: the model and how it got there. The model that went in is untouched.</summary>
public sealed record Trained(Model Model, IReadOnlyList<EpochRecord> History);

/// <summary>Learns weights from cases by the deeply supervised objective (eq. 3).</summary>
public static class Training
{
    private const string Kernels = "/weight";

    /// <summary>Learns: a new model with the weights after the last epoch.</summary>
    /// <remarks>
    /// Same model, cases, options, thread count and device give the same bytes; a run stopped at any step and resumed there ends as the uninterrupted one. Starts, crops and
    /// changes are the same numbers on every device, and a state of one device is resumed on another; what is summed differs by rounding. On CUDA the gradient of
    /// <see cref="Layer.Resize"/> has no algorithm that gives equal sums each time: the side outputs of <see cref="Architectures.Compact"/> have that layer, so there two runs on CUDA may differ.
    /// Where a device's memory does not suffice, the CPU goes on from the last good state; <see cref="TrainingRun.Execute"/> tells of it.
    /// A step that is not finite is left out; three in a row, or weights that are not finite, take the run back to the last good state (the
    /// last one saved, or the epoch's beginning) at half the rate, at most five times.
    /// </remarks>
    /// <param name="model">Where to start: network, weights, preparation.</param>
    /// <param name="cases">At least one.</param>
    /// <param name="options">The run.</param>
    /// <param name="validation">Cases to score now and then; may be empty.</param>
    /// <param name="progress">Hears of every epoch, on the calling thread.</param>
    /// <param name="checkpoints">A folder's worth of memory: where state is kept and resumed from. Absent: nowhere.</param>
    /// <param name="cancel">Asks the run to save and stop after the step at hand.</param>
    /// <exception cref="DeviceUnavailableException">The options' device does not answer.</exception>
    /// <exception cref="TrainingDivergedException">NaN or infinity that five halvings of the rate did not avoid.</exception>
    /// <exception cref="OperationCanceledException">After the state was saved.</exception>
    public static Trained Fit(
        Model model,
        IReadOnlyList<TrainingCase> cases,
        TrainingOptions options,
        IReadOnlyList<TrainingCase>? validation = null,
        Action<EpochRecord>? progress = null,
        CheckpointFolder? checkpoints = null,
        CancellationToken cancel = default) =>
        Fit(model, cases, options, validation ?? [], progress, checkpoints, null, cancel);

    /// <summary>The same with a listener for what is odd.</summary>
    internal static Trained Fit(
        Model model,
        IReadOnlyList<TrainingCase> cases,
        TrainingOptions options,
        IReadOnlyList<TrainingCase> validation,
        Action<EpochRecord>? progress,
        CheckpointFolder? checkpoints,
        Action<string>? warn,
        CancellationToken cancel)
    {
        if (cases.Count == 0) throw new ArgumentException("no case to learn from", nameof(cases));
        foreach (var c in cases.Concat(validation))
            if (c.Guides.Count != model.Guides.Count)
                throw new ArgumentException($"case {c.Id} was prepared for {c.Guides.Count} guides, the model has {model.Guides.Count}", nameof(cases));
        var stride = model.Network.Stride();
        if (options.Crop.X % stride + options.Crop.Y % stride + options.Crop.Z % stride != 0)
            throw new ArgumentException($"crop {options.Crop} is no multiple of the network's stride {stride}", nameof(options));
        return Run(model, cases, options, validation, progress, checkpoints, (_, crops) => crops, cancel, warn);
    }

    /// <summary>The device memory that learning takes, in bytes: an upper estimate from the network's shapes, CUDA's own context included.</summary>
    /// <param name="model">Where to start.</param>
    /// <param name="options">The run: its crop and how many at once.</param>
    /// <exception cref="ArgumentException">The crop does not fit the network.</exception>
    public static long DeviceBytes(Model model, TrainingOptions options) => DeviceMemory.Training(model.Network, options.Crop, options.Batch);

    /// <summary>The same with a hook that may change the crops of a step, to see what harm they can do.</summary>
    internal static Trained Run(
        Model model,
        IReadOnlyList<TrainingCase> cases,
        TrainingOptions options,
        IReadOnlyList<TrainingCase> validation,
        Action<EpochRecord>? progress,
        CheckpointFolder? checkpoints,
        Func<long, TrainingCrop[], TrainingCrop[]> tamper,
        CancellationToken cancel,
        Action<string>? warn = null)
    {
        var place = Placement.On(options.Device);
        using var scope = NewDisposeScope();
        using var threads = new TorchThreads(options.Threads);
        var learned = checkpoints is null ? "" : CheckpointFolder.Cases(cases);
        var state = checkpoints?.Latest(model, options, learned) is { } saved
            ? TrainingState.Resume(saved, options, place)
            : TrainingState.Start(model, options, place);
        var good = state.Freeze();
        var batch = Next(cases, options, state.Place.Device, state.Step);
        while (state.Epoch < options.Epochs)
        {
            var clock = Stopwatch.StartNew();
            var before = state.Sums.Seconds;
            double rate = 0, eta = options.EtaSchedule.At(state.Epoch, options.Epochs);
            while (state.Sums.Steps < options.StepsPerEpoch)
            {
                state.Sums.Seconds = before + clock.Elapsed.TotalSeconds;
                if (cancel.IsCancellationRequested)
                {
                    checkpoints?.Save(state.Freeze(), model, options, learned);
                    throw new OperationCanceledException(
                        checkpoints is null ? "stopped; no checkpoint folder was given, nothing is saved" : FormattableString.Invariant($"stopped after step {state.Step}; the state is saved"), cancel);
                }
                var now = tamper(state.Step, batch.GetAwaiter().GetResult());
                batch = Next(cases, options, state.Place.Device, state.Step + 1);
                // Staircases drop between epochs, smooth schedules move with each step.
                rate = options.Rate.At(state.Epoch + (double)state.Sums.Steps / options.StepsPerEpoch, options.Epochs) * Math.Pow(0.5, state.Rollbacks);
                bool isGood;
                try
                {
                    isGood = Step(model.Network, state, now, options, rate, eta);
                }
                catch (ExternalException e) when (Placement.IsExhausted(state.Place.Device, e))
                {
                    warn?.Invoke(FormattableString.Invariant($"{options.Device}: its memory does not suffice for crops of {options.Crop}; the CPU goes on after step {good.Step}"));
                    state = TrainingState.Resume(good, options, Placement.Cpu);
                    batch = Next(cases, options, state.Place.Device, state.Step);
                    eta = options.EtaSchedule.At(state.Epoch, options.Epochs);
                    continue;
                }
                if (!isGood)
                {
                    state.GoBack(good);
                    batch = Next(cases, options, state.Place.Device, state.Step);
                    eta = options.EtaSchedule.At(state.Epoch, options.Epochs);
                    continue;
                }
                if (checkpoints is { SaveEverySteps: > 0 } && state.Sums.Steps % checkpoints.SaveEverySteps == 0 && state.Sums.Steps < options.StepsPerEpoch && state.Failures == 0)
                    checkpoints.Save(good = state.Freeze(), model, options, learned);
            }
            state.Epoch++;
            var sums = state.Sums;
            var validate = validation.Count > 0 && (state.Epoch % options.ValidateEvery == 0 || state.Epoch == options.Epochs);
            double? dice = validate ? Validate(state.Model(model), validation, new() { Device = state.Place.Device, Threads = options.Threads, Warn = warn }) : null;
            var record = new EpochRecord(state.Epoch, sums.Losses, rate, eta, sums.Norm, dice, before + clock.Elapsed.TotalSeconds) { Skipped = sums.Skipped, LayerNorms = sums.LayerNorms };
            state.History.Add(record);
            state.Sums = new();
            good = state.Freeze();
            checkpoints?.Save(good, model, options, learned);
            progress?.Invoke(record);
        }
        return new(state.Model(model), state.History.ToEquatableArray());
    }

    /// <summary>The crops of a step, drawn beside the step before: by all threads where these wait for a device, else by one, as the step has its own.</summary>
    private static Task<TrainingCrop[]> Next(IReadOnlyList<TrainingCase> cases, TrainingOptions options, Device device, long step) =>
        Task.Run(() => Enumerable.Range(0, options.Batch).Select(b => Sampler.Draw(cases, options, step * options.Batch + b, device.IsCpu ? 1 : options.Threads)).ToArray());

    /// <summary>One step, or none where it would not be finite; false when it is time to go back to the last good state.</summary>
    private static bool Step(
        Layer network, TrainingState state, TrainingCrop[] crops, TrainingOptions options, double rate, double eta)
    {
        using var scope = NewDisposeScope();
        Tensor Stack(Func<TrainingCrop, float[]> part) => stack(crops.Select(c => state.Place.Tensor(part(c), part(c).Length / c.Extent.Count, c.Extent.Z, c.Extent.Y, c.Extent.X)));
        var (image, truth, known) = (Stack(c => c.Image), Stack(c => c.Truth), Stack(c => c.Known)); // (n, channels, z, y, x), and 1 twice
        var mixed = options.Precision == Precision.Mixed;
        IReadOnlyDictionary<string, Tensor> weights = mixed ? state.Weights.ToDictionary(w => w.Key, w => w.Value.to(ScalarType.BFloat16)) : state.Weights;
        var outputs = TorchForward.Forward(network, weights, mixed ? image.to(ScalarType.BFloat16) : image, new() { Direct = options.DirectConvolution, Threads = options.Threads });
        var objective = Supervision.Of(outputs, truth, known, options, eta);
        objective.Total.backward();
        var norms = state.Optimizer.GradientNorms();
        var norm = Math.Sqrt(norms.Values.Sum(n => n * n)); // over all weights together
        var losses = objective.Parts.Select(p => (p.Name, p.Loss.item<float>())).ToList();
        state.Step++;
        state.Sums.Steps++;
        if (!double.IsFinite(norm) || losses.Any(l => !float.IsFinite(l.Item2))) return !state.Skip();
        var scale = options.GradientClip > 0 && norm > options.GradientClip ? options.GradientClip / norm : 1;
        state.Optimizer.Step(rate, options.WeightDecay, scale, state.Step);
        if (!state.IsFinite)
        {
            state.Skip(); // the weights are spoilt already: nothing but going back helps
            return false;
        }
        state.Failures = 0;
        foreach (var (name, loss) in losses) state.Sums.Losses[name] = state.Sums.Losses.GetValueOrDefault(name) + (double)loss / options.StepsPerEpoch;
        state.Sums.Norm += norm / options.StepsPerEpoch;
        foreach (var (name, n) in norms.Where(n => n.Key.EndsWith(Kernels, StringComparison.Ordinal)))
            state.Sums.LayerNorms[name[..^Kernels.Length]] = state.Sums.LayerNorms.GetValueOrDefault(name[..^Kernels.Length]) + n / options.StepsPerEpoch;
        return true;
    }

    private static double Validate(Model model, IReadOnlyList<TrainingCase> validation, PredictOptions options) =>
        validation.Average(c =>
        {
            var p = Prediction.Run(c.Image, c.Guides, model, options, c.Image.Grid).Fused.Voxels;
            var truth = c.Truth.Voxels;
            long both = 0, sum = 0;
            for (var i = 0; i < truth.Length; i++)
            {
                var found = p[i].Value > 0.5f;
                if (found) sum++;
                if (truth[i]) sum++;
                if (found && truth[i]) both++;
            }
            return sum == 0 ? 1.0 : 2.0 * both / sum;
        });
}
