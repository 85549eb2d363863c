module LiverSeg.Functional.Tests.DicomSegmentationTests

open System
open System.IO
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
            lawTimes
                20
                "a mask read back from its segmentation is the same, whatever the series' direction"
                (fun (volume: Volume<Hu>) ->
                    let volume = stacked (whole volume)
                    let mask = volume.Map(fun h -> h.Value > 500f)

                    withFolder (fun folder ->
                        let inner, path, again =
                            Path.Combine(folder, "s"), Path.Combine(folder, "a.dcm"), Path.Combine(folder, "b.dcm")

                        Directory.CreateDirectory inner |> ignore
                        series ExplicitLittle volume inner
                        mask.WriteSegmentation(path, VolumeFile.Open inner)
                        mask.WriteSegmentation(again, VolumeFile.Open inner)
                        let back = VolumeFile.ReadMask path

                        back.Grid.GeometryEquals(mask.Grid, 1e-3)
                        && MemoryExtensions.SequenceEqual(back.Voxels, mask.Voxels)
                        && File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes again)))
            testCase "a segmentation takes nothing over but patient and study, and is refused on another grid"
            <| fun () ->
                altered
                    (fun _ ->
                        [
                            0x00100010u, "PN", text "DOE^JOHN"
                            0x00080080u, "LO", text "CANARY HOSPITAL"
                            0x00091001u, "LO", text "CANARY PRIVATE"
                        ])
                    (fun folder ->
                        let path = Path.Combine(folder, "seg.out")
                        let mask = scan.Map(fun h -> h.Value > 0f)
                        mask.WriteSegmentation(path, VolumeFile.Open folder)
                        let written = Text.Encoding.Latin1.GetString(File.ReadAllBytes path)
                        Expect.stringContains written "DOE^JOHN" "the patient's own"
                        Expect.isFalse (written.Contains "CANARY") "nothing else"

                        mask.WriteSegmentation(
                            path,
                            VolumeFile.Open folder,
                            true,
                            DicomResultOptions(Note = "doubtful: 360×240 mm\\ü")
                        )

                        let noted = Text.Encoding.Latin1.GetString(File.ReadAllBytes path)
                        Expect.stringContains noted "doubtful: 360x240 mm??" "the note, in ASCII"
                        Expect.isTrue ((VolumeFile.ReadMask path).Voxels.SequenceEqual mask.Voxels) "the same mask"
                        mask.Write(Path.Combine(folder, "mask.nii"))

                        Expect.isFalse
                            (Text.Encoding.Latin1
                                .GetString(File.ReadAllBytes(Path.Combine(folder, "mask.nii")))
                                .Contains
                                "DOE")
                            "no patient in a NIfTI"

                        File.Delete path

                        Expect.throwsT<FileErrorException>
                            (fun () -> mask.Slab(0, 3).WriteSegmentation(path, VolumeFile.Open folder))
                            "another grid"

                        Expect.isFalse (File.Exists path) "nothing written")
        ]
