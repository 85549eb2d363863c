/// What the core shows to the outside.
module LiverSeg.Functional.Tests.PublicApiTests

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders

let private core = typeof<Grid>.Assembly

let private publicTypes = core.GetExportedTypes()

let private signature (m: MemberInfo) : Type seq =
    match m with
    | :? MethodInfo as m -> Seq.append [ m.ReturnType ] (m.GetParameters() |> Seq.map _.ParameterType)
    | :? ConstructorInfo as c -> c.GetParameters() |> Seq.map _.ParameterType
    | :? PropertyInfo as p -> [ p.PropertyType ]
    | :? FieldInfo as f -> [ f.FieldType ]
    | _ -> []

let rec private parts (t: Type) : Type seq =
    seq {
        yield t

        if t.HasElementType then
            yield! parts (t.GetElementType())

        for a in t.GetGenericArguments() do
            if a <> t then
                yield! parts a
    }

let private members (t: Type) =
    t.GetMembers(
        BindingFlags.Public
        ||| BindingFlags.Instance
        ||| BindingFlags.Static
        ||| BindingFlags.DeclaredOnly
    )

[<Tests>]
let tests =
    testList
        "Architecture"
        [
            testCase "no public signature mentions a TorchSharp type"
            <| fun () ->
                for t in publicTypes do
                    for m in members t do
                        for s in signature m |> Seq.collect parts do
                            Expect.isFalse
                                ((string s.Namespace).StartsWith "TorchSharp")
                                $"{t.Name}.{m.Name} mentions {s}"
            testCase "nothing public is disposable"
            <| fun () ->
                for t in publicTypes do
                    Expect.isFalse (typeof<IDisposable>.IsAssignableFrom t) t.Name
            testCase "no public property can be set after construction, no public field can be changed"
            <| fun () ->
                for t in publicTypes do
                    for m in members t do
                        match m with
                        | :? PropertyInfo as p when not (isNull (p.GetSetMethod())) ->
                            let init =
                                p.GetSetMethod().ReturnParameter.GetRequiredCustomModifiers()
                                |> Array.exists (fun c -> c.Name = "IsExternalInit")

                            Expect.isTrue init $"{t.Name}.{p.Name} has a setter"
                        | :? FieldInfo as f when not t.IsEnum ->
                            Expect.isTrue (f.IsInitOnly || f.IsLiteral) $"{t.Name}.{f.Name} can be changed"
                        | _ -> ()
            testCase "no documentation is left to be done"
            <| fun () ->
                for file in Directory.GetFiles(Path.Combine(repository, "src"), "*.*s", SearchOption.AllDirectories) do
                    if
                        (file.EndsWith ".cs" || file.EndsWith ".fs")
                        && not (file.Contains "/obj/" || file.Contains "/bin/")
                    then
                        Expect.isFalse (Regex.IsMatch(File.ReadAllText file, @"\b(TBD|TODO|FIXME)\b")) file
        ]
