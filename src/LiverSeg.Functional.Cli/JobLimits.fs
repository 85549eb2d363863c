/// What a scheduler or container allows this process, where no option says otherwise.
module LiverSeg.Functional.Cli.JobLimits

open System
open System.Globalization
open System.IO

let private number (text: string) =
    match Int64.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
    | true, n when n > 0L -> Some n
    | _ -> None

let private variable name =
    Environment.GetEnvironmentVariable name |> Option.ofObj |> Option.bind number

/// The option's threads, else the Slurm job's.
let optionalThreads (given: int option) =
    given |> Option.orElse (variable "SLURM_CPUS_PER_TASK" |> Option.map int)

/// The same; without both 0, one per processor.
let threads given =
    optionalThreads given |> Option.defaultValue 0

/// The least limit of a control group and those around it. `self` is /proc/self/cgroup's text, `root` where the groups lie.
let ofControlGroup (root: string) (self: string) =
    let rec limits (file: string) (folder: string) (path: string) =
        [
            let place = Path.Combine(root, folder, path.TrimStart '/', file)

            if File.Exists place then
                yield! File.ReadAllText(place).Trim() |> number |> Option.toList

            if path.Length > 1 then
                yield! limits file folder (path[.. path.LastIndexOf '/' - 1])
        ]

    [
        for line in self.Split('\n', StringSplitOptions.RemoveEmptyEntries) do
            match line.Split(':', 3) with
            // Version 2 has one tree, version 1 one for each controller.
            | [| "0"; ""; path |] -> yield! limits "memory.max" "" path
            | [| _; controllers; path |] when Array.contains "memory" (controllers.Split ',') ->
                yield! limits "memory.limit_in_bytes" "memory" path
            | _ -> ()
    ]
    |> List.sort
    |> List.tryHead

/// The memory of the job in bytes and who says so; none where it has the whole machine's.
let memory () =
    let slurm =
        match variable "SLURM_MEM_PER_NODE", variable "SLURM_MEM_PER_CPU", variable "SLURM_CPUS_ON_NODE" with
        | Some mib, _, _ -> [ mib <<< 20, "SLURM_MEM_PER_NODE" ]
        | None, Some mib, Some cpus -> [ (mib * cpus) <<< 20, "SLURM_MEM_PER_CPU" ]
        | _ -> []

    let group =
        if File.Exists "/proc/self/cgroup" then
            File.ReadAllText "/proc/self/cgroup"
            |> ofControlGroup "/sys/fs/cgroup"
            |> Option.map (fun bytes -> bytes, "the control group")
            |> Option.toList
        else
            []

    slurm @ group
    |> List.sortBy fst
    |> List.tryHead
    // Version 1 says "none" by a number larger than any memory.
    |> Option.filter (fun (bytes, _) -> bytes < (1L <<< 60))
