/// A CUDA that a test plays: what is asked of its devices is computed on the CPU.
module internal LiverSeg.Functional.Tests.PlayedCuda

open System
open System.Runtime.InteropServices
open TorchSharp
open LiverSeg.Functional

/// Free memory per device; where `isFull` says so of a tensor's shape, libtorch finds the memory used up. `Shapes` are those that were placed.
type PlayedCuda(free: int64 list, ?missing: string, ?isBuiltIn: bool, ?isFull: int64 list -> bool) =
    let shapes = ResizeArray<int64 list>()
    member _.Shapes = List.ofSeq shapes

    interface ICuda with
        member _.IsBuiltIn = defaultArg isBuiltIn true
        member _.Missing = defaultArg missing ""
        member _.Count = free.Length

        member _.Describe number =
            CudaDevice(Device.Cuda number, "a played device", 8L <<< 30, free[number], "12.8")

        member _.Place(values, shape, _) =
            let shape' = List.ofArray shape

            if (defaultArg isFull (fun _ -> false)) shape' then
                raise (
                    ExternalException
                        "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 8.00 GiB"
                )

            shapes.Add shape'
            torch.tensor (values, ReadOnlySpan shape, device = torch.CPU)

/// A machine as most are: libtorch for the CPU, no CUDA.
let none () =
    PlayedCuda([], missing = "no libtorch for CUDA beside the program", isBuiltIn = false)

/// One device with room enough.
let roomy () = PlayedCuda [ 8L <<< 30 ]

let playing (cuda: PlayedCuda) (work: unit -> 'T) =
    Cuda.Play cuda

    try
        work ()
    finally
        Cuda.Play null
