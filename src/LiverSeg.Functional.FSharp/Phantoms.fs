namespace LiverSeg.Functional

/// Synthetic abdomens with an exact liver.
[<RequireQualifiedAccess>]
module Phantom =
    /// The phantom of these options.
    let abdomen (options: PhantomOptions) = Phantom.Abdomen options

    /// The phantom of a seed, with default options.
    let ofSeed (seed: int64) =
        Phantom.Abdomen(PhantomOptions(Seed = seed))

    /// The voxels of one organ.
    let mask (organ: Organ) (phantom: Phantom) = phantom.Mask organ
