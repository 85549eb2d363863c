module LiverSeg.Functional.Tests.SegmentTests

open System
open System.IO
open System.IO.Compression
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models
open LiverSeg.Functional.Tests.Cli

let private scan =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 12L, Spacing = Spacing(4., 4., 6.)))).Ct

/// The phantom as a DICOM series, or some of its first slices.
let private writeSeries (folder: string) slices =
    Directory.CreateDirectory folder |> ignore
    let volume = scan.Value |> Volume.slab 0 slices

    for z in 0 .. slices - 1 do
        File.WriteAllBytes(
            Path.Combine(folder, $"{z}.bin"),
            DicomFixture.slice DicomFixture.ExplicitLittle volume.Grid z (DicomFixture.pixels volume z) []
        )

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli segment"
        [
            testCase "the paper's network that ships is that network, and finds a phantom's liver by the name dsn"
            <| fun () ->
                let model = Pretrained.Dsn
                Expect.equal model.Network Architectures.Normalized "topology"
                Expect.isTrue (model.Provenance |> Seq.exists (fun f -> f.Value.Contains "research only")) "its use"

                inFolder (fun path ->
                    unseen.Value.Ct |> VolumeFile.write (path "ct.nii")

                    exits 0 [ "segment"; "-i"; path "ct.nii"; "-o"; path "m.nii"; "--model"; "dsn" ]
                    |> ignore

                    let found = Volume.readMask (path "m.nii")
                    Expect.isGreaterThan (found |> Metrics.evaluate unseen.Value.Liver).Dice 0.85 "Dice"

                    let whole = unseen.Value.Ct |> Pipeline.segment (PipelineOptions()) Pretrained.Dsn

                    Expect.isTrue (whole.Voxels.SequenceEqual found.Voxels) "the same mask by the library")
            testCase "--view and --report show the scan, the mask as it was written and what it is doubted for"
            <| fun () ->
                inFolder (fun path ->
                    scan.Value |> VolumeFile.write (path "ct.nii")
                    let small = scan.Value |> Volume.slab 0 3
                    small |> VolumeFile.write (path "legs.nii")

                    exits
                        0
                        ([
                            "segment"
                            "-i"
                            path "ct.nii"
                            "-o"
                            path "m.nii"
                            "--view"
                            path "v.html"
                            "--report"
                            path "r"
                         ]
                         @ quickly.Value)
                    |> ignore

                    let page = File.ReadAllText(path "v.html")
                    let ml = Math.Round((Volume.readMask (path "m.nii")).VolumeMl(), 1)
                    Expect.isGreaterThan ml 500. "a liver"

                    Expect.stringContains
                        page
                        (FormattableString.Invariant $"{{\"name\":\"liver\",\"ml\":{ml}")
                        "the mask"

                    Expect.stringContains page "\"probability\":true" "the score map"
                    Expect.equal (File.ReadAllText(path "r/ct-view.html")) page "one click away from the report"

                    Expect.stringContains
                        (File.ReadAllText(path "r/index.html"))
                        "href=\"ct-view.html\""
                        "the way there"

                    exits
                        0
                        ([
                            "segment"
                            "-i"
                            path "legs.nii"
                            "-o"
                            path "none.nii"
                            "--view"
                            path "n.html"
                         ]
                         @ quickly.Value)
                    |> ignore

                    Expect.stringContains
                        (File.ReadAllText(path "n.html"))
                        "<p class=\"doubt\">no liver in view"
                        "the doubt"

                    exits 5 [ "segment"; "-i"; path "ct.nii"; "-o"; path "m2.nii"; "--view"; path "v.html" ]
                    |> ignore

                    Expect.isFalse (File.Exists(path "m2.nii")) "refused before any work")
            testCase "--fast is the first stage of the model that ships; a model of one stage has no other"
            <| fun () ->
                inFolder (fun path ->
                    unseen.Value.Ct |> VolumeFile.write (path "ct.nii")

                    let segment extra =
                        [ "segment"; "-i"; path "ct.nii"; "-o"; path "m.nii" ] @ extra

                    exits 0 (segment [ "--fast"; "--json"; path "m.json" ]) |> ignore
                    let first = Pretrained.Liver.FirstStage
                    let expected = unseen.Value.Ct |> Pipeline.segment (PipelineOptions()) first
                    Expect.isTrue ((Volume.readMask (path "m.nii")).Voxels.SequenceEqual expected.Voxels) "the mask"
                    Expect.stringContains (File.ReadAllText(path "m.json")) first.Hash "its weights are named"

                    let said = exits 2 (segment [ "--fast"; "--model"; "dsn"; "--overwrite" ])
                    Expect.stringContains said "one stage" "why not")
            testCase "the program: a folder of scans goes on after a bad one and keeps what is done"
            <| fun () ->
                inFolder (fun path ->
                    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "5" ]
                    |> ignore

                    Directory.GetFiles(path "in", "*-liver.nii.gz") |> Array.iter File.Delete
                    File.WriteAllText(path "in/broken.nii.gz", String.replicate 100 "no image ")
                    let folder = [ "segment"; "-i"; path "in"; "-o"; path "out" ] @ quickly.Value
                    let err = exits 3 folder
                    Expect.stringContains err "broken.nii.gz" "the bad one by name"
                    Expect.equal (Directory.GetFiles(path "out", "*-liver.nii.gz").Length) 2 "the good ones"
                    let _, out, _ = cli folder
                    Expect.stringContains out "kept from before" "not done again")
            testCase "--max-memory refuses with found, needed and remedy before any work, and bad sizes as usage"
            <| fun () ->
                inFolder (fun path ->
                    scan.Value |> VolumeFile.write (path "ct.nii")

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
                    let slices = scan.Value.Extent.Z
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

                    Expect.isTrue
                        ((Volume.readMask (path "c.dcm")).Voxels.SequenceEqual (Volume.readMask (path "a.dcm")).Voxels)
                        "the same segmentation"

                    let tellsWeights name =
                        (Text.Encoding.Latin1.GetString(File.ReadAllBytes(path name))).Contains "weights SHA-256"

                    // Nobody knows what made the mask of a file.
                    Expect.equal
                        (tellsWeights "a.dcm", tellsWeights "c.dcm")
                        (true, false)
                        "weights of its own mask alone"

                    exits 2 [ "convert"; "-i"; path "a.nii.gz"; "-o"; path "d.dcm" ] |> ignore

                    exits 4 ([ "segment"; "-i"; path "a.nii.gz"; "-o"; path "d.dcm" ] @ model)
                    |> ignore
                    // A second stack: half as many columns.
                    let half = scan.Value |> Volume.crop (Region(0, 0, 0, Extent(40, 50, 3)))

                    for z in 0..2 do
                        File.WriteAllBytes(
                            path $"ct/other{z}",
                            DicomFixture.slice DicomFixture.ExplicitLittle half.Grid z (DicomFixture.pixels half z) []
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
                        scan.Value |> VolumeFile.write (path (folder + "/ct.nii"))

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
                    Expect.equal rows.Length 4 "a row per case"

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
            testCase "parts of a batch are disjoint and together the whole, each with a table of its own"
            <| fun () ->
                inFolder (fun path ->
                    coarse.Value |> Model.save (path "m.safetensors")

                    Directory.CreateDirectory(path "in") |> ignore

                    for i in 0..4 do
                        scan.Value |> VolumeFile.write (path $"in/ct{i}.nii")

                    let part (name: string) =
                        [
                            "segment"
                            "-i"
                            path "in"
                            "-o"
                            path "out"
                            "--no-crf"
                            "-m"
                            path "m.safetensors"
                            "--part"
                            name
                            "--json"
                            path "part.json"
                        ]

                    let written () =
                        Directory.GetFiles(path "out", "*.nii.gz") |> Array.map Path.GetFileName |> set

                    let mutable before = Set.empty

                    for k, count in [ 0, 2; 1, 2; 2, 1 ] do
                        let text = exits 0 (part $"{k}/3")
                        Expect.stringContains text $"part {k} of 0 to 2: {count} of 5 inputs" "told"
                        Expect.stringContains text $"{count} done, 0 kept" "none twice"
                        let rows = File.ReadAllLines(path $"out/segment-summary-{k}-of-3.csv")
                        Expect.equal rows.Length (count + 1) "its table"
                        Expect.stringContains (File.ReadAllText(path "part.json")) $"\"part\": \"{k}/3\"" "its JSON"
                        let now = written ()
                        Expect.equal (now.Count - before.Count) count "new ones"
                        before <- now

                    Expect.equal before.Count 5 "all"
                    Expect.stringContains (exits 0 (part "5/6")) "0 of 5 inputs" "more parts than inputs"

                    for bad in [ "3/3"; "-1/3"; "1"; "1/0"; "a/b" ] do
                        Expect.stringContains (exits 2 (part bad)) $"--part {bad}" bad)
        ]
