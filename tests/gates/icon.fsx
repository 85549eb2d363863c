// The packages' icon, a phantom's liver at its largest slice:  dotnet fsi icon.fsx [PNG]
#load "../../scripts/load.fsx"

open System.IO
open System.IO.Compression
open LiverSeg.Functional

let liver =
    (Phantom.abdomen (PhantomOptions(Seed = 1000L, Spacing = Spacing.Isotropic 2.))).Liver

let inside z =
    liver.Slice(z).ToArray() |> Array.filter id |> Array.length

let z = Seq.maxBy inside [ 0 .. liver.Extent.Z - 1 ]
let box = (liver |> Volume.slab z 1 |> Mask.boundingBox).Value
let step = float (max box.Extent.X box.Extent.Y) / 104.

let at x y =
    let i = box.X + int (float box.Extent.X / 2. + float (x - 64) * step)
    let j = box.Y + int (float box.Extent.Y / 2. + float (y - 64) * step)
    liver.Extent.Contains(i, j, z) && liver[i, j, z]

let colour x y =
    match at x y, at (x - 2) y && at (x + 2) y && at x (y - 2) && at x (y + 2) with
    | true, true -> [| 196uy; 78uy; 64uy |]
    | true, false -> [| 255uy; 214uy; 102uy |]
    | false, _ -> [| 30uy; 42uy; 58uy |]

let crc (bytes: byte[]) =
    let turn c =
        if c &&& 1u = 1u then 0xEDB88320u ^^^ (c >>> 1) else c >>> 1

    ~~~(bytes
        |> Array.fold (fun c b -> Seq.fold (fun c _ -> turn c) (c ^^^ uint b) [ 1..8 ]) 0xFFFFFFFFu)

let big (n: uint) =
    Array.rev (System.BitConverter.GetBytes n)

let chunk (name: byte[]) data =
    Array.concat
        [
            big (uint (Array.length data))
            name
            data
            big (crc (Array.append name data))
        ]

let pack (data: byte[]) =
    use packed = new MemoryStream()
    (use zip = new ZLibStream(packed, CompressionLevel.SmallestSize, true) in zip.Write data)
    packed.ToArray()

let pixels =
    [|
        for y in 0..127 do
            yield 0uy

            for x in 0..127 do
                yield! colour x y
    |]

let header = Array.concat [ big 128u; big 128u; [| 8uy; 2uy; 0uy; 0uy; 0uy |] ]

let png =
    Array.concat
        [
            [| 137uy; 80uy; 78uy; 71uy; 13uy; 10uy; 26uy; 10uy |]
            chunk "IHDR"B header
            chunk "IDAT"B (pack pixels)
            chunk "IEND"B [||]
        ]

let path = fsi.CommandLineArgs |> Array.tryItem 1 |> Option.defaultValue "icon.png"
File.WriteAllBytes(path, png)
