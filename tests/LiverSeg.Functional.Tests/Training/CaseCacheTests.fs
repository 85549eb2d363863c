module LiverSeg.Functional.Tests.CaseCacheTests

open System
open System.Collections.Concurrent
open System.IO
open System.Runtime.InteropServices
open System.Threading.Tasks
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.Models

/// A scan and a mask on any grid, and the voxels to bring them to.
let private scan =
    gen {
        let! grid = gridOf 6
        let! ct = volumeOf hu grid
        let! mask = maskOf grid
        let! spacing = Gen.oneof [ Gen.constant None; Gen.map Some spacing ]
        return ct, mask, spacing
    }

let private modelOf (spacing: Spacing option) =
    Model(tiny, (tinyModel 1L).Weights, Spacing = Option.toNullable spacing)

let private bytesOf (volume: Volume<'T>) =
    MemoryMarshal.AsBytes(volume.Voxels).ToArray()

let private same (expected: TrainingCase) (actual: TrainingCase) =
    Expect.equal actual.Image.Grid expected.Image.Grid "the image's grid, to the last bit"
    Expect.equal actual.Truth.Grid expected.Truth.Grid "the mask's grid, to the last bit"
    Expect.equal (bytesOf actual.Image) (bytesOf expected.Image) "image"
    Expect.equal (bytesOf actual.Truth) (bytesOf expected.Truth) "mask"

let private entries folder =
    if Directory.Exists folder then
        Directory.GetFiles(folder, "*.case")
    else
        [||]

/// A case of files that hold numbers to the last bit.
let private written (path: string -> string) (ct: Volume<Hu>, mask: Volume<bool>) =
    ct.Write(path "ct.mha", true)
    mask.Write(path "liver.mha", true)
    CaseFile("case", path "ct.mha", path "liver.mha", "case")

let private plain (file: CaseFile) model =
    TrainingCase.Prepare(file.Id, VolumeFile.Read file.Image, VolumeFile.ReadMask(file.Mask, file.Label), model)

let private phantom =
    lazy Phantom.abdomen (PhantomOptions(Seed = 1L, Spacing = Spacing.Isotropic 16.))

let private someCase path =
    written path (phantom.Value.Ct, phantom.Value.Liver), modelOf (Some(Spacing.Isotropic 20.))

[<Tests>]
let tests =
    testSequenced
    <| testList
        "CaseCache"
        [
            law "a case from the cache is the prepared case, bit for bit"
            <| Prop.forAll (Arb.fromGen scan) (fun (ct, mask, spacing) ->
                inFolder (fun path ->
                    let file, model = written path (ct, mask), modelOf spacing
                    let expected = plain file model
                    CaseCache(path "cache").Prepare(file, model) |> same expected
                    Expect.equal (entries (path "cache")).Length 1 "kept"
                    let cache = CaseCache(path "cache")
                    let found = cache.Prepare(CaseFile("other", file.Image, file.Mask, "other"), model)
                    same expected found
                    Expect.equal (found.Id, cache.Found) ("other", 1) "found, under its own name"))
            law "a damaged entry is noticed, made again and mended"
            <| Prop.forAll
                (Arb.fromGen (Gen.zip (Gen.choose (0, 1000000)) (Gen.elements [ -1; 0; 1; 2; 3; 4; 5; 6; 7 ])))
                (fun (place, bit) ->
                    inFolder (fun path ->
                        let file, model = someCase path
                        let expected = CaseCache(path "cache").Prepare(file, model)
                        let entry = entries(path "cache")[0]
                        let whole = File.ReadAllBytes entry
                        let at = place % whole.Length
                        let damaged = if bit < 0 then whole[.. at - 1] else Array.copy whole

                        if bit >= 0 then
                            damaged[at] <- damaged[at] ^^^ (1uy <<< bit)

                        File.WriteAllBytes(entry, damaged)
                        let said = ResizeArray<string>()
                        let cache = CaseCache(path "cache", Action<string> said.Add)
                        cache.Prepare(file, model) |> same expected
                        Expect.equal (cache.Found, said.Count) (0, 1) "not believed, and said"
                        Expect.equal (File.ReadAllBytes entry) whole "mended"))
            testCase "other bytes of scan, mask or data file, another window or spacing: another entry"
            <| fun () ->
                inFolder (fun path ->
                    let file, model = someCase path
                    let mutable expected = 0

                    let another what (file: CaseFile) model =
                        CaseCache(path "cache").Prepare(file, model) |> same (plain file model)
                        expected <- expected + 1
                        Expect.equal (entries (path "cache")).Length expected what

                    let ct, mask = VolumeFile.Read file.Image, VolumeFile.ReadMask file.Mask

                    let changed (volume: Volume<'T>) value =
                        let voxels = volume.Voxels.ToArray()
                        voxels[voxels.Length / 2] <- value
                        Volume.Of(volume.Grid, ReadOnlySpan voxels)

                    another "the first" file model

                    another
                        "window"
                        file
                        (Model(tiny, model.Weights, Spacing = model.Spacing, Window = Window(Hu -100f, Hu 240f)))

                    another "spacing" file (modelOf (Some(Spacing.Isotropic 21.)))
                    another "no spacing" file (modelOf None)
                    (changed mask true).Write(file.Mask, true)
                    another "mask" file model
                    (changed ct (Hu 77f)).Write(file.Image, true)
                    another "scan" file model
                    // The header's bytes stay: only the file that it names is another.
                    ct.Write(path "pair.mhd")
                    let pair = CaseFile("pair", path "pair.mhd", file.Mask, "pair")
                    another "header and data file" pair model
                    let header = File.ReadAllBytes(path "pair.mhd")
                    (changed ct (Hu 78f)).Write(path "pair.mhd", true)
                    Expect.equal (File.ReadAllBytes(path "pair.mhd")) header "the same header"
                    another "data file" pair model)
            testCase "another label of one mask: another entry, also where only dataset.json has changed"
            <| fun () ->
                inFolder (fun path ->
                    let file, model = someCase path
                    let e = (VolumeFile.Read file.Image).Extent

                    Volume.init (VolumeFile.Read file.Image).Grid (fun x _ _ -> Hu(if x < e.X / 2 then 3f else 4f))
                    |> VolumeFile.replace file.Mask

                    let labelled label =
                        CaseFile("case", file.Image, file.Mask, "case", Label = label)

                    let mutable expected = 0

                    let another what label =
                        let file = labelled label
                        CaseCache(path "cache").Prepare(file, model) |> same (plain file model)
                        expected <- expected + 1
                        Expect.equal (entries (path "cache")).Length expected what

                    another "3" (MaskLabel.Number 3)
                    another "4" (MaskLabel.Number 4)
                    File.WriteAllText(path "dataset.json", """{"labels": {"liver": 3}}""")
                    another "a name" (MaskLabel.Named "liver")
                    File.WriteAllText(path "dataset.json", """{"labels": {"liver": 4}}""")
                    another "the name means another" (MaskLabel.Named "liver"))
            testCase "an entry under another's name is not believed"
            <| fun () ->
                inFolder (fun path ->
                    let file, model = someCase path
                    let other = modelOf (Some(Spacing.Isotropic 21.))

                    let prepare model =
                        CaseCache(path "cache").Prepare(file, model)

                    prepare model |> ignore
                    let first = entries(path "cache")[0]
                    prepare other |> ignore
                    let second = entries (path "cache") |> Array.find ((<>) first)
                    File.Copy(first, second, true)
                    prepare other |> same (plain file other))
            testCase "a folder that cannot be written is said once and changes nothing"
            <| fun () ->
                inFolder (fun path ->
                    let file, model = someCase path
                    File.WriteAllText(path "cache", "a file stands where the folder should be")
                    let said = ResizeArray<string>()
                    let cache = CaseCache(path "cache", Action<string> said.Add)

                    for _ in 1..3 do
                        cache.Prepare(file, model) |> same (plain file model)

                    Expect.equal (cache.Found, said.Count) (0, 1) "said once"
                    Expect.stringContains said[0] "not kept" "what it means")
            testCase "a scan that cannot be read is an error with a cache as without"
            <| fun () ->
                inFolder (fun path ->
                    let file, model = someCase path
                    CaseCache(path "cache").Prepare(file, model) |> ignore
                    File.Delete file.Image

                    Expect.throwsT<FileErrorException>
                        (fun () -> CaseCache(path "cache").Prepare(file, model) |> ignore)
                        "no scan, no case")
            testCase "several at once keep one whole entry"
            <| fun () ->
                inFolder (fun path ->
                    let file, model = someCase path
                    let expected = plain file model
                    let said = ConcurrentQueue<string>()

                    Parallel.For(
                        0,
                        64,
                        ParallelOptions(MaxDegreeOfParallelism = 8),
                        fun i ->
                            // Half of them take the entry away first, so that there is always somebody who writes.
                            if i % 2 = 0 then
                                entries (path "cache") |> Array.iter File.Delete

                            CaseCache(path "cache", Action<string> said.Enqueue).Prepare(file, model, 1)
                            |> same expected
                    )
                    |> ignore

                    Expect.equal (List.ofSeq said) [] "nobody saw half an entry"
                    Expect.equal (Directory.GetFiles(path "cache").Length) 1 "one entry and nothing else"
                    CaseCache(path "cache").Prepare(file, model) |> same expected)
        ]
