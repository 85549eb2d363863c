module LiverSeg.Functional.Tests.ArchiveTests

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Http
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.FakeArchive
open LiverSeg.Functional.Tests.Folders

let private program =
    [ "/usr/sbin/Orthanc"; "/usr/bin/Orthanc" ] |> List.tryFind File.Exists

let private plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"

/// A whole archive of its own on this machine, with a password; killed at the end.
let private withOrthanc (work: string -> Process -> 'T) =
    inFolder (fun path ->
        let port = freePort ()

        File.WriteAllText(
            path "orthanc.json",
            $"""{{"StorageDirectory":"{path "db"}","IndexDirectory":"{path "db"}","HttpPort":{port},"DicomServerEnabled":false,
                "RemoteAccessAllowed":false,"AuthenticationEnabled":true,"RegisteredUsers":{{"eva":"secret"}},
                "Plugins":["{plugin}"],"DicomWeb":{{"Enable":true,"Root":"/dicom-web/"}}}}"""
        )

        let start =
            ProcessStartInfo(
                program.Value,
                path "orthanc.json",
                RedirectStandardError = true,
                RedirectStandardOutput = true
            )

        use orthanc = nonNull (Process.Start start)
        orthanc.BeginErrorReadLine()
        orthanc.BeginOutputReadLine()

        try
            let address = $"http://127.0.0.1:{port}"
            use http = new HttpClient()

            let rec wait left =
                let answers =
                    try
                        http.GetAsync(address + "/system").GetAwaiter().GetResult().StatusCode =
                            HttpStatusCode.Unauthorized
                    with :? HttpRequestException ->
                        false

                if not answers then
                    if left = 0 then
                        failtest "Orthanc does not answer"

                    Thread.Sleep 200
                    wait (left - 1)

            wait 150
            work (address + "/dicom-web") orthanc
        finally
            if not orthanc.HasExited then
                orthanc.Kill true
                orthanc.WaitForExit())

/// Credentials as a person gives them, gone afterwards.
let private asEva (work: unit -> 'T) =
    let set (name: string) (password: string) =
        Environment.SetEnvironmentVariable("LIVERSEG_DICOMWEB_USER", name)
        Environment.SetEnvironmentVariable("LIVERSEG_DICOMWEB_PASSWORD", password)

    try
        set "eva" "secret"
        work ()
    finally
        set "" ""

let private phantom =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 77L, Spacing = Spacing.Isotropic 8.)))

let private filesIn (folder: string) =
    Directory.GetFiles folder |> Array.sort |> List.ofArray

let private put url files =
    [ "dicomweb"; "put"; "--url"; url ] @ List.collect (fun f -> [ "-i"; f ]) files

/// What `find` prints: the address first.
let private addresses (found: string) =
    found.Split('\n', StringSplitOptions.RemoveEmptyEntries)
    |> Array.map (fun line -> line.Split('\t')[0])
    |> List.ofArray

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli archive"
        [
            testCase "dicomweb asks for what it needs"
            <| fun () ->
                for args, word in
                    [
                        [ "dicomweb"; "--url"; "http://x" ], "find, get or put"
                        [ "dicomweb"; "fetch"; "--url"; "http://x" ], "find, get or put"
                        [ "dicomweb"; "find" ], "url"
                        [ "dicomweb"; "find"; "--url"; "x" ], "https://HOST"
                        [ "dicomweb"; "find"; "--url"; "http://x"; "--filter"; "CT" ], "KEYWORD=VALUE"
                        [ "dicomweb"; "get"; "--url"; "http://x/studies/1.2" ], "--output"
                        [ "dicomweb"; "put"; "--url"; "http://x/studies" ], "--input"
                    ] do
                    Expect.stringContains (exits 2 args) word $"{args}"
            testCase "a series is segmented from address to address; a folder's mask is the same"
            <| fun () ->
                inFolder (fun path ->
                    Models.coarse.Value.Save(path "coarse.safetensors")
                    Directory.CreateDirectory(path "in") |> ignore
                    DicomFixture.series DicomFixture.RunLengths phantom.Value.Ct (path "in")
                    let files = filesIn (path "in")
                    let mutable stored: byte[] = [||]

                    let archive: Answer =
                        fun request response ->
                            match (nonNull request.Url).AbsolutePath with
                            | "/dicom-web/studies" ->
                                use memory = new MemoryStream()
                                request.InputStream.CopyTo memory
                                stored <- memory.ToArray()
                                json "{}" request response
                            | list when list.EndsWith("/instances", StringComparison.Ordinal) ->
                                json (instances [ for i in 0 .. files.Length - 1 -> $"1.9.{i}" ]) request response
                            | _ ->
                                related
                                    "b"
                                    [
                                        for i, f in List.indexed files ->
                                            DicomFixture.named $"1.9.{i}" (File.ReadAllBytes f)
                                    ]
                                    request
                                    response

                    let folder =
                        [
                            "segment"
                            "-i"
                            path "in"
                            "-o"
                            path "m.dcm"
                            "--model"
                            path "coarse.safetensors"
                        ]

                    let _, told, _ = cli folder

                    serving archive (fun address _ ->
                        let series = address + "/studies/1.2/series/1.2.3"
                        let studies = address + "/studies"

                        let code, out, _ =
                            cli [ "segment"; "-i"; series; "-o"; studies; "--model"; path "coarse.safetensors" ]

                        Expect.equal code 0 "exit code"
                        Expect.equal out (told.Replace("m.dcm", studies)) "the same words"
                        let mask = File.ReadAllBytes(path "m.dcm")

                        Expect.isGreaterThan
                            (ReadOnlySpan(stored).IndexOf(ReadOnlySpan(mask)))
                            0
                            "the same segmentation, stored"

                        stored <- [||]
                        let sc = [ "--format"; "sc"; "--omit-empty-frames" ]

                        exits
                            0
                            ([
                                "segment"
                                "-i"
                                path "in"
                                "-o"
                                path "sc"
                                "--model"
                                path "coarse.safetensors"
                             ]
                             @ sc)
                        |> ignore

                        exits
                            0
                            ([ "segment"; "-i"; series; "-o"; studies; "--model"; path "coarse.safetensors" ]
                             @ sc)
                        |> ignore

                        for capture in filesIn (path "sc") do
                            Expect.isGreaterThan
                                (ReadOnlySpan(stored).IndexOf(ReadOnlySpan(File.ReadAllBytes capture)))
                                0
                                "each capture, stored"

                        let image = [ "segment"; "-i"; path "in"; "--model"; path "coarse.safetensors" ]

                        Expect.stringContains
                            (exits 5 (image @ [ "-o"; path "sc" ] @ sc))
                            "output-exists"
                            "captures are there"

                        exits 0 (image @ [ "-o"; path "sc"; "--overwrite" ] @ sc) |> ignore

                        Expect.stringContains
                            (exits 2 (image @ [ "-o"; path "m.nii.gz"; "--omit-empty-frames" ]))
                            "--format sc"
                            "frames of no DICOM"

                        let said = exits 2 [ "segment"; "-i"; series; "-i"; path "in"; "-o"; studies ]

                        Expect.stringContains said "one scan" "two scans, one address"))
            match program with
            | Some _ when File.Exists plugin ->
                testCase "Orthanc: five syntaxes in, segmentation found and fetched, a password, a server that dies"
                <| fun () ->
                    withOrthanc (fun url orthanc ->
                        inFolder (fun path ->
                            let syntaxes =
                                [
                                    DicomFixture.ExplicitLittle
                                    DicomFixture.ImplicitLittle
                                    DicomFixture.Deflated
                                    DicomFixture.RunLengths
                                    DicomFixture.JpegLossless
                                ]

                            Models.coarse.Value.Save(path "coarse.safetensors")

                            for i, syntax in List.indexed syntaxes do
                                let folder = path $"in{i}"
                                Directory.CreateDirectory folder |> ignore
                                DicomFixture.studyOf syntax i phantom.Value.Ct folder

                            let studies = url + "/studies"
                            let refused = exits 5 (put studies (filesIn (path "in0")))
                            Expect.stringContains refused "LIVERSEG_DICOMWEB_USER" "no password"
                            Expect.isFalse (refused.Contains "secret") "and none is told"

                            asEva (fun () ->
                                for i in 0..4 do
                                    exits 0 (put studies (filesIn (path $"in{i}"))) |> ignore

                                let _, found, _ =
                                    cli [ "dicomweb"; "find"; "--url"; url; "--filter"; "Modality=CT" ]

                                let series = addresses found
                                Expect.equal series.Length 5 found

                                for i, s in List.indexed series do
                                    exits 0 [ "dicomweb"; "get"; "--url"; s; "-o"; path $"ct{i}" ] |> ignore
                                    let ct = Volume.read (path $"ct{i}")

                                    Expect.isTrue
                                        (DicomScan.equal ct (Volume.read (path "in0")))
                                        "the scan, voxel-equal"

                                for s in [ series[0]; series[4] ] do
                                    exits
                                        0
                                        [ "segment"; "-i"; s; "-o"; studies; "--model"; path "coarse.safetensors" ]
                                    |> ignore

                                let _, masks, _ =
                                    cli [ "dicomweb"; "find"; "--url"; url; "--filter"; "Modality=SEG" ]

                                Expect.equal (addresses masks).Length 2 masks

                                exits
                                    0
                                    [
                                        "segment"
                                        "-i"
                                        path "in0"
                                        "-o"
                                        path "m.dcm"
                                        "--model"
                                        path "coarse.safetensors"
                                    ]
                                |> ignore

                                let expected = Volume.readMask (path "m.dcm")
                                Expect.isGreaterThan (expected.Count()) 0L "a liver"

                                for i, mask in List.indexed (addresses masks) do
                                    exits 0 [ "dicomweb"; "get"; "--url"; mask; "-o"; path $"back{i}" ] |> ignore
                                    let back = Volume.readMask (List.exactlyOne (filesIn (path $"back{i}")))
                                    Expect.isTrue (back.Voxels.SequenceEqual expected.Voxels) "voxel-equal"

                                let wrong = exits 5 (put (url + "/studies/1.2.3.4") (filesIn (path "in0")))

                                Expect.stringContains wrong "not-stored" "another study's address"
                                orthanc.Kill()
                                orthanc.WaitForExit()

                                let gone = DicomWebOptions(Retries = 1, RetryDelay = TimeSpan.FromMilliseconds 10.)

                                use http = DicomWeb.Client(Uri url)

                                Expect.throwsT<FileErrorException>
                                    (fun () ->
                                        DicomWeb
                                            .GetAsync(http, Uri series[0], path "gone", gone)
                                            .GetAwaiter()
                                            .GetResult()
                                        |> ignore)
                                    "nobody answers")))
            | _ -> ptestCase "skipped: no orthanc" ignore
        ]
