module LiverSeg.Functional.Tests.DicomWebTests

open System
open System.Collections.Generic
open System.IO
open System.Net
open System.Net.Http
open System.Text
open System.Threading
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.FakeArchive
open LiverSeg.Functional.Tests.Folders

/// A stream that gives its bytes in these lengths, and then one by one.
type private Dribble(bytes: byte[], lengths: int list) =
    inherit MemoryStream(bytes)
    let mutable left = lengths

    override this.ReadAsync(buffer: Memory<byte>, cancel: CancellationToken) =
        let most =
            match left with
            | first :: rest ->
                left <- rest
                max 1 first
            | [] -> 1

        base.ReadAsync(buffer.Slice(0, min most buffer.Length), cancel)

let private refuse = FileErrors("http://test", "dicomweb")

let private partsOf (boundary: string) (stream: Stream) =
    let reader = MultipartReader(stream, boundary, refuse)

    [
        while reader.Next(CancellationToken.None).GetAwaiter().GetResult() do
            use memory = new MemoryStream()
            reader.CopyTo(memory, CancellationToken.None).GetAwaiter().GetResult()
            memory.ToArray()
    ]

/// Parts made of what delimiters are made of.
let private parts =
    Gen.elements [ "\r"; "\n"; "-"; "--b"; "\r\n--"; "\r\n--a"; "b"; "x" ]
    |> Gen.listOf
    |> Gen.map (String.concat "" >> Encoding.ASCII.GetBytes)
    |> Gen.listOf

let private quick =
    DicomWebOptions(Retries = 2, RetryDelay = TimeSpan.FromMilliseconds 5., Timeout = TimeSpan.FromSeconds 1.5)

let private error (work: unit -> 'T) =
    try
        work () |> ignore
        failtest "nothing was refused"
    with :? FileErrorException as e ->
        e.Error

let private file (z: int) =
    DicomFixture.slice
        DicomFixture.ExplicitLittle
        (Grid.Of(Extent(3, 2, 4), Spacing(1., 1., 2.)))
        z
        [| for i in 0..5 -> uint16 (10 * z + i) |]
        []

let private stored uid = DicomFixture.named uid (file 0)

let private get (address: string) folder =
    use http = new HttpClient()

    DicomWeb.GetAsync(http, Uri address, folder, quick).GetAwaiter().GetResult()
    |> List.ofSeq

let private find (address: string) filters =
    use http = new HttpClient(new SocketsHttpHandler(AllowAutoRedirect = false))

    DicomWeb.FindAsync(http, Uri address, Dictionary(dict filters), quick).GetAwaiter().GetResult()
    |> List.ofSeq

let private put (address: string) files =
    use http = new HttpClient()
    DicomWeb.PutAsync(http, Uri address, List.toArray files, quick).GetAwaiter().GetResult()

let private uids = [ "1.2.10"; "1.2.11"; "1.2.12" ]

/// Lists, the whole series by `whole`, single instances as they are.
let private archive (whole: Answer) : Answer =
    fun request response ->
        match (nonNull request.Url).AbsolutePath with
        | path when path.EndsWith("/instances", StringComparison.Ordinal) -> json (instances uids) request response
        | path when path.Contains "/instances/" -> related "b" [ stored (Array.last (path.Split '/')) ] request response
        | _ -> whole request response

let private seriesOf address = address + "/studies/1.2/series/1.2.3"

[<Tests>]
let tests =
    testList
        "Files.dicomweb"
        [
            testProperty "parts are what was written, in whatever lengths they come; cut anywhere they are refused"
            <| Prop.forAll
                (Gen.zip3 parts (Gen.listOf (Gen.choose (1, 9))) (Gen.choose (0, 1000))
                 |> Arb.fromGen)
                (fun (parts, lengths, cut) ->
                    // A part that holds the delimiter itself is two.
                    let parts =
                        parts
                        |> List.filter (fun p -> not ((Encoding.ASCII.GetString p).Contains "\r\n--bound"))

                    let whole = multipart "bound" parts

                    let read bytes =
                        partsOf "bound" (new Dribble(bytes, lengths))

                    Expect.equal (read whole) parts "the parts"
                    let e = error (fun () -> read whole[.. cut % (whole.Length - 4) - 1])
                    Expect.equal e.Code "truncated" "cut")
            testCase "a header without end and a body without any delimiter are refused within a bound"
            <| fun () ->
                let endless = Encoding.ASCII.GetBytes("--b\r\n" + String('x', 100_000))
                Expect.stringContains (error (fun () -> partsOf "b" (new MemoryStream(endless)))).Field "header" ""
                let other = multipart "other" [ [| 1uy |] ]
                Expect.equal (error (fun () -> partsOf "b" (new MemoryStream(other)))).Code "truncated" ""
            testCase "a series is fetched whole, in one request after the list; what is there is not fetched again"
            <| fun () ->
                let whole = related "b" (List.map stored uids)

                inFolder (fun path ->
                    serving (archive whole) (fun address asked ->
                        let files = get (seriesOf address) (path "s")

                        Expect.equal
                            (files |> List.map Path.GetFileName)
                            [ "1.2.10.dcm"; "1.2.11.dcm"; "1.2.12.dcm" ]
                            "names"

                        Expect.equal (files |> List.map File.ReadAllBytes) (List.map stored uids) "bytes"
                        Expect.equal asked.Count 2 "a list and the series"
                        File.Delete files[1]
                        get (seriesOf address) (path "s") |> ignore
                        Expect.equal (File.ReadAllBytes files[1]) (stored uids[1]) "the missing one"
                        Expect.equal asked.Count 4 "a list and one file"
                        Expect.equal (Directory.GetFiles(path "s").Length) 3 "nothing else is left"))
            testCase "a transfer that breaks off goes on with what is missing"
            <| fun () ->
                let length = (multipart "b" [ stored uids[0] ]).Length

                inFolder (fun path ->
                    serving (archive (cutOff (length + 50) (List.map stored uids))) (fun address asked ->
                        let files = get (seriesOf address) (path "s")
                        Expect.equal (files |> List.map File.ReadAllBytes) (List.map stored uids) "bytes"

                        Expect.equal
                            (asked |> Seq.filter (fun a -> a.Contains "/instances/") |> Seq.length)
                            2
                            "two alone"))
            testCase "ten thousand parts are ten thousand files"
            <| fun () ->
                let many = [ for i in 0..9999 -> $"1.2.{i}" ]

                let answer: Answer =
                    fun request response ->
                        match (nonNull request.Url).AbsolutePath.Split("/instances") with
                        // Pages are not known here: the whole list, always.
                        | [| _; "" |] -> json (instances many) request response
                        // Asked for one by one where a busy machine lets the answer with all of them run dry.
                        | [| _; one |] -> related "b" [ stored (one.TrimStart '/') ] request response
                        | _ -> related "b" (List.map stored many) request response

                inFolder (fun path ->
                    serving answer (fun address _ ->
                        use http = new HttpClient()
                        let patient = DicomWebOptions()
                        let task = DicomWeb.GetAsync(http, Uri(seriesOf address), path "s", patient)
                        Expect.equal (task.GetAwaiter().GetResult().Count) 10_000 "files"))
            testCase "wrong answers: one clear error each, nothing half-written"
            <| fun () ->
                let cases: (string * Answer * string) list =
                    [
                        "no permission", status 401, "dicomweb-refused"
                        "forbidden", status 403, "dicomweb-refused"
                        "not there", status 404, "dicomweb-not-found"
                        "not acceptable", status 406, "dicomweb-failed"
                        "a fault", status 500, "dicomweb-failed"
                        "a page", body "text/html" "<p>hello"B, "dicomweb-failed"
                        "no boundary", body "multipart/related" (multipart "b" [ stored uids[0] ]), "dicomweb-failed"
                        "wrong boundary",
                        body "multipart/related; boundary=c" (multipart "b" [ stored uids[0] ]),
                        "truncated"
                        "no DICOM", related "b" [ "hello"B ], "dicomweb-failed"
                        "another instance", related "b" [ stored "9.9" ], "dicomweb-failed"
                        "no parts", related "b" [], "dicomweb-failed"
                    ]

                for name, answer, code in cases do
                    inFolder (fun path ->
                        let alone: Answer =
                            fun request response ->
                                if
                                    (nonNull request.Url).AbsolutePath.EndsWith("/instances", StringComparison.Ordinal)
                                then
                                    json (instances [ uids[0] ]) request response
                                else
                                    answer request response

                        serving alone (fun address _ ->
                            let e = error (fun () -> get (seriesOf address) (path "s"))
                            Expect.equal e.Code code $"{name}: {e}"
                            Expect.isFalse (e.ToString().Contains "hello") "no word of the answer"
                            Expect.isEmpty (Directory.GetFiles(path "s")) $"{name}: nothing is left"))
            testCase "lists: pages, none, 204, and what is no list"
            <| fun () ->
                let item (i: int) =
                    $"""{{"0020000D":{{"vr":"UI","Value":["1.2"]}},"0020000E":{{"vr":"UI","Value":["1.2.{i}"]}},"00080060":{{"vr":"CS","Value":["CT"]}},"00201209":{{"vr":"IS","Value":[7]}}}}"""

                let list range =
                    "[" + String.Join(",", Seq.map item range) + "]"

                let pages: Answer =
                    fun request response ->
                        let offset = int (nonNull (nonNull request.QueryString["offset"]))
                        json (list [ offset .. min 2499 (offset + 999) ]) request response

                serving pages (fun address asked ->
                    let found = find address [ "Modality", "CT" ]
                    Expect.equal (found |> List.map _.Series) [ for i in 0..2499 -> $"1.2.{i}" ] "all pages"
                    Expect.equal asked.Count 3 "requests"
                    Expect.equal found[0] (DicomWebSeries("1.2", "1.2.0", "CT", "", 7)) "one"

                    Expect.equal (found[0].At(Uri address)) (Uri(address + "/studies/1.2/series/1.2.0")) "where it is")

                serving (json "[]") (fun address _ -> Expect.isEmpty (find address []) "none")
                serving (status 204) (fun address _ -> Expect.isEmpty (find address []) "204")

                for answer in [ json "{}"; json "[1"; body "text/html" "<p>"B ] do
                    serving answer (fun address _ ->
                        Expect.equal (error (fun () -> find address [])).Code "dicomweb-failed" "no list")

                Expect.throwsT<ArgumentException>
                    (fun () -> find "http://127.0.0.1:1/x" [ "Modality=CT&x", "1" ] |> ignore)
                    "a filter is a keyword"
            testCase "a busy server is asked again, a silent or absent one is named, redirections stay on the server"
            <| fun () ->
                serving (inTurn [ status 503; status 502; json "[]" ]) (fun address asked ->
                    Expect.isEmpty (find address []) "at last"
                    Expect.equal asked.Count 3 "requests")

                serving (status 503) (fun address asked ->
                    Expect.equal (error (fun () -> find address [])).Code "dicomweb-failed" "always busy"
                    Expect.equal asked.Count 3 "two repetitions")

                let to' (where: string) : Answer =
                    fun _ response ->
                        response.StatusCode <- 307
                        response.AddHeader("Location", where)

                serving (inTurn [ to' "/elsewhere"; json "[]" ]) (fun address asked ->
                    Expect.isEmpty (find address []) "within"
                    Expect.equal (Seq.last asked) "GET /elsewhere" "followed")

                for where in [ "http://localhost:1/x"; "https://example.org/x" ] do
                    serving (to' where) (fun address _ ->
                        Expect.equal (error (fun () -> find address [])).Code "dicomweb-redirected" where)

                serving (to' "/loop") (fun address _ ->
                    Expect.equal (error (fun () -> find address [])).Code "dicomweb-redirected" "without end")

                let silent: Answer = fun _ _ -> Thread.Sleep 8000
                let one = DicomWebOptions(Retries = 0, Timeout = TimeSpan.FromSeconds 0.3)

                serving silent (fun address _ ->
                    use http = new HttpClient()

                    let e =
                        error (fun () ->
                            DicomWeb.FindAsync(http, Uri address, Dictionary(), one).GetAwaiter().GetResult())

                    Expect.equal e.Code "dicomweb-silent" $"{e}")

                let absent = $"http://127.0.0.1:{freePort ()}/dicom-web"
                Expect.equal (error (fun () -> find absent [])).Code "dicomweb-no-server" "nobody there"
            testCase "files are stored in one request; what is not taken is told with its reasons"
            <| fun () ->
                inFolder (fun path ->
                    let files = [ for uid in uids -> path (uid + ".dcm") ]
                    List.iter2 (fun (f: string) uid -> File.WriteAllBytes(f, stored uid)) files uids
                    let mutable got, kind = [], ""

                    let keep: Answer =
                        fun request response ->
                            kind <- string request.ContentType
                            let boundary = (((kind.Split "boundary=")[1]).Split(';')[0]).Trim('"')
                            got <- partsOf boundary request.InputStream
                            json """{"00081199":{"vr":"SQ"}}""" request response

                    serving keep (fun address _ ->
                        put (address + "/studies") files
                        Expect.equal got (List.map stored uids) "parts"
                        Expect.stringContains kind "multipart/related" kind
                        Expect.stringContains kind "type=\"application/dicom\"" kind)

                    let failed =
                        """{"00081198":{"vr":"SQ","Value":[{"00081197":{"vr":"US","Value":[43264]}}]}}"""

                    let conflict: Answer =
                        fun request response ->
                            response.StatusCode <- 409
                            json failed request response

                    for answer, word in
                        [
                            json failed, "1 of 3 not taken, reason 43264"
                            conflict, "1 of 3"
                            status 409, "3 of 3"
                        ] do
                        serving answer (fun address _ ->
                            let e = error (fun () -> put (address + "/studies/1.2") files)
                            Expect.equal e.Code "dicomweb-not-stored" $"{e}"
                            Expect.stringContains e.Found word "how many")

                    serving keep (fun address _ ->
                        let e = error (fun () -> put (address + "/studies") [ path "none.dcm" ])
                        Expect.stringContains e.File "none.dcm" "the file that is not there"))
            testCase "addresses without a study, with a password or a query are refused before anything is asked"
            <| fun () ->
                inFolder (fun path ->
                    for address in
                        [
                            "http://127.0.0.1:1/dicom-web"
                            "http://127.0.0.1:1/dicom-web/studies/abc"
                            "http://user:secret@127.0.0.1:1/d/studies/1.2"
                            "http://127.0.0.1:1/d/studies/1.2?token=secret"
                            "ftp://127.0.0.1/d/studies/1.2"
                        ] do
                        let e = error (fun () -> get address (path "s"))
                        Expect.equal e.Code "bad-address" address
                        Expect.isFalse (e.ToString().Contains "secret") "nothing secret is repeated"
                        Expect.isFalse (Directory.Exists(path "s")) "no folder")
            testCase "credentials come from the environment, else from the host's entry in netrc"
            <| fun () ->
                inFolder (fun path ->
                    File.WriteAllText(
                        path ".netrc",
                        "machine a.org login anna password secret1\nmachine b.org\n  login bob\n  account x password secret2\ndefault login any password secret3\n"
                    )

                    let given (pairs: (string * string) list) host =
                        let known = Map.ofList (("HOME", path "") :: pairs)

                        match
                            DicomWebCredentials.For(host, (fun name -> known |> Map.tryFind name |> Option.toObj))
                        with
                        | null -> "none"
                        | header when header.Scheme = "Basic" ->
                            Encoding.UTF8.GetString(Convert.FromBase64String(nonNull header.Parameter))
                        | header -> string header

                    let token = "LIVERSEG_DICOMWEB_TOKEN", "t0ken"

                    let user =
                        [ "LIVERSEG_DICOMWEB_USER", "eva"; "LIVERSEG_DICOMWEB_PASSWORD", "pässword" ]

                    Expect.equal (given [] "A.org") "anna:secret1" "netrc"
                    Expect.equal (given [] "b.org") "bob:secret2" "the second"
                    Expect.equal (given [] "c.org") "any:secret3" "the default"
                    Expect.equal (given user "a.org") "eva:pässword" "the environment first"
                    Expect.equal (given (token :: user) "a.org") "Bearer t0ken" "a token before all"
                    Expect.equal (given [ "NETRC", path "none" ] "a.org") "none" "another file")
        ]
