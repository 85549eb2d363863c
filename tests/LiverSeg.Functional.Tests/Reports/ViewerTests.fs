module LiverSeg.Functional.Tests.ViewerTests

open System
open System.IO
open System.IO.Compression
open System.Security.Cryptography
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open Expecto
open FsCheck
open LiverSeg.Functional
open LiverSeg.Functional.Tests.ReportFixture

let private hu x y z =
    Hu(float32 (x * 7 - y * 3 + z * 11 + (x * y * z) % 13))

let private ct = Volume.Init(grid, hu)

let private block id (page: string) =
    let m =
        Regex.Match(page, $"<script type=\"text/plain\" id=\"{id}\">([^<]*)</script>")

    use packed = new MemoryStream(Convert.FromBase64String m.Groups[1].Value)
    use zlib = new ZLibStream(packed, CompressionMode.Decompress)
    use bytes = new MemoryStream()
    zlib.CopyTo bytes
    bytes.ToArray()

let private facts (page: string) =
    JsonDocument.Parse(Regex.Match(page, "id=\"scene\">([^<]*)</script>").Groups[1].Value).RootElement

let private ints (json: JsonElement) =
    [| for n in json.EnumerateArray() -> n.GetInt32() |]

/// The page's way back, written plainly: neighbours of the same slice foretell, what was folded is unfolded.
let private voxels (code: byte[]) (size: int[]) =
    let n = code.Length / 2
    let all = Array.zeroCreate<int16> n

    for i in 0 .. n - 1 do
        let x, y = i % size[0], i / size[0] % size[1]

        let expected =
            match x, y with
            | 0, 0 -> 0
            | _, 0 -> int all[i - 1]
            | 0, _ -> int all[i - size[0]]
            | _ ->
                let w, n, c = int all[i - 1], int all[i - size[0]], int all[i - size[0] - 1]
                List.sort [ w; n; w + n - c ] |> List.item 1

        let folded = int code[i] ||| (int code[n + i] <<< 8)
        let difference = if folded % 2 = 0 then folded / 2 else -(folded + 1) / 2
        all[i] <- int16 (expected + difference)

    all

/// The file's voxel behind each voxel of a page.
let private behind (facts: JsonElement) =
    let size = ints (facts.GetProperty "size")
    let axes = [| for a in facts.GetProperty("axes").EnumerateArray() -> ints a |]

    [|
        for k in 0 .. size[2] - 1 do
            for j in 0 .. size[1] - 1 do
                for i in 0 .. size[0] - 1 do
                    let file = [| 0; 0; 0 |]

                    for axis, n in [ axes[0], i; axes[1], j; axes[2], k ] do
                        file[axis[0]] <- axis[1] + axis[2] * n

                    file[0], file[1], file[2]
    |]

let private scene = Viewer.scene "a scan" ct

[<Tests>]
let viewer =
    testList
        "Viewer"
        [
            testProperty "whole numbers come back from the page's code, whatever they are"
            <| fun (values: NonEmptyArray<int16>) ->
                let values = values.Get
                let size = [| 1; values.Length; 1 |]
                let wide = [| values.Length; 1; 1 |]

                for s in [ size; wide ] do
                    let code = VoxelCode.Predicted(values, struct (s[0], s[1], s[2]))
                    Expect.equal (voxels code s) values "the same"
            testCase "each voxel of the page has the HU of its voxel in the file, whatever the axes of the grid"
            <| fun () ->
                let e = grid.Extent

                let turned =
                    Grid(
                        Extent(e.Z, e.X, e.Y),
                        Spacing(2., 1., 1.),
                        Point(3., -4., 5.),
                        Direction(Axis(0., 0., -1.), Axis(1., 0., 0.), Axis(0., -1., 0.))
                    )

                for g in [ grid; turned ] do
                    let volume = Volume.Init(g, hu)
                    let page = Viewer.scene "t" volume |> Viewer.html
                    let facts = facts page
                    let found = voxels (block "hu" page) (ints (facts.GetProperty "size"))
                    let files = behind facts
                    Expect.equal (Set.ofArray files).Count volume.Voxels.Length "every voxel once"

                    for (x, y, z), value in Array.zip files found do
                        Expect.equal (float32 value) volume[x, y, z].Value $"{x} {y} {z}"

                    // Neighbours on the page lie towards right, front and head.
                    let size = ints (facts.GetProperty "size")
                    let place (x, y, z) = g.ToWorld(float x, float y, float z)
                    let here = place files[0]

                    let right, front, head =
                        place files[1], place files[size[0]], place files[size[0] * size[1]]

                    Expect.isTrue (right.X < here.X && front.Y < here.Y && head.Z > here.Z) "R, A, S"
            testCase
                "a large scan is thinned to at most 256 voxels a side, each one of the file's own; --full keeps all"
            <| fun () ->
                let long = Grid.Of(Extent(600, 3, 2), Spacing.Isotropic 1.)
                let volume = Volume.Init(long, fun x y z -> Hu(float32 (x + 1000 * y + 7 * z)))
                let page = Viewer.scene "t" volume |> Viewer.html
                let facts1 = facts page
                Expect.equal (ints (facts1.GetProperty "size")) [| 200; 3; 2 |] "every third"

                for (x, y, z), value in Array.zip (behind facts1) (voxels (block "hu" page) [| 200; 3; 2 |]) do
                    Expect.equal (float32 value) volume[x, y, z].Value "the file's"

                let full = ViewerPage.Html(Viewer.scene "t" volume, full = true)
                Expect.equal (ints ((facts full).GetProperty "size")) [| 600; 3; 2 |] "all"
            testCase "where exact HU would make the page too large they are exact near the masks and to 2 elsewhere"
            <| fun () ->
                let pages = PageGrid.Of(grid, 256)
                let mask = pages.Pick(truth, fun inside -> if inside then 1uy else 0uy)
                let exact = PageVoxels.Of(ct, pages, [| mask |], Int64.MaxValue)
                Expect.equal (exact.Step, exact.Detail) (1, "") "all exact"
                let near = PageVoxels.Of(ct, pages, [| mask |], 0L)
                let size = [| grid.Extent.X; grid.Extent.Y; grid.Extent.Z |]

                let unpack text =
                    block "hu" $"<script type=\"text/plain\" id=\"hu\">{text}</script>"

                let coarse, detail = voxels (unpack near.Hu) size, unpack near.Detail
                let all = voxels (unpack exact.Hu) size
                let around = unpack near.Near
                let mutable d = 0

                for i in 0 .. all.Length - 1 do
                    let value = int coarse[i] * near.Step

                    if around[i] <> 0uy then
                        Expect.equal (value + int detail[d] - 2) (int all[i]) "exact"
                        d <- d + 1
                    else
                        Expect.equal mask[i] 0uy "near the masks means in them too"
                        Expect.isLessThanOrEqual (abs (value - int all[i])) 2 "to 2 HU"
            testCase "the wrong area of each slice is counted in the file's voxels"
            <| fun () ->
                let prediction =
                    Volume.Init(
                        grid,
                        fun x y z -> truth[x, y, z] <> ((z = 3 && x = 0 && y < 2) || (z = 9 && x < 5 && y = 0))
                    )

                let page =
                    scene |> Viewer.withMask "m" prediction |> Viewer.withTruth truth |> Viewer.html

                let facts = facts page

                let areas =
                    [ for n in facts.GetProperty("wrongCm2").EnumerateArray() -> n.GetDouble() ]

                Expect.equal (areas |> List.indexed |> List.filter (fun (_, a) -> a > 0.)) [ 3, 0.02; 9, 0.05 ] "cm²"
                let dice = (Metrics.evaluate truth prediction).Dice
                Expect.floatClose Accuracy.low (facts.GetProperty("dice").GetDouble()) dice "Dice"
            testCase "the page runs its own scripts only, and nothing from outside can become one"
            <| fun () ->
                let page =
                    Viewer.scene hostile ct
                    |> Viewer.withMask hostile truth
                    |> Viewer.withNotes [ hostile ]
                    |> Viewer.html

                let policy =
                    Regex.Match(page, "Content-Security-Policy\" content=\"([^\"]*)\"").Groups[1].Value

                Expect.stringStarts policy "default-src 'none'; script-src 'sha256-" "policy"
                Expect.isFalse (policy.Contains "connect-src") "asks for nothing"

                let scripts =
                    [
                        for m in Regex.Matches(page, "<script>(.*?)</script>", RegexOptions.Singleline) ->
                            m.Groups[1].Value
                    ]

                Expect.equal scripts.Length 2 "two"

                for s in Encoding.UTF8.GetString(block "niivue" page) :: scripts do
                    let hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes s))
                    Expect.stringContains policy $"'sha256-{hash}'" "named by the policy"

                Expect.isFalse (page.Contains "<script>alert") "escaped"
                Expect.equal (Viewer.html scene) (Viewer.html scene) "the same bytes"
            testCase "volumes on another grid are refused"
            <| fun () ->
                let other = Volume.Constant(Grid.Of(Extent(2, 2, 2), Spacing.Isotropic 1.), true)
                Expect.throws (fun () -> scene |> Viewer.withMask "m" other |> ignore) "mask"
                Expect.throws (fun () -> scene |> Viewer.withTruth other |> ignore) "truth"
            testCase "what is embedded is the locked version"
            <| fun () ->
                let bytes (name: string) =
                    use stream = typeof<ViewerScene>.Assembly.GetManifestResourceStream name
                    use copy = new MemoryStream()
                    stream.CopyTo copy
                    copy.ToArray()

                let licence = Encoding.UTF8.GetString(bytes "niivue.LICENSE.txt")
                Expect.stringStarts licence "niivue 0.69.0 " "version"
                Expect.stringContains licence "BSD 2-Clause License" "licence"
                let script = Encoding.UTF8.GetString(bytes "niivue.umd.js")
                Expect.isFalse (Regex.IsMatch(script, "</script|<!--", RegexOptions.IgnoreCase)) "can stand in a page"

                Expect.equal
                    (Convert.ToHexStringLower(SHA256.HashData(bytes "niivue.umd.js")))
                    "47b896b77ec4a5be3ef1949c33ad393b6f45629921f326c279000bcf51bdb4af"
                    "hash"
        ]
