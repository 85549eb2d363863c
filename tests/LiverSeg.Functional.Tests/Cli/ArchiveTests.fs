module LiverSeg.Functional.Tests.ArchiveTests

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Http
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Apart
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.FakeArchive
open LiverSeg.Functional.Tests.Folders

let private program =
    [ "/usr/sbin/Orthanc"; "/usr/bin/Orthanc" ] |> List.tryFind File.Exists

let private plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"

/// An archive that can be killed and started again.
type private Orthanc =
    {
        Url: string
        Start: unit -> unit
        Kill: unit -> unit
    }

/// A whole archive of its own on this machine, with a password; killed at the end.
let private withOrthanc (work: Orthanc -> 'T) =
    inFolder (fun path ->
        let port = freePort ()
        let address = $"http://127.0.0.1:{port}"

        File.WriteAllText(
            path "orthanc.json",
            $"""{{"StorageDirectory":"{path "db"}","IndexDirectory":"{path "db"}","HttpPort":{port},"DicomServerEnabled":false,
                "RemoteAccessAllowed":false,"AuthenticationEnabled":true,"RegisteredUsers":{{"eva":"secret"}},
                "Plugins":["{plugin}"],"DicomWeb":{{"Enable":true,"Root":"/dicom-web/"}}}}"""
        )

        let mutable running: Process option = None

        let kill () =
            running
            |> Option.iter (fun orthanc ->
                orthanc.Kill true
                orthanc.WaitForExit()
                orthanc.Dispose())

            running <- None

        let start () =
            let info =
                ProcessStartInfo(
                    program.Value,
                    path "orthanc.json",
                    RedirectStandardError = true,
                    RedirectStandardOutput = true
                )

            let orthanc = nonNull (Process.Start info)
            running <- Some orthanc
            orthanc.BeginErrorReadLine()
            orthanc.BeginOutputReadLine()
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

        try
            start ()

            work
                {
                    Url = address + "/dicom-web"
                    Start = start
                    Kill = kill
                }
        finally
            kill ())

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

/// JPEG 2000 where its encoder is at hand.
let private fifth (z: int) =
    if Jpeg2000Fixture.canEncode then
        let ct = phantom.Value.Ct

        DicomFixture.Encoded(
            "1.2.840.10008.1.2.4.90",
            [ Jpeg2000Fixture.encode ct.Extent.X ct.Extent.Y (DicomFixture.pixels ct z) ]
        )
    else
        DicomFixture.JpegLossless

let private inFull (work: Threading.Tasks.Task<'T>) = work.GetAwaiter().GetResult()

let private overOrthanc (orthanc: Orthanc) =
    inFolder (fun path ->
        let url, studies = orthanc.Url, orthanc.Url + "/studies"

        let syntaxes =
            [
                fun _ -> DicomFixture.ExplicitLittle
                fun _ -> DicomFixture.ImplicitLittle
                fun _ -> DicomFixture.Deflated
                fun _ -> DicomFixture.RunLengths
                fifth
            ]

        Models.coarse.Value.Save(path "coarse.safetensors")
        let model = [ "--model"; path "coarse.safetensors" ]

        let get address folder =
            exits 0 [ "dicomweb"; "get"; "--url"; address; "-o"; path folder ] |> ignore

        let found modality =
            let _, found, _ =
                cli [ "dicomweb"; "find"; "--url"; url; "--filter"; "Modality=" + modality ]

            addresses found

        for i, syntax in List.indexed syntaxes do
            Directory.CreateDirectory(path $"in{i}") |> ignore
            DicomFixture.studyOfSlices syntax i phantom.Value.Ct (path $"in{i}")

        let refused = exits 5 (put studies (filesIn (path "in0")))
        Expect.stringContains refused "LIVERSEG_DICOMWEB_USER" "no password"
        Expect.isFalse (refused.Contains "secret") "and none is told"

        asEva (fun () ->
            for i in 0..4 do
                exits 0 (put studies (filesIn (path $"in{i}"))) |> ignore

            let series = found "CT"
            Expect.equal series.Length 5 "series"

            for i, s in List.indexed series do
                get s $"ct{i}"
                let ct = Volume.read (path $"ct{i}")
                Expect.isTrue (DicomScan.equal ct (Volume.read (path "in0"))) "the scan, voxel-equal"

            for s in [ series[0]; series[4] ] do
                exits 0 ([ "segment"; "-i"; s; "-o"; studies ] @ model) |> ignore

            let masks = found "SEG"
            Expect.equal masks.Length 2 "masks"
            let local = [ "segment"; "-i"; path "in0"; "-o" ]
            exits 0 (local @ [ path "m.dcm" ] @ model) |> ignore
            let expected = Volume.readMask (path "m.dcm")
            Expect.isGreaterThan (expected.Count()) 0L "a liver"

            for i, mask in List.indexed masks do
                get mask $"back{i}"
                let back = Volume.readMask (List.exactlyOne (filesIn (path $"back{i}")))
                Expect.isTrue (back.Voxels.SequenceEqual expected.Voxels) "voxel-equal"

            // An anonymous result is a study of its own, with nobody's name.
            exits 0 (local @ [ studies; "--anonymous" ] @ model) |> ignore
            let anonymous = List.exactlyOne (List.except masks (found "SEG"))
            get anonymous "nobody"
            let file = List.exactlyOne (filesIn (path "nobody"))
            Expect.isTrue ((Volume.readMask file).Voxels.SequenceEqual expected.Voxels) "voxel-equal"
            let bytes = Text.Encoding.Latin1.GetString(File.ReadAllBytes file)

            for word in [ "Nobody"; "P0"; "1.2.826.0" ] do
                Expect.isFalse (bytes.Contains word) $"{word} in an anonymous result"

            let wrong = exits 5 (put (url + "/studies/1.2.3.4") (filesIn (path "in0")))
            Expect.stringContains wrong "not-stored" "another study's address"

            // Killed while a series of 8 MB is under way: whole files stay, and the same call goes on when the archive is back.
            let noise =
                Volume.init (Grid.Of(Extent(256, 256, 64), Spacing.Isotropic 1.)) (fun x y z ->
                    Hu(float32 ((x * x + 7 * y * z + 31 * z) % 2000 - 1000)))

            Directory.CreateDirectory(path "large") |> ignore
            DicomFixture.studyOf DicomFixture.ExplicitLittle 9 noise (path "large")
            exits 0 (put studies (filesIn (path "large"))) |> ignore
            let large = Uri(url + "/studies/1.2.826.9/series/1.2.826.9.5")

            let impatient =
                DicomWebOptions(Retries = 1, RetryDelay = TimeSpan.FromMilliseconds 10.)

            use http = DicomWeb.Client large

            let fetch (hear: int -> unit) =
                DicomWeb.GetAsync(http, large, path "half", impatient, Action<int, int>(fun there _ -> hear there))
                |> inFull

            Expect.throwsT<FileErrorException>
                (fun () ->
                    fetch (fun there ->
                        if there = 2 then
                            orthanc.Kill())
                    |> ignore)
                "nobody answers any more"

            let whole = filesIn (path "half")
            Expect.isTrue (whole.Length >= 2 && whole.Length < 64) $"{whole.Length} files"
            orthanc.Start()
            Expect.equal (fetch ignore).Count 64 "the rest"
            Expect.isTrue (DicomScan.equal (Volume.read (path "half")) (Volume.read (path "large"))) "voxel-equal"))

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

                        Expect.stringContains
                            (exits 0 (image @ [ "-o"; path "sc/"; "--overwrite" ] @ sc))
                            "sc: liver"
                            "a folder's name, with a slash or without"


                        Expect.stringContains
                            (exits 2 (image @ [ "-o"; path "m.nii.gz"; "--omit-empty-frames" ]))
                            "--format sc"
                            "frames of no DICOM"

                        let said = exits 2 [ "segment"; "-i"; series; "-i"; path "in"; "-o"; studies ]

                        Expect.stringContains said "one scan" "two scans, one address"))
        ]

[<Tests>]
let whole =
    listApart
        "Cli archive, whole"
        [
            match program with
            | Some _ when File.Exists plugin ->
                testApart "Orthanc: five syntaxes in, segmentation found and fetched, a password, a server that dies"
                <| fun () -> withOrthanc overOrthanc
            | _ -> ptestCase "skipped: no orthanc" ignore
        ]
