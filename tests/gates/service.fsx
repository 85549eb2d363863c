// Starts the service of docs/howto-service.md and calls it as its users would: NIfTI and DICOM, too many at once, a caller who hangs up, bad input, too
// little memory.      dotnet fsi tests/gates/service.fsx SERVICE.dll      exit code 1: it answered otherwise
#load "run.fsx"
#load "../../scripts/load.fsx"
#load "../LiverSeg.Functional.Tests/Support/DicomFixture.fs"

open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Linq
open System.Net
open System.Net.Http
open System.Text.Json
open System.Threading
open LiverSeg.Functional
open LiverSeg.Functional.Tests

let service = Path.GetFullPath fsi.CommandLineArgs[1]
let folder = Directory.CreateTempSubdirectory("liverseg-service-").FullName
let at name = Path.Combine(folder, name)

let expect what (condition: bool) =
    if not condition then
        failwith what

/// Runs the service for as long as `work` calls it.
let serving (options: string list) (work: HttpClient -> unit) =
    let address = $"http://127.0.0.1:{Run.freePort ()}"

    let info =
        ProcessStartInfo(
            "dotnet",
            [ service; "--urls"; address; "--Logging:LogLevel:Default"; "Warning" ]
            @ options
        )

    use started = Process.Start info
    use client = new HttpClient(BaseAddress = Uri address)

    let rec wait tries =
        try
            client.GetStringAsync("/health").Result |> ignore
        with _ when tries > 0 && not started.HasExited ->
            Thread.Sleep 200
            wait (tries - 1)

    try
        wait 150
        work client
    finally
        started.Kill()
        started.WaitForExit()

let post (client: HttpClient) query (bytes: byte[]) cancel =
    client.PostAsync("/segment?" + query, new ByteArrayContent(bytes), cancel)

let call client query bytes =
    (post client query bytes CancellationToken.None).Result

let bytesOf (response: HttpResponseMessage) =
    expect $"{response.StatusCode} instead of a mask" (response.StatusCode = HttpStatusCode.OK)
    response.Content.ReadAsByteArrayAsync().Result

/// The code of a refusal, whose text names no place on the machine.
let refused (status: int) (response: HttpResponseMessage) =
    let text = response.Content.ReadAsStringAsync().Result
    expect $"{int response.StatusCode}, expected {status}: {text}" (int response.StatusCode = status)
    expect $"a path in {text}" (not (text.Contains(Path.GetTempPath().TrimEnd '/')))
    JsonDocument.Parse(text).RootElement.GetProperty("code").GetString()

let taken (client: HttpClient) =
    JsonDocument.Parse(client.GetStringAsync("/health").Result).RootElement.GetProperty("taken").GetInt32()

let phantom =
    Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 3.))

let judge what (mask: string) =
    let dice =
        (Lattice.ReadMask(mask, phantom.Ct.Grid) |> Metrics.evaluate phantom.Liver).Dice

    printfn "%s: Dice %.3f" what dice
    expect what (dice > 0.9)

try
    phantom.Ct.Write(at "ct.nii.gz")
    let nifti = File.ReadAllBytes(at "ct.nii.gz")
    Directory.CreateDirectory(at "series") |> ignore
    DicomFixture.studyOf DicomFixture.ExplicitLittle 1 (phantom.Ct.Map(fun h -> Hu(round h.Value))) (at "series")
    ZipFile.CreateFromDirectory(at "series", at "series.zip")

    serving [ "--Places"; "2" ] (fun client ->
        let first = call client "" nifti
        File.WriteAllBytes(at "mask.nii.gz", bytesOf first)
        judge "NIfTI" (at "mask.nii.gz")
        expect "the volume in a header" (first.Headers.GetValues("Liver-Millilitres").Single().Contains '.')

        File.WriteAllBytes(
            at "mask.dcm",
            call client "from=zip&to=dcm" (File.ReadAllBytes(at "series.zip")) |> bytesOf
        )

        judge "DICOM" (at "mask.dcm")

        printfn "refused: %s" (call client "" [| 1uy .. 100uy |] |> refused 400)
        printfn "refused: %s" (call client "from=exe" nifti |> refused 400)

        // Two places, three callers.
        let answers =
            [ for _ in 1..3 -> post client "" nifti CancellationToken.None ]
            |> List.map _.Result

        let busy, done' =
            answers
            |> List.partition (fun a -> a.StatusCode = HttpStatusCode.ServiceUnavailable)

        expect $"{busy.Length} of 3 sent away, expected 1" (busy.Length = 1)
        expect "when to come again" (isNull busy.Head.Headers.RetryAfter |> not)
        expect "the same mask twice" ((bytesOf done'[0]).SequenceEqual(bytesOf done'[1]))

        // A caller who hangs up frees worker and place.
        use cancel = new CancellationTokenSource()
        let left = post client "" nifti cancel.Token
        SpinWait.SpinUntil((fun () -> taken client = 1), 10000) |> ignore
        cancel.Cancel()
        expect "the call ended" (SpinWait.SpinUntil((fun () -> left.IsCompleted), 5000) && left.IsCanceled)
        expect "the place is free again" (SpinWait.SpinUntil((fun () -> taken client = 0), 20000)))

    serving [ "--MemoryMiB"; "32" ] (fun client -> printfn "refused: %s" (call client "" nifti |> refused 413))
finally
    Directory.Delete(folder, true)
