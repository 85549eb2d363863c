/// Leave one patient out: what a fold learns from.
module LiverSeg.Functional.Tests.CrossValidationTests

open Expecto
open LiverSeg.Functional

[<Tests>]
let tests =
    testList
        "CrossValidation"
        [
            testCase "each case is held out once and no patient is on both sides"
            <| fun () ->
                let case' id patient =
                    CaseFile(id, id + ".nii", id + "-m.nii", patient)

                let cases = [ case' "a" "1"; case' "b" "2"; case' "c" "1"; case' "d" "3" ]
                let extra = [ case' "p" "phantom" ]
                let folds = cases |> CrossValidation.folds extra
                Expect.sequenceEqual (folds |> Seq.map _.Patient) [ "1"; "2"; "3" ] "in order"

                Expect.sequenceEqual
                    (folds |> Seq.collect _.HeldOut |> Seq.map _.Id |> Seq.sort)
                    [ "a"; "b"; "c"; "d" ]
                    "once"

                for f in folds do
                    Expect.isFalse (f.Training |> Seq.exists (fun c -> c.Patient = f.Patient)) "one side"
                    Expect.equal (f.Training.Count + f.HeldOut.Count) 5 "all"
        ]
