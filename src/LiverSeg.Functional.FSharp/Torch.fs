namespace LiverSeg.Functional

/// The native library that networks run on.
[<RequireQualifiedAccess>]
module Runtime =
    /// Begins to load it on another thread and returns at once: for programs that first read a scan.
    let ``begin`` () = Runtime.Begin()

    /// Loads it and says what was found and done; every function that needs it does so by itself.
    let load () = Runtime.Load()

/// What networks are computed on: `Device.Cpu`, or a CUDA device by its number.
[<RequireQualifiedAccess>]
module Device =
    /// A CUDA device, from 0 to 127.
    let cuda (number: int) = Device.Cuda number

    /// The device of `cpu`, `cuda` or `cuda:N`; throws `ArgumentException`.
    let parse (text: string) = Device.Parse text

    /// The same, or none.
    let tryParse (text: string) =
        match Device.TryParse text with
        | true, device -> Some device
        | _ -> None

/// Which devices networks can be computed on here; the CPU always can.
[<RequireQualifiedAccess>]
module Devices =
    /// The CUDA devices that answer, with their memory.
    let list () = Devices.List() |> List.ofSeq

    /// Why no CUDA device answers; empty where one does.
    let whyNoCuda () = Devices.WhyNoCuda()

    /// Makes sure that a device answers; throws `DeviceUnavailableException`.
    let ensure (device: Device) = Devices.Ensure device

    /// The first CUDA device with that many bytes of free memory, else the CPU, and why.
    let choose (bytes: int64) = Devices.Choose bytes
