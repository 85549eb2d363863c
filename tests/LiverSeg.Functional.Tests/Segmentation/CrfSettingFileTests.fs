module LiverSeg.Functional.Tests.CrfSettingFileTests

open System.IO
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders

let private settings =
    gen {
        let! o = CrfFields.options
        let! threshold = between 0.1 0.9
        let! tau = between 0. 1.
        return CrfSetting.Of([ TapWeight("after3", tau) ], o).With [| struct ("threshold", box threshold) |]
    }

[<Tests>]
let tests =
    testList
        "CrfSettingFile"
        [
            testProperty "read after write gives the setting back"
            <| Prop.forAll (Arb.fromGen settings) (fun s ->
                inFolder (fun path ->
                    File.WriteAllText(path "crf.json", s.ToJson())

                    let back = CrfSettingFile.Read(path "crf.json", CrfSetting.Shipped)

                    back.ToJson() = s.ToJson()
                    && back.Options.Mu1 = s.Options.Mu1
                    && back.Options.Reach = s.Options.Reach))
            testCase "what is no setting is refused with the key"
            <| fun () ->
                for text, field in
                    [
                        "no", "text"
                        "[1]", "text"
                        "{\"mu\": 1}", "mu"
                        "{\"mu1\": \"much\"}", "mu1"
                        "{\"mu1\": -1}", "mu1"
                        "{\"iterations\": 2.5}", "iterations"
                        "{\"units\": \"cm\"}", "units"
                        "{\"dimensions\": 4}", "dimensions"
                        "{\"threshold\": 1}", "threshold"
                        "{\"self_term\": 1}", "self_term"
                        "{\"tau\": {\"after3\": 1.5}}", "tau"
                        "{\"theta_beta\": null}", "theta_beta"
                    ] do
                    inFolder (fun path ->
                        File.WriteAllText(path "crf.json", text)

                        let e =
                            Expect.throwsC
                                (fun () ->
                                    CrfSettingFile.Read(path "crf.json", CrfSetting.Of([], CrfOptions())) |> ignore)
                                id

                        match e with
                        | :? FileErrorException as e -> Expect.equal e.Error.Field field text
                        | e -> failtest $"{text}: {e}")
        ]
