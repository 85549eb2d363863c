module LiverSeg.Functional.Cli.Program

[<EntryPoint>]
let main _ = 0
