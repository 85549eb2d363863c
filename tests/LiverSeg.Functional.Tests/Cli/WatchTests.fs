module LiverSeg.Functional.Tests.WatchTests

open System
open System.Diagnostics
open System.IO
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Apart
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.FakeArchive
open LiverSeg.Functional.Tests.Folders

let private phantom =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 78L, Spacing = Spacing.Isotropic 6.)))

let private study number folder =
    Directory.CreateDirectory folder |> ignore
    DicomFixture.studyOf DicomFixture.ExplicitLittle number phantom.Value.Ct folder

let private masksIn (folder: string) =
    if Directory.Exists folder then
        Directory.GetFiles(folder, "*-liver.dcm")
        |> Array.map Path.GetFileName
        |> Array.sort
    else
        [||]

let private watch (path: string -> string) source more =
    [
        "watch"
        source
        "-o"
        path "out"
        "--model"
        path "coarse.safetensors"
        "--settle"
        "0"
        "--interval"
        "0.05"
    ]
    @ more

/// The program as a process of its own, which a signal can end.
let private started (args: string list) =
    let start =
        ProcessStartInfo("dotnet", RedirectStandardOutput = true, RedirectStandardError = true)

    start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "liverseg.dll"))
    args |> List.iter start.ArgumentList.Add
    let program = nonNull (Process.Start start)
    program.BeginErrorReadLine()
    program.BeginOutputReadLine()
    program

let private waitFor what seconds (isThere: unit -> bool) =
    let clock = Stopwatch.StartNew()

    while not (isThere ()) do
        if clock.Elapsed.TotalSeconds > seconds then
            failtest $"waited in vain: {what}"

        Thread.Sleep 100

let private storescp = "/usr/bin/storescp"

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli watch"
        [
            testCase "watch asks for what it needs"
            <| fun () ->
                inFolder (fun path ->
                    Directory.CreateDirectory(path "in") |> ignore

                    for args, word in
                        [
                            [ "watch"; path "in" ], "output"
                            [ "watch"; "-o"; path "out" ], "folder or the address"
                            [ "watch"; path "in"; "-o"; path "in/out" ], "watched folder"
                            [ "watch"; path "in"; "-o"; path "out"; "--filter"; "a=b" ], "--filter"
                            [ "watch"; path "in"; "-o"; path "out"; "--format"; "png" ], "--format"
                            [ "watch"; path "in"; "-o"; path "out"; "--interval"; "-1" ], "--interval"
                            [ "watch"; path "nowhere"; "-o"; path "out"; "--once" ], "no such folder"
                        ] do
                        Expect.stringContains (exits 2 args) word $"{args}")
            testCase
                "a folder's studies are segmented once each; a bad one stops nothing, and is done when it is mended"
            <| fun () ->
                inFolder (fun path ->
                    Models.coarse.Value.Save(path "coarse.safetensors")
                    study 1 (path "in/one")
                    study 2 (path "in/two")
                    File.Delete(path "in/one/005.dcm")
                    Directory.CreateDirectory(path "in/letters") |> ignore
                    File.WriteAllText(path "in/letters/a.txt", "no image")
                    let once = watch path (path "in") [ "--once" ]
                    let said = exits 3 once
                    Expect.stringContains said "slices are missing" "the bad series"
                    Expect.equal (masksIn (path "out")).Length 1 "the good one"
                    let mask = Path.Combine(path "out", (masksIn (path "out"))[0])
                    Expect.isGreaterThan ((VolumeFile.ReadMask mask).Count()) 0L "a liver"
                    let state = File.ReadAllText(path "out/liverseg-watch.json")

                    for word in [ "1.2.826"; "Nobody"; path "in"; "letters" ] do
                        Expect.isFalse (state.Contains word) $"{word} in the state"

                    let written = File.GetLastWriteTimeUtc mask
                    Expect.isFalse ((exits 0 once).Contains "liver ") "nothing is new"
                    study 1 (path "in/one")
                    study 3 (path "in/three")
                    // A mask that was stored back, as the receiving node of the how-to page does.
                    Directory.CreateDirectory(path "in/three-livers") |> ignore
                    File.Copy(mask, path "in/three-livers/liver.dcm")
                    exits 0 once |> ignore
                    Expect.equal (masksIn (path "out")).Length 3 "the mended one and a new one"

                    Expect.stringContains
                        (File.ReadAllText(path "out/liverseg-watch.json"))
                        "no CT"
                        "a mask is no scan"

                    Expect.equal (File.GetLastWriteTimeUtc mask) written "done once"
                    File.WriteAllText(path "out/liverseg-watch.json", "{")
                    Expect.stringContains (exits 3 once) "bad-watch-state" "a state that is damaged")
            testCase "a study that still grows is waited for; a signal ends it, and the same command goes on"
            <| fun () ->
                inFolder (fun path ->
                    Models.coarse.Value.Save(path "coarse.safetensors")
                    Directory.CreateDirectory(path "in/one") |> ignore
                    study 1 (path "whole")
                    let files = Directory.GetFiles(path "whole") |> Array.sort

                    let args =
                        watch path (path "in") [] |> List.map (fun w -> if w = "0" then "2" else w)

                    use program = started args

                    try
                        for file in files do
                            File.Copy(file, path ("in/one/" + Path.GetFileName file))
                            Thread.Sleep(3000 / files.Length)

                        waitFor "the mask" 90. (fun () ->
                            File.Exists(path "out/liverseg-watch.json")
                            && (File.ReadAllText(path "out/liverseg-watch.json")).Contains "\"done\"")

                        let mask = VolumeFile.ReadMask(Path.Combine(path "out", (masksIn (path "out"))[0]))
                        Expect.equal mask.Extent phantom.Value.Ct.Extent "the whole series"
                        // Not SIGINT: what is started in the background may ignore it.
                        use kill = nonNull (Process.Start("kill", $"-TERM {program.Id}"))
                        kill.WaitForExit()
                        Expect.isTrue (program.WaitForExit 30000) "it ends"
                        Expect.equal program.ExitCode 143 "by the signal"
                    finally
                        if not program.HasExited then
                            program.Kill()

                    study 2 (path "in/two")
                    exits 0 (args @ [ "--once" ]) |> ignore
                    Expect.equal (masksIn (path "out")).Length 2 "goes on")
            testCase
                "a service's new series are fetched, segmented and stored once each; one that cannot be read stops nothing"
            <| fun () ->
                inFolder (fun path ->
                    Models.coarse.Value.Save(path "coarse.safetensors")
                    study 1 (path "ct")
                    let files = Directory.GetFiles(path "ct") |> Array.sort
                    let mutable stored = 0
                    let mutable listed = [ "9.9"; "5.1" ]

                    let item uid =
                        $"""{{"0020000D":{{"vr":"UI","Value":["1.2"]}},"0020000E":{{"vr":"UI","Value":["{uid}"]}},"00080060":{{"vr":"CS","Value":["CT"]}},"00201209":{{"vr":"IS","Value":[{files.Length}]}}}}"""

                    let archive: Answer =
                        fun request response ->
                            match (nonNull request.Url).AbsolutePath with
                            | "/dicom-web/series" ->
                                json ("[" + String.Join(",", listed |> List.map item) + "]") request response
                            | "/dicom-web/studies" ->
                                request.InputStream.CopyTo Stream.Null
                                stored <- stored + 1
                                json "{}" request response
                            | bad when bad.Contains "/series/9.9" -> status 404 request response
                            | list when list.EndsWith("/instances", StringComparison.Ordinal) ->
                                json
                                    (instances [ for i in 0 .. files.Length - 1 -> $"1.2.826.1.5.{i}" ])
                                    request
                                    response
                            | _ -> related "b" (files |> Seq.map File.ReadAllBytes |> List.ofSeq) request response

                    serving archive (fun address _ ->
                        let once =
                            [
                                "watch"
                                address
                                "-o"
                                address + "/studies"
                                "--state"
                                path "state.json"
                                "--model"
                                path "coarse.safetensors"
                                "--settle"
                                "0"
                                "--interval"
                                "0.05"
                                "--once"
                            ]

                        exits 5 once |> ignore
                        Expect.equal stored 1 "the good one is stored"
                        listed <- [ "9.9"; "5.1"; "5.2" ]
                        exits 0 once |> ignore
                        Expect.equal stored 2 "the new one, and no other again"))
        ]

[<Tests>]
let node =
    listApart
        "Cli watch, receiving node"
        [
            if File.Exists storescp then
                testApart "dcmtk: what storescp receives is segmented and sent on"
                <| fun () ->
                    inFolder (fun path ->
                        Models.coarse.Value.Save(path "coarse.safetensors")
                        study 1 (path "ct")

                        for folder in [ "in"; "out"; "back" ] do
                            Directory.CreateDirectory(path folder) |> ignore

                        let server (port: int) (args: string) =
                            nonNull (Process.Start(ProcessStartInfo(storescp, args + $" {port}")))

                        let here, there = freePort (), freePort ()
                        let program = Path.Combine(AppContext.BaseDirectory, "liverseg.dll")

                        File.WriteAllText(
                            path "received.sh",
                            $"""set -e
dotnet "{program}" segment -i "$1" -o "$2/liver.dcm" --model "{path "coarse.safetensors"}"
storescu -R 127.0.0.1 {there} "$2/liver.dcm"
"""
                        )

                        use back = server there $"""-od "{path "back"}" """

                        use node =
                            server
                                here
                                ($"""-od "{path "in"}" --sort-on-study-uid study --eostudy-timeout 1 """
                                 + $"""--exec-on-eostudy "sh {path "received.sh"} #p {path "out"}" """)

                        try
                            let send () =
                                let args =
                                    $"""-R 127.0.0.1 {here} {String.Join(' ', Directory.GetFiles(path "ct"))}"""

                                use store =
                                    nonNull (
                                        Process.Start(
                                            ProcessStartInfo(
                                                "storescu",
                                                args,
                                                RedirectStandardError = true,
                                                RedirectStandardOutput = true
                                            )
                                        )
                                    )

                                store.WaitForExit()
                                store.ExitCode = 0

                            waitFor "the receiving node" 20. send

                            waitFor "the segmentation" 90. (fun () ->
                                Directory.GetFiles(path "back")
                                |> Array.exists (fun f -> FileInfo(f).Length > 0L))

                            Thread.Sleep 500

                            let sent = VolumeFile.ReadMask(Directory.GetFiles(path "back") |> Array.exactlyOne)

                            Expect.isTrue
                                (sent.Voxels.SequenceEqual (VolumeFile.ReadMask(path "out/liver.dcm")).Voxels)
                                "voxel-equal"
                        finally
                            node.Kill true
                            back.Kill true)
            else
                ptestCase "skipped: no dcmtk" ignore
        ]
