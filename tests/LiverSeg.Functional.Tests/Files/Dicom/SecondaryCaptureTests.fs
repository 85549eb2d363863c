module LiverSeg.Functional.Tests.SecondaryCaptureTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan

let private inside = lazy (scan.Map(fun h -> h.Value > 0f))

let private draw note = Capture.drawer note inside.Value scan

let private captured options folder target =
    draw ""
    |> fun draw ->
        SecondaryCapture.write
            options
            false
            (VolumeFile.Open folder)
            (Path.Combine(folder, "..", target))
            draw
            inside.Value

let private latin (path: string) =
    Text.Encoding.Latin1.GetString(File.ReadAllBytes path)

/// A series of a patient, beside room for results.
let private withSeries work =
    inFolder (fun path ->
        let folder = path "in"
        Directory.CreateDirectory folder |> ignore

        for z in 0..4 do
            File.WriteAllBytes(
                Path.Combine(folder, $"{z}.dcm"),
                slice
                    ExplicitLittle
                    scan.Grid
                    z
                    (pixels scan z)
                    [
                        0x00100010u, "PN", text "DOE^JOHN"
                        0x0020000Du, "UI", text "1.2.7777"
                        0x00080080u, "LO", text "CANARY HOSPITAL"
                    ]
            )

        work path folder)

[<Tests>]
let tests =
    testList
        "Files.dicom captures"
        [
            testCase "pictures have the slice's shape, the outline on the liver, words in their corners"
            <| fun () ->
                let picture = draw "" 4
                Expect.equal (picture.Columns % 6, picture.Rows % 5) (0, 0) "a whole multiple"
                Expect.isGreaterThanOrEqual (min picture.Columns picture.Rows) 256 "room for words"
                Expect.equal picture.Rgb.Length (3 * picture.Columns * picture.Rows) "a colour each"
                let scale = picture.Columns / 6

                let at x y =
                    let i = 3 * (y * picture.Columns + x)
                    picture.Rgb.Span[i], picture.Rgb.Span[i + 1], picture.Rgb.Span[i + 2]

                // Of two neighbours one of which is liver, the border between them is red; between others it is not.
                let isRed (r: byte, g: byte, b: byte) =
                    int r > 150 && int r - int g > 90 && int r - int b > 90

                for x in 1..3 do
                    for y in 1..3 do
                        let border = inside.Value[x, y, 4] <> inside.Value[x + 1, y, 4]
                        Expect.equal (isRed (at ((x + 1) * scale) (y * scale + scale / 2))) border $"{x}, {y}"

                let again, other, noted = draw "" 4, draw "" 3, draw "doubtful: small" 4
                Expect.isTrue (again.Rgb.Span.SequenceEqual picture.Rgb.Span) "the same pixels"
                Expect.isFalse (other.Rgb.Span.SequenceEqual picture.Rgb.Span) "another slice"
                Expect.isFalse (noted.Rgb.Span.SequenceEqual picture.Rgb.Span) "a note is shown"
            testCase "captures are the same files again, belong to the study and tell nothing else"
            <| fun () ->
                withSeries (fun path folder ->
                    let options = DicomResultOptions(Note = "doubtful", WeightsHash = "abc")
                    let files, again = captured options folder "a", captured options folder "b"
                    Expect.equal files.Length 5 "a file a slice"

                    for a, b in List.zip files again do
                        Expect.isTrue
                            (File.ReadAllBytes(a).AsSpan().SequenceEqual(File.ReadAllBytes b))
                            "the same bytes"

                    let said = latin files.Head
                    Expect.stringContains said "DOE^JOHN" "the patient's own"
                    Expect.stringContains said "1.2.7777" "the study's own"
                    Expect.stringContains said "weights SHA-256 abc" "the weights"
                    Expect.isFalse (said.Contains "CANARY") "nothing else"
                    let pixels = (draw "" 0).Rgb.ToArray()

                    Expect.isGreaterThan
                        (ReadOnlySpan(File.ReadAllBytes files.Head).IndexOf(ReadOnlySpan pixels))
                        0
                        "the picture"

                    let sparse = captured (DicomResultOptions(OmitEmptyFrames = true)) folder "sparse"

                    Expect.equal
                        sparse.Length
                        (Seq.length (seq { 0..4 } |> Seq.filter (fun z -> inside.Value.Slice(z).Contains true)))
                        "slices with liver"

                    Expect.isEmpty (Directory.GetFileSystemEntries(path ".", "*.tmp")) "nothing half-written")
            testCase "anonymous results hold neither patient nor UIDs of the series, and are the same again"
            <| fun () ->
                withSeries (fun path folder ->
                    let hidden = DicomResultOptions(IsAnonymous = true)
                    let seg, twin = path "seg.dcm", path "twin.dcm"

                    for target in [ seg; twin ] do
                        inside.Value
                        |> VolumeFile.replaceSegmentation hidden (VolumeFile.Open folder) target

                    Expect.equal (File.ReadAllBytes seg) (File.ReadAllBytes twin) "the same bytes"

                    for file in seg :: captured hidden folder "sc" do
                        for word in [ "DOE"; "1.2.7777"; "1.2.3"; "CANARY" ] do
                            Expect.isFalse ((latin file).Contains word) $"{word} in {Path.GetFileName file}"

                    Expect.isTrue ((VolumeFile.ReadMask seg).Voxels.SequenceEqual inside.Value.Voxels) "the same mask")
            testCase "a segmentation without empty frames is the same mask on the series' grid"
            <| fun () ->
                withSeries (fun path folder ->
                    let series = VolumeFile.Open folder
                    let sparse = DicomResultOptions(OmitEmptyFrames = true)

                    for slices in [ [ 2 ]; [ 1; 3 ]; [] ] do
                        let mask = Volume.Init(scan.Grid, fun x _ z -> List.contains z slices && x = 2)

                        mask |> VolumeFile.replaceSegmentation sparse series (path "s.dcm")

                        let back = path "s.dcm" |> Lattice.readMask ignore MaskLabel.Any series.Info.Grid

                        Expect.isTrue (back.Voxels.SequenceEqual mask.Voxels) $"{slices}")
            testCase "only captures are replaced, and only when that is allowed"
            <| fun () ->
                withSeries (fun path folder ->
                    captured (DicomResultOptions()) folder "c" |> ignore

                    let refused overwrite =
                        Expect.throwsT<FileErrorException>(fun () -> SecondaryCapture.check overwrite (path "c"))

                    refused false "not without leave"
                    SecondaryCapture.check true (path "c")
                    File.WriteAllText(path "c/letter.txt", "mine")
                    refused true "never somebody else's file"

                    Expect.throwsT<FileErrorException>
                        (fun () ->
                            SecondaryCapture.Write(inside.Value.Slab(0, 3), path "d", VolumeFile.Open folder, draw "")
                            |> ignore)
                        "another grid"

                    Expect.isFalse (Directory.Exists(path "d")) "nothing written")
        ]
