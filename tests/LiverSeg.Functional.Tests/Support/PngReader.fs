/// Pictures taken apart again.
module LiverSeg.Functional.Tests.PngReader

open System
open System.Buffers.Binary
open System.IO
open System.IO.Compression
open System.Text
open Expecto

/// Width, height and pixels of a PNG of our own kind, with every checksum tested.
let decode (png: ReadOnlyMemory<byte>) =
    let bytes = png.ToArray()

    let crc (data: byte[]) =
        let mutable c = UInt32.MaxValue

        for b in data do
            c <- c ^^^ uint32 b

            for _ in 1..8 do
                c <-
                    if c &&& 1u <> 0u then
                        (c >>> 1) ^^^ 0xEDB88320u
                    else
                        c >>> 1

        c ^^^ UInt32.MaxValue

    let rec chunks at =
        if at >= bytes.Length then
            []
        else
            let length = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(bytes, at, 4))
            let body = bytes[at + 4 .. at + 7 + length]

            Expect.equal
                (BinaryPrimitives.ReadUInt32BigEndian(ReadOnlySpan(bytes, at + 8 + length, 4)))
                (crc body)
                "CRC"

            (Encoding.ASCII.GetString body[..3], body[4..]) :: chunks (at + 12 + length)

    let all = chunks 8
    Expect.equal (all |> List.map fst) [ "IHDR"; "IDAT"; "IEND" ] "only what is needed: no dates, no text"
    let header = snd all[0]
    let width = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(header, 0, 4))
    let height = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(header, 4, 4))
    use zlib = new ZLibStream(new MemoryStream(snd all[1]), CompressionMode.Decompress)
    use raw = new MemoryStream()
    zlib.CopyTo raw
    let raw = raw.ToArray()
    Expect.equal raw.Length (height * (width * 3 + 1)) "rows"
    let stride = width * 3
    let pixels = Array.zeroCreate<byte>(height * stride)

    for y in 0 .. height - 1 do
        for i in 0 .. stride - 1 do
            let above =
                if raw[y * (stride + 1)] = 2uy then
                    pixels[(y - 1) * stride + i]
                else
                    0uy

            pixels[y * stride + i] <- raw[y * (stride + 1) + 1 + i] + above

    width,
    height,
    (fun x y -> pixels[(y * width + x) * 3], pixels[(y * width + x) * 3 + 1], pixels[(y * width + x) * 3 + 2])

let count colour png =
    let w, h, pixel = decode png

    Seq.sum (
        seq {
            for y in 0 .. h - 1 do
                for x in 0 .. w - 1 -> if pixel x y = colour then 1 else 0
        }
    )
