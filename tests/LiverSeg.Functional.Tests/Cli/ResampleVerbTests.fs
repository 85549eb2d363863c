/// resample, and the verbs that take what lies on the lattice of a scan.
module LiverSeg.Functional.Tests.ResampleVerbTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

/// A phantom's scan and liver, the liver mirrored and cut out, and a finer one elsewhere between its voxels.
let private files (path: string -> string) =
    let p = Phantom.abdomen (PhantomOptions(Seed = 5L, Spacing = Spacing.Isotropic 14.))
    p.Ct.Write(path "ct.nii.gz")
    p.Liver.Write(path "liver.nii.gz")
    let cut = p.Liver.Crop(p.Liver.BoundingBox())

    cut
    |> Orient.matchOrientation (Orient.Turned(cut.Grid, [| 1; 0; 2 |], [| true; false; true |]))
    |> VolumeFile.writeMask (path "stored.nii.gz")

    let g = p.Liver.Grid

    let finer =
        Grid(
            Extent(g.Extent.X * 2, g.Extent.Y * 2, g.Extent.Z * 2),
            Spacing.Isotropic 7.,
            g.ToWorld(0.13, 0.2, 0.1),
            g.Direction
        )

    p.Liver
    |> Resample.maskOnto Interpolation.Linear finer
    |> VolumeFile.writeMask (path "finer.nii.gz")

    p

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli resample"
        [
            testCase "every verb takes a mask that lies on the scan's lattice, and says what it did"
            <| fun () ->
                inFolder (fun path ->
                    files path |> ignore

                    let takes args =
                        let text = exits 0 args
                        Expect.stringContains text "reordered" (string args[0])
                        Expect.stringContains text "padded" (string args[0])
                        text

                    for prediction, truth in [ "stored", "liver"; "liver", "stored" ] do
                        let p, t = path (prediction + ".nii.gz"), path (truth + ".nii.gz")

                        let text = exits 0 [ "evaluate"; "-p"; p; "-t"; t ]
                        Expect.stringContains text "Dice    1.0000" prediction
                        Expect.stringContains text "warning: " "said"
                        File.WriteAllText(path "p.csv", $"case,prediction,truth\na,{p},{t}\n")
                        Expect.stringContains (exits 0 [ "score"; "--cases"; path "p.csv" ]) "100.00" "score"

                    let plain = exits 0 [ "stats"; "-i"; path "ct.nii.gz"; "-m"; path "liver.nii.gz" ]

                    Expect.stringContains
                        (takes [ "stats"; "-i"; path "ct.nii.gz"; "-m"; path "stored.nii.gz" ])
                        plain
                        "stats"

                    for mask in [ "liver"; "stored" ] do
                        [
                            "preview"
                            "-i"
                            path "ct.nii.gz"
                            "-m"
                            path (mask + ".nii.gz")
                            "-o"
                            path (mask + ".png")
                        ]
                        |> exits 0
                        |> ignore

                    Expect.equal (File.ReadAllBytes(path "stored.png")) (File.ReadAllBytes(path "liver.png")) "preview"

                    takes
                        [
                            "convert"
                            "--mask"
                            "-i"
                            path "stored.nii.gz"
                            "--reference"
                            path "ct.nii.gz"
                            "-o"
                            path "back.nii.gz"
                        ]
                    |> ignore

                    Expect.equal
                        (Volume.readMask (path "back.nii.gz"))
                        (Volume.readMask (path "liver.nii.gz"))
                        "convert"

                    takes
                        [
                            "refine"
                            "-i"
                            path "ct.nii.gz"
                            "-p"
                            path "stored.nii.gz"
                            "-o"
                            path "refined.nii.gz"
                            "--iterations"
                            "0"
                        ]
                    |> ignore

                    [
                        "refine"
                        "-i"
                        path "ct.nii.gz"
                        "-p"
                        path "liver.nii.gz"
                        "-o"
                        path "plain.nii.gz"
                        "--iterations"
                        "0"
                    ]
                    |> exits 0
                    |> ignore

                    Expect.equal
                        (Volume.readMask (path "refined.nii.gz"))
                        (Volume.readMask (path "plain.nii.gz"))
                        "refine")

            testCase "the remedy of a refused mask works"
            <| fun () ->
                inFolder (fun path ->
                    files path |> ignore

                    let refused =
                        exits 3 [ "evaluate"; "-p"; path "finer.nii.gz"; "-t"; path "liver.nii.gz" ]

                    Expect.stringContains refused "`liverseg resample -i FILE --like OTHER -o NEW --mask`" "the remedy"
                    Expect.stringContains refused "finer.nii.gz: grid: found" "file and field"

                    for by in [ "coverage"; "nearest" ] do
                        [
                            "resample"
                            "-i"
                            path "finer.nii.gz"
                            "--like"
                            path "liver.nii.gz"
                            "-o"
                            path (by + ".nii.gz")
                        ]
                        @ [ "--mask"; "--by"; by ]
                        |> exits 0
                        |> ignore

                        let dice =
                            (path (by + ".nii.gz")
                             |> Metrics.ofFiles (MetricsOptions()) ignore MaskLabel.Any (path "liver.nii.gz"))
                                .Dice

                        Expect.isGreaterThan dice 0.9 by)

            testCase
                "resample writes the library's volume on the other's grid, and a mask goes nowhere beyond its own voxels"
            <| fun () ->
                inFolder (fun path ->
                    let p = files path
                    let coarse = Grid.Of(Extent(9, 8, 7), Spacing(30., 35., 40.))
                    (Volume.constant coarse (Hu 0f)).Write(path "like.mha")

                    let args =
                        [
                            "resample"
                            "-i"
                            path "ct.nii.gz"
                            "--like"
                            path "like.mha"
                            "-o"
                            path "out.mha"
                        ]

                    exits 0 args |> ignore
                    let expected = Volume.read (path "ct.nii.gz") |> Resample.onto coarse
                    Expect.equal (Volume.read (path "out.mha")) expected "the scan"
                    exits 5 args |> ignore
                    exits 0 (args @ [ "--overwrite" ]) |> ignore
                    // A mask that fills its file to the edge, onto a grid that is larger.
                    let tight = p.Liver.Crop(p.Liver.BoundingBox())
                    (Volume.constant tight.Grid true).Write(path "tight.mha")

                    [
                        "resample"
                        "-i"
                        path "tight.mha"
                        "--like"
                        path "ct.nii.gz"
                        "-o"
                        path "wide.mha"
                        "--mask"
                    ]
                    |> exits 0
                    |> ignore

                    Expect.equal
                        (Mask.count (Volume.readMask (path "wide.mha")))
                        tight.Extent.Count
                        "as many voxels as before")

            testCase "what resample cannot do is a usage error"
            <| fun () ->
                inFolder (fun path ->
                    files path |> ignore

                    for more, word in
                        [
                            [ "-o"; path "o.nii"; "--label"; "5" ], "--mask"
                            [ "-o"; path "o.nii"; "--by"; "nearest" ], "--mask"
                            [ "-o"; path "o.nii"; "--mask"; "--by"; "cubic" ], "coverage or nearest"
                            [ "-o"; path "o.dcm"; "--mask" ], "--reference"
                        ] do
                        let text =
                            exits 2 ([ "resample"; "-i"; path "liver.nii.gz"; "--like"; path "ct.nii.gz" ] @ more)

                        Expect.stringContains text word word

                    exits
                        4
                        [
                            "resample"
                            "-i"
                            path "liver.nii.gz"
                            "--like"
                            path "ct.nii.gz"
                            "-o"
                            path "o.xyz"
                        ]
                    |> ignore)
        ]
