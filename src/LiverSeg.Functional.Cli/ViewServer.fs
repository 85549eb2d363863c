/// One page on 127.0.0.1, for as long as somebody looks at it.
module LiverSeg.Functional.Cli.ViewServer

open System
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks

/// How long nobody may look before it ends: a page that is loaded again is away for less.
let private grace = TimeSpan.FromSeconds 3.

/// A page's server: its address, and its end.
type Server =
    {
        /// With a random token, so that nothing else on the machine guesses it.
        Address: Uri
        /// Ends when the page has been closed, or when it is asked to stop.
        Ended: Task
    }

let private freePort () =
    use probe = new TcpListener(IPAddress.Loopback, 0)
    probe.Start()
    (probe.LocalEndpoint :?> IPEndPoint).Port

/// Another program may take a port between looking and listening.
let rec private listen tries =
    let port = freePort ()
    let listener = new HttpListener()
    listener.Prefixes.Add $"http://127.0.0.1:{port}/"

    try
        listener.Start()
        listener, port
    with :? HttpListenerException when tries > 1 ->
        listen (tries - 1)

/// The pages that are open, and since when none is; nobody has looked yet while `Last` is in the future.
type private Watch(grace: TimeSpan) =
    let mutable live = 0
    let mutable last = DateTime.MaxValue
    member _.Open() = Interlocked.Increment &live |> ignore

    member _.Close() =
        if Interlocked.Decrement &live = 0 then
            last <- DateTime.UtcNow

    member _.IsOver =
        Volatile.Read &live = 0
        && last <> DateTime.MaxValue
        && DateTime.UtcNow - last > grace

let private finish (response: HttpListenerResponse) status =
    response.StatusCode <- status
    response.ContentLength64 <- 0L
    response.Close()

/// A line a second: only writing shows that the other side has gone.
let private keepAlive (watch: Watch) (cancel: CancellationToken) (response: HttpListenerResponse) =
    task {
        watch.Open()
        response.ContentType <- "text/event-stream"
        response.SendChunked <- true

        try
            try
                while not cancel.IsCancellationRequested do
                    do! response.OutputStream.WriteAsync(ReadOnlyMemory(":\n\n"B), cancel)
                    do! response.OutputStream.FlushAsync cancel
                    do! Task.Delay(500, cancel)
            with _ ->
                ()
        finally
            watch.Close()
            response.Abort()
    }
    :> Task

let private sendPage (page: ReadOnlyMemory<byte>) (response: HttpListenerResponse) =
    task {
        response.ContentType <- "text/html; charset=utf-8"
        response.ContentLength64 <- int64 page.Length
        response.Headers["Cache-Control"] <- "no-store"
        response.Headers["X-Content-Type-Options"] <- "nosniff"
        response.Headers["Referrer-Policy"] <- "no-referrer"

        try
            do! response.OutputStream.WriteAsync page
            response.Close()
        with _ ->
            response.Abort()
    }
    :> Task

/// Serves a page until it has been closed for so long or `cancel` asks. Whatever asks for another host, path or method learns nothing but 404.
let startWithin grace (cancel: CancellationToken) (page: ReadOnlyMemory<byte>) =
    let listener, port = listen 5
    // From the system's source of randomness, which is there without OpenSSL too.
    let token = Guid.NewGuid().ToString "N"
    let host, root = $"127.0.0.1:{port}", $"/{token}/"
    let watch = Watch grace

    let answer (context: HttpListenerContext) =
        let request, response = context.Request, context.Response

        match request.HttpMethod, request.RawUrl with
        | "GET", path when request.Headers["Host"] = host && path = root -> sendPage page response
        | "GET", path when request.Headers["Host"] = host && path = root + "alive" -> keepAlive watch cancel response
        | _ -> task { finish response 404 } :> Task

    let serve () =
        task {
            try
                let mutable asked = listener.GetContextAsync()

                while not (cancel.IsCancellationRequested || watch.IsOver) do
                    let! _ = Task.WhenAny(asked, Task.Delay 250)

                    if asked.IsCompletedSuccessfully then
                        answer asked.Result |> ignore
                        asked <- listener.GetContextAsync()
                    elif asked.IsCompleted then
                        asked <- listener.GetContextAsync()
            finally
                listener.Abort()
        }
        :> Task

    {
        Address = Uri $"http://{host}{root}"
        Ended = Task.Run serve
    }

/// The same for pages that people look at.
let start cancel page = startWithin grace cancel page
