module LiverSeg.Functional.Tests.SegmentTests

open System
open System.IO
open System.IO.Compression
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli

let private phantom =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 12L, Spacing = Spacing(4., 4., 6.)))).Ct

/// The shipped model at a coarser spacing: quick, and the scan is finer than the network's grid.
let private coarse =
    lazy
        Model(
            Pretrained.Liver.Network,
            Pretrained.Liver.Weights,
            Spacing = Spacing.Isotropic 9.,
            Tile = Extent(48, 48, 48)
        )

/// The phantom as a DICOM series, or some of its first slices.
let private writeSeries (folder: string) slices =
    Directory.CreateDirectory folder |> ignore
    let volume = phantom.Value |> Volume.slab 0 slices

    for z in 0 .. slices - 1 do
        File.WriteAllBytes(
            Path.Combine(folder, $"{z}.bin"),
            DicomWriter.slice DicomWriter.ExplicitLittle volume.Grid z (DicomWriter.pixels volume z) []
        )

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Segment"
        [
            testCase "slabs give the mask of the whole, bit by bit, whatever their size and the scan's orientation"
            <| fun () ->
                let ct, model = phantom.Value, coarse.Value
                let options = PipelineOptions()

                for axes, flips in
                    [
                        [| 0; 1; 2 |], [| false; false; false |]
                        [| 0; 1; 2 |], [| true; false; true |]
                        [| 1; 0; 2 |], [| false; true; true |]
                    ] do
                    let ct = ct |> Orient.matchOrientation (Orient.Turned(ct.Grid, axes, flips))
                    let whole = ct |> Pipeline.segment options model

                    for slices in [ 1; 7; ct.Extent.Z ] do
                        let result =
                            ct.Grid.SegmentInSlabs(
                                Func<_, _, _>(fun first count -> ct.Slab(first, count)),
                                slices,
                                model,
                                options
                            )

                        Expect.equal result.Mask whole $"{ct.Grid.Direction.Code}, {slices} slices"
                        Expect.equal (List.ofSeq result.Warnings) (ct |> HuCheck.warnings) "the same warnings"
            testCase "a plan stays below its bound, cuts only when it must, and says what is needed when nothing helps"
            <| fun () ->
                let grid = Grid.Of(Extent(512, 512, 400), Spacing(0.8, 0.8, 1.))
                let model = Pretrained.Liver

                let within (bound: int64) smaller whole =
                    MemoryPlan.Of(
                        grid,
                        model,
                        MemoryPlanOptions(BoundBytes = Nullable bound, SmallerTiles = smaller, WholeOnly = whole)
                    )

                let free = MemoryPlan.Of(grid, model, MemoryPlanOptions())
                Expect.equal free.Slices 0 "no bound, no slabs"

                for smaller in [ false; true ] do
                    let plan bound = within bound smaller false
                    Expect.equal (plan free.Bytes) free "a bound that is wide enough changes nothing"
                    let least = (plan 1L).MinBytes
                    Expect.isFalse (plan (least - 1L)).IsPossible "below the least"

                    for bound in [ least; least + (100L <<< 20); free.Bytes - 1L ] do
                        let p = plan bound
                        Expect.isTrue (p.IsPossible && p.Slices > 0 && p.Bytes <= bound) $"{bound >>> 20} MiB: {p}"

                        if not smaller then
                            Expect.equal p.Tile model.Tile "tiles stay the model's"

                    Expect.isTrue ((plan (free.Bytes - 1L)).Slices > (plan least).Slices) "more memory, thicker slabs"

                    Expect.isFalse (within least smaller true).IsPossible "what needs the whole scan does not fit"

                let least smaller = (within 1L smaller false).MinBytes
                Expect.isLessThan (least true) (least false) "smaller tiles need less"

                Expect.isLessThan
                    (within (least true) true false).Tile.Count
                    model.Tile.Count
                    "allowed, tiles shrink where nothing else helps"
            testCase "a run that diverges has exit code 6 and leaves no model"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "data"; "--spacing"; "12" ] |> ignore

                    let text =
                        exits
                            6
                            [
                                "train"
                                "--cases"
                                path "data/cases.csv"
                                "-o"
                                path "model.safetensors"
                                "--preset"
                                "smoke"
                                "--network"
                                "cnn"
                                "--steps"
                                "20"
                                "--spacing"
                                "12"
                                "--rate"
                                "1e30"
                                "--threads"
                                "1"
                            ]

                    Expect.stringContains text "diverged: " "which error"
                    Expect.stringContains text "lower rate" "remedy"
                    Expect.isFalse (File.Exists(path "model.safetensors")) "no model"

                    for wrong in [ [ "--precision"; "half" ]; [ "--preset"; "quick" ] ] do
                        exits
                            2
                            ([ "train"; "--cases"; path "data/cases.csv"; "-o"; path "m.safetensors" ]
                             @ wrong)
                        |> ignore)
            testCase "--max-memory refuses with found, needed and remedy before any work, and bad sizes as usage"
            <| fun () ->
                inFolder (fun path ->
                    phantom.Value |> VolumeFile.write (path "ct.nii")

                    let text =
                        exits 7 [ "segment"; "-i"; path "ct.nii"; "-o"; path "m.nii"; "--max-memory"; "100M" ]

                    Expect.stringContains text "found 100 MiB, expected at least" "both numbers"

                    Expect.stringContains text "--smaller-tiles" "a way out"

                    for wrong in [ [ "--max-memory"; "many" ]; [ "--smaller-tiles" ] ] do
                        exits 2 ([ "segment"; "-i"; path "ct.nii"; "-o"; path "m.nii" ] @ wrong)
                        |> ignore)
            testCase "a DICOM folder becomes a segmentation, a zip the same, and two series a question"
            <| fun () ->
                inFolder (fun path ->
                    coarse.Value |> Model.save (path "m.safetensors")
                    let model = [ "-m"; path "m.safetensors" ]
                    let slices = phantom.Value.Extent.Z
                    writeSeries (path "ct/a") slices
                    ZipFile.CreateFromDirectory(path "ct", path "ct.zip")
                    exits 0 ([ "segment"; "-i"; path "ct"; "-o"; path "a.dcm" ] @ model) |> ignore

                    exits 0 ([ "segment"; "-i"; path "ct.zip"; "-o"; path "z.dcm" ] @ model)
                    |> ignore

                    exits 0 ([ "segment"; "-i"; path "ct"; "-o"; path "a.nii.gz" ] @ model)
                    |> ignore

                    Expect.equal (File.ReadAllBytes(path "a.dcm")) (File.ReadAllBytes(path "z.dcm")) "folder = zip"

                    Expect.equal
                        (Volume.readMask (path "a.dcm")).Voxels.Length
                        (Volume.readMask (path "a.nii.gz")).Voxels.Length
                        "voxels"

                    exits 0 [ "convert"; "-i"; path "a.dcm"; "-o"; path "b.mha" ] |> ignore

                    Expect.isTrue
                        ((Volume.readMask (path "b.mha")).Voxels.SequenceEqual
                            (Volume.readMask (path "a.nii.gz")).Voxels)
                        "mask"

                    exits
                        0
                        [
                            "convert"
                            "-i"
                            path "a.nii.gz"
                            "-o"
                            path "c.dcm"
                            "--reference"
                            path "ct"
                        ]
                    |> ignore

                    Expect.equal
                        (File.ReadAllBytes(path "c.dcm"))
                        (File.ReadAllBytes(path "a.dcm"))
                        "the same segmentation"

                    exits 2 [ "convert"; "-i"; path "a.nii.gz"; "-o"; path "d.dcm" ] |> ignore

                    exits 4 ([ "segment"; "-i"; path "a.nii.gz"; "-o"; path "d.dcm" ] @ model)
                    |> ignore
                    // A second stack: half as many columns.
                    let half = phantom.Value |> Volume.crop (Region(0, 0, 0, Extent(40, 50, 3)))

                    for z in 0..2 do
                        File.WriteAllBytes(
                            path $"ct/other{z}",
                            DicomWriter.slice DicomWriter.ExplicitLittle half.Grid z (DicomWriter.pixels half z) []
                        )

                    let text = exits 2 ([ "segment"; "-i"; path "ct"; "-o"; path "e.dcm" ] @ model)
                    Expect.stringContains text $"{slices} slices" "the list"
                    let info = exits 0 [ "info"; "-i"; path "ct" ]
                    Expect.stringContains info "series 2" "info lists them"

                    let number =
                        (VolumeFile.listSeries (path "ct") |> List.find (fun s -> s.Slices = slices)).Number

                    exits
                        0
                        ([ "segment"; "-i"; path "ct"; "-o"; path "f.nii.gz"; "--series"; $"{number}" ]
                         @ model)
                    |> ignore

                    Expect.equal
                        (File.ReadAllBytes(path "f.nii.gz"))
                        (File.ReadAllBytes(path "a.nii.gz"))
                        "the chosen series"

                    exits 4 ([ "segment"; "-i"; path "ct"; "-o"; path "g.nii"; "--series"; "9.9.9" ] @ model)
                    |> ignore

                    exits
                        0
                        ([
                            "segment"
                            "-i"
                            path "ct"
                            "-o"
                            path "all"
                            "--all-series"
                            "--format"
                            "dcm"
                         ]
                         @ model)
                    |> ignore

                    Expect.equal (Directory.GetFiles(path "all", "*.dcm").Length) 2 "every series")
            testCase "a batch tells what became of each case, tells like names apart, and clears what killed runs left"
            <| fun () ->
                inFolder (fun path ->
                    coarse.Value |> Model.save (path "m.safetensors")
                    let model = [ "-m"; path "m.safetensors" ]

                    for folder in [ "p1"; "p2" ] do
                        Directory.CreateDirectory(path folder) |> ignore
                        phantom.Value |> VolumeFile.write (path (folder + "/ct.nii"))

                    File.WriteAllText(path "p2/bad.mha", "not one")

                    let inputs =
                        [ "segment"; "-i"; path "p1"; "-i"; path "p2"; "-o"; path "out" ] @ model

                    Directory.CreateDirectory(path "out") |> ignore
                    File.WriteAllText(path "out/p1-ct-liver.nii.gz.999999999-1.tmp", "half")
                    let text = exits 3 (inputs @ [ "--stats"; path "stats" ])
                    Expect.stringContains text "2 done, 0 kept from before, 1 failed" "the summary"
                    Expect.isEmpty (Directory.GetFiles(path "out", "*.tmp")) "nothing half"
                    Expect.equal (Directory.GetFiles(path "stats").Length) 2 "facts of each"
                    let rows = File.ReadAllLines(path "out/segment-summary.csv")
                    Expect.equal rows.Length 4 "a row a case"

                    Expect.isTrue
                        (rows
                         |> Array.exists (fun r -> r.StartsWith "bad,failed,4" || r.StartsWith "bad,failed,3"))
                        "the bad one"

                    Expect.stringContains (exits 3 inputs) "0 done, 2 kept from before, 1 failed" "again"
                    File.WriteAllText(path "cases.csv", "case,image\none,p1/ct.nii\ntwo,p2/none.nii\n")

                    let text =
                        exits
                            5
                            ([ "segment"; "-i"; path "cases.csv"; "-o"; path "csv"; "--format"; "mha" ]
                             @ model)

                    Expect.stringContains text "1 done, 0 kept from before, 1 failed" "by a CSV"
                    Expect.isTrue (File.Exists(path "csv/one-liver.mha")) "named by the case"

                    exits
                        2
                        ([
                            "segment"
                            "-i"
                            path "p1/ct.nii"
                            "-i"
                            path "p1/ct.nii"
                            "-o"
                            path "twice"
                         ]
                         @ model)
                    |> ignore)
        ]
