/// Headers of one scan that differ by rounding, and those that do not.
module LiverSeg.Functional.Tests.LatticeHeaderTests

open System
open System.Globalization
open System.IO
open System.Text.RegularExpressions
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.MaskPairs

/// Moved by parts of a voxel along its own axes.
let private shifted x y z (grid: Grid) =
    Grid(grid.Extent, grid.Spacing, grid.ToWorld(x, y, z), grid.Direction)

/// A MetaImage with its spacing written in so many decimals, and how many voxels the last corner is off.
let private rounded digits (grid: Grid) (mask: Volume<bool>) (path: string) =
    mask.Write path

    let text (v: float) =
        v.ToString("F" + string digits, CultureInfo.InvariantCulture)

    let s, e = grid.Spacing, grid.Extent
    let header = File.ReadAllText path

    File.WriteAllText(
        path,
        Regex.Replace(header, "ElementSpacing = [^\n]*", $"ElementSpacing = {text s.X} {text s.Y} {text s.Z}")
    )

    let off step count =
        abs (float (text step) / step - 1.) * float count

    List.max [ off s.X e.X; off s.Y e.Y; off s.Z e.Z ]

[<Tests>]
let tests =
    testList
        "Lattice headers"
        [
            lawTimes 200 "a shift of up to 0.05 voxels is rounding, a larger one another grid"
            <| Prop.forAll
                (Arb.fromGen (Gen.zip3 (gridOf 40) (Gen.elements [ 0; 1; 2 ]) (between -0.12 0.12)))
                (fun (grid, axis, shift) ->
                    let moved = Array.init 3 (fun i -> if i = axis then shift else 0.)

                    let other = shifted moved[0] moved[1] moved[2] grid

                    abs (abs shift - 0.05) < 1e-3
                    || grid.GeometryEquals other = (abs shift <= 0.05)
                       && other.GeometryEquals grid = (abs shift <= 0.05))

            law "any grid equals itself, and none its neighbour by 0.06 voxels" (fun (grid: Grid) ->
                grid.GeometryEquals grid && not (grid.GeometryEquals(shifted 0.06 0. 0. grid)))

            lawTimes 60 "headers rounded to a few decimals are taken up to the bound, said, and refused beyond it"
            <| Prop.forAll
                (Arb.fromGen (Gen.zip3 (Gen.choose (100, 512)) spacing (Gen.choose (2, 6))))
                (fun (wide, spacing, digits) ->
                    inFolder (fun path ->
                        let grid =
                            Grid.Of(Extent(wide, 3, 2), Spacing(spacing.X * 1.00007, spacing.Y, spacing.Z))

                        let mask = Volume.init grid (fun x _ _ -> x > wide / 2)
                        let off = rounded digits grid mask (path "rounded.mha")
                        mask.Write(path "exact.mha")
                        let said = ResizeArray<string>()

                        let dice () =
                            (path "rounded.mha"
                             |> Metrics.ofFiles (MetricsOptions()) said.Add MaskLabel.Any (path "exact.mha"))
                                .Dice

                        if off <= 0.049 then
                            let mm = off * spacing.X
                            Expect.equal (dice ()) 1. $"{digits} decimals of {grid}"

                            if mm > 2e-3 then
                                Expect.stringContains (Seq.exactlyOne said) "rounding" "said"
                            elif mm < 1e-4 then
                                Expect.isEmpty said "float32 is no news"
                        elif off >= 0.051 then
                            try
                                dice () |> ignore
                                failtest $"{off} voxels off"
                            with FileError.Thrown e ->
                                Expect.equal (e.Code, e.Kind) ("other-grid", FileErrorKind.BadFile) "code"))

            lawTimes 40 "directions and origins kept to four decimals are taken in every format's bounds"
            <| Prop.forAll (Arb.fromGen (Gen.zip direction spacing)) (fun (direction, spacing) ->
                inFolder (fun path ->
                    let grid =
                        Grid(Extent(20, 16, 8), spacing, Point(-123.45678, 98.76543, -1000.00005), direction)

                    let mask = boxOf grid (3, 15) (2, 9) (1, 6)
                    mask.Write(path "exact.nii.gz")
                    mask.Write(path "rounded.mha")
                    let text = File.ReadAllText(path "rounded.mha", Text.Encoding.Latin1)

                    let shortened =
                        Regex.Replace(
                            text,
                            @"(?<=\n(TransformMatrix|Offset) = )[^\n]*",
                            fun m ->
                                m.Value.Split ' '
                                |> Array.map (fun n -> (float n).ToString("F4", CultureInfo.InvariantCulture))
                                |> String.concat " "
                        )

                    File.WriteAllText(path "rounded.mha", shortened, Text.Encoding.Latin1)

                    let dice =
                        (path "rounded.mha"
                         |> Metrics.ofFiles (MetricsOptions()) ignore MaskLabel.Any (path "exact.nii.gz"))
                            .Dice

                    Expect.equal dice 1. $"{grid}"))
        ]
