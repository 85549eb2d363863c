// How the build script and the gates run programs.
module Run

open System
open System.Diagnostics
open System.Net
open System.Net.Sockets

/// Runs to the end in a folder, with variables of its own; any exit code but 0 is an error.
let execWith (variables: (string * string) list) (folder: string) (program: string) (args: string list) =
    let info = ProcessStartInfo(program, args, WorkingDirectory = folder)

    for name, value in ("DOTNET_NOLOGO", "1") :: variables do
        info.EnvironmentVariables[name] <- value

    use run = Process.Start info
    run.WaitForExit()

    if run.ExitCode <> 0 then
        failwithf "%s %s: exit code %d" program (String.Join(" ", args)) run.ExitCode

let execIn = execWith []

/// Ports that nobody listens on, each another.
let freePorts count =
    let probes = [ for _ in 1..count -> new TcpListener(IPAddress.Loopback, 0) ]
    probes |> List.iter _.Start()

    let ports =
        probes |> List.map (fun probe -> (probe.LocalEndpoint :?> IPEndPoint).Port)

    probes |> List.iter _.Stop()
    ports

let freePort () = freePorts 1 |> List.exactlyOne
