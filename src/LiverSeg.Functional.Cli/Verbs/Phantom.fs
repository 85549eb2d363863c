/// phantom: synthetic abdomens with exact liver masks.
module LiverSeg.Functional.Cli.Verbs.Phantom

open System
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
    | [<Help("write NAME-organs.nii.gz too, a label map of all organs, with their names in dataset.json; cases.csv then names it as the mask.")>] Organs
    | [<Help(Help.overwrite)>] Overwrite

    interface IArgParserTemplate with
        member this.Usage = Help.text this

/// The names of the labels, as nnU-Net writes them.
let private names =
    let labels =
        Enum.GetValues<Organ>()
        |> Array.map (fun organ ->
            let name =
                if organ = Organ.Air then
                    "background"
                else
                    (string organ).ToLowerInvariant()

            $"\"{name}\": {int organ}")

    "{\"labels\": {" + String.Join(", ", labels) + "}}\n"

let run (args: ParseResults<Args>) =
    let folder, overwrite = args.GetResult Args.Output, args.Contains Args.Overwrite
    let organs = args.Contains Args.Organs
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

                if organs then
                    (p.Organs.Map(fun o -> Hu(float32 o.Value)))
                        .Write(Path.Combine(folder, name + "-organs.nii.gz"), overwrite)

                let mask = if organs then "-organs.nii.gz" else "-liver.nii.gz"
                CaseFile(name, name + "-ct.nii.gz", name + mask, name)
        ]

    if organs then
        OutputFile.WriteText(Path.Combine(folder, "dataset.json"), names, overwrite)

    CaseList.Write(Path.Combine(folder, "cases.csv"), rows, overwrite)
    0
