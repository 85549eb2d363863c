module LiverSeg.Functional.Tests.DatasetFolderTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders

[<Tests>]
let tests =
    testList
        "DatasetFolder"
        [
            testCase "cases are found in the layouts that people have, and looked at"
            <| fun () ->
                let p = Phantom.abdomen (PhantomOptions(Seed = 1L, Spacing = Spacing.Isotropic 16.))

                let mirrored =
                    Volume.Init(p.Liver.Grid, fun x y z -> p.Liver[p.Liver.Extent.X - 1 - x, y, z])

                let empty = Volume.Constant(p.Liver.Grid, false)

                for layout, image, mask in
                    [
                        "SLiver07", "train/liver-orig001.mhd", "label/liver-seg001.mhd"
                        "LiTS", "volume-7.nii", "segmentation-7.nii"
                        "Decathlon or nnU-Net", "imagesTr/liver_3_0000.nii.gz", "labelsTr/liver_3.nii.gz"
                        "Decathlon or nnU-Net", "imagesTr/liver_3.nii.gz", "labelsTr/liver_3.nii.gz"
                        "ct and liver", "anna/ct.nii.gz", "anna/liver.nii.gz"
                        "ct and liver", "anna-ct.nii.gz", "anna-liver.nii.gz"
                    ] do
                    withFolder (fun folder ->
                        let at (name: string) =
                            let path = Path.Combine(folder, name)
                            Directory.CreateDirectory(Path.GetDirectoryName path) |> ignore
                            path

                        p.Ct.Write(at image)
                        p.Liver.Write(at mask)
                        let found = DatasetFolder.Find folder
                        Expect.equal (found.Layout, found.Cases.Count) (layout, 1) image
                        let case = found.Cases[0]

                        Expect.equal
                            (case.Image, case.Mask)
                            (Path.GetFullPath(at image), Path.GetFullPath(at mask))
                            image

                        let verdict = DatasetFolder.Check case
                        Expect.isEmpty verdict.Errors image

                        if layout = "LiTS" then
                            let check (other: Volume<bool>) =
                                other.Write(at mask, overwrite = true)
                                DatasetFolder.Check case

                            Expect.exists (check mirrored).Warnings (fun d -> d.Contains "exchanged") "mirrored"
                            Expect.exists (check empty).Warnings (fun e -> e.Contains "empty") "empty"

                            let other =
                                p.Liver
                                |> Resample.maskOnto
                                    Interpolation.Nearest
                                    (Grid.Of(Extent(9, 9, 9), Spacing.Isotropic 7.))

                            Expect.exists (check other).Errors (fun e -> e.Contains "grid") "other grid"
                            File.Delete(at mask)
                            Expect.isNonEmpty (DatasetFolder.Check case).Errors "missing")

                withFolder (fun folder ->
                    for name in [ "PATIENT_DICOM"; "MASKS_DICOM/liver" ] do
                        Directory.CreateDirectory(Path.Combine(folder, "3Dircadb1.1", name)) |> ignore

                    Expect.equal (DatasetFolder.Find folder).Layout "3D-IRCADb" "3D-IRCADb")

                withFolder (fun folder ->
                    for name in [ "DICOM_anon"; "Ground" ] do
                        Directory.CreateDirectory(Path.Combine(folder, "CT/7", name)) |> ignore

                    Expect.equal (DatasetFolder.Find folder).Cases[0].Id "chaos07" "CHAOS with masks as volumes"
                    File.WriteAllBytes(Path.Combine(folder, "CT/7/Ground/liver_GT_000.png"), [||])

                    let error =
                        try
                            DatasetFolder.Find folder |> ignore
                            failtest "pictures are no volume"
                        with :? FileErrorException as e ->
                            e.Error

                    Expect.equal error.Kind FileErrorKind.Unsupported "kind"
                    Expect.stringEnds error.File "Ground" "file"
                    Expect.stringContains error.Remedy "DICOM_anon" "remedy")

                withFolder (fun folder ->
                    Directory.CreateDirectory folder |> ignore

                    Expect.throwsT<FileErrorException> (fun () -> DatasetFolder.Find folder |> ignore) "nothing there")
        ]
