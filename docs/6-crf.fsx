(**
---
title: 6 The CRF
category: Stages
categoryindex: 2
index: 6
---
# 6 The CRF: what the network overlooked at the border

A network's score map is soft at the liver's border and wrong in places. The scan knows better: voxels of like density that lie near each other
mostly belong to the same organ. The fully connected conditional random field of the paper (eq. 5) says just that, for every pair of
voxels of a transverse slice. Run the page with `dotnet fsi docs/6-crf.fsx`.
*)
(*** condition: prepare ***)
#load "../scripts/load.fsx"

open System
open System.IO
open LiverSeg.Functional

let mutable checks = 0

let check name holds =
    if not holds then
        failwith name

    checks <- checks + 1

(**
## The energy

A labelling y of the slice (liver or not, pixel by pixel) costs

<math display="block"><mtable displaystyle="true">
<mtr><mtd style="text-align:right"><mrow><mi>E</mi><mrow><mo>(</mo><mi>y</mi><mo>)</mo></mrow></mrow></mtd><mtd style="text-align:left"><mo>=</mo><mrow><munder><mo>∑</mo><mi>i</mi></munder><mo>−</mo><mi>log</mi><mspace width="0.2em"/><mi>P</mi><mrow><mo>(</mo><msub><mi>y</mi><mi>i</mi></msub><mo>)</mo></mrow><mo>+</mo><munder><mo>∑</mo><mrow><mi>i</mi><mo>&lt;</mo><mi>j</mi></mrow></munder><mo>[</mo><msub><mi>y</mi><mi>i</mi></msub><mo>≠</mo><msub><mi>y</mi><mi>j</mi></msub><mo>]</mo><msub><mi>φ</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub></mrow></mtd></mtr>
<mtr><mtd style="text-align:right"><msub><mi>φ</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub></mtd><mtd style="text-align:left"><mo>=</mo><mrow><msub><mi>μ</mi><mn>1</mn></msub><mi>exp</mi><mrow><mo>(</mo><mo>−</mo><mfrac><msup><mrow><mo>|</mo><msub><mi>s</mi><mi>i</mi></msub><mo>−</mo><msub><mi>s</mi><mi>j</mi></msub><mo>|</mo></mrow><mn>2</mn></msup><mrow><mn>2</mn><msubsup><mi>θ</mi><mi>α</mi><mn>2</mn></msubsup></mrow></mfrac><mo>−</mo><mfrac><msup><mrow><mo>(</mo><msub><mi>I</mi><mi>i</mi></msub><mo>−</mo><msub><mi>I</mi><mi>j</mi></msub><mo>)</mo></mrow><mn>2</mn></msup><mrow><mn>2</mn><msubsup><mi>θ</mi><mi>β</mi><mn>2</mn></msubsup></mrow></mfrac><mo>)</mo></mrow><mo>+</mo><msub><mi>μ</mi><mn>2</mn></msub><mi>exp</mi><mrow><mo>(</mo><mo>−</mo><mfrac><msup><mrow><mo>|</mo><msub><mi>s</mi><mi>i</mi></msub><mo>−</mo><msub><mi>s</mi><mi>j</mi></msub><mo>|</mo></mrow><mn>2</mn></msup><mrow><mn>2</mn><msubsup><mi>θ</mi><mi>γ</mi><mn>2</mn></msubsup></mrow></mfrac><mo>)</mo></mrow></mrow></mtd></mtr>
</mtable></math>

The first sum holds on to the scores P. In the second, two pixels with unlike labels pay: the more, the nearer they are and the more alike their
densities I are. The mean field makes probabilities of it that sharpen from iteration to iteration, all pixels at once:

<math display="block"><mrow><mi>Q</mi><mo>←</mo><mi>softmax</mi><mrow><mo>(</mo><mi>log</mi><mspace width="0.2em"/><mi>P</mi><mo>+</mo><munder><mo>∑</mo><mi>j</mi></munder><msub><mover><mi>k</mi><mo>~</mo></mover><mrow><mi>i</mi><mi>j</mi></mrow></msub><msub><mi>Q</mi><mi>j</mi></msub><mo>)</mo></mrow></mrow></math>

| option | means | default |
|---|---|---|
| `Mu1` | weight of appearance: near pixels of like density share a label | 10 |
| `ThetaAlpha` | how far that reaches | 60 voxels |
| `ThetaBeta` | how unlike two densities may be, always in HU | 20 HU |
| `Mu2` | weight of smoothness: near pixels share a label whatever their density | 3 |
| `ThetaGamma` | how far that reaches | 3 voxels |
| `Iterations` | updates; 0 gives the scores back | 10 |
| `Unit` | voxels, or millimetres by the grid's spacing | voxels |
| `Normalization` | scale of each kernel K with D = diag(K·1): `Symmetric` D^−½ K D^−½, `Before` K D⁻¹, `After` D⁻¹ K, or `None`: K as it stands | symmetric |
| `SelfTerm` | whether a pixel's own Q counts in its message | true |
| `Reach` | transverse slices (the grid's axis nearest to the head-foot axis, whatever the file's order), or the whole volume | slices |
| `MinProbability` | scores are first drawn into [this, 1 − this] | 1e−5 |
| `GuideWindow` | how many HU a windowed guide spans, so that θβ stays in HU | −160..240 HU |
| `Tolerance` | how far results may end from the plain sums because pixels without doubt are left out; 0 works on all | 0.001 |

The paper prints no values for μ and θ. The defaults come from a public set-up of the same method for the liver in CT; tune them on cases of your own.

Three things that other programs leave unsaid: the self term is included, as in the usual implementation; with the symmetric scale a weight μ is about
the most that its kernel can move a logit, while without normalization the same μ counts each of hundreds of neighbours; and normalization `None`
here means none, without a hidden mean.

## By hand

Two pixels of equal density, one apart, P = 0.9 and 0.4, μ₁ = 1, θα = 1, no scale, no self term: the first receives
exp(−½)·(2·0.4 − 1) = −0.1213 in logits, the second exp(−½)·(2·0.9 − 1) = 0.4852.
*)
let pair = Grid.Of(Extent(2, 1, 1), Spacing(1., 1., 1.))
let grey = Volume.Constant(pair, Hu 50f)

let scores =
    Volume.Init(pair, fun x _ _ -> Probability(if x = 0 then 0.9f else 0.4f))

let one =
    CrfOptions(
        Mu1 = 1.,
        ThetaAlpha = 1.,
        Mu2 = 0.,
        Iterations = 1,
        Normalization = CrfNormalization.None,
        SelfTerm = false
    )

let logistic logit = 1. / (1. + exp -logit)
let logit p = log (p / (1. - p))
let exact = scores |> Crf.exact one grey
check "first" (abs (float exact[0, 0, 0].Value - logistic (logit 0.9 + exp -0.5 * (2. * 0.4 - 1.))) < 1e-6)
check "second" (abs (float exact[1, 0, 0].Value - logistic (logit 0.4 + exp -0.5 * (2. * 0.9 - 1.))) < 1e-6)

(**
`Crf.exact` sums every pair: 64² pixels per slice at most. `Crf.refine` and `Crf.refineHu` give nearly the same in time that grows with the number of pixels:
pixels are shared out among the nodes of a coarse grid (x, y, density), which is blurred and read back.

## A phantom, before and after

The scores: the true liver, blurred over 16 mm and uneven. Weights and lengths must fit the data: the defaults, made for scans of 512×512 pixels,
overshoot on this coarser phantom (Dice falls to 0.91), shorter reach and less weight do not. `CrfSearch` looks for such values.
*)
let phantom =
    Phantom.Abdomen(PhantomOptions(Seed = 1000L, Field = struct (-12., 12.)))

let extent = phantom.Ct.Extent
let truth = phantom.Liver

let spoiled =
    Volume.Init(
        phantom.Ct.Grid,
        fun x y z ->
            let mutable inside, all = 0, 0

            for dy in -5 .. 5 do
                for dx in -5 .. 5 do
                    if extent.Contains(x + dx, y + dy, z) then
                        all <- all + 1

                        if truth[x + dx, y + dy, z] then
                            inside <- inside + 1

            let share = float inside / float all
            let waves = 1.2 * sin (float x / 4.) * sin (float y / 5.)
            Probability(float32 (logistic (8. * share - 3. + waves)))
    )

let options =
    CrfOptions(Mu1 = 5., ThetaAlpha = 10., ThetaBeta = 30., Mu2 = 3., ThetaGamma = 2.)

let refined = spoiled |> Crf.refineHu options phantom.Ct
let before, after = spoiled |> Mask.threshold 0.5, refined |> Mask.threshold 0.5
let dice mask = (mask |> Metrics.evaluate truth).Dice
printfn "Dice before %.3f, after %.3f" (dice before) (dice after)
check "the CRF helps" (dice after > dice before + 0.02)
(*** include-output ***)

(**
The energy of the thresholded labelling falls as well:
*)
let energy mask =
    mask |> Crf.energy options phantom.Ct spoiled

printfn "energy before %.0f, after %.0f, of the truth %.0f" (energy before) (energy after) (energy truth)
check "lower energy" (energy after < energy before)

let image = phantom.Ct |> Hounsfield.windowed Window.Liver

let draw name mask =
    fsi.CommandLineArgs
    |> Array.tryItem 1
    |> Option.iter (fun folder ->
        OutputFile.WriteBytes(Path.Combine(folder, name), image.Draw(mask, truth), overwrite = true))

draw "crf-before.png" before
draw "crf-after.png" after
(*** include-output ***)

(**
`dotnet fsi docs/6-crf.fsx docs/img` draws both:

![before](img/crf-before.png)
![after](img/crf-after.png)

## What is left out, and what that may change

After the first iteration most pixels of a slice are far from any doubt. The update grows with every probability, so a bound v that the update does not
exceed anywhere bounds every later iteration. Such a bound is looked for with v = `Tolerance` on as many pixels as possible and 1 where the rest
stands; where it is found, those pixels provably stay within the tolerance, count as 0, and no more work is done on them. Where it is not, all
pixels are worked on.
*)
let plain =
    spoiled
    |> Crf.refineHu
        (CrfOptions(Mu1 = 5., ThetaAlpha = 10., ThetaBeta = 30., Mu2 = 3., ThetaGamma = 2., Tolerance = 0.))
        phantom.Ct

let farthest =
    Seq.max
        [
            for i in 0 .. plain.Voxels.Length - 1 -> abs (plain.Voxels[i].Value - refined.Voxels[i].Value)
        ]

printfn "largest change by what is left out: %.6f" farthest
check "within reach of the tolerance" (farthest < 0.002f)
(*** include-output ***)

(**
## After the CRF

[`Pipeline.cutDense`](results/dense.md), `Mask.largestComponent`, `Mask.fillHoles` and [`Mask.cutNecks`](results/necks.md) are steps of their own; a CRF on slices cannot know that a liver is one piece. How near to the exact sums,
how fast and how much memory: [measured](results/crf.md). What CRF and clean-up do to each measure on scans: [real cases](results/crf-cases.md).

## On the command line

`liverseg segment` refines with `CrfSetting.Shipped` (μ₁ 5, θα 20 mm, θβ 20 HU, μ₂ 1, θγ 2 mm, 5 iterations); `--no-crf` leaves it out, `--crf FILE` takes
other values. `liverseg refine` works on any program's score map, `liverseg tune-crf --cases CSV -o FILE --nested` chooses values on cases of
yours. The file is JSON; what it leaves out is as shipped:

```text
{"mu1": 5, "mu2": 1, "theta_alpha": 20, "theta_beta": 20, "theta_gamma": 2, "iterations": 5,
 "units": "mm", "normalization": "symmetric", "dimensions": 2, "self_term": true,
 "least_probability": 1e-5, "tolerance": 0.001, "threshold": 0.5, "tau": {}}
```

`threshold` is the probability that is an even bet before the CRF; `tau` are the weights of the branches in the fused score map (eq. 4).
*)
let file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".json")
File.WriteAllText(file, """{"mu1": 3, "units": "mm", "threshold": 0.6}""")
let setting = CrfSetting.read CrfSetting.Shipped file
File.Delete file

check
    "the file's values and the shipped ones"
    (setting.Options.Mu1 = 3.
     && setting.Options.ThetaBeta = 20.
     && setting.Threshold = 0.6)

(**
*)
printfn "%d checks hold" checks
(*** include-output ***)
