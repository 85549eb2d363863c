/// Writes DICOM files for tests: elements by hand, so that every rule can be broken on purpose.
module LiverSeg.Functional.Tests.DicomFixture

open System
open System.IO
open System.IO.Compression
open System.Text
open LiverSeg.Functional

type Syntax =
    | ExplicitLittle
    | ImplicitLittle
    | ExplicitBig
    | Deflated
    | RunLengths
    | JpegLossless
    /// Fragments that somebody else encoded, and their transfer syntax.
    | Encoded of uid: string * fragments: byte[] list

let syntaxes =
    [
        ExplicitLittle
        ImplicitLittle
        ExplicitBig
        Deflated
        RunLengths
        JpegLossless
    ]

let private uid =
    function
    | ImplicitLittle -> "1.2.840.10008.1.2"
    | ExplicitLittle -> "1.2.840.10008.1.2.1"
    | Deflated -> "1.2.840.10008.1.2.1.99"
    | ExplicitBig -> "1.2.840.10008.1.2.2"
    | RunLengths -> "1.2.840.10008.1.2.5"
    | JpegLossless -> "1.2.840.10008.1.2.4.70"
    | Encoded(uid, _) -> uid

let private even (fill: byte) (b: byte[]) =
    if b.Length % 2 = 0 then b else Array.append b [| fill |]

let text (s: string) = even 32uy (Encoding.ASCII.GetBytes s)

let decimals (v: float seq) =
    v
    |> Seq.map (fun x -> (x + 0.).ToString("R", Globalization.CultureInfo.InvariantCulture))
    |> String.concat "\\"
    |> text

let short big (v: int) =
    BitConverter.GetBytes(uint16 v) |> if big then Array.rev else id

let private int32 big (v: int) =
    BitConverter.GetBytes v |> if big then Array.rev else id

let private long = set [ "OB"; "OW"; "SQ"; "UN"; "UT" ]

/// One element with a value of known length.
let element isExplicit big (tag: uint32) (vr: string) (value: byte[]) =
    [|
        short big (int (tag >>> 16))
        short big (int (tag &&& 0xFFFFu))
        if not isExplicit then
            int32 big value.Length
        elif long.Contains vr then
            Encoding.ASCII.GetBytes vr
            [| 0uy; 0uy |]
            int32 big value.Length
        else
            Encoding.ASCII.GetBytes vr
            short big value.Length
        value
    |]
    |> Array.concat

/// Literal runs of at most 128 bytes and replicates where a byte repeats.
let private packBits (bytes: byte[]) =
    [|
        let mutable i = 0

        while i < bytes.Length do
            let mutable same = 1

            while i + same < bytes.Length && same < 128 && bytes[i + same] = bytes[i] do
                same <- same + 1

            if same > 1 then
                byte (257 - same)
                bytes[i]
                i <- i + same
            else
                let count = min 128 (bytes.Length - i)
                byte (count - 1)
                yield! bytes[i .. i + count - 1]
                i <- i + count
    |]
    |> even 0uy

let runLengths (pixels: uint16[]) =
    let high, low =
        packBits (pixels |> Array.map (fun p -> byte (p >>> 8))), packBits (pixels |> Array.map byte)

    let header = [| 2; 64; 64 + high.Length |] |> Array.collect BitConverter.GetBytes
    Array.concat [ header; Array.zeroCreate (64 - header.Length); high; low ]

/// Lossless JPEG, first predictor; every difference size has a code of five bits.
let jpegLossless (columns: int) (rows: int) (pixels: uint16[]) =
    let bits = ResizeArray<bool>()

    let put count (value: int) =
        for i in count - 1 .. -1 .. 0 do
            bits.Add((value >>> i) &&& 1 = 1)

    for y in 0 .. rows - 1 do
        for x in 0 .. columns - 1 do
            let at (x, y) = int pixels[y * columns + x]

            let prediction =
                if x > 0 then at (x - 1, y)
                elif y > 0 then at (x, y - 1)
                else 32768

            let d = int (int16 (at (x, y) - prediction))

            let size =
                if d = 0 then
                    0
                elif d = -32768 then
                    16
                else
                    32 - Numerics.BitOperations.LeadingZeroCount(uint32 (abs d))

            put 5 size

            if size > 0 && size < 16 then
                put size (if d > 0 then d else d + (1 <<< size) - 1)

    while bits.Count % 8 <> 0 do
        bits.Add true

    let scan =
        [|
            for b in 0 .. bits.Count / 8 - 1 do
                let v = Seq.fold (fun v i -> 2 * v + (if bits[8 * b + i] then 1 else 0)) 0 [ 0..7 ]
                byte v

                if v = 255 then
                    0uy
        |]

    let be v = [| byte (v >>> 8); byte v |]

    Array.concat
        [
            [| 0xFFuy; 0xD8uy; 0xFFuy; 0xC3uy; 0uy; 11uy; 16uy |]
            be rows
            be columns
            [| 1uy; 1uy; 0x11uy; 0uy |]
            [| 0xFFuy; 0xC4uy; 0uy; 36uy; 0uy; 0uy; 0uy; 0uy; 0uy; 17uy |]
            Array.zeroCreate 11
            [| 0uy .. 16uy |]
            [| 0xFFuy; 0xDAuy; 0uy; 8uy; 1uy; 1uy; 0uy; 1uy; 0uy; 0uy |]
            scan
            [| 0xFFuy; 0xD9uy |]
        ]

/// The fragments of one frame after an empty offset table.
let encapsulated isExplicit (frames: byte[] list) =
    let item (value: byte[]) =
        Array.concat
            [
                [| 0xFEuy; 0xFFuy; 0x00uy; 0xE0uy |]
                BitConverter.GetBytes value.Length
                value
            ]

    Array.concat
        [
            [| 0xE0uy; 0x7Fuy; 0x10uy; 0uy |]
            (if isExplicit then "OB\000\000"B else [||])
            BitConverter.GetBytes -1
            item [||]
            frames |> List.map (even 0uy >> item) |> Array.concat
            [| 0xFEuy; 0xFFuy; 0xDDuy; 0xE0uy; 0uy; 0uy; 0uy; 0uy |]
        ]

/// Meta information and a data set that is already encoded.
let file syntax (dataset: byte[]) =
    let meta =
        element true false 0x00020010u "UI" (even 0uy (Encoding.ASCII.GetBytes(uid syntax)))

    let packed =
        if syntax <> Deflated then
            dataset
        else
            use memory = new MemoryStream()
            (use deflate = new DeflateStream(memory, CompressionLevel.Fastest) in deflate.Write dataset)
            memory.ToArray()

    Array.concat
        [
            Array.zeroCreate 128
            "DICM"B
            element true false 0x00020000u "UL" (BitConverter.GetBytes meta.Length)
            meta
            packed
        ]

/// A slice as elements: tag, representation, value. The value of an altered tag replaces the usual one; an empty one removes it.
let slice syntax (grid: Grid) (z: int) (pixels: uint16[]) (altered: (uint32 * string * byte[]) list) =
    let isExplicit, big = syntax <> ImplicitLittle, syntax = ExplicitBig
    let d, p = grid.Direction, grid.ToWorld(0., 0., float z)
    let us v = short big v

    let usual =
        [
            0x00080016u, "UI", text "1.2.840.10008.5.1.4.1.1.2"
            0x00080018u, "UI", text $"1.2.3.{z}"
            0x00080060u, "CS", text "CT"
            0x00180050u, "DS", decimals [ grid.Spacing.Z ]
            0x0020000Eu, "UI", text "1.2.3"
            0x00200032u, "DS", decimals [ p.X; p.Y; p.Z ]
            0x00200037u, "DS", decimals [ d.X.L; d.X.P; d.X.S; d.Y.L; d.Y.P; d.Y.S ]
            0x00280002u, "US", us 1
            0x00280004u, "CS", text "MONOCHROME2"
            0x00280010u, "US", us grid.Extent.Y
            0x00280011u, "US", us grid.Extent.X
            0x00280030u, "DS", decimals [ grid.Spacing.Y; grid.Spacing.X ]
            0x00280100u, "US", us 16
            0x00280101u, "US", us 16
            0x00280102u, "US", us 15
            0x00280103u, "US", us 1
            0x00281052u, "DS", decimals [ 0. ]
            0x00281053u, "DS", decimals [ 1. ]
        ]

    let tags = altered |> List.map (fun (t, _, _) -> t) |> set

    let elements =
        usual
        |> List.filter (fun (t, _, _) -> not (tags.Contains t))
        |> List.append (altered |> List.filter (fun (_, _, v) -> v.Length > 0))
        |> List.sortBy (fun (t, _, _) -> t)

    let body =
        elements
        |> List.map (fun (t, vr, v) -> element isExplicit big t vr v)
        |> Array.concat

    let native = pixels |> Array.collect (int >> short big)

    file
        syntax
        (Array.append
            body
            (match syntax with
             | RunLengths -> encapsulated true [ runLengths pixels ]
             | Encoded(_, fragments) -> encapsulated true fragments
             | JpegLossless -> encapsulated true [ jpegLossless grid.Extent.X grid.Extent.Y pixels ]
             | _ -> element isExplicit big 0x7FE00010u "OW" native))

/// Signed 16-bit pixels of a slice.
let pixels (volume: Volume<Hu>) z =
    volume.Slice(z).ToArray() |> Array.map (fun h -> uint16 (int16 h.Value))

/// A series in a folder; names do not follow the order of slices, and none is given twice.
let series syntax (volume: Volume<Hu>) folder =
    for z in 0 .. volume.Extent.Z - 1 do
        File.WriteAllBytes(
            Path.Combine(folder, $"{(z * 7 + 3) % 101}-{z}.dcm"),
            slice syntax volume.Grid z (pixels volume z) []
        )

/// A file whose meta information names its instance too, as those of archives do.
let named (uid: string) (bytes: byte[]) =
    let element =
        element true false 0x00020003u "UI" (even 0uy (Encoding.ASCII.GetBytes uid))

    // 128 bytes, DICM, then the group's length in 12.
    Array.concat
        [
            bytes[..139]
            BitConverter.GetBytes(BitConverter.ToInt32(bytes, 140) + element.Length)
            element
            bytes[144..]
        ]

/// The same as a study of its own, for archives: every UID is its own, and the files name theirs; the syntax may be each slice's.
let studyOfSlices (syntaxOf: int -> Syntax) (study: int) (volume: Volume<Hu>) folder =
    for z in 0 .. volume.Extent.Z - 1 do
        let uid = $"1.2.826.{study}.5.{z}"

        let altered =
            [
                0x00080018u, "UI", even 0uy (Encoding.ASCII.GetBytes uid)
                0x00100010u, "PN", text "Nobody"
                0x00100020u, "LO", text $"P{study}"
                0x0020000Du, "UI", even 0uy (Encoding.ASCII.GetBytes $"1.2.826.{study}")
                0x0020000Eu, "UI", even 0uy (Encoding.ASCII.GetBytes $"1.2.826.{study}.5")
                0x00200052u, "UI", even 0uy (Encoding.ASCII.GetBytes $"1.2.826.{study}.7")
            ]

        File.WriteAllBytes(
            Path.Combine(folder, $"{z:D3}.dcm"),
            named uid (slice (syntaxOf z) volume.Grid z (pixels volume z) altered)
        )

let studyOf syntax = studyOfSlices (fun _ -> syntax)
