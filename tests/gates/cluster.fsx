// A Slurm cluster of two nodes on this machine, and what jobs on it do.
module Cluster

#load "run.fsx"
#load "page.fsx"

open System
open System.Diagnostics
open System.IO
open System.Security.Cryptography
open System.Text.RegularExpressions
open System.Threading

if
    not (File.Exists "/usr/sbin/slurmctld" && File.Exists "/usr/sbin/munged")
    || Environment.UserName <> "root"
then
    printfn "skipped: no Slurm (it needs slurmctld, munged and root's rights)"
    exit 0

let clock = Stopwatch.StartNew()
let folder = Directory.CreateTempSubdirectory("liverseg-slurm-").FullName
let path name = Path.Combine(folder, name)
Page.install (Page.program ()) folder
Environment.SetEnvironmentVariable("SLURM_CONF", path "slurm.conf")

/// Runs a program in the folder; gives exit code and all that it said.
let attempt (program: string) (args: string list) =
    let info =
        ProcessStartInfo(
            program,
            args,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    use started = Process.Start info
    let errors = started.StandardError.ReadToEndAsync()
    let output = started.StandardOutput.ReadToEnd()
    started.WaitForExit()
    started.ExitCode, (output + errors.Result).Trim()

let ask program args =
    match attempt program args with
    | 0, said -> said
    | code, said -> failwithf "%s %s: exit code %d: %s" program (String.Join(" ", args)) code said

let expect what condition =
    if not condition then
        failwith what

/// Waits until something is so; says what it waited for when it is not within some seconds.
let await seconds (what: string) (isSo: unit -> bool) =
    let limit = clock.Elapsed + TimeSpan.FromSeconds(float seconds)

    while not (isSo ()) do
        expect $"waited {seconds} s in vain for: {what}" (clock.Elapsed < limit)
        Thread.Sleep 300

type Task =
    {
        Id: string
        Index: string
        State: string
        Node: string
        Restarts: int
    }

/// What Slurm knows of a job: a record for each task of an array.
let tasks job =
    [
        for line in (ask "scontrol" [ "show"; "job"; job; "-o" ]).Split '\n' do
            let field name =
                Regex.Match(line, $@"(?:^|\s){name}=(\S*)").Groups[1].Value

            {
                Id = field "JobId"
                Index = field "ArrayTaskId"
                State = field "JobState"
                Node = field "NodeList"
                Restarts = int (field "Restarts")
            }
    ]
    |> List.sortBy _.Index

let ended =
    set [ "COMPLETED"; "FAILED"; "OUT_OF_MEMORY"; "CANCELLED"; "NODE_FAIL"; "TIMEOUT" ]

/// Waits for a job's end and says how its tasks ended.
let finish what job =
    await 400 $"the end of job {job}, {what}" (fun () -> tasks job |> List.forall (fun t -> ended.Contains t.State))

    for t in tasks job do
        let index = if t.Index = "" then "" else $" task {t.Index}"

        let again =
            if t.Restarts = 0 then
                ""
            else
                $", started again: {t.Restarts}"

        printfn "%-22s job %-3s%-7s %-3s %s%s" what t.Id index t.Node t.State again

    tasks job

let all state (found: Task list) =
    expect $"not all are {state}: {found}" (found |> List.forall (fun t -> t.State = state))

let hash file =
    SHA256.HashData(File.ReadAllBytes(path file)) |> Convert.ToHexStringLower

let same what first second =
    printfn
        "%-22s %s.. = %s.."
        what
        (Seq.truncate 16 (hash first) |> String.Concat)
        (Seq.truncate 16 (hash second) |> String.Concat)

    expect $"{second} is not {first}" (hash first = hash second)

let batch (name: string) (script: string) =
    File.WriteAllText(path name, script)
    ask "sbatch" [ "--parsable"; name ]

/// Ends a node as a failure of power would: nothing on it tells the controller anything.
let kill (node: string) =
    let variables pid =
        try
            File.ReadAllText($"/proc/{pid}/environ").Split '\000'
        with _ ->
            [||]

    let parent pid =
        Regex.Match(File.ReadAllText $"/proc/{pid}/status", @"PPid:\s*(\d+)").Groups[1].Value

    let work =
        [
            for entry in Directory.GetDirectories "/proc" do
                let pid = Path.GetFileName entry

                if Seq.forall Char.IsDigit pid then
                    let v = variables pid

                    if
                        Array.contains $"SLURM_CONF={folder}/slurm.conf" v
                        && Array.contains $"SLURMD_NODENAME={node}" v
                    then
                        pid
        ]

    let daemon = (File.ReadAllText(path $"slurmd-{node}.pid")).Trim()
    let stepd = work |> List.map parent |> List.distinct
    let doomed = daemon :: stepd @ work |> List.distinct
    expect $"no job's process on {node}" (not work.IsEmpty)
    attempt "kill" ("-9" :: doomed) |> ignore
    printfn "%-22s slurmd and %d processes of its job killed" node (doomed.Length - 1)

let stateOf node =
    ask "sinfo" [ "-h"; "-n"; node; "-o"; "%T" ]

let shell = Path.Combine(__SOURCE_DIRECTORY__, "slurm-cluster.sh")

let private start () =
    Process.Start(
        ProcessStartInfo("bash", shell :: folder :: (Run.freePorts 3 |> List.map string), RedirectStandardInput = true)
    )


/// Runs work on a cluster of two nodes, of which nothing is left afterwards; gives an exit code.
let within (work: unit -> unit) =
    let cluster = start ()

    try
        try
            await 60 "a cluster" (fun () -> File.Exists(path "ready") || cluster.HasExited)
            expect "no cluster" (not cluster.HasExited)
            work ()
            0
        with e ->
            eprintfn "FAILED: %s" e.Message

            for kind in [ "*.log"; "*.out" ] do
                for log in Directory.GetFiles(folder, kind) do
                    eprintfn "-- %s\n%s" (Path.GetFileName log) (snd (attempt "tail" [ "-n"; "8"; log ]))

            1
    finally
        // The end of its input ends the cluster.
        cluster.StandardInput.Close()
        cluster.WaitForExit()

        if Directory.Exists folder then
            Directory.Delete(folder, true)
