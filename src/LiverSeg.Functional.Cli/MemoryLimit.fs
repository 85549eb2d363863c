/// --max-memory: a size in words, and a bound that the whole process keeps.
module LiverSeg.Functional.Cli.MemoryLimit

open System
open System.Globalization
open System.Runtime.InteropServices
open LiverSeg.Functional.Cli.Terminal

/// As 1500M or 2G, binary; the unit must be named.
let parse (text: string) =
    let units = [ "K", 1024.; "M", 1048576.; "G", 1073741824.; "T", 1099511627776. ]
    let plain = text.Trim().ToUpperInvariant().Replace("IB", "").Replace("B", "")

    match
        units
        |> List.tryFind (fun (unit, _) -> plain.EndsWith(unit, StringComparison.Ordinal))
    with
    | Some(_, factor) ->
        match Double.TryParse(plain[.. plain.Length - 2], NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, number when number > 0. && number * factor < 1e18 -> int64 (number * factor)
        | _ -> raise (Usage $"--max-memory {text}: a positive size as 1500M or 2G")
    | None -> raise (Usage $"--max-memory {text}: a size with its unit, as 1500M or 2G")

/// glibc's way to set how its allocator works.
[<DllImport "libc">]
extern int private mallopt(int parameter, int value)

/// Blocks of a megabyte and more go back to the system at once instead of lying about in pieces, at some cost of time.
let private giveBackAtOnce () =
    if OperatingSystem.IsLinux() then
        try
            mallopt (-3, 1 <<< 20) |> ignore // M_MMAP_THRESHOLD
        with
        | :? EntryPointNotFoundException
        | :? DllNotFoundException -> () // another C library

/// What a plan leaves to managed arrays becomes a hard bound: the collector then works in time.
let keep (managedBytes: int64) =
    giveBackAtOnce ()
    AppContext.SetData("GCHeapHardLimit", uint64 (max (64L <<< 20) managedBytes))
    GC.RefreshMemoryLimit()
