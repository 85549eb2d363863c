// Programs for machines without .NET, in artifacts/publish: liverseg-linux-x64.tar.gz, with libtorch, and liverseg-slim-linux-x64.tar.gz, without it.
//   dotnet fsi tests/gates/publish.fsx      The same sources give the same bytes.
#r "System.Formats.Tar.dll"
#load "run.fsx"

open System
open System.Diagnostics
open System.Formats.Tar
open System.IO
open System.IO.Compression
open System.Security.Cryptography
open System.Text.Json
open System.Xml.Linq

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))

let at (parts: string list) =
    Path.Combine(Array.ofList (root :: parts))

let publish = at [ "artifacts"; "publish" ]
// Intermediate files of its own: the build beside it is for another platform.
let work = Path.Combine(publish, "work")
let platform = "linux-x64"

let json (path: string) =
    JsonDocument.Parse(File.ReadAllText path).RootElement

/// The program with its runtime; the same for both archives, so it is compiled once.
let program =
    let folder = Path.Combine(publish, "program")

    if Directory.Exists folder then
        Directory.Delete(folder, true)

    Run.execIn
        root
        "dotnet"
        [
            "publish"
            "src/LiverSeg.Functional.Cli"
            "-c"
            "Release"
            "-r"
            platform
            "--self-contained"
            "-p:TorchBackend=none"
            "-p:PublishDocumentationFiles=false"
            "-p:PublishReferencesDocumentationFiles=false"
            "--artifacts-path"
            work
            "-o"
            folder
            "-v"
            "q"
            "-clp:NoSummary"
        ]

    folder

let assets =
    json (Path.Combine(work, "obj", "LiverSeg.Functional.Cli", "project.assets.json"))

let cache =
    [ for f in assets.GetProperty("packageFolders").EnumerateObject() -> f.Name ]

let package (path: string) =
    cache |> List.map (fun f -> Path.Combine(f, path)) |> List.find Directory.Exists

let version, runtime =
    let options =
        (json (Path.Combine(program, "liverseg.runtimeconfig.json"))).GetProperty "runtimeOptions"

    let framework = options.GetProperty("includedFrameworks")[0]
    let assembly = Path.Combine(program, "LiverSeg.Functional.dll")

    (FileVersionInfo.GetVersionInfo assembly).ProductVersion.Split('+')[0],
    $"""microsoft.netcore.app.runtime.{platform}/{framework.GetProperty("version").GetString()}"""

/// The version that paket.lock names: other ones may lie in the cache.
let torch =
    let name = "libtorch-cpu-" + platform

    let line =
        File.ReadLines(at [ "paket.lock" ]) |> Seq.find _.Trim().StartsWith(name + " (")

    // paket shortens versions, folders of the cache do not.
    let short = Version(line.Split('(', ')')[1])
    package $"{name}/{short.Major}.{short.Minor}.{max 0 short.Build}"

let packages =
    [
        for library in assets.GetProperty("libraries").EnumerateObject() do
            if library.Value.GetProperty("type").GetString() = "package" then
                package (library.Value.GetProperty("path").GetString())
        package runtime
    ]

/// Who made a package and under which licence, from its own description.
let credit (folder: string) =
    let nuspec =
        XDocument.Load(Directory.GetFiles(folder, "*.nuspec") |> Array.exactlyOne).Root

    let field name =
        nuspec.Descendants()
        |> Seq.tryFind (fun e -> e.Name.LocalName = name)
        |> Option.map _.Value.Trim()
        |> Option.defaultValue "-"

    let names = [ "id"; "version"; "license"; "licenseUrl"; "copyright"; "authors" ]
    String.Join("; ", names |> List.map field |> List.filter ((<>) "-"))

/// What goes beside the program: name in the archive, bytes.
let texts slim =
    let used = if slim then packages else packages @ [ torch ]

    let notices =
        [
            for folder in used do
                for file in Directory.GetFiles folder do
                    let name = Path.GetFileName file

                    if
                        [ "licen"; "notice" ]
                        |> List.exists (fun word -> name.Contains(word, StringComparison.OrdinalIgnoreCase))
                    then
                        let id = Path.GetFileName(Path.GetDirectoryName folder)
                        $"licences/{id}-{Path.GetFileNameWithoutExtension name}.txt", File.ReadAllBytes file
        ]

    let viewer = "src/LiverSeg.Functional.Reports/Viewer/niivue.LICENSE.txt"
    let font = "src/LiverSeg.Functional.Reports/Fonts/DejaVuSans.LICENSE.txt"

    let list =
        "The library and the program: MIT, LICENSE. Packages inside, as they describe themselves:\n\n"
        + String.concat "\n" (used |> List.map credit |> List.sort)
        + "\nniivue 0.69.0; BSD-2-Clause; niivue-LICENSE.txt\nDejaVu Sans 2.37; Bitstream-Vera; DejaVuSans-LICENSE.txt\n"

    let readme =
        [
            $"liverseg {version}, {platform}: finds the liver in a CT volume. Research use only."
            ""
            "  ./liverseg doctor                               what was found on this machine"
            "  ./liverseg demo                                 a phantom, its liver, a report"
            "  ./liverseg segment -i ct.nii.gz -o liver.nii.gz"
            "  ./liverseg --help"
            ""
            ".NET need not be installed; glibc 2.28 and libstdc++ are enough. Used where they are found: libopenjp2-7 (JPEG 2000 in DICOM),"
            "libssl3 (DICOMweb over https)."
            if slim then
                "This archive is without libtorch: train, crossval, study and --model dsn need the one without '-slim', or LIVERSEG_LIBTORCH=FOLDER."
            ""
            "Licences: LICENSE and the folder licences."
            ""
        ]
        |> String.concat "\n"

    [
        "README.txt", Text.Encoding.UTF8.GetBytes readme
        "LICENSE", File.ReadAllBytes(at [ "LICENSE" ])
        "licences/packages.txt", Text.Encoding.UTF8.GetBytes list
        "licences/niivue-LICENSE.txt", File.ReadAllBytes(at [ viewer ])
        "licences/DejaVuSans-LICENSE.txt", File.ReadAllBytes(at [ font ])
        yield! notices
    ]

/// Sorted, of one time and nobody's, so that the same files are the same archive.
let pack slim =
    let name = if slim then "liverseg-slim" else "liverseg"
    let path = Path.Combine(publish, $"{name}-{platform}.tar.gz")

    let native = Path.Combine(torch, "runtimes", platform, "native")

    let paths =
        [
            yield! Directory.GetFiles program
            if not slim then
                // Without Python's part and PyTorch's own tests.
                yield!
                    Directory.GetFiles(native, "*.so*")
                    |> Array.filter (fun file -> not (file.Contains "_python" || file.Contains "_test"))
        ]

    let files =
        [
            yield!
                paths
                |> List.map (fun file -> Path.GetFileName file, (fun () -> File.ReadAllBytes file))
            yield! texts slim |> List.map (fun (file, bytes) -> file, (fun () -> bytes))
        ]
        |> List.distinctBy fst
        |> List.sortWith (fun (a, _) (b, _) -> String.CompareOrdinal(a, b))

    do
        use file = File.Create path
        use zip = new GZipStream(file, CompressionLevel.Optimal)
        use tar = new TarWriter(zip, TarEntryFormat.Ustar, false)

        for file, read in files do
            let mode =
                if file = "liverseg" || file = "createdump" then
                    0o755
                else
                    0o644

            tar.WriteEntry(
                UstarTarEntry(
                    TarEntryType.RegularFile,
                    $"{name}/{file}",
                    ModificationTime = DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
                    Mode = enum<UnixFileMode> mode,
                    DataStream = new MemoryStream(read ())
                )
            )

    let hash = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes path))

    printfn
        "%-36s %8.1f MB  %d files, SHA-256 %s"
        (Path.GetFileName path)
        (float (FileInfo path).Length / 1e6)
        files.Length
        hash

pack true
pack false
