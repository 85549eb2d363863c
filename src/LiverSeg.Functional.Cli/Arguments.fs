module LiverSeg.Functional.Cli.Arguments

open Argu

[<RequireQualifiedAccess>]
type SegmentArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-o")>] Output of MASK: string
    | [<AltCommandLine("-m")>] Model of FILE: string
    | Probability of FILE: string
    | No_Crf
    | Crf of FILE: string
    | Keep_All_Components
    | Series of NUMBER_OR_UID: string
    | All_Series
    | Format of ENDING: string
    | Max_Memory of SIZE: string
    | Smaller_Tiles
    | Report of DIR: string
    | Stats of FILE: string
    | Json of FILE: string
    | Overwrite
    | Threads of int
    | Device of string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ ->
                "CT file, DICOM series (folder or zip), folder of CT files and zips, or CSV (case,image); may be given many times."
            | Output _ -> "liver mask in the geometry of the CT, .dcm = DICOM segmentation; a folder for many inputs."
            | Model _ -> "model file, or liver or dsn, which come with the program (default: liver)."
            | Probability _ -> "also write the fused score map, before the CRF (float32)."
            | No_Crf -> "leave the CRF out."
            | Crf _ -> "JSON of CRF options, as tune-crf writes it."
            | Keep_All_Components -> "keep every component, not only the largest."
            | Series _ -> "which series of a DICOM folder or zip: its number in the list that is printed, or its UID."
            | All_Series -> "segment every series of a DICOM folder or zip; the output is a folder."
            | Format _ -> "of many inputs' masks: nii.gz | nii | mha | nrrd | dcm (default: nii.gz)."
            | Max_Memory _ ->
                "bound of the memory, as 1500M or 2G; large scans are worked on in slabs, with the same mask."
            | Smaller_Tiles ->
                "with --max-memory: the network's tiles may shrink too, which can change the mask a great deal."
            | Report _ -> "folder for an HTML page with pictures."
            | Stats _ -> "write volume, HU statistics and extent as JSON."
            | Json _ -> "write what was done as JSON."
            | Overwrite -> "replace files that exist."
            | Threads _ -> "threads (default: one a processor)."
            | Device _ -> "auto | cpu (default: auto)."

[<RequireQualifiedAccess>]
type TrainArgs =
    | [<Mandatory>] Cases of CSV: string
    | [<Mandatory; AltCommandLine("-o")>] Output of MODEL: string
    | Preset of string
    | Network of string
    | Epochs of int
    | Steps of int
    | Rate of float
    | Precision of string
    | Spacing of MM: float
    | Start of MODEL: string
    | Resume
    | Checkpoint of DIR: string
    | Save_Every of STEPS: int
    | Validation of CSV: string
    | Cache of DIR: string
    | History of FILE: string
    | Seed of int64
    | Threads of int
    | Overwrite
    | Fact of NAME_VALUE: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Cases _ -> "CSV with columns case,image,mask[,patient]; paths relative to the CSV."
            | Output _ -> "model file to write (safetensors)."
            | Preset _ -> "paper | practical | smoke (default: practical)."
            | Network _ -> "compact | dsn | cnn | dsn-norm (default: compact, with preset paper: dsn)."
            | Epochs _ -> "epochs, instead of the preset's."
            | Steps _ -> "steps an epoch, instead of the preset's."
            | Rate _ -> "highest learning rate, instead of the preset's."
            | Precision _ ->
                "mixed | float32, instead of the preset's; large kernels are fast in float32, small ones in mixed on processors that have bfloat16."
            | Spacing _ ->
                "voxel spacing in mm that images are brought to; 0 = native (default: 3, with preset paper: 0)."
            | Start _ -> "model whose weights to start from."
            | Resume -> "go on from the checkpoint folder."
            | Checkpoint _ -> "folder for checkpoints (default: OUTPUT.checkpoints)."
            | Save_Every _ -> "steps between states within an epoch (default: 0, at its end only)."
            | Validation _ -> "CSV of cases to score now and then."
            | Cache _ -> "folder that keeps prepared cases, so that the next training need not prepare them again."
            | History _ -> "write one JSON line an epoch."
            | Seed _ -> "seed of weights, crops and order (default: 0)."
            | Threads _ -> "threads (default: one a processor)."
            | Overwrite -> "replace the model file if it exists."
            | Fact _ -> "NAME=VALUE kept in the model's provenance; may be given many times."

[<RequireQualifiedAccess>]
type EvaluateArgs =
    | [<AltCommandLine("-p")>] Prediction of MASK: string
    | [<AltCommandLine("-t")>] Truth of MASK: string
    | Cases of CSV: string
    | Border of int
    | Outside of string
    | Tolerance of MM: float
    | Json of FILE: string
    | Overwrite
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Prediction _ -> "mask to judge; non-zero = liver."
            | Truth _ -> "reference mask on the same grid."
            | Cases _ -> "CSV with columns case,prediction,truth for a table."
            | Border _ -> "neighbours that make a border voxel: 6 | 18 | 26 (default: 18)."
            | Outside _ -> "what lies outside of the image: object | background (default: object)."
            | Tolerance _ -> "tolerance of the surface overlap NSD in mm (default: 3)."
            | Json _ -> "write the measures as JSON."
            | Overwrite -> "replace files that exist."
            | Threads _ -> "threads (default: one a processor)."

[<RequireQualifiedAccess>]
type StatsArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-m")>] Mask of MASK: string
    | Json of FILE: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "the CT."
            | Mask _ -> "a mask on its grid."
            | Json _ -> "write to this file instead of the screen."
            | Overwrite -> "replace files that exist."

[<RequireQualifiedAccess>]
type PreviewArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-m")>] Mask of MASK: string
    | [<AltCommandLine("-t")>] Truth of MASK: string
    | [<Mandatory; AltCommandLine("-o")>] Output of PNG: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "the CT."
            | Mask _ -> "the mask to draw in red."
            | Truth _ -> "the reference to draw in green."
            | Output _ -> "picture to write."
            | Overwrite -> "replace the file if it exists."

[<RequireQualifiedAccess>]
type ScoreArgs =
    | Means of MEASURES: string
    | Cases of CSV: string

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Means _ -> "voe,rvd,asd,rmsd,msd in %, %, mm, mm, mm; the score of a row of means is an upper bound."
            | Cases _ -> "CSV with columns case,prediction,truth: points of each case and their mean."

[<RequireQualifiedAccess>]
type InfoArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | Json of FILE: string
    | Values
    | Series of NUMBER_OR_UID: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "image, model file, DICOM folder or zip, or folder of images; only headers are read."
            | Json _ -> "write the facts as JSON."
            | Series _ -> "which series of a DICOM folder or zip."
            | Values -> "read the voxels too and give their range."
            | Overwrite -> "replace files that exist."

[<RequireQualifiedAccess>]
type ConvertArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-o")>] Output of FILE: string
    | Mask
    | Reference of SERIES: string
    | Series of NUMBER_OR_UID: string
    | Any_Image
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "image to read."
            | Output _ -> "file to write; its ending chooses the format; .dcm = DICOM segmentation of a mask."
            | Mask -> "a mask: non-zero = inside, written as uint8."
            | Reference _ -> "DICOM series (folder or zip) that a DICOM segmentation refers to."
            | Series _ -> "which series of a DICOM folder or zip."
            | Any_Image -> "also DICOM images other than CT."
            | Overwrite -> "replace the file if it exists."

[<RequireQualifiedAccess>]
type PhantomArgs =
    | [<Mandatory; AltCommandLine("-o")>] Output of DIR: string
    | Cases of int
    | Seed of int64
    | Spacing of MM: float
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Output _ -> "folder for NAME-ct.nii.gz, NAME-liver.nii.gz and cases.csv."
            | Cases _ -> "how many (default: 1)."
            | Seed _ -> "seed of the first; the next ones count up (default: 0)."
            | Spacing _ -> "voxel spacing in mm (default: 1.5 in plane, 3 along the body)."
            | Overwrite -> "replace files that exist."

[<RequireQualifiedAccess>]
type RefineArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of IMAGE: string
    | [<Mandatory; AltCommandLine("-p")>] Scores of PROBABILITY: string
    | [<Mandatory; AltCommandLine("-o")>] Output of MASK: string
    | Probability of FILE: string
    | Crf of FILE: string
    | Threshold of float
    | Iterations of int
    | Mu1 of float
    | Mu2 of float
    | Theta_Alpha of float
    | Theta_Beta of HU: float
    | Theta_Gamma of float
    | Units of string
    | Normalization of string
    | Dimensions of int
    | Exact
    | Keep_All_Components
    | Keep_Holes
    | Overwrite
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "the CT that guides."
            | Scores _ -> "liver probabilities on its grid, of any program."
            | Output _ -> "mask to write."
            | Probability _ -> "also write the refined probabilities (float32)."
            | Crf _ -> "JSON of CRF options; flags here go before it."
            | Threshold _ -> "probability that is an even bet before the CRF (default: 0.5)."
            | Iterations _ -> "mean field updates."
            | Mu1 _ -> "weight of the appearance kernel."
            | Mu2 _ -> "weight of the smoothness kernel."
            | Theta_Alpha _ -> "reach of the appearance kernel, in --units."
            | Theta_Beta _ -> "how unlike two densities may be, in HU."
            | Theta_Gamma _ -> "reach of the smoothness kernel, in --units."
            | Units _ -> "voxel | mm."
            | Normalization _ -> "symmetric | before | after | none."
            | Dimensions _ -> "2: transverse slices | 3: the whole volume."
            | Exact -> "sum every pair of voxels: slow, 64x64 a slice at most."
            | Keep_All_Components -> "keep every component, not only the largest."
            | Keep_Holes -> "do not fill holes."
            | Overwrite -> "replace files that exist."
            | Threads _ -> "threads (default: one a processor)."

[<RequireQualifiedAccess>]
type TuneCrfArgs =
    | [<Mandatory>] Cases of CSV: string
    | [<Mandatory; AltCommandLine("-o")>] Output of FILE: string
    | [<AltCommandLine("-m")>] Model of FILE: string
    | Trials of CSV: string
    | Search of string
    | Nested
    | Rounds of int
    | Every of SLICES: int
    | Goal of MEASURE: string
    | Start of FILE: string
    | Json of FILE: string
    | Overwrite
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Cases _ -> "CSV with columns case,image,mask[,patient][,scores]; scores are probability maps made before."
            | Output _ -> "JSON of the best options, for segment --crf and refine --crf."
            | Model _ -> "model file, liver or dsn, for cases without scores (default: liver)."
            | Trials _ ->
                "table of all trials, kept after each one; a search goes on from it (default: OUTPUT.trials.csv)."
            | Search _ -> "coordinate | grid (default: coordinate)."
            | Nested -> "also choose for each patient on all others, and say what that gives."
            | Rounds _ -> "passes of the coordinate search (default: 2)."
            | Every _ -> "judge each n-th transverse slice only, which is n times as fast (default: 1)."
            | Goal _ -> "measure to make better: dice, voe_percent, asd_mm, ... (default: dice)."
            | Start _ -> "JSON of CRF options to start from."
            | Json _ -> "write the chosen values and the held-out ones as JSON."
            | Overwrite -> "replace files that exist."
            | Threads _ -> "threads (default: one a processor)."

[<RequireQualifiedAccess>]
type CrossvalArgs =
    | [<Mandatory>] Cases of CSV: string
    | [<Mandatory; AltCommandLine("-o")>] Output of DIR: string
    | Always of CSV: string
    | Networks of string
    | Fold of string
    | Merge
    | Crf of FILE: string
    | Preset of string
    | Epochs of int
    | Steps of int
    | Rate of float
    | Precision of string
    | Spacing of MM: float
    | Start of DIR: string
    | Cache of DIR: string
    | Seed of int64
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Cases _ -> "CSV with columns case,image,mask[,patient]."
            | Output _ -> "folder: one below it a network and patient; what is there already is not made again."
            | Always _ -> "cases that every fold learns from, as phantoms."
            | Networks _ -> "as for train, separated by commas (default: compact)."
            | Fold _ -> "make one fold only, by number from 0 or by patient."
            | Merge -> "make no fold, only the tables of those that are there."
            | Crf _ -> "JSON of CRF options for the rows with CRF."
            | Preset _ -> "as for train."
            | Epochs _ -> "as for train."
            | Steps _ -> "as for train."
            | Rate _ -> "as for train."
            | Precision _ -> "as for train."
            | Spacing _ -> "as for train."
            | Start _ ->
                "output folder of an earlier crossval of the same patients: each fold goes on from its model there."
            | Cache _ -> "as for train; all folds may share it."
            | Seed _ -> "as for train."
            | Threads _ -> "as for train."

[<RequireQualifiedAccess>]
type PlotArgs =
    | [<MainCommand>] Histories of FILE: string list
    | [<Mandatory; AltCommandLine("-o")>] Output of FILE: string
    | Name of string
    | Title of string
    | Kernels of MODEL: string
    | Features of MODEL: string
    | Image of CT: string
    | Operation of PATH: string
    | Height of float
    | Threads of int
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Histories _ -> "history files of train; several are drawn together."
            | Output _ -> "page (.html) with all curves, or picture (.png) of the first kind that has values."
            | Name _ -> "name of a history in the legend, in their order (default: its folder and file name)."
            | Title _ -> "heading of the page."
            | Kernels _ -> "with .png: the first layer's kernels of this model instead of curves."
            | Features _ -> "with .png: what a layer of this model makes of a slice, instead of curves."
            | Image _ -> "with --features: the CT to look at."
            | Operation _ -> "with --features: the layer, as conv2 (default: conv1)."
            | Height _ -> "with --features: where the slice lies, 0 lowest, 1 highest (default: 0.5)."
            | Threads _ -> "with --features: threads (default: one a processor)."
            | Overwrite -> "replace the file if it exists."

[<RequireQualifiedAccess>]
type StudyArgs =
    | [<Mandatory>] Cases of CSV: string
    | [<Mandatory>] Validation of CSV: string
    | [<Mandatory; AltCommandLine("-o")>] Output of DIR: string
    | Seeds of int
    | Epochs of int
    | Steps of int
    | Spacing of MM: float
    | Crop of X: int * Y: int * Z: int
    | Start of NAME: string
    | Optimizer of NAME: string
    | Rate of float
    | Dice of WEIGHT: float
    | Liver_Weight of float
    | Clip of LENGTH: float
    | Validate_Every of EPOCHS: int
    | Error of float
    | Cache of DIR: string
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Cases _ -> "CSV of cases to learn from."
            | Validation _ -> "CSV of cases to judge by after each epoch."
            | Output _ -> "folder for histories, models, plots and tables; a study that was stopped goes on."
            | Seeds _ -> "how many starts (default: 3)."
            | Epochs _ -> "epochs a run (default: 10)."
            | Steps _ -> "steps an epoch (default: 10)."
            | Spacing _ -> "voxel spacing in mm (default: 6)."
            | Crop _ -> "voxels of a crop, multiples of 4 (default: 32 32 24)."
            | Start _ -> "paper, N(0, 0.01^2), or he (default: both)."
            | Optimizer _ -> "sgd (with momentum 0.9) or adam (default: sgd, the paper's)."
            | Rate _ -> "learning rate (default: the paper's 0.1)."
            | Dice _ -> "how much 1 - soft Dice is added to each loss (default: 0)."
            | Liver_Weight _ -> "what liver voxels weigh in the likelihood (default: 1)."
            | Clip _ -> "longest gradient; 0 = any (default: 0)."
            | Validate_Every _ -> "epochs between two validations (default: 1)."
            | Error _ -> "validation error 1 - Dice to count epochs to (default: 0.4)."
            | Cache _ -> "as for train."
            | Threads _ -> "threads (default: one a processor)."

[<RequireQualifiedAccess>]
type CasesArgs =
    | [<Mandatory; AltCommandLine("-i")>] Input of FOLDER: string
    | [<Mandatory; AltCommandLine("-o")>] Output of CSV: string
    | No_Check
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Input _ -> "folder of SLiver07, LiTS, Decathlon, nnU-Net, 3D-IRCADb, or of ct and liver files."
            | Output _ -> "CSV with columns case,image,mask,patient; cases with errors are left out of it."
            | No_Check -> "list without reading the volumes."
            | Overwrite -> "replace the file if it exists."

[<RequireQualifiedAccess>]
type ExportOnnxArgs =
    | [<AltCommandLine("-m")>] Model of FILE: string
    | [<Mandatory; AltCommandLine("-o")>] Output of FILE: string
    | Overwrite

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Model _ -> "model file, or liver or dsn, which come with the program (default: liver)."
            | Output _ -> "ONNX file to write (opset 17)."
            | Overwrite -> "replace the file if it exists."

[<RequireQualifiedAccess>]
type DemoArgs =
    | [<AltCommandLine("-o")>] Output of DIR: string
    | Seed of int64
    | Overwrite
    | Threads of int

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Threads _ -> "threads (default: one a processor)."
            | Output _ -> "folder for the phantom, the mask and the report (default: liverseg-demo)."
            | Seed _ -> "seed of the phantom (default: 1000)."
            | Overwrite -> "replace files that exist."

type Args =
    | [<CliPrefix(CliPrefix.None)>] Segment of ParseResults<SegmentArgs>
    | [<CliPrefix(CliPrefix.None)>] Refine of ParseResults<RefineArgs>
    | [<CliPrefix(CliPrefix.None)>] Tune_Crf of ParseResults<TuneCrfArgs>
    | [<CliPrefix(CliPrefix.None)>] Cases of ParseResults<CasesArgs>
    | [<CliPrefix(CliPrefix.None)>] Train of ParseResults<TrainArgs>
    | [<CliPrefix(CliPrefix.None)>] Crossval of ParseResults<CrossvalArgs>
    | [<CliPrefix(CliPrefix.None)>] Study of ParseResults<StudyArgs>
    | [<CliPrefix(CliPrefix.None)>] Plot of ParseResults<PlotArgs>
    | [<CliPrefix(CliPrefix.None)>] Evaluate of ParseResults<EvaluateArgs>
    | [<CliPrefix(CliPrefix.None)>] Stats of ParseResults<StatsArgs>
    | [<CliPrefix(CliPrefix.None)>] Preview of ParseResults<PreviewArgs>
    | [<CliPrefix(CliPrefix.None)>] Score of ParseResults<ScoreArgs>
    | [<CliPrefix(CliPrefix.None)>] Info of ParseResults<InfoArgs>
    | [<CliPrefix(CliPrefix.None)>] Convert of ParseResults<ConvertArgs>
    | [<CliPrefix(CliPrefix.None); CustomCommandLine("export-onnx")>] Export_Onnx of ParseResults<ExportOnnxArgs>
    | [<CliPrefix(CliPrefix.None)>] Phantom of ParseResults<PhantomArgs>
    | [<CliPrefix(CliPrefix.None); SubCommand>] Doctor
    | [<CliPrefix(CliPrefix.None)>] Demo of ParseResults<DemoArgs>
    | [<Inherit; AltCommandLine("-q")>] Quiet
    | [<Inherit; AltCommandLine("-v")>] Verbose

    interface IArgParserTemplate with
        member this.Usage =
            match this with
            | Segment _ -> "CT in, liver mask out."
            | Refine _ -> "the CRF alone, on any program's score map."
            | Tune_Crf _ -> "look for CRF options on cases of yours."
            | Cases _ -> "find and check labelled scans in a data set's folder."
            | Train _ -> "learn a model from cases."
            | Crossval _ -> "leave one patient out: folds, each resumable and alone, and their tables."
            | Study _ -> "how networks learn with and without deep supervision."
            | Plot _ -> "learning curves, kernels or features as a page or a picture."
            | Evaluate _ -> "SLiver07 measures of a mask against a reference."
            | Stats _ -> "volume, HU statistics, extent, components, cut-off flags."
            | Preview _ -> "three planes with contours as PNG."
            | Score _ -> "SLiver07 points of five errors."
            | Info _ -> "what is in a file, from its header alone."
            | Convert _ -> "one format to another; voxels and geometry exact."
            | Export_Onnx _ -> "a model as ONNX, for programs without libtorch."
            | Phantom _ -> "synthetic abdomens with exact liver masks."
            | Doctor -> "what was found on this machine and what to do about it."
            | Demo _ -> "no data needed: phantom, segmentation, report."
            | Quiet -> "no progress, no warnings."
            | Verbose -> "say more."
