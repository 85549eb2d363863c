/// The program run in the tests' own process.
module LiverSeg.Functional.Tests.Cli

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Tests

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

/// Options that name a quick model, for tests of the program around it; a file for all of them, gone at the end.
let quickly =
    lazy
        (let folder = Directory.CreateTempSubdirectory "liverseg-test-"
         AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> folder.Delete true)
         let file = Path.Combine(folder.FullName, "coarse.safetensors")
         Models.coarse.Value.Save file
         [ "--model"; file ])
