using System;
using LiverSeg.Functional;

// A phantom stands for the scan; VolumeFile.Read("ct.nii.gz") and VolumeFile.ReadMask("liver.nii.gz") would give the same types.
var phantom = Phantom.Abdomen(new PhantomOptions { Seed = 1000, Spacing = Spacing.Isotropic(3) });
Volume<Hu> ct = phantom.Ct;
Volume<bool> truth = phantom.Liver;

var model = Pretrained.Liver;
Volume<Intensity> image = ct.Window(model.Window);
Volume<Probability> scores = image.Predict(model).Refine(image, new CrfOptions { Iterations = 5 });
Volume<bool> found = scores.Threshold(0.5).LargestComponent().FillHoles();
Evaluation metrics = found.Evaluate(truth);

Console.WriteLine(FormattableString.Invariant($"Dice {metrics.Dice:F3}, VOE {metrics.VoePercent:F1} %, ASD {metrics.AsdMm}"));
return metrics.Dice > 0.9 ? 0 : 1;
