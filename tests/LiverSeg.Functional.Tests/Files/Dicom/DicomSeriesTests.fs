module LiverSeg.Functional.Tests.DicomSeriesTests

open System
open System.IO
open System.IO.Compression
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.DicomFixture
open LiverSeg.Functional.Tests.DicomScan

[<Tests>]
let tests =
    testList
        "Files.dicom"
        [
            for syntax in syntaxes do
                lawTimes
                    20
                    $"a series is the scan that its slices make, whatever their names ({syntax})"
                    (fun (volume: Volume<Hu>) ->
                        let volume = stacked (whole volume)

                        withFolder (fun folder ->
                            series syntax volume folder
                            equal (VolumeFile.Read folder) volume))
            testCase "a zip of a series is the series, and a damaged zip is refused"
            <| fun () ->
                withFolder (fun folder ->
                    let inner, zip = Path.Combine(folder, "s"), Path.Combine(folder, "s.zip")
                    Directory.CreateDirectory inner |> ignore
                    series ExplicitLittle scan inner
                    ZipFile.CreateFromDirectory(inner, zip)
                    Expect.isTrue (equal (VolumeFile.Read zip) scan) "equal"
                    let bytes = File.ReadAllBytes zip
                    bytes[bytes.Length / 3] <- bytes[bytes.Length / 3] ^^^ 16uy
                    File.WriteAllBytes(zip, bytes)
                    refusal zip |> ignore)
            testCase "a coloured picture does not count, of another series or of the same"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    let picture series =
                        let colours =
                            [
                                0x00280004u, "CS", text "RGB"
                                0x00280002u, "US", short false 3
                                0x0020000Eu, "UI", text series
                            ]

                        File.WriteAllBytes(
                            Path.Combine(folder, "picture.dcm"),
                            slice ExplicitLittle scan.Grid 9 (pixels scan 0) colours
                        )

                    picture "1.2.5"
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "another series"
                    picture "1.2.3"
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "the same series")
            testCase "a folder of slices holds DICOM, a folder of other scans does not"
            <| fun () ->
                altered (fun _ -> []) (fun folder -> Expect.isTrue (VolumeFile.HoldsDicom folder) "slices")

                withFolder (fun folder ->
                    scan.Write(Path.Combine(folder, "a.nii"))
                    Expect.isFalse (VolumeFile.HoldsDicom folder) "a NIfTI"
                    Expect.isFalse (VolumeFile.HoldsDicom(Path.Combine(folder, "a.nii"))) "itself")
            testCase "some slices of a series are those of the whole"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    Expect.equal ((VolumeFile.Open folder).Slab(1, 3)) ((VolumeFile.Read folder).Slab(1, 3)) "slab"

                    Expect.throwsT<ArgumentOutOfRangeException>
                        (fun () -> (VolumeFile.Open folder).Slab(3, 3) |> ignore)
                        "outside")
            testCase "one file twice counts once, one instance with two contents is refused"
            <| fun () ->
                altered (fun _ -> []) (fun folder ->
                    File.Copy(Path.Combine(folder, "2.dcm"), Path.Combine(folder, "copy.dcm"))
                    let said = ResizeArray<string>()
                    Expect.isTrue (equal (VolumeFile.Read(folder, Action<string> said.Add)) scan) "once"
                    Expect.isNonEmpty said "said"

                    File.WriteAllBytes(
                        Path.Combine(folder, "copy.dcm"),
                        slice ExplicitLittle scan.Grid 2 (pixels scan 3) []
                    )

                    Expect.equal (refusal folder).Field "SOPInstanceUID" "two contents")
            testCase "gaps, doubles, drift and missing places are refused by name"
            <| fun () ->
                let place z (x, y, h) =
                    at z 0x00200032u "DS" (decimals [ x; y; h ])

                altered (fun _ -> []) (fun folder ->
                    File.Delete(Path.Combine(folder, "2.dcm"))
                    Expect.stringContains (refusal folder).Found "a step of 5" "missing slice")

                altered (place 2 (-10., 20.5, -297.5)) (fun folder ->
                    Expect.stringContains (refusal folder).Found "two slices" "double")

                altered (place 2 (-10., 20.5, -294.2)) (fun folder ->
                    Expect.stringContains (refusal folder).Found "a step" "uneven")

                altered (place 2 (-10., 20.5, -295.02)) (fun folder ->
                    Expect.equal (VolumeFile.Read folder).Extent scan.Extent "rounding")

                altered (fun z -> place z (-10., 20.5 + float z, -300. + 2.5 * float z) z) (fun folder ->
                    Expect.stringContains (refusal folder).Found "sideways" "tilt")

                altered (at 3 0x00200032u "DS" [||]) (fun folder ->
                    Expect.equal (refusal folder).Field "ImagePositionPatient" "no place")
            testCase "two series ask for a choice, and the choice is heard"
            <| fun () ->
                altered (fun z -> if z < 2 then [ 0x0020000Eu, "UI", text "1.2.4" ] else []) (fun folder ->
                    Expect.equal (refusal folder).Code "ambiguous-series" "asked"
                    Expect.equal (VolumeFile.Open(folder, DicomOptions(Series = 2)).Read()).Extent.Z 2 "second"

                    Expect.throwsT<FileErrorException>
                        (fun () -> VolumeFile.Open(folder, DicomOptions(Series = 3)).Read() |> ignore)
                        "no third")
            testCase "other images than CT are refused unless allowed, other files do not count"
            <| fun () ->
                altered (fun _ -> [ 0x00080060u, "CS", text "MR" ]) (fun folder ->
                    Expect.equal (refusal folder).Field "Modality" "MR"

                    Expect.equal
                        (VolumeFile.Open(folder, DicomOptions(AnyImage = true)).Read()).Extent
                        scan.Extent
                        "allowed")

                altered (fun _ -> []) (fun folder ->
                    File.WriteAllText(Path.Combine(folder, "readme.txt"), "hello")
                    Expect.isTrue (equal (VolumeFile.Read folder) scan) "text beside")
        ]
