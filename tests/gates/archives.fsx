// Unpacks what `build.fsx -t Publish` made into an empty folder and uses it there without .NET; then, where debootstrap and root's rights are at
// hand, in a Debian 12 with nothing but its base.      dotnet fsi tests/gates/archives.fsx      exit code 1: something did not work
#load "run.fsx"

open System
open System.Diagnostics
open System.Globalization
open System.IO

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))
let folder = Directory.CreateTempSubdirectory("liverseg-archives-").FullName
let debian = Path.Combine(folder, "debian")

/// Runs a program; gives exit code, output and seconds. Nothing of this process's environment reaches it.
let run (program: string) (args: string list) =
    let info =
        ProcessStartInfo(program, args, RedirectStandardOutput = true, RedirectStandardError = true)

    info.Environment.Clear()
    info.Environment["PATH"] <- "/nowhere"
    let clock = Stopwatch.StartNew()
    use started = Process.Start info
    let errors = started.StandardError.ReadToEndAsync()
    let output = started.StandardOutput.ReadToEnd()
    started.WaitForExit()
    started.ExitCode, output + errors.Result, clock.Elapsed.TotalSeconds

type Place =
    {
        Name: string
        /// Where archives are unpacked, seen from here.
        Outside: string
        /// The same, seen from the program.
        Inside: string
        Run: string -> string list -> int * string * float
    }

let here =
    {
        Name = "here"
        Outside = Path.Combine(folder, "here")
        Inside = Path.Combine(folder, "here")
        Run = run
    }

/// With its own /proc, gone with the last process.
let empty =
    {
        Name = "Debian 12"
        Outside = Path.Combine(debian, "opt")
        Inside = "/opt"
        Run =
            fun program args ->
                let lead =
                    $"/bin/mount -t proc proc {debian}/proc && exec /usr/sbin/chroot {debian} \"$@\""

                run "/usr/bin/unshare" ([ "--mount"; "/bin/sh"; "-c"; lead; "sh"; program ] @ args)
    }

let expect what condition (output: string) =
    if not condition then
        failwithf "%s; the program said:\n%s" what output

let unpack place (archive: string) =
    let path = Path.Combine(root, "artifacts", "publish", archive + "-linux-x64.tar.gz")

    if not (File.Exists path) then
        failwith $"{Path.GetFileName path} is not there; run  dotnet fsi build.fsx -t Publish"

    Directory.CreateDirectory place.Outside |> ignore
    Run.execIn place.Outside "tar" [ "xzf"; path ]

let dice (output: string) =
    let line =
        output.Split('\n')
        |> Array.find (fun l -> l.StartsWith("Dice", StringComparison.Ordinal))

    Double.Parse(line[4..], CultureInfo.InvariantCulture)

let attempt place archive slim =
    unpack place archive
    let at name = place.Inside + "/" + name
    let program = at (archive + "/liverseg")

    let go args wanted =
        let code, output, seconds = place.Run program args
        let words = String.Join(" ", List.truncate 1 args)
        expect $"{place.Name}: {archive} {words}: exit code {code}, expected {wanted}" (code = wanted) output
        printfn "%-10s %-14s %-10s %6.1f s" place.Name archive words seconds
        output

    go [ "--version" ] 0 |> ignore
    let said = go [ "doctor" ] (if slim then 1 else 0)

    let truth =
        if slim then
            "segment works; training and --model dsn do not"
        else
            "all is well"

    expect "doctor's verdict" (said.Contains truth) said
    let data = at (archive + "-data")
    go [ "phantom"; "-o"; data; "--seed"; "1000"; "--spacing"; "3" ] 0 |> ignore
    let ct, liver = data + "/phantom1000-ct.nii.gz", data + "/phantom1000-liver.nii.gz"
    go [ "segment"; "-i"; ct; "-o"; data + "/found.nii.gz" ] 0 |> ignore

    let measured =
        go [ "evaluate"; "--prediction"; data + "/found.nii.gz"; "--truth"; liver ] 0

    expect "a Dice of at least 0.95" (dice measured >= 0.95) measured

    // Skia and a font of our own: where no font is installed, text would vanish without a word.
    go
        [
            "preview"
            "-i"
            ct
            "-m"
            data + "/found.nii.gz"
            "-t"
            liver
            "-o"
            data + "/planes.png"
        ]
        0
    |> ignore

    let paper = [ "segment"; "-i"; ct; "-o"; data + "/paper.nii.gz"; "--model"; "dsn" ]

    if slim then
        let refused = go paper 1
        expect "a word on libtorch" (refused.Contains "native-library: ") refused
        expect "one line" (refused.Trim().Split('\n').Length = 1) refused
    else
        go paper 0 |> ignore

let attemptBoth place =
    attempt place "liverseg-slim" true
    attempt place "liverseg" false

try
    attemptBoth here

    if File.Exists "/usr/sbin/debootstrap" && Environment.UserName = "root" then
        Run.execIn folder "sh" [ "-c"; $"debootstrap --variant=minbase bookworm {debian} > debootstrap.log" ]
        attemptBoth empty

        for archive in [ "liverseg-slim"; "liverseg" ] do
            let drawn place =
                File.ReadAllBytes(Path.Combine(place.Outside, archive + "-data", "planes.png"))

            expect "the same picture, its letters among it" (drawn here = drawn empty) archive
    else
        printfn "skipped: an empty Debian 12 needs debootstrap and root's rights"
finally
    Directory.Delete(folder, true)
