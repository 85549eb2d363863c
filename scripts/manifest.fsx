// What a folder of results was made of: manifest.json with versions, the settings that matter, and the SHA-256 of each input and output.
#load "load.fsx"

open System
open System.IO
open System.Numerics
open System.Reflection
open System.Security.Cryptography
open LiverSeg.Functional

let sha (bytes: ReadOnlySpan<byte>) =
    Convert.ToHexStringLower(SHA256.HashData bytes)

let private version (assembly: Assembly) =
    assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>().InformationalVersion.Split('+')[0]

let private section (name: string) (pairs: (string * string) seq) =
    let lines =
        pairs
        |> Seq.map (fun (key, value) -> $"    \"{key}\": \"{value}\"")
        |> String.concat ",\n"

    $"  \"{name}\": {{\n{lines}\n  }}"

/// The shipped model, as an input.
let model =
    use stream = typeof<Model>.Assembly.GetManifestResourceStream "liver.safetensors"
    "model", Convert.ToHexStringLower(SHA256.HashData stream)

/// Scans and masks, as inputs.
let ofCases (cases: CaseFile seq) =
    [
        for case in cases do
            for kind, file in [ "scan", case.Image; "liver", case.Mask ] do
                if File.Exists file then
                    $"{case.Id}: {kind}", sha (ReadOnlySpan(File.ReadAllBytes file))
    ]

/// Writes it; outputs are names of files in the folder.
let write (folder: string) settings inputs (outputs: string seq) =
    let versions =
        [
            "LiverSeg.Functional", version typeof<Model>.Assembly
            "TorchSharp", version (Assembly.Load "TorchSharp")
            ".NET", string Environment.Version
            "vector bits", string (Vector<byte>.Count * 8)
        ]

    let outputs =
        [
            for name in outputs -> name, sha (ReadOnlySpan(File.ReadAllBytes(Path.Combine(folder, name))))
        ]

    [
        section "versions" (versions @ settings)
        section "inputs" inputs
        section "outputs" outputs
    ]
    |> String.concat ",\n"
    |> fun text -> OutputFile.replaceText (Path.Combine(folder, "manifest.json")) $"{{\n{text}\n}}\n"
