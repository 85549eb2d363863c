/// A DICOMweb service on this machine that answers as a test wants.
module LiverSeg.Functional.Tests.FakeArchive

open System
open System.Collections.Concurrent
open System.IO
open System.Net
open System.Net.Sockets
open System.Text

type Answer = HttpListenerRequest -> HttpListenerResponse -> unit

let status (code: int) : Answer =
    fun _ response -> response.StatusCode <- code

let private write (response: HttpListenerResponse) (contentType: string) (bytes: byte[]) =
    response.ContentType <- contentType
    response.ContentLength64 <- bytes.LongLength
    response.OutputStream.Write(bytes, 0, bytes.Length)

let body (contentType: string) (bytes: byte[]) : Answer =
    fun _ response -> write response contentType bytes

let json (text: string) : Answer =
    body "application/dicom+json" (Encoding.UTF8.GetBytes text)

/// A list of instances of one series.
let instances (uids: string list) =
    let item uid =
        $"""{{"00080018":{{"vr":"UI","Value":["{uid}"]}},"0020000E":{{"vr":"UI","Value":["1.2.3"]}}}}"""

    "[" + String.Join(",", uids |> List.map item) + "]"

/// Files as the parts of a body.
let multipart (boundary: string) (files: byte[] list) =
    Array.concat
        [
            for file in files do
                Encoding.ASCII.GetBytes $"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n"
                file
            Encoding.ASCII.GetBytes $"\r\n--{boundary}--\r\n"
        ]

let related boundary files =
    body $"multipart/related; type=\"application/dicom\"; boundary={boundary}" (multipart boundary files)

/// The same, ended after so many bytes although more were promised.
let cutOff (length: int) (files: byte[] list) : Answer =
    fun _ response ->
        let whole = multipart "b" files
        response.ContentType <- "multipart/related; type=\"application/dicom\"; boundary=b"
        response.ContentLength64 <- whole.LongLength
        response.OutputStream.Write(whole, 0, length)
        response.OutputStream.Flush()
        response.Abort()

/// Answers in turn, the last one again and again.
let inTurn (answers: Answer list) : Answer =
    let left = ConcurrentQueue answers

    fun request response ->
        match left.TryDequeue() with
        | true, answer when not left.IsEmpty -> answer request response
        | true, answer ->
            left.Enqueue answer
            answer request response
        | _ -> ()

let freePort () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    (listener.LocalEndpoint :?> IPEndPoint).Port

/// Runs work against a service; what was asked for, as `GET /path`, is given too.
let serving (answer: Answer) (work: string -> ConcurrentQueue<string> -> 'T) =
    let address = $"http://127.0.0.1:{freePort ()}"
    use listener = new HttpListener()
    listener.Prefixes.Add(address + "/")
    listener.Start()
    let asked = ConcurrentQueue<string>()

    let rec loop () =
        listener.BeginGetContext(
            AsyncCallback(fun result ->
                try
                    let context = listener.EndGetContext result
                    loop ()
                    asked.Enqueue $"{context.Request.HttpMethod} {(nonNull context.Request.Url).AbsolutePath}"
                    answer context.Request context.Response
                    context.Response.Close()
                with
                | :? ObjectDisposedException
                | :? InvalidOperationException
                | :? IOException
                | :? HttpListenerException -> ()),
            null
        )
        |> ignore

    loop ()
    work (address + "/dicom-web") asked
