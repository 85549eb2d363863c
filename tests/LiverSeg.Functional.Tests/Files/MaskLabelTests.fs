module LiverSeg.Functional.Tests.MaskLabelTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.ScanFiles
open LiverSeg.Functional.Tests.LabelFiles

/// The error of a mask that is refused.
let private error label path =
    try
        VolumeFile.readLabel label path |> ignore
        failtest $"{Path.GetFileName(path: string)} was taken for a mask"
    with :? FileErrorException as e ->
        e.Error

/// A mask and what was said about it.
let private heard label path =
    let said = ResizeArray<string>()
    let mask = path |> VolumeFile.readLabelWarned said.Add label
    mask.Voxels.ToArray(), List.ofSeq said

let private where (condition: int -> bool) = Array.init 60 condition

/// Values as bytes, signed bytes, 16 bits, floats and packed ones: each goes its own way through the reader.
let private ways =
    [
        ".mha", (fun path (values: int[]) -> (numbers (fun i -> float32 values[i])).Write(path, true))
        ".nii",
        (fun path values ->
            File.WriteAllBytes(path, nifti 256s false 1f 0f (values |> Array.map (sbyte >> byte)) values.Length))
        ".hdr", (fun path values -> (numbers (fun i -> float32 values[i])).Write(path, true))
        ".nii",
        (fun path values ->
            let floats = values |> Array.collect (float32 >> BitConverter.GetBytes)
            File.WriteAllBytes(path, nifti 16s false 1f 0f floats values.Length))
        ".nii.gz", (fun path values -> (numbers (fun i -> float32 values[i])).Write(path, true))
    ]

/// A map of labels in one of the ways: the way, the labels and each voxel's.
let private labelMap (labels: Gen<int list>) =
    gen {
        let! labels = labels
        let! way = Gen.choose (0, ways.Length - 1)
        let! voxels = Gen.arrayOfLength 60 (Gen.elements (0 :: labels))
        // Each is there at least once.
        labels |> List.iteri (fun i label -> voxels[i] <- label)
        return way, labels, voxels
    }

let private written way (voxels: int[]) (path: string -> string) =
    let ending, write = ways[way]
    let file = path ("m" + ending)
    write file voxels
    file

let private label =
    Gen.oneof [ Gen.choose (1, 12); Gen.choose (-100, -1); Gen.choose (100, 127) ]

let private several =
    Gen.choose (2, 9)
    |> Gen.bind (fun n -> Gen.listOfLength n label)
    |> Gen.map List.distinct
    |> Gen.where (fun labels -> labels.Length > 1 && List.sort labels <> [ 1; 2 ])

let private lawOf name labels test =
    law name <| Prop.forAll (Arb.fromGen (labelMap labels)) test

[<Tests>]
let rules =
    testList
        "MaskLabel"
        [
            lawOf
                "a label's mask is the voxels that equal it, whatever else there is"
                several
                (fun (way, labels, voxels) ->
                    inFolder (fun path ->
                        let file = written way voxels path

                        for l in labels do
                            let mask, said = heard (MaskLabel.Number l) file
                            Expect.equal mask (voxels |> Array.map ((=) l)) $"label {l}"
                            Expect.isEmpty (said |> List.filter _.Contains("label")) "nothing to say"))
            lawOf "one value is a mask whatever it is" (label |> Gen.map List.singleton) (fun (way, _, voxels) ->
                inFolder (fun path ->
                    let mask, said = heard MaskLabel.Any (written way voxels path)
                    Expect.equal mask (voxels |> Array.map ((<>) 0)) "all of it"
                    Expect.isEmpty (said |> List.filter _.Contains("label")) "nothing to say"))
            lawOf "1 and 2 are liver and lesion" (Gen.constant [ 1; 2 ]) (fun (way, _, voxels) ->
                inFolder (fun path ->
                    Expect.equal
                        (fst (heard MaskLabel.Any (written way voxels path)))
                        (voxels |> Array.map ((<>) 0))
                        "both"))
            lawOf "several other labels are refused, with each and its volume" several (fun (way, labels, voxels) ->
                inFolder (fun path ->
                    let file = written way voxels path
                    let e = error MaskLabel.Any file
                    Expect.equal (e.Kind, e.Code) (FileErrorKind.BadFile, "ambiguous-mask") "kind"
                    let s = (VolumeFile.``open`` file).Info.Grid.Spacing
                    let ml = s.X * s.Y * s.Z / 1000.
                    let listed = e.Found.Replace("several labels: ", ", ")

                    for l in labels do
                        let count = voxels |> Array.filter ((=) l) |> Array.length
                        Expect.stringContains listed $", {l} (" "the label"

                        if ml > 0.5 then
                            Expect.stringContains
                                listed
                                (FormattableString.Invariant $", {l} ({float count * ml} ml)")
                                "its volume"

                    Expect.stringContains e.Remedy "--label" "what to do"))
            law "parse ∘ print = id"
            <| Prop.forAll
                (Arb.fromGen (
                    Gen.oneof
                        [
                            Gen.constant MaskLabel.Any
                            label |> Gen.map MaskLabel.Number
                            awkward |> Gen.map (fun text -> MaskLabel.Named("x" + text + "x"))
                        ]
                ))
                (fun label -> MaskLabel.Parse(string label) = label)
            testCase "0 is no label, and a number is no name"
            <| fun () ->
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> MaskLabel.Number 0 |> ignore) "background"
                Expect.throwsT<ArgumentOutOfRangeException> (fun () -> MaskLabel.Parse " 0" |> ignore) "background"
                Expect.throwsT<ArgumentException> (fun () -> MaskLabel.Named "5" |> ignore) "a number"
                Expect.throwsT<ArgumentException> (fun () -> MaskLabel.Named " " |> ignore) "nothing"
            testCase "more than ten labels are cut short"
            <| fun () ->
                inFolder (fun path ->
                    (numbers (fun i -> float32 (i % 20))).Write(path "m.nii")
                    let found = (error MaskLabel.Any (path "m.nii")).Found
                    Expect.stringContains found "10 (3 ml), .." "ten and the rest"
                    Expect.isFalse (found.Contains "11") found)
            testCase "soft maps are refused, with and without a label; rounding of a scale is not soft"
            <| fun () ->
                inFolder (fun path ->
                    let soft = numbers (fun i -> if i < 30 then 1e-4f else float32 i / 60f)
                    soft.Write(path "soft.nii")

                    for label in [ MaskLabel.Any; MaskLabel.Number 1 ] do
                        let e = error label (path "soft.nii")
                        Expect.equal e.Code "soft-mask" "kind"
                        Expect.stringContains e.Found "between 0.0001 and 0.98" "the range"
                        Expect.stringContains e.Remedy "refine" "what to do"

                    // 0 and 255 with a slope of 1/255, and 0 and 1 with that slope: each is one value.
                    for stored in [ 255uy; 1uy ] do
                        let bytes = Array.init 60 (fun i -> if i % 3 = 0 then stored else 0uy)
                        File.WriteAllBytes(path "scaled.nii", nifti 2s false (1f / 255f) 0f bytes 60)

                        Expect.equal
                            (fst (heard MaskLabel.Any (path "scaled.nii")))
                            (where (fun i -> i % 3 = 0))
                            "mask")
            testCase "NaN is outside, infinity is no label"
            <| fun () ->
                inFolder (fun path ->
                    let file (odd: float32) =
                        let floats =
                            Array.init 60 (fun i ->
                                if i = 7 then odd
                                elif i > 40 then 1f
                                else 0f)

                        File.WriteAllBytes(
                            path "m.nii",
                            nifti 16s false 1f 0f (floats |> Array.collect BitConverter.GetBytes) 60
                        )

                        path "m.nii"

                    Expect.equal (fst (heard MaskLabel.Any (file nanf))) (where (fun i -> i > 40)) "NaN"
                    Expect.equal (error MaskLabel.Any (file infinityf)).Code "soft-mask" "infinity")
            testCase "a label that no voxel has gives an empty mask, and that is said"
            <| fun () ->
                inFolder (fun path ->
                    (numbers (fun i -> float32 (i % 3))).Write(path "m.nii")
                    let mask, said = heard (MaskLabel.Number 7) (path "m.nii")
                    Expect.isFalse (Array.contains true mask) "empty"
                    Expect.isTrue (said |> List.exists (fun s -> s.Contains "7" && s.Contains "empty")) $"{said}")
            testCase "of two files one may be a plain mask"
            <| fun () ->
                inFolder (fun path ->
                    (numbers (fun i -> float32 (i % 2))).Write(path "plain.nii")
                    (numbers (fun i -> float32 (i % 4))).Write(path "map.nii")
                    let five = (MaskLabel.Number 3).OrBinary
                    let mask, said = heard five (path "plain.nii")
                    Expect.equal mask (where (fun i -> i % 2 = 1)) "its one value"
                    Expect.equal said.Length 1 "said"
                    Expect.equal (fst (heard five (path "map.nii"))) (where (fun i -> i % 4 = 3)) "the label"
                    Expect.equal (error (MaskLabel.Named "x").OrBinary (path "map.nii")).Code "no-such-label" "no name")
            testCase "scores beyond [0, 1] by rounding are cut off, others are refused"
            <| fun () ->
                inFolder (fun path ->
                    let scores (odd: float32) =
                        let floats = Array.init 60 (fun i -> if i = 9 then odd else float32 i / 60f)

                        File.WriteAllBytes(
                            path "p.nii",
                            nifti 16s false 1f 0f (floats |> Array.collect BitConverter.GetBytes) 60
                        )

                        VolumeFile.readProbability (path "p.nii")

                    for odd, expected in [ 1.0000001f, 1f; 1.0009f, 1f; -0.0009f, 0f; 1f, 1f; 0.5f, 0.5f ] do
                        let read = scores odd
                        Expect.equal read[9, 0, 0].Value expected $"{odd}"
                        Expect.equal read[8, 0, 0].Value (8f / 60f) "others stay"

                    for odd in [ 1.002f; -0.002f; nanf; infinityf; 2f ] do
                        Expect.throwsT<FileErrorException> (fun () -> scores odd |> ignore) $"{odd}")
            testCase "of a map with channels one is chosen"
            <| fun () ->
                inFolder (fun path ->
                    let channels =
                        [| for c in 0..2 -> Array.init 60 (fun i -> float32 ((i + 7 * c) % 60) / 60f) |]

                    let bytes = channels |> Array.concat |> Array.collect BitConverter.GetBytes
                    let file = nifti 16s false 1f 0f bytes 180
                    // dim: 4, 60, 1, 1, 3
                    [ 0, 4s; 1, 60s; 4, 3s ]
                    |> List.iter (fun (i, n) -> BitConverter.GetBytes(n).CopyTo(file, 40 + 2 * i))

                    let packed = path "p.nii.gz"
                    File.WriteAllBytes(path "p.nii", file)

                    using
                        (new Compression.GZipStream(File.Create packed, Compression.CompressionLevel.Fastest))
                        _.Write(file, 0, file.Length)

                    for name in [ path "p.nii"; packed ] do
                        for c in 0..2 do
                            let read = VolumeFile.readChannel c name
                            Expect.equal (read |> Volume.toArray |> Array.map _.Value) channels[c] $"channel {c}"

                        match VolumeFile.tryReadProbability name with
                        | Error e -> Expect.stringContains (string e) "--channel" "none is chosen"
                        | Ok _ -> failtest "three channels are one map"

                        Expect.throwsT<FileErrorException>
                            (fun () -> VolumeFile.readChannel 3 name |> ignore)
                            "no such"

                        Expect.throwsT<FileErrorException>
                            (fun () -> VolumeFile.readChannel -1 name |> ignore)
                            "no such"

                        Expect.equal ((refused name).Value.Kind) FileErrorKind.Unsupported "no scan")
        ]

[<Tests>]
let names =
    testList
        "MaskLabel names"
        [
            testCase "seg.nrrd: the liver is taken unasked and that is said; others by name and number"
            <| fun () ->
                inFolder (fun path ->
                    let file = path "three.seg.nrrd"
                    segNrrd file [ "spleen", 1, 0; "Liver ", 2, 0; "liver_lesion", 3, 0 ] 1 (fun _ i -> i % 4)
                    let mask, said = heard MaskLabel.Any file
                    Expect.equal mask (where (fun i -> i % 4 = 2)) "liver"
                    Expect.isTrue (said |> List.exists _.Contains("liver is taken")) $"{said}"
                    Expect.equal (fst (heard (MaskLabel.Named "SPLEEN") file)) (where (fun i -> i % 4 = 1)) "spleen"
                    Expect.equal (fst (heard (MaskLabel.Number 3) file)) (where (fun i -> i % 4 = 3)) "3"
                    let e = error (MaskLabel.Named "kidney") file
                    Expect.equal e.Code "no-such-label" "kind"
                    Expect.stringContains e.Found "spleen (1)" "which there are"
                    Expect.isFalse ((string e).Contains "nobody") "no other key is kept")
            testCase "seg.nrrd: without a liver several segments are refused by name"
            <| fun () ->
                inFolder (fun path ->
                    let file = path "two.seg.nrrd"
                    segNrrd file [ "spleen", 1, 0; "liver_lesion", 2, 0 ] 1 (fun _ i -> i % 3)
                    let e = error MaskLabel.Any file
                    Expect.stringContains e.Found "1 spleen (20 ml), 2 liver_lesion (20 ml)" "names and volumes"
                    Expect.stringContains e.Remedy "--label NAME" "by name")
            testCase "seg.nrrd: a liver 1 and its tumour 2 are the liver, but not beside other organs"
            <| fun () ->
                inFolder (fun path ->
                    let segments = [ "liver", 1, 0; "Tumor", 2, 0; "spleen", 3, 0 ]
                    segNrrd (path "a.seg.nrrd") segments 1 (fun _ i -> i % 3)
                    let mask, said = heard MaskLabel.Any (path "a.seg.nrrd")
                    Expect.equal (mask, said) (where (fun i -> i % 3 > 0), []) "both, without a word"
                    segNrrd (path "b.seg.nrrd") segments 1 (fun _ i -> i % 4)
                    let mask, said = heard MaskLabel.Any (path "b.seg.nrrd")
                    Expect.equal (mask, said.Length) (where (fun i -> i % 4 = 1), 1) "the liver, said")
            testCase "seg.nrrd: layers that overlap are chosen by name"
            <| fun () ->
                inFolder (fun path ->
                    let file = path "layers.seg.nrrd"
                    // Layer 0: liver 1; layer 1: tumor 1 within it and cyst 2.
                    let voxel layer i =
                        if layer = 0 then (if i < 40 then 1 else 0)
                        elif i >= 10 && i < 20 then 1
                        elif i >= 50 then 2
                        else 0

                    segNrrd file [ "Liver", 1, 0; "tumor", 1, 1; "cyst", 2, 1 ] 2 voxel
                    let mask, said = heard MaskLabel.Any file
                    Expect.equal mask (where (fun i -> i < 40)) "liver"
                    Expect.equal said.Length 1 "said"

                    Expect.equal
                        (fst (heard (MaskLabel.Named "tumor") file))
                        (where (fun i -> i >= 10 && i < 20))
                        "tumor"

                    Expect.equal
                        (fst (heard (MaskLabel.Number 2) file))
                        (where (fun i -> i >= 50))
                        "2, in one layer only"

                    Expect.equal (error (MaskLabel.Number 1) file).Code "no-such-label" "1, in both"
                    segNrrd file [ "a", 1, 0; "b", 1, 1 ] 2 voxel
                    Expect.equal (error MaskLabel.Any file).Code "ambiguous-mask" "none is the liver"
                    Expect.equal ((refused file).Value.Kind) FileErrorKind.Unsupported "no scan"

                    for layer in [ 2; 3; -1 ] do
                        segNrrd file [ "Liver", 1, layer; "tumor", 1, 1 ] 2 voxel
                        let refusal = error MaskLabel.Any file
                        Expect.equal refusal.Kind FileErrorKind.BadFile $"layer {layer} of two"
                        Expect.equal refusal.Field "layer" $"layer {layer} of two")
            testCase "dataset.json beside or above the labels' folder, of both kinds"
            <| fun () ->
                inFolder (fun path ->
                    let labels = path "labelsTr"
                    Directory.CreateDirectory labels |> ignore
                    let file = Path.Combine(labels, "case_1.nii.gz")
                    (numbers (fun i -> float32 (i % 7))).Write file

                    for json in
                        [
                            """{"labels": {"background": 0, "spleen": 1, "liver": 5}}"""
                            """{"labels": {"0": "background", "1": "spleen", "5": "Liver"}}"""
                            """{"labels": {"background": 0, "whole": [1, 2, 5], "liver": [5]}}"""
                        ] do
                        for place in [ path "dataset.json"; Path.Combine(labels, "dataset.json") ] do
                            File.WriteAllText(place, json)
                            let mask, said = heard MaskLabel.Any file
                            Expect.equal mask (where (fun i -> i % 7 = 5)) json
                            Expect.isTrue (said |> List.exists _.Contains("liver is taken")) $"{said}"
                            File.Delete place

                    File.WriteAllText(path "dataset.json", """{"labels": {"organs": [1, 2], "liver": 5}}""")

                    Expect.equal
                        (fst (heard (MaskLabel.Named "organs") file))
                        (where (fun i -> i % 7 = 1 || i % 7 = 2))
                        "a region"

                    for json in [ "no json"; "[]"; """{"labels": [1]}"""; """{"labels": {"liver": {}}}""" ] do
                        File.WriteAllText(path "dataset.json", json)
                        Expect.equal (error MaskLabel.Any file).Code "ambiguous-mask" json
                        Expect.equal (error (MaskLabel.Named "liver") file).Code "no-such-label" json)
            testCase "dataset.json: without a voxel of the liver the mask is empty, not another organ"
            <| fun () ->
                inFolder (fun path ->
                    File.WriteAllText(path "dataset.json", """{"labels": {"spleen": 1, "liver": 5}}""")
                    (numbers (fun i -> float32 (i % 2))).Write(path "m.nii")
                    let mask, said = heard MaskLabel.Any (path "m.nii")
                    Expect.isFalse (Array.contains true mask) "no liver"
                    Expect.isTrue (said |> List.exists _.Contains("empty")) $"{said}")
        ]
