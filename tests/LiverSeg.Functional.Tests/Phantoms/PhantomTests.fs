module LiverSeg.Functional.Tests.PhantomTests

open Expecto
open LiverSeg.Functional

let private options seed =
    PhantomOptions(Seed = seed, Spacing = Spacing.Isotropic 5.)

let private coarse seed = Phantom.abdomen (options seed)

let private centre (mask: Volume<bool>) =
    let box = (Mask.boundingBox mask).Value

    mask.Grid.ToWorld(
        float box.X + float box.Extent.X / 2.,
        float box.Y + float box.Extent.Y / 2.,
        float box.Z + float box.Extent.Z / 2.
    )

[<Tests>]
let tests =
    testList
        "Phantom"
        [
            testCase "equal seeds give equal phantoms, other seeds others"
            <| fun () ->
                Expect.equal (coarse 3L).Ct (coarse 3L).Ct "same"
                Expect.notEqual (coarse 3L).Ct (coarse 4L).Ct "other"
            for seed in 0L .. 7L do
                testCase
                    $"phantom {seed}: one liver of 0.7 to 2.8 l on the right, spleen and stomach on the left, lungs above"
                <| fun () ->
                    let p = coarse seed
                    let liver = p.Liver
                    let ml = Mask.volumeMl liver
                    Expect.isTrue (ml > 700. && ml < 2800.) $"{ml} ml"
                    Expect.equal ((liver |> Mask.components Connectivity.Six).Sizes.Count) 1 "one piece"
                    // x runs to the patient's left.
                    Expect.isLessThan (centre liver).X -10. "liver right"
                    Expect.isGreaterThan (centre (p.Mask Organ.Spleen)).X 40. "spleen left"
                    Expect.isGreaterThan (centre (p.Mask Organ.Lung)).Z (centre liver).Z "lungs above"

                    for organ in
                        [
                            Organ.Heart
                            Organ.Kidney
                            Organ.Bone
                            Organ.Aorta
                            Organ.Vein
                            Organ.Bowel
                            Organ.Pancreas
                            Organ.GallBladder
                            Organ.Stomach
                            Organ.Muscle
                            Organ.Fat
                        ] do
                        Expect.isGreaterThan (Mask.count (p.Mask organ)) 0L $"{organ}"
            testCase "tissues have their densities by phase"
            <| fun () ->
                let mean (phase: ContrastPhase) organ =
                    let p =
                        Phantom.abdomen (
                            PhantomOptions(
                                Seed = 5L,
                                Spacing = Spacing.Isotropic 4.,
                                Phase = System.Nullable phase,
                                Noise = System.Nullable 5.
                            )
                        )

                    let inside = p.Mask organ

                    Array.zip (Volume.toArray p.Ct) (Volume.toArray inside)
                    |> Array.filter snd
                    |> Array.averageBy (fun (h, _) -> float h.Value)

                let between low high value name =
                    Expect.isTrue (value > low && value < high) $"{name}: {value}"

                between 40. 72. (mean ContrastPhase.Native Organ.Liver) "native liver"
                between 90. 130. (mean ContrastPhase.PortalVenous Organ.Liver) "portal liver"
                between 200. 330. (mean ContrastPhase.Arterial Organ.Aorta) "arterial aorta"
                between -950. -600. (mean ContrastPhase.Native Organ.Lung) "lung"
            testCase "a field that is upside down is refused"
            <| fun () ->
                Expect.throwsT<System.ArgumentException>
                    (fun () -> Phantom.abdomen (PhantomOptions(Field = struct (10., -10.))) |> ignore)
                    "field"
        ]
