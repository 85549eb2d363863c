/// Servers of other people listen on every address of the machine: a test that starts one runs in a child process whose network is a loopback of its own.
module LiverSeg.Functional.Tests.Apart

open System
open System.Diagnostics
open System.IO
open System.Reflection
open Expecto

[<Literal>]
let private Mark = "LIVERSEG_TESTS_APART"

let private run (args: string list) =
    let info =
        ProcessStartInfo("unshare", "-rn" :: args, RedirectStandardOutput = true, RedirectStandardError = true)

    info.Environment[Mark] <- "1"
    use child = nonNull (Process.Start info)
    let err = child.StandardError.ReadToEndAsync()
    let out = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, out + err.GetAwaiter().GetResult()

let private apart = not (isNull (Environment.GetEnvironmentVariable Mark))

/// Where the machine gives no such network, the test runs as any other.
let private possible =
    lazy
        ([ "unshare"; "ip" ]
         |> List.forall (fun name ->
             [ "/usr/bin"; "/usr/sbin"; "/bin"; "/sbin" ]
             |> List.exists (fun folder -> File.Exists(Path.Combine(folder, name))))
         && fst (run [ "ip"; "link"; "set"; "lo"; "up" ]) = 0)

let testApart (name: string) (test: unit -> unit) =
    testCase name (fun () ->
        if apart || not possible.Value then
            test ()
        else
            let tests = Assembly.GetExecutingAssembly().Location

            let code, said =
                run
                    [
                        "sh"
                        "-c"
                        """ip link set lo up && exec dotnet "$0" --no-spinner --colours 0 --filter-test-case "$1" """
                        tests
                        name
                    ]

            if code <> 0 || not (said.Contains "1 passed, 0 failed") then
                failtest said)

/// Child processes have a console of their own, so that their tests run beside others; without them they come one by one.
let listApart (name: string) (tests: Test list) =
    if not apart && possible.Value then
        testList name tests
    else
        testSequenced (testList name tests)
