module LiverSeg.Functional.Tests.Main

open System.IO
open Expecto

[<EntryPoint>]
let main argv =
    let mutable line = "0 passed, 1 failed"

    let printer =
        { Impl.TestPrinters.defaultPrinter with
            summary =
                fun config summary ->
                    let failed = summary.failed.Length + summary.errored.Length
                    line <- $"{summary.passed.Length} passed, {failed} failed, {summary.ignored.Length} skipped"
                    Impl.TestPrinters.defaultPrinter.summary config summary
        }

    let code = runTestsInAssemblyWithCLIArgs [ CLIArguments.Printer printer ] argv
    // Expecto replaces Console.Out by a writer that decorates lines: the closing line goes round it.
    use out = new StreamWriter(System.Console.OpenStandardOutput())
    out.WriteLine("\n" + line)
    code
