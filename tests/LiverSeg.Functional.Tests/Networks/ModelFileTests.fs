module LiverSeg.Functional.Tests.ModelFileTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Models

let private bytes (model: Model) =
    use s = new MemoryStream()
    ModelFile.Describe(model).Write s
    s.ToArray()

let private error (data: byte[]) =
    try
        ModelFile.Parse(ReadOnlySpan data, "m.safetensors") |> ignore
        None
    with :? FileErrorException as e ->
        Some e.Error

[<Tests>]
let tests =
    testList
        "ModelFile"
        [
            law "load after save is the identity" (fun (seed: int) ->
                let model = tinyModel (int64 seed)
                ModelFile.Parse(ReadOnlySpan(bytes model), "m") = model)
            law
                "what is usual of a model stays with it, with its guides' and in the right place"
                (fun (own: byte) (guides: byte) ->
                    let usually (b: byte) (model: Model) =
                        model
                        |> Model.withUsual
                            (Some(0.5 + float b / 510.))
                            (Some(UsualHu(Hu(float32 b * 0.7f), Hu(float32 b))))

                    let guide = tinyModel 1L |> usually guides
                    let model = Model.guidedBy guide (tinyModel 2L) |> usually own
                    ModelFile.Parse(ReadOnlySpan(bytes model), "m") = model)
            testCase "every single flipped bit of 200 is refused"
            <| fun () ->
                let whole = bytes (tinyModel 1L)
                let random = Random 7

                for _ in 1..200 do
                    let damaged = Array.copy whole
                    let at = random.Next damaged.Length
                    damaged[at] <- damaged[at] ^^^ (1uy <<< random.Next 8)
                    Expect.isSome (error damaged) $"bit flip in byte {at}"
            testCase "every cut is refused"
            <| fun () ->
                let whole = bytes (tinyModel 1L)

                for length in 0..37 .. whole.Length - 1 do
                    Expect.isSome (error whole[.. length - 1]) $"cut at {length}"
            testCase "a value out of its range names its field"
            <| fun () ->
                let described = ModelFile.Describe(tinyModel 1L)

                for field, value in
                    [
                        "temperature", "0"
                        "usual_certainty", "1.5"
                        "usual_hu", "80 60"
                        "window", "240 -160"
                        "fusion", """{"half": 2}"""
                        "tile", "0 8 8"
                        "spacing", "3 3 300"
                    ] do
                    let metadata = Collections.Generic.Dictionary<string, string> described.Metadata
                    metadata[field] <- value
                    use stream = new MemoryStream()
                    Safetensors(metadata, described.Tensors).Write stream
                    let found = error (stream.ToArray()) |> Option.map _.Field
                    Expect.equal found (Some field) value
            testCase "a pickle is refused by name with the remedy"
            <| fun () ->
                let e = error (Array.append "PK\003\004"B (Array.zeroCreate 100))
                Expect.equal (e |> Option.map _.Kind) (Some FileErrorKind.Unsupported) "kind"
                Expect.stringContains (e.Value.ToString()) "safetensors" "remedy"
        ]
