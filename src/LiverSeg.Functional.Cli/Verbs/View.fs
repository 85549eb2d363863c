/// view: a scan and its masks in the browser, or as one page.
module LiverSeg.Functional.Cli.Verbs.View

open System.IO
open System.Threading
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<MainCommand; Help("the CT (file or DICOM series), then any number of masks.")>] Files of
        CT_AND_MASKS: string list
    | [<AltCommandLine("-t"); Help("the reference, which the first mask is compared with.")>] Truth of MASK: string
    | [<AltCommandLine("-p"); Help("score map, whose value at a voxel a click shows.")>] Probability of FILE: string
    | [<Help("which label of the masks is the liver: number or name; a file with one value only is taken as it is.")>] Label of
        NUMBER_OR_NAME: string
    | [<Help(Help.series)>] Series of NUMBER_OR_UID: string
    | [<AltCommandLine("-o");
        Help("write one page that needs neither network nor server, instead of opening the browser.")>] Output of
        HTML: string
    | [<Help("every voxel, each HU exact, however large the page becomes (default: at most 256 along a side).")>] Full
    | [<Help("only print the address.")>] No_Browser
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// A file's name and nothing of its folder.
let private nameOf (path: string) =
    string (Path.GetFileName(Path.TrimEndingDirectorySeparator path))

let private sceneOf (args: ParseResults<Args>) cancel =
    let path, masks =
        match args.GetResult(Args.Files, []) with
        | ct :: masks -> ct, masks
        | [] -> raise (Usage "view needs a CT; liverseg view --help names its options")

    let source =
        VolumeFile.Open(path, Inputs.dicomOf (args.TryGetResult Args.Series) false false, warn, cancel)

    let label = (Inputs.labelOf (args.TryGetResult Args.Label)).OrBinary
    let grid = source.Info.Grid
    let readMask = Lattice.readMask warn label grid
    // Masks come first: they are small, and what is wrong with them is said before the scan is read.
    let masks = masks |> List.map (fun m -> Inputs.stem m, readMask m)
    let truth = args.TryGetResult Args.Truth |> Option.map readMask

    let scores =
        args.TryGetResult Args.Probability
        |> Option.map (fun p -> Lattice.ReadProbability(p, grid, System.Nullable(), warn))

    let ct = source.Read(warn, cancel)
    ct.Warnings() |> Seq.iter warn

    Viewer.scene (nameOf path) ct
    |> List.foldBack (fun (name, mask) -> Viewer.withMask name mask) (List.rev masks)
    |> Option.foldBack Viewer.withTruth truth
    |> Option.foldBack Viewer.withProbability scores

let private serve (args: ParseResults<Args>) (cancel: CancellationToken) scene =
    let server =
        scene |> Viewer.served (args.Contains Args.Full) |> ViewServer.start cancel

    if args.Contains Args.No_Browser || not (Browser.Open(string server.Address)) then
        out $"open {server.Address}"

    verbose "ends when the page is closed, or with Ctrl-C"
    server.Ended.Wait()
    0

let run (args: ParseResults<Args>) =
    args.TryGetResult Args.Output
    |> Option.iter (fun path -> OutputFile.check (args.Contains Args.Overwrite) path)

    stoppable "nothing was written" (fun cancel ->
        let scene = sceneOf args cancel

        match args.TryGetResult Args.Output with
        | Some path ->
            scene
            |> Viewer.write (args.Contains Args.Full) (args.Contains Args.Overwrite) path

            0
        | None -> serve args cancel scene)
