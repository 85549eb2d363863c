/// What is looked at before anything is learned: by `cases` and by every training alike.
module LiverSeg.Functional.Tests.CaseCheckTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models

let private phantom =
    lazy (Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing.Isotropic 10.)))

/// A case as it went wrong somewhere, and a word of what is said about it; the code where it is an error.
type private Trouble =
    {
        Name: string
        Ct: Volume<Hu>
        Mask: string -> unit
        Word: string
        Code: string option
    }

let private mirrored (v: Volume<'T>) =
    Volume.init v.Grid (fun x y z -> v[v.Extent.X - 1 - x, y, z])

let private ofMask (mask: Volume<bool>) (path: string) = mask.Write path

let private numbers (grid: Grid) (number: int -> int -> int -> float32) (path: string) =
    (Volume.init grid (fun x y z -> Hu(number x y z))).Write path

let private hu (mask: Volume<bool>) =
    mask |> Volume.map (fun inside -> Hu(if inside then 1f else 0f))

let private troubles =
    lazy
        (let p = phantom.Value
         let ct, liver = p.Ct, p.Liver
         let grid = ct.Grid

         let error name ct mask word code =
             {
                 Name = name
                 Ct = ct
                 Mask = mask
                 Word = word
                 Code = Some code
             }

         let odd name ct mask word =
             {
                 Name = name
                 Ct = ct
                 Mask = mask
                 Word = word
                 Code = None
             }

         let shift mm =
             liver
             |> Volume.withGrid (Grid(grid.Extent, grid.Spacing, grid.ToWorld(mm / 10., 0., 0.), grid.Direction))

         [
             error "swapped" (hu liver) ct.Write "exchanged" "no-scan"
             error "two masks" (hu liver) (ofMask liver) "exchanged" "no-scan"
             error "a scan for a mask" ct ct.Write "labels" "ambiguous-mask"
             error "full" ct (ofMask (Volume.constant grid true)) "every voxel" "full-mask"

             error
                 "soft"
                 ct
                 (numbers grid (fun x y z -> if liver[x, y, z] then 0.7f else 0f))
                 "no whole numbers"
                 "soft-mask"

             error
                 "all organs"
                 ct
                 (numbers grid (fun x y z ->
                     if liver[x, y, z] then 5f
                     elif x % 9 = 0 then 3f
                     else 0f))
                 "several labels"
                 "ambiguous-mask"

             error
                 "an ignore label"
                 ct
                 (numbers grid (fun x y z ->
                     if liver[x, y, z] then 1f
                     elif z = 0 then 255f
                     else 0f))
                 "several labels"
                 "ambiguous-mask"

             error "half a voxel off" ct (ofMask (shift 5.)) "between" "other-grid"

             error
                 "another spacing"
                 ct
                 (ofMask (
                     liver
                     |> Volume.withGrid (Grid(grid.Extent, Spacing(10., 10., 5.), grid.Origin, grid.Direction))
                 ))
                 "voxels are"
                 "other-grid"

             error "no file" ct ignore "nothing" "cannot-read"
             error "a page of a server" ct (fun path -> File.WriteAllText(path, "<html>")) "HTML" "bad-file"
             odd "empty" ct (ofMask (Volume.constant grid false)) "empty"
             odd "the other side of the body" ct (ofMask (mirrored liver)) "exchanged"
             odd "one slice short" ct (ofMask (liver.Slab(0, grid.Extent.Z - 1))) "padded"
             odd "a voxel only" ct (ofMask (Volume.init grid (fun x y z -> x = 5 && y = 9 && z = 9))) "a liver of 1 ml"

             odd "the whole body" ct (ofMask (Volume.map (fun (h: Hu) -> h.Value > -300f) ct)) "all tissue"

             odd "air" ct (ofMask (Volume.init grid (fun x _ _ -> x < 2))) "HU on average"

             odd
                 "grey values"
                 (ct
                  |> Volume.map (fun h -> Hu(float32 (int (Math.Clamp((h.Value + 160f) / 400f, 0f, 1f) * 255f)))))
                 (ofMask liver)
                 "do not look like Hounsfield"

             odd
                 "HU + 1024"
                 (ct |> Volume.map (fun h -> Hu(max 0f (h.Value + 1024f) * 1.5f)))
                 (ofMask liver)
                 "subtract 1024"
         ])

let private fileOf (path: string -> string) (t: Trouble) =
    t.Ct.Write(path "ct.mha", overwrite = true)
    File.Delete(path "liver.mha")
    t.Mask(path "liver.mha")
    CaseFile("anna", path "ct.mha", path "liver.mha", "anna")

let private runOf cases =
    let preset = TrainingPreset.named "smoke"
    TrainingRun(tinyModel 1L, cases, Options = preset.Options)

/// What a training says before its first epoch, or its error.
let private prepared (run: TrainingRun) =
    let said = ResizeArray<string>()

    try
        run.Prepare(run.Cases, Action<string> said.Add, null, Threading.CancellationToken.None)
        |> ignore

        List.ofSeq said, None
    with FileError.Thrown e ->
        List.ofSeq said, Some e

[<Tests>]
let tests =
    testList
        "CaseCheck"
        [
            testCase "cases and every training find the same trouble, and name case and file, with a cache as without"
            <| fun () ->
                for t in troubles.Value do
                    inFolder (fun path ->
                        let file = fileOf path t
                        let check = DatasetFolder.check file
                        let text = String.Join("; ", Seq.append check.Errors check.Warnings)
                        Expect.stringContains text t.Word t.Name
                        Expect.equal (check.Errors.Count > 0) t.Code.IsSome $"{t.Name}: {text}"
                        Expect.equal check.IsEmpty (t.Name = "empty") t.Name

                        let run = runOf [ file ]

                        // The second time the case is found prepared.
                        for run in
                            [
                                run
                                TrainingRun(run.Start, run.Cases, Options = run.Options, Cache = path "cache")
                                TrainingRun(run.Start, run.Cases, Options = run.Options, Cache = path "cache")
                            ] do
                            match prepared run, t.Code with
                            | (_, Some e), Some code ->
                                Expect.equal e.Code code t.Name
                                Expect.stringContains e.Field "case anna" t.Name
                                Expect.stringContains (string e) t.Word t.Name
                                Expect.isTrue (e.File = file.Mask || e.File = file.Image) e.File
                            | (said, None), None ->
                                Expect.sequenceEqual
                                    said
                                    [ for w in check.Warnings -> "anna: " + w ]
                                    $"{t.Name}: the same warnings"
                            | (said, e), _ -> failtest $"{t.Name}: {said} {e}")

                Expect.isGreaterThanOrEqual troubles.Value.Length 19 "kinds"

            testCase "a usual case is taken without a word"
            <| fun () ->
                inFolder (fun path ->
                    let p = phantom.Value
                    p.Ct.Write(path "ct.mha")
                    p.Liver.Write(path "liver.mha")
                    let file = CaseFile("anna", path "ct.mha", path "liver.mha", "anna")
                    let check = DatasetFolder.check file
                    Expect.isEmpty check.Errors "errors"
                    Expect.isEmpty check.Warnings "warnings"
                    Expect.equal (prepared (runOf [ file ])) ([], None) "training")

            testCase "scans without a liver may be among the cases, and are counted; alone they teach nothing"
            <| fun () ->
                inFolder (fun path ->
                    let p = phantom.Value
                    p.Ct.Write(path "ct.mha")
                    p.Liver.Write(path "liver.mha")
                    (Volume.constant p.Ct.Grid false).Write(path "none.mha")

                    let case id mask =
                        CaseFile(id, path "ct.mha", path mask, id)

                    let execute cases =
                        let said = ResizeArray<string>()
                        let run = runOf cases
                        let run = TrainingRun(run.Start, run.Cases, Options = run.Options.With(epochs = 0))

                        try
                            run.Execute(warn = Action<string> said.Add) |> ignore
                            List.ofSeq said, ""
                        with FileError.Thrown e ->
                            List.ofSeq said, e.Code + " " + e.Found

                    let said, code =
                        execute [ case "a" "liver.mha"; case "b" "none.mha"; case "c" "none.mha" ]

                    Expect.equal code "" "no error"
                    Expect.exists said (fun s -> s.StartsWith "2 of 3 cases" && s.EndsWith "b, c") $"{said}"
                    let _, code = execute [ case "b" "none.mha"; case "c" "none.mha" ]
                    Expect.stringContains code "empty-masks" "alone"
                    Expect.stringContains code "b, c" "named")

            testCase "cross-validation looks at what it holds out before it learns, and tuning at all cases"
            <| fun () ->
                inFolder (fun path ->
                    let p = phantom.Value
                    p.Ct.Write(path "ct.mha")
                    p.Liver.Write(path "liver.mha")
                    (Volume.constant p.Ct.Grid true).Write(path "full.mha")

                    let case id mask =
                        CaseFile(id, path "ct.mha", path mask, id)

                    let cases = [ case "a" "liver.mha"; case "b" "full.mha"; case "c" "liver.mha" ]

                    let options =
                        CrossValidationOptions(Output = path "out", Preset = TrainingPreset.named "smoke")

                    let plan = cases |> CrossValidation.plan options []
                    let heldOut = plan.Folds |> Seq.find (fun f -> f.Patient = "b")

                    let code work =
                        try
                            work () |> ignore
                            ""
                        with FileError.Thrown e ->
                            e.Code + " " + e.Field

                    Expect.equal
                        (code (fun () -> CrossValidation.RunFold(plan, "compact", heldOut)))
                        "full-mask case b, voxels"
                        "held out"

                    Expect.isFalse (Directory.Exists(path "out")) "nothing was begun"

                    Expect.equal
                        (code (fun () -> CrfCase.Load(cases[1], Pretrained.Liver, PredictOptions())))
                        "full-mask case b, voxels"
                        "tuning")
        ]
