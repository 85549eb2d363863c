namespace LiverSeg.Functional

open System

/// Volumes: make, read, map, cut.
[<RequireQualifiedAccess>]
module Volume =
    /// A scan in Hounsfield units; throws `FileErrorException`.
    let read (path: string) = VolumeFile.Read path

    /// Opens a scan in the browser and gives its page's file; with masks: `Viewer.scene`.
    let show (ct: Volume<Hu>) = ViewerPage.Show ct

    /// A mask: the file's only value beside 0, or 1 and 2 as liver and lesion; throws `FileErrorException`.
    let readMask (path: string) = VolumeFile.ReadMask path

    /// One label of a file as a mask: `Volume.readLabel (MaskLabel.Number 5) "organs.nii.gz"`; throws `FileErrorException`.
    let readLabel (label: MaskLabel) (path: string) = VolumeFile.ReadMask(path, label)

    /// The volume whose voxel at x, y, z is `voxel x y z`.
    let init (grid: Grid) (voxel: int -> int -> int -> 'T) = Volume.Init(grid, voxel)

    /// The volume with a copy of these voxels, the first axis fastest.
    let ofArray (grid: Grid) (voxels: 'T[]) = Volume.Of(grid, ReadOnlySpan voxels)

    /// The same voxel everywhere.
    let constant (grid: Grid) (voxel: 'T) = Volume.Constant(grid, voxel)

    /// A copy of all voxels, the first axis fastest.
    let toArray (volume: Volume<'T>) = volume.Voxels.ToArray()

    /// Each voxel by itself.
    let map (f: 'T -> 'U) (volume: Volume<'T>) = Volume.Map(volume, f)

    /// Voxel by voxel over two volumes of one grid.
    let zip (f: 'T -> 'U -> 'V) (second: Volume<'U>) (first: Volume<'T>) = Volume.Zip(first, second, f)

    /// The same voxels on another grid of the same extent.
    let withGrid (grid: Grid) (volume: Volume<'T>) = Volume.WithGrid(volume, grid)

    /// The slices first .. first + count − 1, without a copy.
    let slab first count (volume: Volume<'T>) = Volume.Slab(volume, first, count)

    /// The voxels of a region that lies inside.
    let crop (region: Region) (volume: Volume<'T>) = Volume.Crop(volume, region)

    /// The voxels of a region that may reach outside.
    let pad (region: Region) (outside: 'T) (volume: Volume<'T>) = Volume.Pad(volume, region, outside)

    /// One line for the eye: grid and range of values.
    let describe (volume: Volume<'T>) = Volume.Describe volume

/// Masks: volumes of bool, true inside.
[<RequireQualifiedAccess>]
module Mask =
    /// Inside where the probability is more than the threshold.
    let threshold (threshold: float) (scores: Volume<Probability>) = Mask.Threshold(scores, threshold)

    /// Inside both.
    let ``and`` (other: Volume<bool>) (mask: Volume<bool>) = mask.And other

    /// Inside either.
    let ``or`` (other: Volume<bool>) (mask: Volume<bool>) = mask.Or other

    /// Inside `mask`, outside `other`.
    let andNot (other: Volume<bool>) (mask: Volume<bool>) = mask.AndNot other

    /// Inside and outside exchanged.
    let not (mask: Volume<bool>) = mask.Not()

    /// Voxels inside.
    let count (mask: Volume<bool>) = Mask.Count mask

    /// Millilitres inside.
    let volumeMl (mask: Volume<bool>) = mask.VolumeMl()

    /// The smallest region that holds everything inside; none for an empty mask.
    let boundingBox (mask: Volume<bool>) =
        mask.BoundingBox()
        |> Some
        |> Option.filter (fun box -> box.IsEmpty |> Operators.not)

    /// Which voxels belong together.
    let components (connectivity: Connectivity) (mask: Volume<bool>) = mask.Components connectivity

    /// The component with the most voxels.
    let largestComponent (mask: Volume<bool>) = mask.LargestComponent()

    /// The largest component without pieces of at least so many millilitres that hang on it by a neck thinner than so many millimetres.
    let cutNecks widthMm minMl (mask: Volume<bool>) = mask.CutNecks(widthMm, minMl)

    /// Without components below a volume in millilitres.
    let removeSmall (minMl: float) (mask: Volume<bool>) = mask.RemoveSmall minMl

    /// Holes filled in space.
    let fillHoles (mask: Volume<bool>) = mask.FillHoles()

    /// Holes filled slice by slice.
    let fillHolesPlanar (mask: Volume<bool>) = mask.FillHoles(planar = true)
