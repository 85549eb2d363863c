module LiverSeg.Functional.Tests.CaseListTests

open System.IO
open Expecto
open FsCheck.FSharp
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Generators
open LiverSeg.Functional.Tests.Folders

let private rows =
    Gen.zip3 (Gen.listOf awkward) (Gen.listOf awkward) (Gen.elements [ false; true ])
    |> Gen.map (fun (ids, files, scored) ->
        [
            for i, id in List.indexed ids do
                let file = "/data/" + (files |> List.tryItem i |> Option.defaultValue "ct")

                CaseFile(
                    $"{i}{id}",
                    file + ".nii",
                    file + "-liver.nii",
                    (if i % 2 = 0 then id else $"{i}{id}"),
                    Scores = (if scored && i % 3 = 0 then file + "-p.nii" else ""),
                    Label =
                        (match i % 5 with
                         | 1 -> MaskLabel.Number(i - 3)
                         | 2 -> MaskLabel.Named $"liver, {id}x"
                         | _ -> MaskLabel.Any)
                )
        ])

[<Tests>]
let tests =
    testList
        "CaseList"
        [
            law "read ∘ write = id for absolute paths"
            <| Prop.forAll (Arb.fromGen rows) (fun cases ->
                inFolder (fun path ->
                    cases |> CaseList.write (path "cases.csv")
                    CaseList.read (path "cases.csv") = cases))
            testCase "relative paths count from the list's folder, and a list is not replaced unasked"
            <| fun () ->
                inFolder (fun path ->
                    let list = path "cases.csv"
                    [ CaseFile("a", "a-ct.nii", "a-liver.nii", "a") ] |> CaseList.write list

                    Expect.equal
                        (CaseList.read list)
                        [ CaseFile("a", path "a-ct.nii", path "a-liver.nii", "a") ]
                        "beside the list"

                    Expect.equal
                        (File.ReadAllLines list |> Array.head)
                        "case,image,mask,patient"
                        "no column that says nothing"

                    Expect.throwsT<FileErrorException> (fun () -> [] |> CaseList.write list) "kept"
                    Expect.isTrue (File.Exists list) "still there")
            testCase "the column label is a number, a name or nothing; 0 is refused"
            <| fun () ->
                inFolder (fun path ->
                    File.WriteAllText(
                        path "c.csv",
                        "label,case,image,mask,prediction,truth\n5,a,i,m,p,t\n liver ,b,i,m,p,t\n,c,i,m,p,t\n"
                    )

                    let expected = [ MaskLabel.Number 5; MaskLabel.Named "liver"; MaskLabel.Any ]
                    Expect.equal (CaseList.read (path "c.csv") |> List.map _.Label) expected "cases"
                    Expect.equal (CaseList.readPredictions (path "c.csv") |> List.map _.Label) expected "predictions"
                    File.WriteAllText(path "zero.csv", "case,image,mask,label\na,i,m,0\n")

                    Expect.throwsT<FileErrorException>
                        (fun () -> CaseList.read (path "zero.csv") |> ignore)
                        "the background")
            testCase "two rows in one, an empty cell and a case named twice are refused, by the line in the file"
            <| fun () ->
                inFolder (fun path ->
                    let refused (text: string) (words: string list) =
                        File.WriteAllText(path "c.csv", text)

                        match
                            (try
                                CaseList.read (path "c.csv") |> Choice1Of2
                             with FileError.Thrown error ->
                                 Choice2Of2 error)
                        with
                        | Choice1Of2 rows -> failtestf "%A" rows
                        | Choice2Of2 error ->
                            for word in words do
                                Expect.stringContains (string error) word text

                    refused "case,image,mask\na,i,m\n\nb,i,mc,i,m\n" [ "line 4"; "5 cells"; "at most 3" ]
                    refused "case,image,mask\na,i\n" [ "line 2"; "2 cells"; "at least 3" ]
                    refused "case,image,mask\n\na,,m\n" [ "line 3"; "nothing in column image" ]
                    refused "case,image,mask\na,i,m\na,i,m\n" [ "line 3"; "case 'a' again" ]
                    // As spreadsheets end rows.
                    File.WriteAllText(path "c.csv", "case,image,mask,,\na,i,m,,\nb,i,m,,,\n")
                    Expect.equal (CaseList.read (path "c.csv") |> List.map _.Id) [ "a"; "b" ] "empty cells")
        ]
