/// DICOM segmentations and structure sets as other programs write them: sparse frames in any order, several segments, every kind of pixel.
module LiverSeg.Functional.Tests.DicomMasks

open System
open System.IO
open LiverSeg.Functional
open LiverSeg.Functional.Tests.DicomFixture

type Kind =
    | Binary
    | Fractional of maximum: int
    | LabelMap of bits: int

/// A frame: whose it is (of no account in a label map), its slice, and a number per pixel.
type Frame = { Segment: int; Z: int; Pixels: int[] }

/// What a writer may do otherwise.
type Style =
    {
        Implicit: bool
        /// Whether SpacingBetweenSlices is written.
        Between: bool
        /// Whether SliceThickness is written.
        Thickness: bool
        /// Whether places are shared, where there is one frame, and the segment, where all frames have one.
        Shared: bool
    }

let plain =
    {
        Implicit = false
        Between = true
        Thickness = true
        Shared = false
    }

let private item (content: byte[] list) =
    let bytes = Array.concat content
    Array.concat [ [| 0xFEuy; 0xFFuy; 0uy; 0xE0uy |]; BitConverter.GetBytes bytes.Length; bytes ]

let private chars (s: string) =
    let b = Text.Encoding.UTF8.GetBytes s
    if b.Length % 2 = 0 then b else Array.append b [| 32uy |]

/// Elements and sequences of one encoding.
type private Writer(isExplicit: bool) =
    member _.E tag vr value = element isExplicit false tag vr value

    member w.Text tag vr (s: string) = w.E tag vr (chars s)
    member w.Us tag (v: int) = w.E tag "US" (short false v)

    member w.Sq tag (items: byte[] list list) =
        w.E tag "SQ" (items |> List.map item |> Array.concat)

let private packed kind (frames: Frame list) =
    let numbers = frames |> List.map _.Pixels |> Array.concat

    let bytes =
        match kind with
        | Binary ->
            let bytes = Array.zeroCreate ((numbers.Length + 7) / 8)

            numbers
            |> Array.iteri (fun i n ->
                if n <> 0 then
                    bytes[i / 8] <- bytes[i / 8] ||| (1uy <<< (i % 8)))

            bytes
        | LabelMap 16 -> numbers |> Array.collect (short false)
        | _ -> numbers |> Array.map byte

    if bytes.Length % 2 = 0 then
        bytes
    else
        Array.append bytes [| 0uy |]

let private finish style body =
    file (if style.Implicit then ImplicitLittle else ExplicitLittle) (Array.concat body)

/// A segmentation of segments (number, name, SCT code) on a grid, whose slices are the places of its frames.
let segmentation (style: Style) kind (segments: (int * string * string) list) (grid: Grid) (frames: Frame list) =
    let w = Writer(not style.Implicit)
    let d = grid.Direction

    let bits =
        match kind with
        | Binary -> 1
        | Fractional _ -> 8
        | LabelMap bits -> bits

    let place (f: Frame) =
        let p = grid.ToWorld(0., 0., float f.Z)
        w.Sq 0x00209113u [ [ w.E 0x00200032u "DS" (decimals [ p.X; p.Y; p.Z ]) ] ]

    let whose (f: Frame) =
        w.Sq 0x0062000Au [ [ w.Us 0x0062000Bu f.Segment ] ]

    let isMap =
        match kind with
        | LabelMap _ -> true
        | _ -> false

    let onePlace = style.Shared && frames.Length = 1

    let oneSegment =
        style.Shared && not isMap && (frames |> List.distinctBy _.Segment).Length = 1

    finish
        style
        [
            w.Text 0x00080005u "CS" "ISO_IR 192"

            w.Text
                0x00080016u
                "UI"
                (if isMap then
                     "1.2.840.10008.5.1.4.1.1.66.7"
                 else
                     "1.2.840.10008.5.1.4.1.1.66.4")

            w.Text 0x00080018u "UI" "1.2.9.1"
            w.Text 0x00080060u "CS" "SEG"

            w.Sq
                0x00081115u
                [
                    [
                        w.Sq
                            0x0008114Au
                            [
                                for z in 0 .. grid.Extent.Z - 1 ->
                                    [
                                        w.Text 0x00081150u "UI" "1.2.840.10008.5.1.4.1.1.2"
                                        w.Text 0x00081155u "UI" $"1.2.3.{z}"
                                    ]
                            ]
                        w.Text 0x0020000Eu "UI" "1.2.3"
                    ]
                ]

            w.Text 0x0020000Eu "UI" "1.2.9"
            w.Us 0x00280002u 1
            w.Text 0x00280004u "CS" (if bits = 16 then "PALETTE COLOR" else "MONOCHROME2")
            w.Text 0x00280008u "IS" (string frames.Length)
            w.Us 0x00280010u grid.Extent.Y
            w.Us 0x00280011u grid.Extent.X
            w.Us 0x00280100u bits
            w.Us 0x00280101u bits
            w.Us 0x00280102u (bits - 1)
            w.Us 0x00280103u 0

            w.Text
                0x00620001u
                "CS"
                (match kind with
                 | Binary -> "BINARY"
                 | Fractional _ -> "FRACTIONAL"
                 | LabelMap _ -> "LABELMAP")

            w.Sq
                0x00620002u
                [
                    for number, name, code in segments ->
                        [
                            w.Us 0x00620004u number
                            w.Text 0x00620005u "LO" name
                            w.Sq 0x0062000Fu [ [ w.Text 0x00080100u "SH" code; w.Text 0x00080102u "SH" "SCT" ] ]
                        ]
                ]

            match kind with
            | Fractional maximum -> w.Us 0x0062000Eu maximum
            | _ -> ()

            w.Sq
                0x52009229u
                [
                    [
                        w.Sq
                            0x00209116u
                            [
                                [ w.E 0x00200037u "DS" (decimals [ d.X.L; d.X.P; d.X.S; d.Y.L; d.Y.P; d.Y.S ]) ]
                            ]
                        w.Sq
                            0x00289110u
                            [
                                [
                                    if style.Thickness then
                                        w.E 0x00180050u "DS" (decimals [ grid.Spacing.Z ])
                                    if style.Between then
                                        w.E 0x00180088u "DS" (decimals [ grid.Spacing.Z ])
                                    w.E 0x00280030u "DS" (decimals [ grid.Spacing.Y; grid.Spacing.X ])
                                ]
                            ]
                        if onePlace then
                            place frames.Head
                        if oneSegment then
                            whose frames.Head
                    ]
                ]

            w.Sq
                0x52009230u
                [
                    for f in frames ->
                        [
                            if not onePlace then
                                place f
                            if not oneSegment && not isMap then
                                whose f
                        ]
                ]

            w.E 0x7FE00010u "OW" (packed kind frames)
        ]

/// A structure set: regions (number, name) and the contours of each, points in the patient.
let structures (style: Style) (regions: (int * string * (float * float * float)[] list) list) =
    let w = Writer(not style.Implicit)

    finish
        style
        [
            w.Text 0x00080016u "UI" "1.2.840.10008.5.1.4.1.1.481.3"
            w.Text 0x00080018u "UI" "1.2.9.2"
            w.Text 0x00080060u "CS" "RTSTRUCT"
            w.Text 0x0020000Eu "UI" "1.2.9.3"

            w.Sq
                0x30060020u
                [
                    for number, name, _ in regions ->
                        [ w.Text 0x30060022u "IS" (string number); w.Text 0x30060026u "LO" name ]
                ]

            w.Sq
                0x30060039u
                [
                    for number, _, contours in List.rev regions ->
                        [
                            w.Sq
                                0x30060040u
                                [
                                    for points in contours ->
                                        [
                                            w.Text 0x30060042u "CS" "CLOSED_PLANAR"
                                            w.Text 0x30060046u "IS" (string points.Length)
                                            w.E
                                                0x30060050u
                                                "DS"
                                                (points |> Seq.collect (fun (x, y, z) -> [ x; y; z ]) |> decimals)
                                        ]
                                ]
                            w.Text 0x30060084u "IS" (string number)
                        ]
                ]
        ]

let write (path: string) (bytes: byte[]) =
    File.WriteAllBytes(path, bytes)
    path

let inside (mask: Volume<bool>) =
    let mutable count = 0

    for v in mask.Voxels do
        if v then
            count <- count + 1

    count

let sameVoxels (a: Volume<bool>) (b: Volume<bool>) =
    a.Grid.GeometryEquals(b.Grid, 1e-3)
    && MemoryExtensions.SequenceEqual(a.Voxels, b.Voxels)
