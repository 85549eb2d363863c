// Follows the how-to pages word for word: every command of their shell blocks, on phantoms, in a folder elsewhere. Addresses, UIDs and times are put in, and
// trainings are cut short.   dotnet fsi tests/gates/howto.fsx [PAGE ..]      exit code 1: a command did not do what its page says
// Not here, as gates of their own follow them: howto-cluster (Slurm, Kubernetes), howto-install (Archives), howto-service (Consume), pages of code (Site).
#load "run.fsx"
#load "../../scripts/load.fsx"
#load "../LiverSeg.Functional.Tests/Support/DicomFixture.fs"
#load "../LiverSeg.Functional.Tests/Support/DicomMasks.fs"

open System
open System.Diagnostics
open System.IO
open System.IO.Compression
open System.Net
open System.Net.Http
open System.Text.RegularExpressions
open System.Threading
open LiverSeg.Functional
open LiverSeg.Functional.Tests

let root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "../.."))
let folder = Directory.CreateTempSubdirectory("liverseg-howto-").FullName
let at name = Path.Combine(folder, name)

/// `liverseg` as the pages call it.
let bin = at "bin"
Directory.CreateDirectory bin |> ignore

File.WriteAllText(
    Path.Combine(bin, "liverseg"),
    $"#!/bin/sh\nexec dotnet {root}/src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll \"$@\"\n"
)

File.SetUnixFileMode(
    Path.Combine(bin, "liverseg"),
    UnixFileMode.UserRead ||| UnixFileMode.UserWrite ||| UnixFileMode.UserExecute
)

let path =
    [ "PATH", bin + ":" + nonNull (Environment.GetEnvironmentVariable "PATH") ]

let shell (command: string) =
    printfn "-- %s" command
    Run.execWith path folder "bash" [ "-ec"; command ]

let page name =
    File.ReadAllText(Path.Combine(root, "docs", name))

let blocks language (text: string) =
    [
        for m in Regex.Matches(text, $"^```{language}\n(.*?)^```", RegexOptions.Multiline ||| RegexOptions.Singleline) ->
            m.Groups[1].Value
    ]

/// Commands of a block: lines, the ones that end in a backslash with the next.
let commands (block: string) =
    block.Replace("\\\n", " ").Split('\n', StringSplitOptions.RemoveEmptyEntries)
    |> Array.map _.Trim()
    |> List.ofArray

let exists names =
    for name in names do
        if not (File.Exists(at name) || Directory.Exists(at name)) then
            failwith $"{name} was not made"

let fresh names =
    for name in names do
        if Directory.Exists(at name) then
            Directory.Delete(at name, true)
        elif File.Exists(at name) then
            File.Delete(at name)

let phantom seed =
    Phantom.abdomen (PhantomOptions(Seed = seed, Spacing = Spacing.Isotropic 6.))

let whole (ct: Volume<Hu>) = ct.Map(fun h -> Hu(round h.Value))

let series seed number name =
    let ct = whole (phantom seed).Ct
    Directory.CreateDirectory(at name) |> ignore
    DicomFixture.studyOf DicomFixture.ExplicitLittle number ct (at name)
    ct

let scan = series 1000L 1 "study"
let truth = (phantom 1000L).Liver
let places = [ "patient1", 1001L, 2; "patient2", 1002L, 3 ]

for name, seed, number in places do
    series seed number name |> ignore

scan.Write(at "ct.nii.gz")
truth.Write(at "truth.nii.gz")
(phantom 1001L).Ct.Write(at "unseen.nii.gz")
(phantom 1001L).Liver.Write(at "unseen-liver.nii.gz")
truth.Write(at "corrected.nii.gz")
Model.save (at "model.safetensors") Pretrained.Liver

/// A list as the pages name it, of images alone or of images and masks.
let list (rows: string list) =
    File.WriteAllLines(at "cases.csv", rows)

let dicom () =
    ZipFile.CreateFromDirectory(at "study", at "study.zip")
    list [ "case,image"; "one,ct.nii.gz"; "two,unseen.nii.gz" ]

    // A segmentation of somebody else's, and a structure set with a box as its spleen.
    let g = scan.Grid

    let contour z =
        [|
            for x, y in [ 3., 3.; 12., 3.; 12., 10.; 3., 10. ] ->
                let p = g.ToWorld(x, y, float z)
                p.X, p.Y, p.Z
        |]

    File.WriteAllBytes(at "rs.dcm", DicomMasks.structures DicomMasks.plain [ 1, "Spleen", [ contour 4; contour 5 ] ])
    truth.WriteSegmentation(at "seg.dcm", VolumeFile.Open(at "study", DicomOptions()))

    for block in blocks "" (page "howto-dicom.md") do
        for command in commands block do
            if command.StartsWith "liverseg" then
                // What a block writes, the next one writes again.
                fresh [ "liver.nii.gz"; "liver.dcm"; "livers"; "corrected.dcm" ]

                if command.Contains "--series" || command.Contains "--all-series" then
                    for file in Directory.GetFiles(at "patient1") do
                        File.Copy(file, Path.Combine(at "study", "second-" + Path.GetFileName file), true)
                else
                    for file in Directory.GetFiles(at "study", "second-*") do
                        File.Delete file

                if command.Contains "-i corrected.dcm" then
                    shell "liverseg convert -i corrected.nii.gz -o corrected.dcm --reference study/"

                shell (command.Replace("1.2.840.…", "1.2.826.2.5"))

    exists [ "spleen.nii.gz"; "scan.nii.gz"; "corrected.mha"; "scores"; "facts" ]

let train () =
    fresh [ "spleen.nii.gz" ] // the page on DICOM makes one too

    list
        [
            "case,image,mask"
            "one,ct.nii.gz,truth.nii.gz"
            "two,unseen.nii.gz,unseen-liver.nii.gz"
        ]

    for block in blocks "sh" (page "howto-train.md") do
        for command in commands block do
            // The recipe's first two steps.
            let coarse = if command.Contains "--spacing" then "" else " --spacing 6"
            shell (command.Replace("--epochs 14 --steps 60", "--epochs 1 --steps 2" + coarse))

    exists [ "mine.safetensors"; "mine.jsonl"; "found.nii.gz"; "spleen.nii.gz" ]

let pytorch () =
    let text = page "howto-pytorch.md"
    blocks "sh" text |> List.collect commands |> List.iter shell
    exists [ "model.onnx" ]

    File.WriteAllText(at "weights.py", List.exactlyOne (blocks "python" text) + "print(len(weights), 'tensors')\n")

    if File.Exists "/usr/lib/python3/dist-packages/numpy/__init__.py" then
        shell "/usr/bin/python3 weights.py"
    else
        printfn "skipped: no numpy"

let viewer () =
    fresh [ "liver.nii.gz"; "look.html" ]
    shell "liverseg segment -i ct.nii.gz -o liver.nii.gz"

    for command in blocks "sh" (page "viewer.md") |> List.collect commands do
        if command.Contains "opens the browser" then
            // Ends when the page has been asked for and closed; here by Ctrl-C.
            let command = command.Split('#')[0]
            shell $"timeout -s INT 20 {command} || [ $? -eq 124 ]"
        else
            fresh [ "look.html" ]

            if command.Contains "segment" then
                fresh [ "liver.nii.gz" ]

            shell command
            exists [ "look.html" ]

let gpu () =
    fresh [ "liver.nii.gz" ]

    for command in blocks "sh" (page "howto-gpu.md") |> List.collect commands do
        if command.Contains "--device cuda" then
            // Where no device answers the program says so and ends with 4.
            shell $"{command} || [ $? -eq 4 ]"
        else
            shell command

/// Something that goes on beside; what it says does not matter.
let started (program: string) (args: string list) =
    let info =
        ProcessStartInfo(
            "bash",
            [ "-c"; "exec \"$@\" > /dev/null 2>&1"; "bash"; program ] @ args,
            WorkingDirectory = folder
        )

    for name, value in path do
        info.EnvironmentVariables[name] <- value

    Process.Start info

let until what (seconds: float) (holds: unit -> bool) =
    if
        not (
            SpinWait.SpinUntil(
                (fun () ->
                    Thread.Sleep 200
                    holds ()),
                TimeSpan.FromSeconds seconds
            )
        )
    then
        failwith $"waited in vain: {what}"

let pacs () =
    let plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"

    if not (File.Exists plugin && File.Exists "/usr/bin/storescp") then
        failwith "howto-pacs: orthanc-dicomweb and dcmtk are needed"

    let port, there = Run.freePort (), Run.freePort ()
    let service = $"http://127.0.0.1:{port}/dicom-web"

    File.WriteAllText(
        at "orthanc.json",
        $"""{{"StorageDirectory":"{at "db"}","IndexDirectory":"{at "db"}","HttpPort":{port},"DicomServerEnabled":false,
            "RemoteAccessAllowed":false,"AuthenticationEnabled":false,"Plugins":["{plugin}"],"DicomWeb":{{"Enable":true,"Root":"/dicom-web/"}}}}"""
    )

    use orthanc = started "/usr/sbin/Orthanc" [ at "orthanc.json"; "--no-jobs" ]
    use http = new HttpClient()

    let listed modality =
        try
            let answer = http.GetStringAsync($"{service}/series?Modality={modality}").Result
            Regex.Matches(answer, "\"0020000E\"").Count
        with :? AggregateException ->
            -1

    let here (command: string) =
        command
            .Replace("https://HOST/dicom-web", service)
            .Replace("studies/UID/series/UID", "studies/1.2.826.1/series/1.2.826.1.5")
            .Replace("archive.example 104", $"127.0.0.1 {there}")
            .Replace("StudyDate=20250101-", "Modality=CT")

    try
        until "Orthanc" 60. (fun () -> listed "CT" >= 0)
        let files = String.Join(" -i ", Directory.GetFiles(at "study", "???.dcm"))
        shell $"liverseg dicomweb put --url {service}/studies -i {files}"
        until "the series" 20. (fun () -> listed "CT" = 1)
        fresh [ "liver.dcm"; "captures"; "results"; "incoming"; "back"; "series" ]
        Directory.CreateDirectory(at "back") |> ignore
        Directory.CreateDirectory(at "incoming") |> ignore
        shell "liverseg segment -i study/ -o liver.dcm"

        for block in blocks "sh" (page "howto-pacs.md") do
            match commands block with
            | first :: _ when first.StartsWith "#!" -> File.WriteAllText(at "received.sh", here block)
            | [ node ] when node.StartsWith "storescp" ->
                use archive = started "storescp" [ "-od"; at "back"; string there ]
                let receive = Run.freePort ()

                // A study is over after a second instead of a minute.
                use receiver =
                    started
                        "bash"
                        [
                            "-c"
                            node.Replace("timeout 60", "timeout 1").Replace("11112", string receive)
                        ]

                try
                    until "the node" 20. (fun () ->
                        use sent =
                            started "storescu" [ "-R"; "+sd"; "127.0.0.1"; string receive; "patient1" ]

                        sent.WaitForExit()
                        sent.ExitCode = 0)

                    until "the segmentation" 120. (fun () -> Directory.GetFiles(at "back").Length > 0)
                finally
                    receiver.Kill true
                    archive.Kill true
            | all ->
                for command in all do
                    if command.Contains " watch " then
                        // Each is the first of its kind.
                        let states = [ "results/liverseg-watch.json"; "liverseg-watch.json" ]
                        fresh states
                        printfn "-- %s" (here command)

                        use watch =
                            started "bash" [ "-c"; "exec " + here command + " --interval 1 --settle 1" ]

                        try
                            until command 180. (fun () ->
                                states
                                |> List.exists (fun state ->
                                    File.Exists(at state) && (File.ReadAllText(at state)).Contains "\"done\""))
                        finally
                            watch.Kill true
                            watch.WaitForExit()
                    else
                        shell (here command)

        exists [ "captures"; "series" ]
    finally
        orthanc.Kill true
        orthanc.WaitForExit()

let all =
    [
        "howto-dicom", dicom
        "howto-train", train
        "howto-pytorch", pytorch
        "howto-gpu", gpu
        "viewer", viewer
        "howto-pacs", pacs
    ]

try
    let asked = List.tail (List.ofArray fsi.CommandLineArgs)

    for name, follow in all do
        if asked.IsEmpty || List.contains name asked then
            let clock = Stopwatch.StartNew()
            follow ()
            printfn "ok      %s (%.0f s)" name clock.Elapsed.TotalSeconds
finally
    Directory.Delete(folder, true)
