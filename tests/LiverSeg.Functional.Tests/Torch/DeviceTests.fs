module LiverSeg.Functional.Tests.DeviceTests

open System
open Expecto
open FsCheck
open Mono.Cecil
open Mono.Cecil.Cil
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.PlayedCuda

let private refusal device =
    try
        Devices.ensure device
        failtest $"{device} is taken"
    with :? DeviceUnavailableException as e ->
        Expect.equal e.Device device "the device"
        e.Message

/// Calls of libtorch's functions that make a tensor, of no other tensor, with the type that calls.
let private factoryCalls () =
    use core = ModuleDefinition.ReadModule(typeof<Grid>.Assembly.Location)

    let rec all (t: TypeDefinition) =
        t
        :: [
            for n in t.NestedTypes do
                yield! all n
        ]

    let rec outermost (t: TypeReference) =
        if isNull t.DeclaringType then
            t
        else
            outermost t.DeclaringType

    [
        for t in Seq.collect all core.Types do
            for m in t.Methods do
                if m.HasBody then
                    for i in m.Body.Instructions do
                        match i.Operand with
                        | :? MethodReference as called when
                            not called.HasThis
                            && (outermost called.DeclaringType).FullName = "TorchSharp.torch"
                            && called.ReturnType.FullName = "TorchSharp.torch/Tensor"
                            && not (
                                called.Parameters
                                |> Seq.exists (fun p -> p.ParameterType.FullName = "TorchSharp.torch/Tensor")
                            )
                            ->
                            match
                                called.Parameters
                                |> Seq.tryFindIndex (fun p -> p.ParameterType.FullName = "TorchSharp.torch/Device")
                            with
                            | Some at ->
                                // What is given for it, where all behind it are constants.
                                let mutable given = i.Previous

                                for _ in 1 .. called.Parameters.Count - 1 - at do
                                    given <- given.Previous

                                (outermost t).Name, called.Name, given.OpCode
                            | None -> ()
                        | _ -> ()
    ]

[<Tests>]
let tests =
    testList
        "Device"
        [
            testCase "the default is the CPU, and cuda is cuda:0"
            <| fun () ->
                Expect.equal (Device()) Device.Cpu "default"
                Expect.equal (PredictOptions().Device) Device.Cpu "prediction"
                Expect.equal TrainingOptions.Practical.Device Device.Cpu "training"
                Expect.equal (Device.parse "cuda") (Device.cuda 0) "the first"
                Expect.isFalse (Device.Cuda().CudaNumber.Value <> 0 || Device.Cuda().IsCpu) "its number"
                Expect.isFalse Device.Cpu.CudaNumber.HasValue "the CPU has none"
            testCase "every device's text is read as the device"
            <| fun () ->
                for device in Device.Cpu :: List.map Device.cuda [ 0..127 ] do
                    Expect.equal (Device.tryParse (string device)) (Some device) (string device)
            testCase "other texts are refused with what is expected"
            <| fun () ->
                for text in
                    [
                        ""
                        "gpu"
                        "CUDA"
                        "Cpu"
                        "cpu:0"
                        "cuda:"
                        "cuda:-1"
                        "cuda:1.5"
                        "cuda: 1"
                        "cuda:128"
                        "cuda:99999999999"
                        "auto"
                    ] do
                    Expect.isNone (Device.tryParse text) text

                    Expect.throwsC (fun () -> Device.parse text |> ignore) (fun e ->
                        Expect.isTrue (e :? ArgumentException) "an argument"
                        Expect.stringContains e.Message $"'{text}'" "found"
                        Expect.stringContains e.Message "cpu, cuda or cuda:N" "expected")

                for number in [ -1; 128 ] do
                    Expect.throwsT<ArgumentOutOfRangeException> (fun () -> Device.cuda number |> ignore) "number"
            testCase "a device that is not there is refused with found, expected and a remedy; the CPU never is"
            <| fun () ->
                let says (cuda: PlayedCuda) device (parts: string list) =
                    playing cuda (fun () ->
                        Devices.ensure Device.Cpu
                        let message = refusal device

                        for part in "found " :: "expected " :: "compute on the CPU" :: parts do
                            Expect.stringContains message part "message"

                        Expect.isFalse (message.Contains '\n') "one line")

                says
                    (none ())
                    (Device.cuda 0)
                    [ "no libtorch for CUDA"; "-p:TorchBackend=cuda-linux"; "LIVERSEG_LIBTORCH" ]

                says
                    (PlayedCuda([], missing = "no CUDA driver"))
                    (Device.cuda 0)
                    [ "no CUDA driver"; "install or renew NVIDIA's driver" ]

                says (PlayedCuda [ 1L; 1L ]) (Device.cuda 2) [ "2 CUDA devices"; "cuda:0 to cuda:1" ]
                playing (roomy ()) (fun () -> Devices.ensure (Device.cuda 0))
            testCase "auto takes the first device with room, else the CPU, and says why"
            <| fun () ->
                let chosen cuda bytes =
                    playing cuda (fun () -> Devices.choose bytes)

                let choice = chosen (none ()) 1L
                Expect.equal (choice.Device, choice.Reason) (Device.Cpu, "") "nothing to choose from"

                let choice = chosen (PlayedCuda([], missing = "no CUDA driver")) 1L
                Expect.equal (choice.Device, choice.Reason) (Device.Cpu, "no CUDA driver") "no driver"

                let two () = PlayedCuda [ 1L <<< 30; 4L <<< 30 ]
                Expect.equal (chosen (two ()) (1L <<< 30)).Device (Device.cuda 0) "the first fits"
                let choice = chosen (two ()) (2L <<< 30)
                Expect.equal choice.Device (Device.cuda 1) "the second"
                Expect.stringContains choice.Reason "cuda:1 (a played device, 4096 of 8192 MiB free, CUDA 12.8)" "which"
                let choice = chosen (two ()) (5L <<< 30)
                Expect.equal choice.Device Device.Cpu "none fits"
                Expect.stringContains choice.Reason "about 5120 MiB" "needed"
                Expect.stringContains choice.Reason "1024 of 8192 MiB free" "found"
            testCase "this machine's devices answer, or there is a reason why none does"
            <| fun () ->
                match Devices.list (), Devices.whyNoCuda () with
                | [], reason -> Expect.isNotEmpty reason "a reason"
                | devices, reason ->
                    Expect.equal reason "" "no reason"

                    for d in devices do
                        Expect.isTrue (d.Name <> "" && d.FreeBytes <= d.TotalBytes && d.TotalBytes > 0L) (string d)
            testCase "larger tiles, crops and batches need more device memory"
            <| fun () ->
                let at size =
                    Model.deviceBytes (
                        Model(Pretrained.Liver.FirstStage.Network, Pretrained.Liver.FirstStage.Weights, Tile = size)
                    )

                Expect.isLessThan (at (Extent(64, 64, 64))) (at (Extent(160, 160, 128))) "tiles"

                Expect.isGreaterThanOrEqual
                    (Model.deviceBytes Pretrained.Liver)
                    (Model.deviceBytes Pretrained.Liver.FirstStage)
                    "guides count"

                let learns (o: TrainingOptions) =
                    Training.deviceBytes o Pretrained.Liver.FirstStage

                let o = TrainingOptions.Practical
                Expect.isLessThan (learns o) (learns (o.With(batch = 2))) "batch"
                Expect.isLessThan (learns o) (learns (o.With(crop = Extent(128, 96, 48)))) "crop"
                // A tile of the shipped model is 13 MiB a map; learning keeps every map.
                Expect.isGreaterThan
                    (learns o)
                    (Model.deviceBytes (
                        Model(Pretrained.Liver.FirstStage.Network, Pretrained.Liver.FirstStage.Weights, Tile = o.Crop)
                    ))
                    "learning takes more"
            testCase "no tensor is made without a device: only the placement makes them, and names one"
            <| fun () ->
                let calls = factoryCalls ()

                Expect.equal
                    (calls |> List.map (fun (caller, _, _) -> caller) |> set)
                    (set [ "CudaDriver"; "Placement" ])
                    "callers"

                for caller, name, given in calls do
                    Expect.notEqual given OpCodes.Ldnull $"{caller} gives {name} a device"
            testCase "libtorch can be asked for cuDNN's deterministic algorithms"
            <| fun () ->
                let loaded = Runtime.Load()
                Expect.isTrue (TorchContext.AskForDeterministicCudnn loaded) "asked"
                Expect.isTrue (TorchContext.AskForDeterministicCudnn(loaded, false)) "taken back"

                Expect.isFalse
                    (TorchContext.AskForDeterministicCudnn(NativeStatus("", "/nowhere/lib.so", "")))
                    "another library"
        ]
