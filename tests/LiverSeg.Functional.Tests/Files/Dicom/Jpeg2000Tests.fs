module LiverSeg.Functional.Tests.Jpeg2000Tests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli
open LiverSeg.Functional.Tests.Jpeg2000Fixture

let private refuse = FileErrors("stream", "DICOM")

let private decoded (bits: int) (stream: byte[]) =
    let target = Array.zeroCreate<uint16>(columns * rows)
    Jpeg2000.Decode(ReadOnlySpan stream, columns, rows, bits, Span target, refuse)
    target

let private error (work: unit -> 'T) =
    try
        work () |> ignore
        failtest "nothing was refused"
    with :? FileErrorException as e ->
        e.Error

let private stored signed =
    picture signed |> Array.map (fun v -> uint16 (int16 v))

let private lossless = "1.2.840.10008.1.2.4.90"
let private any = "1.2.840.10008.1.2.4.91"

let private grid = Grid.Of(Extent(columns, rows, 1), Spacing(0.7, 0.7, 2.))

/// A file of one slice or several frames whose pixels are these fragments.
let private dicom uid fragments altered =
    DicomFixture.slice (DicomFixture.Encoded(uid, fragments)) grid 0 [||] altered

/// The number at a place of a stream, big-endian, replaced.
let private with4 at (value: uint32) (stream: byte[]) =
    let copy = Array.copy stream
    Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(Span(copy, at, 4), value)
    copy

let private with1 at (value: byte) (stream: byte[]) =
    let copy = Array.copy stream
    copy[at] <- value
    copy

let private laws =
    [
        testCase "streams of another program give the picture that went in"
        <| fun () ->
            for name, stream, signed, bits in
                [
                    "unsigned", unsigned, false, 12
                    "signed", signed, true, 16
                    "tiles", tiled, true, 16
                    "layers and precincts", layered, false, 16
                    "a file's boxes", boxed, false, 16
                ] do
                Expect.sequenceEqual (decoded bits stream) (stored signed) name
                Expect.isTrue (Jpeg2000.IsReversible(ReadOnlySpan stream, refuse)) name
        testCase "a lossy stream stays near, and says that it is lossy"
        <| fun () ->
            let off =
                Array.map2 (fun (a: uint16) (b: uint16) -> abs (int a - int b)) (decoded 12 lossy) (stored false)

            Expect.isTrue (Array.max off > 0 && Array.max off < 16) $"deviation {Array.max off}"
            Expect.isFalse (Jpeg2000.IsReversible(ReadOnlySpan lossy, refuse)) "the wavelet"
        testCase "a slice reads as the uncompressed one, in one fragment or many; frames find their own"
        <| fun () ->
            inFolder (fun path ->
                let read name (bytes: byte[]) =
                    File.WriteAllBytes(path name, bytes)
                    (Volume.read (path name)).Voxels.ToArray()

                let expected = picture true |> Array.map (fun v -> Hu(float32 v))
                let halves = [ signed[..499]; signed[500..] ]
                Expect.equal (read "one.dcm" (dicom lossless [ signed ] [])) expected "one fragment"
                Expect.equal (read "two.dcm" (dicom any halves [])) expected "two fragments"

                let several =
                    dicom lossless (halves @ [ tiled; boxed ]) [ 0x00280008u, "IS", DicomFixture.text "3" ]

                let file = DicomFile.Parse(several, refuse)
                let image = DicomImage.Of(file, false)

                for frame, shown in [ 0, picture true; 1, picture true; 2, picture false ] do
                    let target = Array.zeroCreate<float32>(columns * rows)
                    image.Frame(file, frame, 1., 0., Span target)
                    Expect.equal target (shown |> Array.map float32) $"frame {frame} of three in four fragments"

                File.WriteAllBytes(path "lossy.dcm", dicom any [ lossy ] [])
                let said = ResizeArray<string>()
                VolumeFile.Read(path "lossy.dcm", Action<string> said.Add) |> ignore
                Expect.exists said (fun w -> w.Contains "compressed with loss") "a warning"
                said.Clear()
                VolumeFile.Read(path "one.dcm", Action<string> said.Add) |> ignore
                Expect.all said (fun w -> not (w.Contains "loss")) "none without loss")
        testCase "a stream that is cut anywhere is refused with a remedy"
        <| fun () ->
            for stream in [ unsigned; tiled; layered; boxed ] do
                // The last marker alone may be missing.
                for length in 0..17 .. stream.Length - 8 do
                    let e = error (fun () -> decoded 16 stream[.. length - 1])
                    Expect.isTrue (e.Remedy.Length > 0 && e.Found.Length > 0) $"{length}: {e}"
        testCase "what a header claims beyond DICOM's is refused before the library sees it"
        <| fun () ->
            // A.5.1: from byte 8 on the image's size and offset, the tiles', then components; A.6.1 follows.
            for word, stream in
                [
                    "size", with4 8 100000u signed
                    "size", with4 16 1u signed
                    "tiles", signed |> with4 24 1u |> with4 28 0u
                    "tiles", signed |> with4 8 4000041u |> with4 16 4000000u |> with4 24 1000u |> with4 28 1u
                    "components", with1 41 3uy signed
                    "precision", with1 42 30uy signed
                    "sampling", with1 43 2uy signed
                ] do
                let e = error (fun () -> decoded 16 stream)
                Expect.stringContains e.Field word $"{e}"

            let style =
                4 + (Array.windowed 2 layered |> Array.findIndex ((=) [| 0xFFuy; 0x52uy |]))

            let tiny = Array.fold (fun s r -> with1 (style + 10 + r) 0uy s) layered [| 0..2 |]

            let wide =
                tiny |> with4 8 4000u |> with4 12 4000u |> with4 24 4000u |> with4 28 4000u

            let e =
                error (fun () ->
                    Jpeg2000.Decode(ReadOnlySpan wide, 4000, 4000, 16, Span(Array.zeroCreate (4000 * 4000)), refuse))

            Expect.stringContains e.Field "precincts" $"{e}"
            Expect.stringContains (error (fun () -> decoded 16 (with1 (style + 5) 40uy layered))).Field "resolutions" ""
        testProperty "a damaged stream is an image or one clear error"
        <| Prop.forAll
            (Gen.zip
                (Gen.elements [ unsigned; signed; tiled; layered; lossy; boxed ])
                (Gen.listOf (Gen.zip (Gen.choose (0, 1400)) (Gen.choose (0, 255))))
             |> Arb.fromGen)
            (fun (stream, changes) ->
                let damaged =
                    changes
                    |> List.fold (fun s (at, value) -> with1 (at % stream.Length) (byte value) s) stream

                try
                    decoded 16 damaged |> ignore
                with :? FileErrorException as e ->
                    Expect.isNonEmpty e.Error.Remedy "a remedy")
    ]

[<Tests>]
let tests =
    testList
        "Files.jpeg-2000"
        [
            testCase "without OpenJPEG the refusal names what to install, and doctor too"
            <| fun () ->
                let struct (handle, found) = OpenJpeg.Find(ReadOnlySpan [| "libnothing.so.0" |])
                Expect.equal handle 0n "no library"

                for text in [ found; OpenJpeg.Missing(refuse).Error.Remedy ] do
                    Expect.stringContains text "libopenjp2-7" "a package"

                let _, out, _ = cli [ "doctor" ]
                Expect.stringContains out OpenJpeg.Status "doctor"
            if OpenJpeg.IsAvailable then
                yield! laws
            else
                ptestCase "skipped: no OpenJPEG" ignore
        ]
