module LiverSeg.Functional.Tests.ViewTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Text
open System.Threading
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.ReportFixture

let private folder () =
    Directory.CreateTempSubdirectory("liverseg-view").FullName

let private files () =
    let folder = folder ()
    let path name = Path.Combine(folder, name)
    Volume.Init(grid, fun x y z -> Hu(float32 (x + y + z))).Write(path "ct.nii.gz")
    (ball (12, 10, 8) 7.).Write(path "mask.nii.gz")
    truth.Write(path "truth.nii.gz")
    folder, path

let private page = ReadOnlyMemory(Encoding.UTF8.GetBytes "<p>the page</p>")

let private ask (client: HttpClient) (method: HttpMethod) (address: Uri) =
    use request = new HttpRequestMessage(method, address)
    use answer = client.Send request
    int answer.StatusCode, answer.Content.ReadAsStringAsync().Result

/// Word for word: a client would mend the host.
let private askRaw (address: Uri) (path: string) (host: string) =
    use client = new Sockets.TcpClient(address.Host, address.Port)
    use stream = client.GetStream()
    stream.Write(Encoding.ASCII.GetBytes $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
    use reader = new StreamReader(stream)
    let text = reader.ReadToEnd()
    int (text.Split(' ')[1]), text

[<Tests>]
let tests =
    testSequenced
    <| testList
        "view"
        [
            testCase "one page from a scan, masks and a truth; not over what is there"
            <| fun () ->
                let folder, path = files ()

                let words =
                    [
                        "view"
                        path "ct.nii.gz"
                        path "mask.nii.gz"
                        "-t"
                        path "truth.nii.gz"
                        "-o"
                        path "p.html"
                    ]

                exits 0 words |> ignore
                let text = File.ReadAllText(path "p.html")
                Expect.stringContains text "\"name\":\"mask\"" "the mask by its file's name"
                Expect.stringContains text "\"truth\":true" "the truth"
                Expect.stringContains text "<h1>ct.nii.gz</h1>" "the scan by its file's name"
                Expect.isFalse (text.Contains folder) "no path"
                Expect.stringContains (exits 5 words) "output-exists" "kept"
                exits 0 (words @ [ "--overwrite" ]) |> ignore
                Expect.equal (File.ReadAllText(path "p.html")) text "the same bytes"
                Directory.Delete(folder, true)
            testCase "evaluate writes the page of both masks, and says what it lacks"
            <| fun () ->
                let folder, path = files ()

                let words =
                    [
                        "evaluate"
                        "-p"
                        path "mask.nii.gz"
                        "-t"
                        path "truth.nii.gz"
                        "--view"
                        path "e.html"
                    ]

                Expect.stringContains (exits 2 words) "--input" "the scan is missing"
                exits 0 (words @ [ "--input"; path "ct.nii.gz" ]) |> ignore
                Expect.stringContains (File.ReadAllText(path "e.html")) "wrongCm2" "compared"

                let report =
                    [
                        "evaluate"
                        "-p"
                        path "mask.nii.gz"
                        "-t"
                        path "truth.nii.gz"
                        "--report"
                        path "r"
                    ]

                Expect.stringContains (exits 2 report) "--report" "the scan is missing"
                exits 0 (report @ [ "-i"; path "ct.nii.gz" ]) |> ignore
                Expect.isTrue (File.Exists(path "r/ct-view.html")) "the viewer one click away"
                let csv = path "cases.csv"
                let mask, same = path "mask.nii.gz", path "truth.nii.gz"
                File.WriteAllText(csv, $"case,prediction,truth,image\na,{mask},{same},ct.nii.gz\nb,{same},{same},\n")
                exits 0 [ "evaluate"; "--cases"; csv; "--report"; path "many" ] |> ignore
                Expect.stringContains (File.ReadAllText(path "many/index.html")) "<a href=\"#case-b\">" "a row per case"

                for case, shown in [ "a", true; "b", false ] do
                    Expect.equal (File.Exists(path $"many/{case}-view.html")) shown "where the list names the scan"
                    Expect.equal (File.Exists(path $"many/{case}-worst.png")) shown "pictures too"

                exits 2 [ "evaluate"; "--cases"; csv; "--view"; path "v.html" ] |> ignore
                Directory.Delete(folder, true)
            testCase "view without a scan is a usage error, and a scan that is not there is named"
            <| fun () ->
                exits 2 [ "view" ] |> ignore

                Expect.stringContains
                    (exits 5 [ "view"; "nowhere.nii.gz"; "-o"; "x.html" ])
                    "nowhere.nii.gz"
                    "names the file"
            testCase "a value is shown in the browser that BROWSER names"
            <| fun () ->
                let folder = folder ()
                let script, said = Path.Combine(folder, "browser"), Path.Combine(folder, "said")
                File.WriteAllText(script, $"#!/bin/sh\nprintf '%%s' \"$1\" > {said}\n")
                File.SetUnixFileMode(script, UnixFileMode.UserRead ||| UnixFileMode.UserExecute)
                let before = Environment.GetEnvironmentVariable "BROWSER"

                try
                    Environment.SetEnvironmentVariable("BROWSER", script)
                    let ct = Volume.Init(grid, fun x y z -> Hu(float32 (x + y + z)))
                    let page = Viewer.scene "a scan" ct |> Viewer.show
                    Expect.equal (File.ReadAllText said) page "the browser is told of the page"
                    Expect.equal (File.ReadAllText page) (Viewer.scene "a scan" ct |> Viewer.html) "the page"

                    let report =
                        Report.show "t" "s" [ ReportCase.Unjudged("a", ReportFixture.image, truth) ]

                    Expect.equal (File.ReadAllText said) report "the report"
                    Environment.SetEnvironmentVariable("BROWSER", Path.Combine(folder, "none"))
                    Expect.isFalse (Browser.Open page) "no such browser"
                    Directory.Delete(string (Path.GetDirectoryName page), true)
                    Directory.Delete(string (Path.GetDirectoryName report), true)
                finally
                    Environment.SetEnvironmentVariable("BROWSER", before)
                    Directory.Delete(folder, true)
            testCase "the server gives its page to who knows the address, and nothing to anybody else"
            <| fun () ->
                use cancel = new CancellationTokenSource()
                let server = ViewServer.start cancel.Token page
                use client = new HttpClient()
                let address = server.Address
                let at (path: string) = Uri(address, path)

                Expect.equal
                    (address.Host, address.AbsolutePath.Length)
                    ("127.0.0.1", 34)
                    "loopback, a token of 128 bits"

                Expect.equal (ask client HttpMethod.Get address) (200, "<p>the page</p>") "the page"

                let refused =
                    [
                        "no token", ask client HttpMethod.Get (at "/")
                        "another token", ask client HttpMethod.Get (at ("/" + String('0', 32) + "/"))
                        "a file", ask client HttpMethod.Get (at "etc/passwd")
                        "a way up", ask client HttpMethod.Get (Uri(string address + "%2e%2e/%2e%2e/etc/passwd"))
                        "a query", ask client HttpMethod.Get (at "?x=1")
                        "another method", ask client HttpMethod.Post address
                        "a way up, unchanged",
                        askRaw address (address.AbsolutePath + "../../etc/passwd") $"127.0.0.1:{address.Port}"
                        "another host", askRaw address address.AbsolutePath $"evil.example:{address.Port}"
                        "another name for this host", askRaw address address.AbsolutePath $"localhost:{address.Port}"
                        "another port", askRaw address address.AbsolutePath "127.0.0.1:1"
                    ]

                for what, (status, text) in refused do
                    Expect.equal status 404 what
                    Expect.isFalse (text.Contains "the page") what

                cancel.Cancel()
                Expect.isTrue (server.Ended.Wait 5000) "Ctrl-C ends it"
                Expect.throws (fun () -> ask client HttpMethod.Get address |> ignore) "nobody answers"
            testCase "the server listens on the loopback address only, on another port and token each time"
            <| fun () ->
                use cancel = new CancellationTokenSource()

                let one, two =
                    ViewServer.start cancel.Token page, ViewServer.start cancel.Token page

                Expect.notEqual one.Address two.Address "another address"

                let listeners =
                    NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners()

                let mine =
                    listeners
                    |> Array.filter (fun l -> l.Port = one.Address.Port || l.Port = two.Address.Port)

                Expect.equal (mine |> Array.map _.Address |> Array.distinct) [| IPAddress.Loopback |] "loopback"
                cancel.Cancel()
                Expect.isTrue (one.Ended.Wait 5000 && two.Ended.Wait 5000) "ended"
            testCase "the server ends by itself when the page is closed, and not before"
            <| fun () ->
                use cancel = new CancellationTokenSource()
                let server = ViewServer.startWithin (TimeSpan.FromSeconds 1.) cancel.Token page

                do
                    use client = new HttpClient()
                    use stream = client.GetStreamAsync(Uri(server.Address, "alive")).Result
                    Expect.isGreaterThan (stream.Read(Array.zeroCreate 8, 0, 8)) 0 "a sign of life"
                    Expect.isFalse (server.Ended.Wait 2000) "goes on while the page is open"

                Expect.isTrue (server.Ended.Wait 60000) "ends"
        ]
