/// What a scheduler or a control group allows is kept where no option says otherwise.
module LiverSeg.Functional.Tests.JobLimitsTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Cli
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Cli

let private within (variables: (string * string) list) work =
    let before =
        [ for name, _ in variables -> name, Environment.GetEnvironmentVariable name ]

    try
        for name, value in variables do
            Environment.SetEnvironmentVariable(name, value)

        work ()
    finally
        for name, value in before do
            Environment.SetEnvironmentVariable(name, value)

let private group (path: string -> string) (file: string) (text: string) =
    let file = path file
    Directory.CreateDirectory(Path.GetDirectoryName file) |> ignore
    File.WriteAllText(file, text)

[<Tests>]
let tests =
    testSequenced
    <| testList
        "Cli job limits"
        [
            testCase "a control group's memory is the least of its own and those around it, in both versions"
            <| fun () ->
                inFolder (fun path ->
                    let root = path "cg"
                    group path "cg/memory.max" "max\n"
                    group path "cg/slurm/memory.max" "2000\n"
                    group path "cg/slurm/job/memory.max" "3000\n"
                    group path "cg/memory/job/memory.limit_in_bytes" "1500\n"
                    let limit = JobLimits.ofControlGroup root
                    Expect.equal (limit "0::/slurm/job\n") (Some 2000L) "version 2"
                    Expect.equal (limit "0::/\n") None "no limit"
                    Expect.equal (limit "9:name=systemd:/\n4:memory:/job/step\n1:cpu:/\n") (Some 1500L) "version 1"
                    Expect.equal (limit "4:memory:/elsewhere\n0::/elsewhere\n") None "not to be seen from here")
            testCase "Slurm's threads are taken, and an option goes before them"
            <| fun () ->
                within [ "SLURM_CPUS_PER_TASK", "3" ] (fun () ->
                    Expect.equal (JobLimits.threads None) 3 "the job's"
                    Expect.equal (JobLimits.threads (Some 2)) 2 "the option's")

                within [ "SLURM_CPUS_PER_TASK", null ] (fun () ->
                    Expect.equal (JobLimits.threads None) 0 "the machine's")
            testCase "Slurm's memory is a bound that says whose it is"
            <| fun () ->
                within
                    [
                        "SLURM_MEM_PER_NODE", null
                        "SLURM_MEM_PER_CPU", "50"
                        "SLURM_CPUS_ON_NODE", "4"
                    ]
                    (fun () ->
                        Expect.equal
                            (JobLimits.memory ())
                            (Some(200L <<< 20, "SLURM_MEM_PER_CPU"))
                            "a share for each processor")

                inFolder (fun path ->
                    let ct =
                        (Phantom.abdomen (PhantomOptions(Seed = 3L, Spacing = Spacing(4., 4., 6.)))).Ct

                    ct |> VolumeFile.write (path "ct.nii")

                    within [ "SLURM_MEM_PER_NODE", "100" ] (fun () ->
                        let text = exits 7 [ "segment"; "-i"; path "ct.nii"; "-o"; path "m.nii"; "--fast" ]
                        Expect.stringContains text "SLURM_MEM_PER_NODE: found 95 MiB, expected at least" "whose bound"
                        Expect.isFalse (File.Exists(path "m.nii")) "no mask"))
        ]
