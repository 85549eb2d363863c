// A network that learns while you wait from phantoms, and the recipe of the shipped one for cases of your own.
#load "cases.fsx"

open LiverSeg.Functional

let private toy = Cases.arguments.IsEmpty

/// Untrained.
let start =
    let network = Architectures.compact (if toy then [ 8; 16 ] else [ 16; 32; 64; 96 ])
    let voxels = Spacing.Isotropic(if toy then 8. else 3.)
    Model(network, network |> Weights.he 1L, Spacing = voxels, Tile = Extent(160, 160, 128))

let recipe =
    if toy then
        TrainingRecipe.Of(TrainingOptions.Smoke.Adjust(epochs = 4, stepsPerEpoch = 10, seed = 0L, threads = 1))
    else
        TrainingRecipe.Of(TrainingOptions.Practical.Adjust(epochs = 14, stepsPerEpoch = 60, seed = 1L, threads = 0))

/// The same without deep supervision: no branch has a say.
let plain = { recipe with EtaElsewhere = 0. }

let prepare (case: CaseFile) =
    Cases.read case ||> Training.prepare start case.Id

/// The model that a recipe makes of cases.
let learn (recipe: TrainingRecipe) (cases: CaseFile seq) =

    (start
     |> Training.fit recipe.Options ignore (cases |> Seq.map prepare |> List.ofSeq))
        .Model

/// A model's mask of a case against the true one, with and without the CRF.
let judge useCrf (model: Model) (case: CaseFile) =
    let ct, truth = Cases.read case

    ct
    |> Pipeline.segment (PipelineOptions(Refinement = (if useCrf then CrfSetting.Shipped else CrfSetting.None))) model
    |> Metrics.evaluate truth
    |> CaseResult.ofEvaluation case.Id
