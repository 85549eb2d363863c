// The library's half of the comparison with other readers and writers; see nibabel_volumes.py.
//   dotnet fsi volumes.fsx write FOLDER SEED COUNT ENDING    random volumes, each with its voxels and affine beside it
//   dotnet fsi volumes.fsx segment FOLDER                    reads each series (a folder) and writes a segmentation of what is above 0 HU beside it
//   dotnet fsi volumes.fsx dump FOLDER ENDING                reads each volume and lays its voxels and affine beside it
#load "../../scripts/load.fsx"

open System
open System.IO
open System.Runtime.InteropServices
open LiverSeg.Functional

/// float32 voxels, then the 3x4 affine to right, anterior, superior as float64, then three int32 sizes.
let lay (path: string) (volume: Volume<Hu>) =
    use file = new BinaryWriter(File.Create(path + ".dump"))
    let g = volume.Grid
    let ras (p: Point) = [| -p.X; -p.Y; p.Z |]
    let origin = ras (g.ToWorld(0., 0., 0.))

    let columns =
        [ g.ToWorld(1., 0., 0.); g.ToWorld(0., 1., 0.); g.ToWorld(0., 0., 1.) ]
        |> List.map ras

    for size in [ g.Extent.X; g.Extent.Y; g.Extent.Z ] do
        file.Write size

    for row in 0..2 do
        for column in columns do
            file.Write(column[row] - origin[row])

        file.Write origin[row]

    file.Write(MemoryMarshal.AsBytes volume.Voxels)

let random seed =
    let r = Random(seed: int)

    let w, x, y, z =
        r.NextDouble() + 0.1, r.NextDouble() - 0.5, r.NextDouble() - 0.5, r.NextDouble() - 0.5

    let n = sqrt (w * w + x * x + y * y + z * z)
    let w, x, y, z, m = w / n, x / n, y / n, z / n, (if seed % 2 = 0 then 1. else -1.)

    let direction =
        Direction(
            Axis(1. - 2. * (y * y + z * z), 2. * (x * y + w * z), 2. * (x * z - w * y)),
            Axis(2. * (x * y - w * z), 1. - 2. * (x * x + z * z), 2. * (y * z + w * x)),
            Axis(m * 2. * (x * z + w * y), m * 2. * (y * z - w * x), m * (1. - 2. * (x * x + y * y)))
        )

    let extent = Extent(r.Next(1, 24), r.Next(1, 24), r.Next(1, 24))

    let spacing =
        Spacing(0.3 + r.NextDouble(), 0.3 + r.NextDouble(), 0.3 + 4. * r.NextDouble())

    let origin =
        Point(600. * r.NextDouble() - 300., 600. * r.NextDouble() - 300., 1200. * r.NextDouble() - 900.)

    let whole = r.Next 2 = 0

    Volume.Init(
        Grid(extent, spacing, origin, direction),
        fun _ _ _ ->
            Hu(
                if whole then
                    float32 (r.Next(-1024, 3071))
                else
                    r.NextSingle() * 2000f - 1000f
            )
    )

match List.ofArray fsi.CommandLineArgs[1..] with
| [ "write"; folder; seed; count; ending ] ->
    for i in 0 .. int count - 1 do
        let volume = random (int seed + i)
        let path = Path.Combine(folder, $"ours{i:D3}{ending}")
        volume.Write(path, true)
        lay path volume
| [ "dump"; folder; ending ] ->
    for path in Directory.GetFiles(folder, "*" + ending) do
        lay path (VolumeFile.Read path)
| [ "segment"; folder ] ->
    for series in Directory.GetDirectories folder do
        let volume = VolumeFile.Read series
        lay series volume
        volume.Map(fun h -> h.Value > 0f).WriteSegmentation(series + ".seg.dcm", VolumeFile.Open series, true)
| _ -> failwith "write FOLDER SEED COUNT ENDING or dump FOLDER ENDING"
