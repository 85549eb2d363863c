module LiverSeg.Functional.Tests.TorchScalarsTests

open System
open System.Collections.Generic
open System.Reflection
open System.Reflection.Emit
open Expecto
open TorchSharp
open LiverSeg.Functional

let private codes =
    [
        for f in typeof<OpCodes>.GetFields(BindingFlags.Public ||| BindingFlags.Static) do
            match f.GetValue null with
            | :? OpCode as code -> code.Value, code
            | _ -> ()
    ]
    |> dict

/// What a method's instructions call.
let private calls (m: MethodBase) =
    let generic (get: unit -> Type[]) some = if some then get () else [||]

    let ofType =
        generic (fun () -> m.DeclaringType.GetGenericArguments()) (not (isNull m.DeclaringType))

    let ofMethod = generic m.GetGenericArguments m.IsGenericMethod

    [
        match m.GetMethodBody() with
        | null -> ()
        | body ->
            let il = body.GetILAsByteArray()
            let mutable i = 0

            while i < il.Length do
                let code =
                    if il[i] = 0xFEuy then
                        codes[int16 (0xFE00 ||| int il[i + 1])]
                    else
                        codes[int16 il[i]]

                i <- i + code.Size

                if code.OperandType = OperandType.InlineMethod then
                    m.Module.ResolveMethod(BitConverter.ToInt32(il, i), ofType, ofMethod)

                i <-
                    i
                    + match code.OperandType with
                      | OperandType.InlineNone -> 0
                      | OperandType.ShortInlineBrTarget
                      | OperandType.ShortInlineI
                      | OperandType.ShortInlineVar -> 1
                      | OperandType.InlineVar -> 2
                      | OperandType.InlineI8
                      | OperandType.InlineR -> 8
                      | OperandType.InlineSwitch -> 4 + 4 * BitConverter.ToInt32(il, i)
                      | _ -> 4
    ]

let private methods (assembly: Assembly) =
    let all =
        BindingFlags.Public
        ||| BindingFlags.NonPublic
        ||| BindingFlags.Static
        ||| BindingFlags.Instance
        ||| BindingFlags.DeclaredOnly

    [
        for t in assembly.GetTypes() do
            yield! t.GetMethods all |> Seq.cast<MethodBase>
            yield! t.GetConstructors all |> Seq.cast<MethodBase>
    ]

let private makesScalar (m: MethodBase) =
    (m.DeclaringType = typeof<Scalar> && m.Name = "op_Implicit")
    || m.Name = "ToScalar"

/// TorchSharp's methods that make a scalar themselves, or call one that does.
let private forgetful =
    lazy
        (let key (m: MethodBase) = m.Module, m.MetadataToken

         let graph =
             methods typeof<Scalar>.Assembly
             |> List.map (fun m ->
                 // Some of TorchSharp's methods name assemblies that are not there; they are not ours to call.
                 try
                     m, calls m
                 with
                 | :? IO.FileNotFoundException
                 | :? TypeLoadException -> m, [])

         let found = HashSet()

         let rec spread () =
             let before = found.Count

             for m, called in graph do
                 if called |> List.exists (fun c -> makesScalar c || found.Contains(key c)) then
                     found.Add(key m) |> ignore

             if found.Count > before then
                 spread ()

         spread ()
         fun (m: MethodBase) -> makesScalar m || found.Contains(key m))

let private core = typeof<Grid>.Assembly

[<Tests>]
let tests =
    testList
        "Numbers"
        [
            testCase "no number becomes a scalar that a garbage collection could free while libtorch reads it"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore

                Expect.isTrue
                    (forgetful.Value(
                        typeof<torch.Tensor>.GetMethod("op_Multiply", [| typeof<torch.Tensor>; typeof<float> |])
                    ))
                    "known"

                let offences =
                    [
                        for m in methods core do
                            if m.DeclaringType <> core.GetType "LiverSeg.Functional.TorchScalars" then
                                for c in calls m do
                                    if forgetful.Value c then
                                        $"{m.DeclaringType.Name}.{m.Name} calls {c.DeclaringType.Name}.{c}"
                    ]

                Expect.isEmpty offences "only TorchScalars gives numbers to libtorch"
            testCase "arithmetic with numbers is what it says"
            <| fun () ->
                TorchRuntime.Ensure() |> ignore
                use _ = torch.NewDisposeScope()
                let values = [| -2.5f; 0f; 0.75f; 30f |]
                let t () = torch.tensor values
                let other = torch.tensor [| 4f; 3f; 2f; 1f |]

                let is name (expected: int -> float) (made: torch.Tensor) =
                    let made = TorchForward.Floats made

                    for i in 0..3 do
                        Expect.floatClose Accuracy.medium (float made[i]) (expected i) name

                let v i = float values[i]
                let o i = float (4 - i)
                TorchScalars.Plus(t (), other, 0.3) |> is "plus" (fun i -> v i + 0.3 * o i)
                TorchScalars.Plus(t (), 1.5) |> is "plus" (fun i -> v i + 1.5)
                TorchScalars.Times(t (), 0.3) |> is "times" (fun i -> v i * 0.3)
                TorchScalars.Over(t (), 3.) |> is "over" (fun i -> v i / 3.)
                TorchScalars.Squares(t ()) |> is "squares" (fun i -> v i * v i)
                TorchScalars.AtLeast(t (), 0.5) |> is "at least" (fun i -> max 0.5 (v i))
                TorchScalars.Softplus(t ()) |> is "softplus" (fun i -> log (1. + exp (v i)))
                TorchScalars.Add(t (), other, -2.) |> is "add" (fun i -> v i - 2. * o i)
                TorchScalars.Add(t (), 1.5) |> is "add" (fun i -> v i + 1.5)
                TorchScalars.Scale(t (), 0.3) |> is "scale" (fun i -> v i * 0.3)

                TorchScalars.AddProduct(t (), other, other, 0.5)
                |> is "product" (fun i -> v i + 0.5 * o i * o i)

                TorchScalars.AddProduct(t (), other, other)
                |> is "product" (fun i -> v i + o i * o i)

                TorchScalars.AddQuotient(t (), other, TorchScalars.Add(t (), 5.), 2.)
                |> is "quotient" (fun i -> v i + 2. * o i / (v i + 5.))

                TorchScalars.LeakyRelu(t (), 0.01)
                |> is "leaky" (fun i -> if v i > 0. then v i else 0.01 * v i)
        ]
