// Runs the Slurm scripts of docs/howto-cluster.md, word for word but for sizes, on a real Slurm: two nodes on this machine, which it starts and ends.
//   dotnet fsi tests/gates/slurm.fsx [LIVERSEG.dll]      exit code 1: a job ended otherwise, or a result differs
#load "cluster.fsx"

open System
open System.IO
open System.Text.RegularExpressions
open Cluster

let model cv fold =
    $"{cv}/compact/phantom000{fold}/model.safetensors"

let folds cv last =
    Page.block "sh" "liver-folds"
    |> Page.sized
        [
            "--array=0-9", $"--array=0-{last}"
            "--cpus-per-task=2", "--cpus-per-task=1"
            "--mem=6G", "--mem=1500M"
            "-o cv", $"-o {cv}"
            "--preset practical", "--preset smoke --epochs 12"
            "fold-%a", $"{cv}-%%a"
        ]

/// An array of folds over both nodes, and the merge that waits for it.
let foldsAndMerge () =
    File.WriteAllText(path "folds.sh", folds "cv" 2)

    let lines =
        Page.block "sh" "--merge"
        |> Page.sized [ ("sbatch --dependency", "sbatch --parsable --dependency") ]

    let said = ask "bash" [ "-ec"; lines + "echo $first" ]
    let merge, first = said.Split('\n')[0], said.Split('\n')[1]
    let folds = finish "folds" first
    all "COMPLETED" folds
    expect "both nodes worked" ((folds |> List.map _.Node |> set) = set [ "n1"; "n2" ])
    all "COMPLETED" (finish "merge, afterany" merge)
    expect "every fold is in the table" ((File.ReadAllText(path $"slurm-{merge}.out")).Contains "3 scored, 0 failed")

/// One fold is put back in mid-run, the node of the other dies in mid-run; both end with the weights of the undisturbed folds.
let disturbed () =
    let cv = "cv-disturbed"
    let job = batch "disturbed.sh" (folds cv 1)

    let learning fold =
        let checkpoints = path $"{cv}/compact/phantom000{fold}/checkpoints"

        await 200 $"fold {fold} in mid-run" (fun () ->
            Directory.Exists checkpoints && Directory.GetFiles(checkpoints).Length >= 2)

        expect $"fold {fold} was too quick" (not (File.Exists(path (model cv fold))))

    learning 0
    ask "scontrol" [ "requeue"; $"{job}_0" ] |> ignore
    printfn "%-22s task 0 in mid-run" "scontrol requeue"
    learning 1
    let node = (tasks job |> List.item 1).Node
    kill node
    await 120 $"{node} down" (fun () -> (stateOf node).StartsWith "down")
    printfn "%-22s %s" node (stateOf node)
    let found = finish "disturbed" job
    all "COMPLETED" found
    expect "each was started again once" (found |> List.forall (fun t -> t.Restarts = 1))
    expect "the other node did it" (found[1].Node <> node)
    ask "slurmd" [ "-N"; node ] |> ignore
    await 60 $"{node} back" (fun () -> stateOf node = "idle")
    printfn "%-22s back, %s" node (stateOf node)

    for fold in 0..1 do
        let log = File.ReadAllText(path $"{cv}-{fold}.log")
        let count (words: string) = Regex.Matches(log, words).Count
        expect $"fold {fold} began anew" (count "epoch 1 of 12" = 1 && count "epoch 12 of 12" = 1)

        let told =
            if log.Contains "stopped: the state is saved" then
                "told to stop, "
            else
                ""

        printfn "%-22s %swent on from its epoch" $"{cv}-{fold}.log" told
        same $"weights of fold {fold}" (model "cv" fold) (model cv fold)

/// A scan of so many voxels that it outgrows a small limit unless it is worked on in slabs: each of a phantom's voxels 4 × 4 × 4 times.
let enlarge (source: string) (target: string) =
    let bytes, k = File.ReadAllBytes source, 4
    let start = int (BitConverter.ToSingle(bytes, 108))

    let size = [| for i in 0..2 -> int (BitConverter.ToInt16(bytes, 42 + 2 * i)) |]

    let nx, ny, nz = size[0], size[1], size[2]
    let header = bytes[.. start - 1]

    for i in 0..2 do
        BitConverter.GetBytes(int16 (size[i] * k)).CopyTo(header, 42 + 2 * i)

    for at in
        [ 80; 84; 88 ]
        @ [
            for row in [ 280; 296; 312 ] do
                yield! [ row; row + 4; row + 8 ]
        ] do
        BitConverter.GetBytes(BitConverter.ToSingle(bytes, at) / float32 k).CopyTo(header, at)

    use file = File.Create target
    file.Write header
    let slice = Array.zeroCreate<byte>(2 * k * nx * k * ny)

    for z in 0 .. nz - 1 do
        for y in 0 .. k * ny - 1 do
            for x in 0 .. k * nx - 1 do
                let from, into = start + 2 * ((z * ny + y / k) * nx + x / k), 2 * (y * k * nx + x)
                slice[into] <- bytes[from]
                slice[into + 1] <- bytes[from + 1]

        for _ in 1..k do
            file.Write slice

/// Jobs on a small and a large scan with a limit of 1000 MiB: one that may plan with more than it has, the same bounded, and one that is told nothing.
let memory () =
    let liverseg = ask "liverseg"

    liverseg [ "phantom"; "-o"; "one"; "--seed"; "9"; "--spacing"; "3"; "-q" ]
    |> ignore

    Directory.CreateDirectory(path "large") |> ignore
    let ct = "one/phantom0009-ct.nii.gz"
    liverseg [ "convert"; "-i"; ct; "-o"; "large/a.nii" ] |> ignore
    enlarge (path "large/a.nii") (path "large/b.nii")

    let submit limit bound masks =
        Page.block "sh" "--wrap \"liverseg segment"
        |> Page.sized
            [
                "sbatch", "sbatch --parsable"
                "--mem=4G", $"--mem={limit}"
                "--cpus-per-task=2", "--cpus-per-task=1"
                "-i scans", "-i large"
                "-o masks", $"-o {masks}"
                "--threads 2", "--threads 1 --fast -v"
                " --max-memory 3500M", bound
            ]
        |> fun line -> ask "bash" [ "-ec"; line ]

    let say job =
        for line in File.ReadLines(path $"slurm-{job}.out") do
            if Regex.IsMatch(line, "b.nii: .*(peak|memory about)|kept|oom-kill|liverseg: ") then
                let line = Regex.Replace(line, @"^.*b\.nii: | @ .* LPS| in StepId.*", "")
                printfn "%-22s %s" $"slurm-{job}.out" line[..99]

    let mask masks = masks + "/b-liver.nii.gz"
    let free = submit "3500M" " --max-memory 8G" "free"
    let over = submit "1000M" " --max-memory 8G" "bound"
    let untold = submit "1000M" "" "untold"
    let killed = finish "1000 MiB, told 8 GiB" over
    say over
    all "OUT_OF_MEMORY" killed
    let again = submit "1000M" " --max-memory 900M" "bound"
    all "COMPLETED" (finish "3500 MiB" free)
    say free
    all "COMPLETED" (finish "1000 MiB, told nothing" untold)
    say untold
    all "COMPLETED" (finish "1000 MiB, told 900 MiB" again)
    say again
    same "the large scan's mask" (mask "free") (mask "bound")
    same "told nothing" (mask "free") (mask "untold")
    "a job killed at its limit went on within a bound, and one told nothing kept its limit"

/// An array over a folder of scans: every scan is in one part.
let parts () =
    ask "liverseg" [ "phantom"; "-o"; "made"; "--cases"; "5"; "--spacing"; "8"; "-q" ]
    |> ignore

    Directory.CreateDirectory(path "scans") |> ignore

    for ct in Directory.GetFiles(path "made", "*-ct.nii.gz") do
        File.Copy(ct, path ("scans/" + Path.GetFileName ct))

    let job =
        Page.block "sh" "liver-scans"
        |> Page.sized
            [
                "--array=0-9", "--array=0-2"
                "--cpus-per-task=2", "--cpus-per-task=1"
                "--mem=4G", "--mem=1500M"
            ]
        |> batch "scans.sh"

    let found = finish "parts" job
    all "COMPLETED" found
    expect "both nodes worked" ((found |> List.map _.Node |> set) = set [ "n1"; "n2" ])

    let cases =
        [
            for k in 0..2 ->
                [
                    for line in File.ReadLines(path $"masks/segment-summary-{k}-of-3.csv") |> Seq.skip 1 ->
                        line.Split(',')[0]
                ]
        ]

    printfn "%-22s %s" "scans of each part" (String.Join(" | ", cases |> List.map (String.concat " ")))
    let sorted = List.concat cases |> List.sort
    expect "a scan in two parts or in none" (sorted = [ for i in 0..4 -> $"phantom000{i}-ct" ])
    expect "a mask for each" (Directory.GetFiles(path "masks", "*-liver.nii.gz").Length = 5)
    "parts were disjoint and complete"

let work () =
    let limits = (File.ReadAllText(path "limits")).Trim() = "yes"

    let how =
        if limits then
            "control groups limit memory"
        else
            "no limits of memory"

    printfn "%s, %s" (ask "slurmctld" [ "-V" ]) how

    ask "liverseg" [ "phantom"; "-o"; "."; "--cases"; "3"; "--spacing"; "8"; "-q" ]
    |> ignore

    foldsAndMerge ()
    disturbed ()

    let kept =
        if limits then
            memory ()
        else
            "limits of memory were not shown: no control groups of version 1"

    let shared = parts ()

    printfn
        "shown: folds over two nodes and their merge; a fold put back and a fold whose node died end with the same weights;"

    printfn "  %s; %s. %.0f s" kept shared clock.Elapsed.TotalSeconds

exit (within work)
