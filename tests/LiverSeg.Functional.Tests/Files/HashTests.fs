module LiverSeg.Functional.Tests.HashTests

open System
open System.Security.Cryptography
open System.Text
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators

/// As on a system without OpenSSL.
let private managed (pieces: byte[] list) =
    use hash = new Sha256Hash(false)

    for piece in pieces do
        hash.AppendData(ReadOnlySpan<byte> piece)

    Convert.ToHexStringLower(hash.GetHashAndReset())

let private native (bytes: byte[]) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

[<Tests>]
let tests =
    testList
        "Hash"
        [
            testCase "the managed SHA-256 gives FIPS 180-4's examples"
            <| fun () ->
                for text, hash in
                    [
                        "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
                        "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
                    ] do
                    Expect.equal (managed [ Encoding.ASCII.GetBytes text ]) hash text
                    Expect.equal (ContentHash.sha256 (Encoding.ASCII.GetBytes text)) hash "in both faces"
            testCase "it equals the system's at every length of the padding, and starts anew"
            <| fun () ->
                use hash = new Sha256Hash(false)

                for length in 0..200 do
                    let bytes = Array.init length (fun i -> byte (i * 7 + length))
                    hash.AppendData(ReadOnlySpan<byte> bytes)
                    Expect.equal (Convert.ToHexStringLower(hash.GetHashAndReset())) (native bytes) $"{length} bytes"
            law "and however the bytes are cut into pieces"
            <| Prop.forAll
                (Arb.fromGen (
                    Gen.listOf (Gen.choose (0, 300) |> Gen.map (fun n -> Array.init n (fun i -> byte (n * i))))
                ))
                (fun pieces -> managed pieces = native (Array.concat pieces))
        ]
