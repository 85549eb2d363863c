module LiverSeg.Functional.Tests.ModelTests

open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Models

[<Tests>]
let tests =
    testList
        "ModelFile"
        [
            testCase "weights that do not fit the network are refused by name"
            <| fun () ->
                Expect.throwsC (fun () -> Model(tiny, Weights.He(Architectures.Paper, 1L)) |> ignore) (fun e ->
                    Expect.stringContains e.Message "conv1/weight" "message")
            testCase "a main output or a tap that does not end with two classes on the input's grid is refused by name"
            <| fun () ->
                let half = Layer.seq [ Layer.pool 2; Layer.score 2 ]

                let tapped head =
                    Layer.seq [ Layer.pool 2; Layer.tap "side" head; Layer.up 2 2 ]

                for name, network in
                    [
                        "main", half
                        "main", Layer.score 3
                        "side", tapped [ Layer.score 2 ]
                        "side", tapped [ Layer.up 3 2 ]
                        "side", tapped []
                        "skip1/side", Layer.seq [ Layer.skip [ tapped [ Layer.score 2 ] ]; Layer.score 2 ]
                    ] do
                    Expect.throwsC (fun () -> Model(network, network |> Weights.he 1L) |> ignore) (fun e ->
                        Expect.stringStarts e.Message (name + " ends with ") "by name")

                let whole = tapped [ Layer.up 2 2 ]
                Model(whole, whole |> Weights.he 1L) |> ignore
        ]
