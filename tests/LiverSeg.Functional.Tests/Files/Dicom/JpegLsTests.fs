module LiverSeg.Functional.Tests.JpegLsTests

open System
open Expecto
open LiverSeg.Functional

let private columns, rows = 17, 11

/// Flat on the left above, small steps below it, wild on the right: runs, their ends and long codes.
let private picture =
    [|
        for y in 0 .. rows - 1 do
            for x in 0 .. columns - 1 do
                if x > 8 then
                    uint16 ((x * x * 37 + y * y * 91 + x * y * 13) % 4096)
                elif y < 6 then
                    1000us
                else
                    1000us + uint16 ((x * 7 + y * 3) % 5)
    |]

/// What DCMTK's encoder (CharLS) makes of it, without loss.
let private lossless =
    Convert.FromBase64String(
        "/9j/9wALEAALABEBAREA//gADQH//wASAEMBFABA/9oACAEBAAAAAD58AIAgCAQCAQCAAAAAATJvYAH5NRuavjg9MT1gB+WgtzBq"
        + "92BsPwYSt3wwBNqyJ1ruVyMGngbA8PuUlQmAmwLAkVRlWd413GDGJBNYgsZwFKZ9PXuaAEZn1z3j6gEARAWAwgHAWBoFgggOAhLx"
        + "gAShI+HuiJh3cWXgJASAsAICgKAQDgAC6cG1Iznj5x7IqqLUQCAQCAYAgICAgMeUYqa8AljDK/ooYDH8DAQEBAMAQECAjP5kARzN"
        + "Ln+iRh0k25kwCBAgQGAQICkxsLufHfAfxiruI4HA///Z"
    )

/// The same with a deviation of up to 3.
let private near =
    Convert.FromBase64String(
        "/9j/9wALDAALABEBAREA/9oACAEBAAMAAAAAOwiSqAAAAAAY4AnF8cQjhbDiAAAXh+Dg/ILFRbgLdjABMZgHH4gyAABGwSCoajcc"
        + "FqXwPsiu1m84HOVzsHDIS2w7iHJwmieDNiXzceplE0WBkm/U9rPwiCeLcRRxVFO4HsR1F0ZRzVG05EBeYpC4VUe9QkuRYkiopJDu"
        + "/9k="
    )

let private decoded (bits: int) (stream: byte[]) =
    let target = Array.zeroCreate<uint16>(columns * rows)
    JpegLs.Decode(ReadOnlySpan stream, columns, rows, bits, Span target, FileErrors("stream", "DICOM"))
    target

[<Tests>]
let tests =
    testList
        "Files.jpeg-ls"
        [
            testCase "a stream of another program gives the picture that went in"
            <| fun () -> Expect.sequenceEqual (decoded 16 lossless) picture "lossless"
            testCase "a near-lossless stream stays within its deviation, and uses it"
            <| fun () ->
                let off =
                    Array.map2 (fun (a: uint16) (b: uint16) -> abs (int a - int b)) (decoded 12 near) picture

                Expect.equal (Array.max off) 3 "deviation"
            testCase "a stream that is cut anywhere is refused with a remedy"
            <| fun () ->
                for stream, bits in [ lossless, 16; near, 12 ] do
                    for length in 0 .. stream.Length - 3 do
                        let cut =
                            try
                                decoded bits stream[.. length - 1] |> ignore
                                false
                            with :? FileErrorException as e ->
                                Expect.isNotEmpty e.Error.Remedy "a remedy"
                                true

                        Expect.isTrue cut $"{length} of {stream.Length} bytes"
        ]
