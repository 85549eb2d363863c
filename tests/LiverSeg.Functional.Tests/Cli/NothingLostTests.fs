/// No input and no earlier work is destroyed by a command that was meant otherwise.
module LiverSeg.Functional.Tests.NothingLostTests

open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

let private smoke =
    [
        "--preset"
        "smoke"
        "--epochs"
        "1"
        "--steps"
        "1"
        "--spacing"
        "8"
        "--threads"
        "1"
    ]

let private inputs path =
    exits 0 [ "phantom"; "-o"; path "in"; "--cases"; "2"; "--spacing"; "8" ]
    |> ignore

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli"
        [
            testCase "the program: no output is an input or another output, whatever the path's spelling"
            <| fun () ->
                inFolder (fun path ->
                    inputs path
                    let ct, liver = path "in/phantom0000-ct.nii.gz", path "in/phantom0000-liver.nii.gz"
                    let before = File.ReadAllBytes ct, File.ReadAllBytes liver
                    File.CreateSymbolicLink(path "link.nii.gz", ct) |> ignore

                    for args in
                        [
                            [ "segment"; "-i"; ct; "-o"; ct ]
                            [ "segment"; "-i"; ct; "-o"; path "in/../in/phantom0000-ct.nii.gz" ]
                            [ "segment"; "-i"; path "link.nii.gz"; "-o"; ct ]
                            [ "segment"; "-i"; ct; "-o"; path "o.nii.gz"; "--probability"; path "o.nii.gz" ]
                            [ "evaluate"; "-p"; liver; "-t"; liver; "--json"; liver ]
                            [ "convert"; "-i"; ct; "-o"; ct ]
                            [ "stats"; "-i"; ct; "-m"; liver; "--json"; ct ]
                        ] do
                        let said = exits 2 (args @ [ "--overwrite" ])
                        Expect.stringContains said "choose another output" $"{args}"

                    Expect.equal (File.ReadAllBytes ct, File.ReadAllBytes liver) before "untouched"
                    let _, _, said = cli [ "segment"; "-i"; path "none"; "-o"; "sc"; "--format"; "sc" ]
                    Expect.isFalse (said.Contains "choose another output") "a word is no place")
            testCase "the program: numbers are read as they are written, or not at all"
            <| fun () ->
                for option, value in
                    [
                        "--mu1", "1,5"
                        "--mu1", "NaN"
                        "--theta-alpha", "1e"
                        "--iterations", "2.5"
                        "--mu2", "Infinity"
                    ] do
                    let said =
                        exits 2 [ "refine"; "-i"; "a.nii"; "-p"; "b.nii"; "-o"; "c.nii"; option; value ]

                    Expect.stringContains said $"{option} {value}: " "option and value"

                let said =
                    exits 2 [ "evaluate"; "-p"; "a.nii"; "-t"; "b.nii"; "--tolerance"; "2,5" ]

                Expect.stringContains said "as 1.5" "a remedy"
            testCase "the program: a folder takes one scan too, a file's name never many"
            <| fun () ->
                inFolder (fun path ->
                    let scan =
                        (Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 12.))).Ct

                    Directory.CreateDirectory(path "in") |> ignore
                    scan.Write(path "in/a.nii")
                    Directory.CreateDirectory(path "out") |> ignore

                    for folder in [ "out"; "new/" ] do
                        exits
                            0
                            ([ "segment"; "-i"; path "in/a.nii"; "-o"; path folder; "--no-crf" ]
                             @ quickly.Value)
                        |> ignore

                        Expect.isTrue (File.Exists(path (folder.TrimEnd '/' + "/a-liver.nii.gz"))) folder

                    scan.Write(path "in/b.nii")
                    let said = exits 2 [ "segment"; "-i"; path "in"; "-o"; path "o.nii.gz" ]
                    Expect.stringContains said "many inputs need a folder" "no folder called o.nii.gz"
                    Expect.isFalse (Directory.Exists(path "o.nii.gz")) "nothing made")
            testCase "the program: checkpoints of an earlier run are never thrown away, and belong to their cases"
            <| fun () ->
                inFolder (fun path ->
                    inputs path

                    let train code cases more =
                        exits
                            code
                            ([
                                "train"
                                "--cases"
                                cases
                                "-o"
                                path "m.safetensors"
                                "--overwrite"
                                "--checkpoint"
                                path "k"
                             ]
                             @ smoke
                             @ more)

                    train 0 (path "in/cases.csv") [] |> ignore

                    let states () =
                        Directory.GetFiles(path "k") |> Array.sort |> Array.map File.ReadAllBytes

                    let before = states ()
                    Expect.isNonEmpty before "states"
                    let said = train 5 (path "in/cases.csv") []
                    Expect.stringContains said "used-checkpoints" "refused"
                    Expect.equal (states ()) before "still there"
                    train 0 (path "in/cases.csv") [ "--resume" ] |> ignore

                    CaseList.read (path "in/cases.csv")
                    |> List.take 1
                    |> CaseList.write (path "one.csv")

                    let said = train 3 (path "one.csv") [ "--resume" ]
                    Expect.stringContains said "learned from other cases" "says what differs"
                    Expect.equal (states ()) before "still there")
            testCase "the program: a list with semicolons, as spreadsheets of some countries write it, is read"
            <| fun () ->
                inFolder (fun path ->
                    inputs path
                    let commas = File.ReadAllText(path "in/cases.csv")
                    let plain = CaseList.read (path "in/cases.csv")

                    for separator in [ ";"; "\t" ] do
                        File.WriteAllText(path "in/other.csv", commas.Replace(",", separator))
                        Expect.equal (CaseList.read (path "in/other.csv")) plain separator)
        ]
