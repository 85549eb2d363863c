module LiverSeg.Functional.Tests.MetaImageTests

open System
open System.IO
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders
open LiverSeg.Functional.Tests.ScanFiles

[<Tests>]
let tests =
    testList
        "Files"
        [
            for ending in [ ".mha"; ".mhd" ] do
                lawTimes 30 $"the grid survives to the last bit ({ending})" (fun (volume: Volume<Hu>) ->
                    withFolder (fun folder -> (VolumeFile.Read(written ending volume folder)).Grid = volume.Grid))
            testCase "a data file outside of the header's folder is never opened"
            <| fun () ->
                withFolder (fun folder ->
                    let path = written ".mhd" (someVolume 7L) folder
                    let inside = Path.Combine(folder, "in")
                    Directory.CreateDirectory inside |> ignore
                    let text = File.ReadAllText path

                    File.CreateSymbolicLink(Path.Combine(inside, "link.zraw"), Path.Combine(folder, "v.zraw"))
                    |> ignore

                    for name in
                        [
                            "../v.zraw"
                            Path.Combine(folder, "v.zraw")
                            "..\\v.zraw"
                            "link.zraw"
                            "file://" + folder + "/v.zraw"
                            "."
                            "~/v.zraw"
                            "v.mhd"
                        ] do
                        let bad = Path.Combine(inside, "v.mhd")
                        File.WriteAllText(bad, text.Replace("ElementDataFile = v.zraw", "ElementDataFile = " + name))
                        Expect.equal (refused bad |> Option.map _.Kind) (Some FileErrorKind.BadFile) name)
            testCase "an error is one line without control characters"
            <| fun () ->
                withFolder (fun folder ->
                    let path = Path.Combine(folder, "x.mha")
                    File.WriteAllText(path, "ObjectType = Im\u001b[31mage\u202e\nNDims = 3\n")
                    let line = string (refused path |> Option.get)
                    Expect.all line (fun c -> not (Char.IsControl c) && c <> '\u202e') line)
        ]
