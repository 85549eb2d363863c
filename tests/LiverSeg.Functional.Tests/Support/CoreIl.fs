/// The core as it was compiled: which source files a type comes from, and which types it uses.
module LiverSeg.Functional.Tests.CoreIl

open System.IO
open System.Text.RegularExpressions
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders
open Mono.Cecil
open Mono.Cecil.Cil

/// An outermost type; what is nested in it and what the compiler made for it belongs to it.
type CoreType =
    {
        Name: string
        /// Below the core's folder, with forward slashes.
        Files: string list
        /// Names of the core's other types; a constant's owner is not seen, as its value is copied.
        Uses: Set<string>
        /// Full names of other assemblies' types.
        Outside: Set<string>
    }

let private folder = Path.Combine(repository, "src", "LiverSeg.Functional")

/// All source files of the core and their text.
let sources =
    lazy
        [
            for file in Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories) do
                let path = Path.GetRelativePath(folder, file).Replace('\\', '/')

                if not (path.StartsWith "obj/" || path.StartsWith "bin/") then
                    path, File.ReadAllText file
        ]

let rec private outermost (t: TypeReference) =
    if isNull t.DeclaringType then
        t
    else
        outermost t.DeclaringType

/// The named types that a type is made of.
let rec private parts (t: TypeReference) : TypeReference list =
    match t with
    | null -> []
    | :? GenericParameter -> []
    | :? GenericInstanceType as g -> parts g.ElementType @ (g.GenericArguments |> Seq.collect parts |> List.ofSeq)
    | :? RequiredModifierType as m -> parts m.ModifierType @ parts m.ElementType
    | :? OptionalModifierType as m -> parts m.ModifierType @ parts m.ElementType
    | :? FunctionPointerType as f ->
        parts f.ReturnType
        @ (f.Parameters |> Seq.collect (fun p -> parts p.ParameterType) |> List.ofSeq)
    | :? TypeSpecification as s -> parts s.ElementType
    | t -> [ outermost t ]

let private ofMethod (m: MethodReference) =
    [
        yield! parts m.DeclaringType
        yield! parts m.ReturnType

        for p in m.Parameters do
            yield! parts p.ParameterType

        match m with
        | :? GenericInstanceMethod as g -> yield! g.GenericArguments |> Seq.collect parts
        | _ -> ()
    ]

let private ofAttributes (owner: ICustomAttributeProvider) =
    [
        for a in owner.CustomAttributes do
            yield! parts a.AttributeType

            for v in a.ConstructorArguments do
                match v.Value with
                | :? TypeReference as t -> yield! parts t
                | _ -> ()
    ]

let private ofGenerics (owner: IGenericParameterProvider) =
    [
        for p in owner.GenericParameters do
            for c in p.Constraints do
                yield! parts c.ConstraintType
    ]

let private ofBody (body: MethodBody) =
    [
        for v in body.Variables do
            yield! parts v.VariableType

        for h in body.ExceptionHandlers do
            yield! parts h.CatchType

        for i in body.Instructions do
            match i.Operand with
            | :? TypeReference as t -> yield! parts t
            | :? MethodReference as m -> yield! ofMethod m
            | :? FieldReference as f ->
                yield! parts f.DeclaringType
                yield! parts f.FieldType
            | _ -> ()
    ]

let rec private uses (t: TypeDefinition) : TypeReference list =
    [
        yield! parts t.BaseType
        yield! ofAttributes t
        yield! ofGenerics t

        for i in t.Interfaces do
            yield! parts i.InterfaceType

        for f in t.Fields do
            yield! parts f.FieldType
            yield! ofAttributes f

        for p in t.Properties do
            yield! ofAttributes p

        for m in t.Methods do
            yield! ofMethod m
            yield! ofAttributes m
            yield! ofGenerics m

            if m.HasBody then
                yield! ofBody m.Body

        for n in t.NestedTypes do
            yield! uses n
    ]

let rec private documents (t: TypeDefinition) : string list =
    [
        for m in t.Methods do
            if m.HasBody then
                for p in m.DebugInformation.SequencePoints do
                    p.Document.Url.Replace('\\', '/')

        for n in t.NestedTypes do
            yield! documents n
    ]

/// Files with the type's declaration: for interfaces, enums and others without a line that runs.
let private declaring (t: TypeDefinition) =
    let name = Regex.Escape(Regex.Replace(t.Name, @"`\d+$", ""))

    let declaration =
        Regex(
            @"(?m)^[^\n/""]*\b(class|record struct|record|struct|enum|interface|delegate [^\n(]*)\s+"
            + name
            + @"\b"
        )

    [
        for file, text in sources.Value do
            if declaration.IsMatch text then
                file
    ]

let private files (t: TypeDefinition) =
    let below = "/src/LiverSeg.Functional/"

    documents t
    |> List.distinct
    |> List.choose (fun url ->
        match url.LastIndexOf below with
        | -1 -> None
        | at -> Some url[at + below.Length ..])
    |> List.filter (fun file -> not (file.StartsWith "obj/"))
    |> function
        | [] -> declaring t
        | found -> List.sort found

/// What the compiler, its generators and the coverage counter add to the assembly.
let private isOurs (t: TypeDefinition) =
    t.Namespace = "LiverSeg.Functional" && not (t.Name.StartsWith "<")

/// The core's types.
let types =
    lazy
        (use core =
            ModuleDefinition.ReadModule(
                typeof<Grid>.Assembly.Location,
                ReaderParameters(ReadSymbols = true, SymbolReaderProvider = DefaultSymbolReaderProvider true)
            )

         [
             for t in core.Types do
                 if isOurs t then
                     let own, other =
                         uses t
                         |> List.distinct
                         |> List.partition (fun u -> obj.ReferenceEquals(u.Scope, core))

                     {
                         Name = t.Name
                         Files = files t
                         Uses = own |> List.map _.Name |> set |> Set.remove t.Name
                         Outside = other |> List.map _.FullName |> set
                     }
         ])
