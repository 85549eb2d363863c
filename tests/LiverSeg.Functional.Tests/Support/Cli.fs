/// The program run in the tests' own process.
module LiverSeg.Functional.Tests.Cli

open System
open System.IO
open Expecto
open LiverSeg.Functional.Cli

/// Exit code, standard output, standard error. The console is one: tests that call this run in sequence.
let cli (args: string list) =
    let out, err = Console.Out, Console.Error
    use o = new StringWriter()
    use e = new StringWriter()
    Console.SetOut o
    Console.SetError e

    try
        let code = Program.run (Array.ofList args)
        code, o.ToString(), e.ToString()
    finally
        Console.SetOut out
        Console.SetError err

/// What the program prints, on both streams, when it ends as expected.
let exits code (args: string list) =
    let got, out, err = cli args
    Expect.equal got code (String.Join(" ", args) + ": " + err)
    out + err
