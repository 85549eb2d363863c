/// Pictures taken apart again.
module LiverSeg.Functional.Tests.PngReader

open System
open System.Buffers.Binary
open System.Text
open Expecto
open SkiaSharp

/// The kinds of a PNG's chunks, in order.
let private chunks (png: byte[]) =
    let rec from at =
        if at >= png.Length then
            []
        else
            let length = BinaryPrimitives.ReadInt32BigEndian(ReadOnlySpan(png, at, 4))
            Encoding.ASCII.GetString(png, at + 4, 4) :: from (at + 12 + length)

    from 8

/// Width, height and pixels of a PNG that holds nothing but the picture.
let decode (png: ReadOnlyMemory<byte>) =
    let bytes = png.ToArray()

    Expect.isEmpty (chunks bytes |> List.except [ "IHDR"; "sRGB"; "sBIT"; "IDAT"; "IEND" ]) "no dates, no text"

    use bitmap = SKBitmap.Decode bytes
    let pixels = bitmap.Pixels

    bitmap.Width,
    bitmap.Height,
    (let width = bitmap.Width in

     fun x y -> let c = pixels[y * width + x] in c.Red, c.Green, c.Blue)

/// How many pixels are of nearly this colour: soft edges are mixed with what lies below.
let count (r: byte, g: byte, b: byte) png =
    let w, h, pixel = decode png
    let near a b = abs (int a - int b) < 50

    Seq.sum (
        seq {
            for y in 0 .. h - 1 do
                for x in 0 .. w - 1 ->
                    let r', g', b' = pixel x y in if near r r' && near g g' && near b b' then 1 else 0
        }
    )
