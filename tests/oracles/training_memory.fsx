// Does training leak?  dotnet fsi training_memory.fsx [STEPS]
// Trains a small network and prints the slope of the resident memory in MiB a step, by least squares after the first fifth.
#load "../../scripts/load.fsx"

open System
open System.Diagnostics
open LiverSeg.Functional

let steps =
    fsi.CommandLineArgs
    |> Array.tryItem 1
    |> Option.map int
    |> Option.defaultValue 1000

let every = 25
let spacing = Spacing.Isotropic 8.
let network = Architectures.compact [ 4; 8 ]
let start = Model(network, network |> Weights.he 1L, Spacing = spacing)
let phantom = Phantom.abdomen (PhantomOptions(Seed = 1L, Spacing = spacing))
let case = Training.prepare start "phantom" phantom.Ct phantom.Liver
let resident = ResizeArray<float * float>()

let heard (e: EpochRecord) =
    let status = IO.File.ReadLines "/proc/self/status" |> Seq.find _.StartsWith("VmRSS")
    let kib = status.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] |> float
    resident.Add(float (e.Epoch * every), kib / 1024.)

start
|> Training.fit (TrainingOptions.Smoke.Adjust(steps / every, every, 1L, 1)) heard [ case ]
|> ignore

let late =
    resident |> Seq.filter (fun (s, _) -> s > float steps / 5.) |> Array.ofSeq

let meanOf f = late |> Array.averageBy f
let s, m = meanOf fst, meanOf snd

let slope =
    (late |> Array.sumBy (fun (x, y) -> (x - s) * (y - m)))
    / (late |> Array.sumBy (fun (x, _) -> (x - s) ** 2.))

printfn
    "%d steps: %.0f MiB at the end, slope %.4f MiB a step after step %d"
    steps
    (snd late[late.Length - 1])
    slope
    (steps / 5)
