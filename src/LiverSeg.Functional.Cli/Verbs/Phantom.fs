/// phantom: synthetic abdomens with exact liver masks.
module LiverSeg.Functional.Cli.Verbs.Phantom

open System.IO
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Cli.Terminal

[<RequireQualifiedAccess>]
type Args =
    | [<Mandatory; AltCommandLine("-o"); Help("folder for NAME-ct.nii.gz, NAME-liver.nii.gz and cases.csv.")>] Output of
        DIR: string
    | [<Help("how many (default: 1).")>] Cases of int
    | [<Help("seed of the first; the next ones count up (default: 0).")>] Seed of int64
    | [<Help("voxel spacing in mm (default: 1.5 in plane, 3 along the body).")>] Spacing of MM: float
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

let run (args: ParseResults<Args>) =
    let folder, overwrite = args.GetResult Args.Output, args.Contains Args.Overwrite
    let first = args.GetResult(Args.Seed, 0L)

    let spacing =
        args.TryGetResult Args.Spacing
        |> Option.map Spacing.Isotropic
        |> Option.defaultValue (PhantomOptions().Spacing)

    let rows =
        [
            for seed in first .. first + int64 (args.GetResult(Args.Cases, 1)) - 1L do
                let name = invariant $"phantom{seed:D4}"
                let p = Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = spacing))
                p.Ct.Write(Path.Combine(folder, name + "-ct.nii.gz"), overwrite)
                p.Liver.Write(Path.Combine(folder, name + "-liver.nii.gz"), overwrite)
                out (invariant $"{name}: {p.Ct.Extent}, {p.Phase}, liver {p.Liver.VolumeMl():F0} ml")
                CaseFile(name, name + "-ct.nii.gz", name + "-liver.nii.gz", name)
        ]

    CaseList.Write(Path.Combine(folder, "cases.csv"), rows, overwrite)
    0
