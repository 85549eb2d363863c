/// Data files that a header names, whatever they are called, and files that are no images whatever they are called.
module LiverSeg.Functional.Tests.DetachedNamesTests

open System
open System.IO
open System.IO.Compression
open System.Text
open Expecto
open FsCheck
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.ScanFiles

/// Names as people and programs give them: blanks, percents, signs of shells, other scripts.
let private fileName =
    let letter =
        Gen.frequency
            [
                3, Gen.elements (List.ofSeq "abz09")
                2, Gen.elements (List.ofSeq " %%d03()[]{}=+-_,;#&'!@^~$|:\"äé肝.")
            ]

    letter
    |> Gen.nonEmptyListOf
    |> Gen.map (fun letters ->
        let name = String(Array.ofList letters)
        (if name.Length > 40 then name[..39] else name) |> fun n -> "x" + n + "x.raw")

/// How a header leads to the file: beside it, below it, with a dot, there and back, or by a link that ends inside.
type private Way =
    | Beside
    | Dotted
    | Below
    | Back
    | Linked
    | LinkedFolder

let private written (folder: string) way (name: string) (voxels: byte[]) =
    let at (part: string) = Path.Combine(folder, part)
    Directory.CreateDirectory(at "sub/deep") |> ignore

    match way with
    | Beside ->
        File.WriteAllBytes(at name, voxels)
        name
    | Dotted ->
        File.WriteAllBytes(at name, voxels)
        "./" + name
    | Below ->
        File.WriteAllBytes(at ("sub/deep/" + name), voxels)
        "sub/deep/" + name
    | Back ->
        File.WriteAllBytes(at name, voxels)
        "sub/../" + name
    | Linked ->
        File.WriteAllBytes(at "sub/real.bin", voxels)
        File.CreateSymbolicLink(at name, "sub/real.bin") |> ignore
        name
    | LinkedFolder ->
        File.WriteAllBytes(at ("sub/deep/" + name), voxels)
        Directory.CreateSymbolicLink(at "other", "sub/deep") |> ignore
        "other/" + name

let private mhd name =
    "ObjectType = Image\nNDims = 3\nDimSize = 3 2 2\nElementType = MET_UCHAR\nElementDataFile = "
    + name
    + "\n"

let private nhdr name =
    "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 3 2 2\nspacings: 1 1 1\nencoding: raw\ndata file: "
    + name
    + "\n"

let private headers = [ "v.mhd", mhd; "v.nhdr", nhdr ]

let private packed (bytes: byte[]) =
    use memory = new MemoryStream()

    (use gzip = new GZipStream(memory, CompressionLevel.Fastest)
     gzip.Write(bytes, 0, bytes.Length))

    memory.ToArray()

/// What is no image, and a word that names it.
let private foreign: (string * byte[]) list =
    let text (t: string) = Encoding.UTF8.GetBytes t

    [
        "Git-LFS", text "version https://git-lfs.github.com/spec/v1\noid sha256:0123456789abcdef\nsize 77594624\n"
        "git-annex", text "/annex/objects/MD5E-s77594624--0123456789abcdef.nii.gz\n"
        "HTML", text "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n"
        "HTML", text "\ufeff\r\n  <HTML><body>404</body></HTML>"
        "HTML", text ("<html>" + String('x', 5000))
        "XML", text "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"
        "white space", text "\n\n   \n"
        "AppleDouble", Array.append [| 0uy; 5uy; 0x16uy; 7uy; 0uy; 2uy; 0uy; 0uy |] (Array.zeroCreate 500)
        "PNG", Array.append [| 0x89uy; 0x50uy; 0x4euy; 0x47uy; 13uy; 10uy; 26uy; 10uy |] (Array.zeroCreate 500)
        "JPEG", Array.append [| 0xffuy; 0xd8uy; 0xffuy; 0xe0uy |] (Array.zeroCreate 500)
        "7z", Array.append [| byte '7'; byte 'z'; 0xbcuy; 0xafuy; 0x27uy; 0x1cuy |] (Array.zeroCreate 500)
        "empty file", [||]
    ]

[<Tests>]
let tests =
    testList
        "Detached names"
        [
            law "a data file is found by any name, beside the header and below it, by links that end inside"
            <| Prop.forAll
                (Arb.fromGen (Gen.zip fileName (Gen.elements [ Beside; Dotted; Below; Back; Linked; LinkedFolder ])))
                (fun (name, way) ->
                    for header, text in headers do
                        withFolder (fun folder ->
                            let voxels = Array.init 12 byte
                            let named = written folder way name voxels
                            let path = Path.Combine(folder, header)
                            File.WriteAllText(path, text named)
                            let volume = VolumeFile.Read path
                            Expect.equal (volume.Voxels.ToArray() |> Array.map (_.Value >> byte)) voxels named))

            testCase "a name that is no file is a pattern where it can be one"
            <| fun () ->
                withFolder (fun folder ->
                    for i in 1..2 do
                        File.WriteAllBytes(Path.Combine(folder, $"p{i}.raw"), Array.init 6 (fun j -> byte (6 * i + j)))

                    for header, text in headers do
                        let path = Path.Combine(folder, header)

                        let first path =
                            let volume = VolumeFile.Read path
                            volume[0, 0, 1].Value

                        File.WriteAllText(path, text "p%d.raw 1 2 1")
                        Expect.equal (first path) 12f "the slices"
                        File.WriteAllBytes(Path.Combine(folder, "p%d.raw 1 2 1"), Array.create 12 77uy)
                        Expect.equal (first path) 77f "the file of that very name"
                        File.Delete(Path.Combine(folder, "p%d.raw 1 2 1")))

            testCase "accents are found in both forms of Unicode and in Latin-1, and folders with backslashes"
            <| fun () ->
                withFolder (fun folder ->
                    Directory.CreateDirectory(Path.Combine(folder, "sub")) |> ignore

                    for file, named in
                        [
                            "Lébér.raw", "Lébér.raw".Normalize NormalizationForm.FormD
                            "Lébér2.raw".Normalize NormalizationForm.FormD, "Lébér2.raw"
                            "Lébér3.raw", "Lébér3.raw"
                            "sub/a.raw", "sub\\a.raw"
                            "back\\slash.raw", "back\\slash.raw"
                        ] do
                        File.WriteAllBytes(Path.Combine(folder, file), Array.init 12 byte)

                        for header, text in headers do
                            for encoding in [ Encoding.UTF8; Encoding.Latin1 ] do
                                let path = Path.Combine(folder, header)

                                if encoding.GetString(encoding.GetBytes named) = named then
                                    File.WriteAllBytes(path, encoding.GetBytes(text named))
                                    Expect.isNone (refused path) $"{named} {encoding.WebName}")

            testCase "no name leads out of the header's folder, by words or by links"
            <| fun () ->
                withFolder (fun folder ->
                    let inside = Path.Combine(folder, "in")
                    Directory.CreateDirectory(Path.Combine(inside, "sub")) |> ignore
                    let secret = Path.Combine(folder, "secret.raw")
                    File.WriteAllBytes(secret, Array.zeroCreate 12)
                    Directory.CreateDirectory(Path.Combine(folder, "in-other")) |> ignore
                    File.WriteAllBytes(Path.Combine(folder, "in-other", "x.raw"), Array.zeroCreate 12)

                    let link (name: string) (target: string) =
                        File.CreateSymbolicLink(Path.Combine(inside, name), target) |> ignore

                    link "link.raw" "../secret.raw"
                    link "absolute.raw" secret
                    link "twice.raw" "link.raw"
                    link "sub/up.raw" "../../secret.raw"
                    link "circle.raw" "circle.raw"
                    Directory.CreateSymbolicLink(Path.Combine(inside, "out"), folder) |> ignore

                    for header, text in headers do
                        for name in
                            [
                                "../secret.raw"
                                "..\\secret.raw"
                                "sub/../../secret.raw"
                                "sub\\..\\..\\secret.raw"
                                "../in-other/x.raw"
                                secret
                                "link.raw"
                                "absolute.raw"
                                "twice.raw"
                                "sub/up.raw"
                                "out/secret.raw"
                                "sub"
                                "."
                                "./"
                                header
                                "./" + header
                                "/dev/zero"
                            ] do
                            let path = Path.Combine(inside, header)
                            File.WriteAllText(path, text name)
                            Expect.equal (refused path |> Option.map _.Kind) (Some FileErrorKind.BadFile) name

                        File.WriteAllText(Path.Combine(inside, header), text "circle.raw")
                        Expect.isSome (refused (Path.Combine(inside, header))) "a circle of links")

            testCase "what is no image is named for what it is, under any image's name, packed or not"
            <| fun () ->
                let mutable variants = 0

                withFolder (fun folder ->
                    for word, bytes in foreign do
                        for ending in [ ".nii"; ".nii.gz"; ".hdr"; ".mha"; ".mhd"; ".nrrd"; ".nhdr" ] do
                            for bytes in [ bytes; packed bytes ] do
                                let path = Path.Combine(folder, "case" + ending)
                                File.WriteAllBytes(path, bytes)
                                variants <- variants + 1

                                match refused path with
                                | None -> failtest $"{word} {ending} was read"
                                | Some e when word = "empty file" && bytes.Length > 0 ->
                                    Expect.isTrue (e.Found.Contains "empty" || e.Code = "truncated") $"{e}"
                                | Some e ->
                                    Expect.equal e.Kind FileErrorKind.BadFile $"{e}"
                                    Expect.stringContains e.Found word $"{word} {ending}: {e}"

                        // Weights lie in Git-LFS more often than scans.
                        let model = Path.Combine(folder, "model.safetensors")
                        File.WriteAllBytes(model, bytes)

                        match Model.tryLoad model with
                        | Error(FileError.BadFile e) when word <> "empty file" ->
                            Expect.stringContains e.Found word $"{e}"
                        | Error _ when word = "empty file" -> ()
                        | other -> failtest $"{word}: {other}")

                Expect.equal variants 168 "all of them"

            testCase "what operating systems leave in folders is no image"
            <| fun () ->
                withFolder (fun folder ->
                    for name in
                        [
                            "ct.nii.gz"
                            "a.MHA"
                            "b.dcm"
                            "._ct.nii.gz"
                            ".hidden.nii"
                            ".DS_Store"
                            "Thumbs.db"
                            "desktop.ini"
                            "notes.txt"
                        ] do
                        File.WriteAllText(Path.Combine(folder, name), "x")

                    Directory.CreateDirectory(Path.Combine(folder, "__MACOSX")) |> ignore
                    File.WriteAllText(Path.Combine(folder, "__MACOSX", "ct.nii.gz"), "x")

                    Expect.equal
                        (VolumeFile.imagesIn folder |> List.map Path.GetFileName)
                        [ "a.MHA"; "b.dcm"; "ct.nii.gz" ]
                        "images"

                    Expect.isEmpty (VolumeFile.imagesIn (Path.Combine(folder, "__MACOSX"))) "nothing of a Mac's"

                    Expect.throwsT<FileErrorException>
                        (fun () -> VolumeFile.imagesIn (Path.Combine(folder, "none")) |> ignore)
                        "no folder")
        ]
