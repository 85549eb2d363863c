module LiverSeg.Functional.Tests.SliceSortingTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan

let private localizer = 0x00080008u, "CS", text "ORIGINAL\\PRIMARY\\LOCALIZER"
let private secondary = 0x00080008u, "CS", text "DERIVED\\SECONDARY"
let private captureClass = 0x00080016u, "UI", text "1.2.840.10008.5.1.4.1.1.7"
let private instance name = 0x00080018u, "UI", text name

/// Rows and columns of an image across the volume's slices, whichever way these lie.
let private across (volume: Volume<Hu>) =
    let d = volume.Grid.Direction
    0x00200037u, "DS", decimals [ d.Y.L; d.Y.P; d.Y.S; d.Z.L; d.Z.P; d.Z.S ]

/// At least four slices, each with pixels of its own.
let private tall (volume: Volume<Hu>) =
    let g = (stacked (whole volume)).Grid
    let extent = Extent(g.Extent.X, g.Extent.Y, g.Extent.Z + 3)

    Volume.Init(Grid(extent, g.Spacing, g.Origin, g.Direction), fun x y z -> Hu(float32 (100 * z + 7 * y + x - 300)))

let private place (grid: Grid) (z: float) =
    let p = grid.ToWorld(0., 0., z)
    0x00200032u, "DS", decimals [ p.X; p.Y; p.Z ]

let private put folder name syntax (volume: Volume<Hu>) z altered =
    File.WriteAllBytes(Path.Combine(folder, name), slice syntax volume.Grid z (pixels volume z) altered)

let private heard (path: string) (options: DicomOptions) =
    let said = ResizeArray<string>()
    let volume = VolumeFile.Open(path, options, Action<string> said.Add).Read()
    volume, String.concat "\n" said

let private error path options =
    try
        heard path options |> ignore
        failtest "accepted"
    with :? FileErrorException as e ->
        e.Error

/// What may lie beside a scan without changing it, each with a word of the warning.
let private strangers: (string * string * (Random -> string -> Volume<Hu> -> unit)) list =
    [
        "a localizer of the same series and size",
        "localizers",
        fun _ folder v -> put folder "x.dcm" ExplicitLittle v 0 [ localizer; instance "9.1"; across v ]
        "a localizer in the scan's own direction",
        "localizers",
        fun _ folder v -> put folder "x.dcm" ExplicitLittle v 1 [ localizer; instance "9.1"; place v.Grid 0.4 ]
        "a localizer of another series",
        "localizers",
        fun _ folder v ->
            put folder "x.dcm" ExplicitLittle v 0 [ localizer; instance "9.1"; 0x0020000Eu, "UI", text "1.2.99" ]
        "an image across without a word about it",
        "another size or direction",
        fun _ folder v -> put folder "x.dcm" ExplicitLittle v 0 [ instance "9.1"; across v ]
        "an image across of another series",
        "another size or direction",
        fun _ folder v ->
            put folder "x.dcm" ExplicitLittle v 0 [ instance "9.1"; across v; 0x0020000Eu, "UI", text "1.2.98" ]
        "an image of another size",
        "another size or direction",
        fun _ folder v ->
            let g = v.Grid

            let small =
                Volume.Init(Grid(Extent(9, 9, 1), g.Spacing, g.Origin, g.Direction), (fun _ _ _ -> Hu 3f))

            put folder "x.dcm" ExplicitLittle small 0 [ instance "9.1" ]
        "captures without a place",
        "captures",
        fun random folder v ->
            for i in 0 .. random.Next 3 do
                let none = [ 0x00200032u, "DS", [||]; 0x00200037u, "DS", [||] ]
                put folder $"x{i}.dcm" ExplicitLittle v 0 (secondary :: instance $"9.{i}" :: none)
        "a capture of the class of captures with a place",
        "captures",
        fun _ folder v -> put folder "x.dcm" ExplicitLittle v 0 [ captureClass; instance "9.1"; place v.Grid 0.5 ]
        "a coloured capture",
        "no CT images",
        fun _ folder v ->
            let rgb = [ 0x00280002u, "US", short false 3; 0x00280004u, "CS", text "RGB" ]
            put folder "x.dcm" ExplicitLittle v 0 (captureClass :: instance "9.1" :: rgb)
        "copies of another export",
        "count once",
        fun random folder v ->
            let z = random.Next v.Extent.Z
            put folder "x.dcm" ExplicitLittle v z [ 0x00091001u, "LO", text "OTHER" ]
        "copies with a name of their own",
        "count once",
        fun random folder v ->
            for z in 0 .. random.Next v.Extent.Z do
                put folder $"x{z}.dcm" ExplicitLittle v z [ instance $"9.{z}" ]
        "copies in another coding",
        "count once",
        fun random folder v ->
            let syntax = syntaxes[1 + random.Next(syntaxes.Length - 1)]
            put folder "x.dcm" syntax v (random.Next v.Extent.Z) [ instance "9.1" ]
        "a link that leads to nothing",
        "links",
        fun _ folder _ -> File.CreateSymbolicLink(Path.Combine(folder, "x.dcm"), "gone.dcm") |> ignore
    ]

[<Tests>]
let tests =
    testList
        "Files.dicomsort"
        [
            for what, word, add in strangers do
                lawTimes
                    8
                    $"a scan is read as without {what}, and a warning tells"
                    (fun (volume: Volume<Hu>) (seed: int) ->
                        let volume = tall volume

                        withFolder (fun folder ->
                            series ExplicitLittle volume folder
                            add (Random seed) folder volume
                            let read, said = heard folder (DicomOptions())
                            equal read volume && said.Contains word))
            lawTimes 20 "links to slices, to folders and to links are followed" (fun (volume: Volume<Hu>) (seed: int) ->
                let volume, random = tall volume, Random seed

                withFolder (fun root ->
                    let inner name =
                        (Directory.CreateDirectory(Path.Combine(root, name))).FullName

                    let files, folder = inner "files", inner "study"
                    series ExplicitLittle volume files

                    for i, file in Array.indexed (Directory.GetFiles files) do
                        let link n = Path.Combine(folder, $"{i}-{n}")

                        match random.Next 4 with
                        | 0 -> File.Move(file, link "own.dcm")
                        | 1 -> File.CreateSymbolicLink(link "link.dcm", file) |> ignore
                        | 2 ->
                            let relative = Path.Combine(root, $"first{i}")

                            File.CreateSymbolicLink(relative, Path.Combine("files", Path.GetFileName file))
                            |> ignore

                            File.CreateSymbolicLink(link "second.dcm", relative) |> ignore
                        | _ ->
                            let other = inner $"folder{i}"
                            File.Move(file, Path.Combine(other, "a.dcm"))
                            Directory.CreateSymbolicLink(link "folder", other) |> ignore

                    // A ring of folders ends.
                    Directory.CreateSymbolicLink(Path.Combine(folder, "ring"), folder) |> ignore
                    VolumeFile.HoldsDicom folder && equal (VolumeFile.Read folder) volume))
            for name, tag, vr in
                [
                    "AcquisitionNumber", 0x00200012u, "IS"
                    "TemporalPositionIdentifier", 0x00200100u, "IS"
                    "EchoNumbers", 0x00180086u, "IS"
                    "TriggerTime", 0x00181060u, "DS"
                ] do
                lawTimes
                    5
                    $"passes over the same places are series to choose from ({name})"
                    (fun (volume: Volume<Hu>) (seed: int) ->
                        let first = tall volume
                        let second = first.Map(fun h -> Hu(h.Value + 5f))
                        let random = Random seed

                        withFolder (fun folder ->
                            for z in 0 .. first.Extent.Z - 1 do
                                let time = 0x00080032u, "TM", text $"1200{random.Next(10, 60)}"

                                put
                                    folder
                                    $"a{z}"
                                    ExplicitLittle
                                    first
                                    z
                                    [ tag, vr, text "2"; time; instance $"1.{z}" ]

                                put
                                    folder
                                    $"b{z}"
                                    ExplicitLittle
                                    second
                                    z
                                    [ tag, vr, text "10"; time; instance $"2.{z}" ]

                            let listed = VolumeFile.listSeries folder

                            let open' n =
                                fst (heard folder (DicomOptions(Series = n)))

                            (error folder (DicomOptions())).Code = "ambiguous-series"
                            && (error folder (DicomOptions(SeriesUid = "1.2.3"))).Code = "ambiguous-series"
                            && (listed |> List.map _.Pass) = [ $"{name} 2"; $"{name} 10" ]
                            && equal (open' 1) first
                            && equal (open' 2) second))
            testCase "slices at one place with other pixels and nothing that tells them apart are refused"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    for z in 0..4 do
                        put
                            folder
                            $"x{z}.dcm"
                            ExplicitLittle
                            (scan.Map(fun h -> Hu(h.Value + 1f)))
                            z
                            [ instance $"9.{z}" ]

                    let e = error folder (DicomOptions())
                    Expect.stringContains e.Found "two slices at one place" "refused"
                    Expect.equal (error folder (DicomOptions(FillGaps = true))).Found e.Found "filling is no remedy")
            testCase "numbers of acquisitions that change from slice to slice are no passes"
            <| fun () ->
                altered (fun z -> [ 0x00200012u, "IS", text (string z) ]) (fun folder ->
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "one series")

                // Two regions with a jump between them are two, whose acquisitions tell them apart.
                withFolder (fun folder ->
                    for z in 0..4 do
                        put folder $"a{z}" ExplicitLittle scan z [ 0x00200012u, "IS", text "1" ]

                        put
                            folder
                            $"b{z}"
                            ExplicitLittle
                            scan
                            z
                            [
                                0x00200012u, "IS", text "2"
                                instance $"9.{z}"
                                place scan.Grid (float z + 40.)
                            ]

                    Expect.equal (VolumeFile.listSeries folder |> List.map _.Slices) [ 5; 5 ] "two regions")
            testCase "a folder of localizers is no scan unless any image will do"
            <| fun () ->
                altered (fun _ -> [ localizer ]) (fun folder ->
                    let e = refusal folder
                    Expect.equal e.Field "ImageType" "refused"
                    Expect.stringContains e.Remedy "--any-image" "remedy"
                    Expect.isTrue (equal (fst (heard folder (DicomOptions(AnyImage = true)))) scan) "any image")
            testCase "captures of a whole volume with places are a scan"
            <| fun () ->
                altered (fun _ -> [ captureClass; secondary ]) (fun folder ->
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "read")
        ]
