/// segment --max-memory: what a scan needs, and a bound that the process keeps.
module LiverSeg.Functional.Cli.Bounding

open System
open System.Runtime.InteropServices
open Argu
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Arguments
open LiverSeg.Functional.Cli.Shell

/// As 1500M or 2G, binary; the unit must be named.
let sizeOf (text: string) =
    let units = [ "K", 1024.; "M", 1048576.; "G", 1073741824.; "T", 1099511627776. ]

    let plain = text.Trim().ToUpperInvariant().Replace("IB", "").Replace("B", "")

    match
        units
        |> List.tryFind (fun (u, _) -> plain.EndsWith(u, StringComparison.Ordinal))
    with
    | Some(unit, factor) ->
        match
            Double.TryParse(
                plain[.. plain.Length - unit.Length - 1],
                Globalization.NumberStyles.Float,
                Globalization.CultureInfo.InvariantCulture
            )
        with
        | true, number when number > 0. && number * factor < 1e18 -> int64 (number * factor)
        | _ -> raise (Usage $"--max-memory {text}: a positive size as 1500M or 2G")
    | None -> raise (Usage $"--max-memory {text}: a size with its unit, as 1500M or 2G")

/// glibc's way to set how its allocator works.
[<DllImport "libc">]
extern int private mallopt(int parameter, int value)

/// Blocks of a megabyte and more go back to the system at once instead of lying about in pieces; for a bound of memory, at some cost of time.
let private giveBackAtOnce () =
    if OperatingSystem.IsLinux() then
        try
            mallopt (-3, 1 <<< 20) |> ignore // M_MMAP_THRESHOLD
        with
        | :? EntryPointNotFoundException
        | :? DllNotFoundException -> () // another C library

/// The plan for a scan, or a refusal before any voxel is read.
let planOf (args: ParseResults<SegmentArgs>) (model: Model) (scan: Inputs.Scan) (wholeOnly: bool) =
    let info = VolumeFile.Info(scan.Path, scan.Dicom)

    let bound =
        args.TryGetResult SegmentArgs.Max_Memory
        |> Option.map sizeOf
        |> Option.toNullable

    let smaller = args.Contains SegmentArgs.Smaller_Tiles

    let plan =
        MemoryPlan.Of(
            info.Grid,
            model,
            MemoryPlanOptions(BoundBytes = bound, WholeOnly = wholeOnly, SmallerTiles = smaller)
        )

    if not plan.IsPossible then
        let remedies =
            [
                "allow more"
                if wholeOnly then
                    "leave --probability, --stats and --report out"
                if not smaller then
                    "add --smaller-tiles for another, often worse mask"
                "crop the scan"
            ]

        raise (
            MemoryBound(
                invariant
                    $"{scan.Path}: --max-memory: found {bound.Value >>> 20} MiB, expected at least {plan.MinBytes >>> 20} MiB for {info.Grid.Extent}; "
                + String.Join(", or ", remedies)
            )
        )

    if plan.Tile <> model.Tile then
        warn
            $"{scan.Path}: tiles of {plan.Tile} instead of {model.Tile} to stay below --max-memory; the mask is not what it is with enough memory"

    note (invariant $"{scan.Path}: {info.Grid}, memory {plan}")
    // What the plan leaves to managed arrays becomes a hard bound: the collector then works in time.
    if bound.HasValue then
        giveBackAtOnce ()
        AppContext.SetData("GCHeapHardLimit", uint64 (max (64L <<< 20) (bound.Value - plan.NativeBytes)))
        GC.RefreshMemoryLimit()

    info, plan
