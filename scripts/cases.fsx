// The cases that a script works on: a CSV (case,image,mask[,patient]) or a folder of cases named behind it, else phantoms.
#load "load.fsx"

open System
open System.IO
open LiverSeg.Functional

/// What stands behind the script's name.
let arguments = List.tail (List.ofArray fsi.CommandLineArgs)

/// The folder named second, or one of this name here.
let outputOr name =
    arguments |> List.tryItem 1 |> Option.defaultValue name

let private phantoms seeds =
    let folder = Directory.CreateTempSubdirectory("liverseg-").FullName
    AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> Directory.Delete(folder, true))

    [
        for seed in seeds do
            let path kind =
                Path.Combine(folder, $"phantom{seed}-{kind}.nii.gz")

            let options = PhantomOptions(Seed = seed, Spacing = Spacing.Isotropic 6.)
            let phantom = Phantom.abdomen options
            phantom.Ct |> VolumeFile.write (path "ct")
            phantom.Liver |> VolumeFile.writeMask (path "liver")
            CaseFile($"phantom{seed}", path "ct", path "liver", $"phantom{seed}")
    ]

/// The cases named first behind the script, or phantoms of these seeds.
let casesOr seeds =
    match arguments with
    | path :: _ when Directory.Exists path -> List.ofSeq (DatasetFolder.find path).Cases
    | path :: _ -> CaseList.read path
    | [] -> phantoms seeds

/// The shipped model; for phantoms its first stage, several times as fast.
let model =
    if arguments.IsEmpty then
        Pretrained.Liver.FirstStage
    else
        Pretrained.Liver

/// Scan and true mask of a case.
let read (case: CaseFile) =
    Volume.read case.Image, Volume.readMask case.Mask
