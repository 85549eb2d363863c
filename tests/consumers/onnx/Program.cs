using System;
using LiverSeg.Functional;

// A phantom stands for the scan; VolumeFile.Read("ct.nii.gz") would give the same type.
var phantom = Phantom.Abdomen(new PhantomOptions { Seed = 1000, Spacing = Spacing.Isotropic(3) });

// The paper's large kernels, which need libtorch without an engine.
var options = new PipelineOptions { Predict = new() { Engine = new OnnxRuntimeEngine() } };
var found = phantom.Ct.Segment(Pretrained.Dsn, options).Mask;

var metrics = found.Evaluate(phantom.Liver);
Console.WriteLine(FormattableString.Invariant($"{found.VolumeMl():F0} ml, Dice {metrics.Dice:F3}"));
return metrics.Dice > 0.9 ? 0 : 1;
