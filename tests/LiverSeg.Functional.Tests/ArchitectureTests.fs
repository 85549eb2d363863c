/// What may use what in the core, read from what the compiler made of it.
module LiverSeg.Functional.Tests.ArchitectureTests

open Expecto
open LiverSeg.Functional.Tests.CoreIl

/// Each uses only those before it; sub-folders belong to their room. The empty name is the core's folder itself.
let private rooms =
    [
        "Volumes"
        "Phantoms"
        "Files"
        "Preprocess"
        "Networks"
        "Convolutions"
        "Torch"
        "Inference"
        "Crf"
        "Segmentation"
        "Evaluation"
        "Datasets"
        "Training"
        "Experiments"
    ]

/// Files, or folders with a slash at their end, that may use TorchSharp.
let private torchUsers =
    [
        "Torch/"
        "Inference/FeatureMaps.cs"
        "Inference/Prediction.cs"
        "Training/Recipes/Optimizer.cs"
        "Training/Supervision.cs"
        "Training/Training.cs"
        "Training/TrainingState.cs"
    ]

/// The most files of one folder.
let private mostFiles, private crowded = 18, Map.empty<string, int>

/// The most groups of files that use each other, and the most files of one group.
let private mostCycles, private mostInCycle = 4, 5

/// The folder right below the core's, empty for a file that is in none.
let private roomOf (file: string) = file[.. max 0 (file.IndexOf '/') - 1]

let private folderOf (file: string) =
    file[.. max 0 (file.LastIndexOf '/') - 1]

let private byName =
    lazy
        (types.Value
         |> List.groupBy _.Name
         |> List.map (fun (n, ts) -> n, List.head ts)
         |> Map)

/// Types that use what is not allowed, with their files.
let private users (forbidden: string -> bool) =
    [
        for t in types.Value do
            for name in Set.filter forbidden t.Outside do
                t, name
    ]

/// Groups of files whose types use each other; the files of a partial class count as one.
let private cycles () =
    let group = System.Collections.Generic.Dictionary<string, string>()

    let rec leader file =
        match group.TryGetValue file with
        | true, other -> leader other
        | _ -> file

    for t in types.Value do
        for file in t.Files do
            let first, other = leader t.Files.Head, leader file

            if first <> other then
                group[other] <- first

    let edges =
        types.Value
        |> List.filter (fun t -> not t.Files.IsEmpty)
        |> List.groupBy (fun t -> leader t.Files.Head)
        |> List.map (fun (file, ts) ->
            file,
            set
                [
                    for t in ts do
                        for u in t.Uses do
                            match byName.Value.TryFind u with
                            | Some u when not u.Files.IsEmpty && leader u.Files.Head <> file -> leader u.Files.Head
                            | _ -> ()
                ])
        |> Map

    let reached file =
        let seen = System.Collections.Generic.HashSet<string>()

        let rec visit file =
            for next in edges[file] do
                if seen.Add next then
                    visit next

        visit file
        seen

    let reach = edges |> Map.map (fun file _ -> reached file)

    [
        for KeyValue(file, there) in reach do
            if there.Contains file then
                [
                    for other in there do
                        if reach[other].Contains file then
                            other
                ]
                |> List.sort
    ]
    |> List.distinct

/// Fails with all that was found.
let private none what (found: string list) =
    if not found.IsEmpty then
        failtest (String.concat "\n" ($"{what}:" :: List.sort found))

/// A type and where it is written.
let private named (t: CoreType) =
    t.Name + " (" + String.concat ", " t.Files + ")"

[<Tests>]
let tests =
    testList
        "Architecture"
        [
            testCase "every type of the core has one room"
            <| fun () ->
                [
                    for t in types.Value do
                        match t.Files |> List.map roomOf |> List.distinct with
                        | [ room ] when List.contains room rooms -> ()
                        | _ -> named t
                ]
                |> none "types without a room, or with several"

                Expect.equal byName.Value.Count types.Value.Length "a name a type"
                Expect.isGreaterThan types.Value.Length 100 "the core's types"
            testCase "rooms use only the rooms before them"
            <| fun () ->
                let place (t: CoreType) =
                    t.Files
                    |> List.tryHead
                    |> Option.bind (fun f -> List.tryFindIndex ((=) (roomOf f)) rooms)

                [
                    for t in types.Value do
                        for u in t.Uses |> Seq.choose byName.Value.TryFind do
                            match place t, place u with
                            | Some own, Some used when used > own -> $"{named t} uses {named u}"
                            | _ -> ()
                ]
                |> none "uses of a later room"
            testCase "TorchSharp is used only where it is meant to be"
            <| fun () ->
                let allowed (file: string) =
                    torchUsers
                    |> List.exists (fun user -> file = user || user.EndsWith '/' && file.StartsWith user)

                let found = users _.StartsWith("TorchSharp.")

                [
                    for t, name in found do
                        if not (List.forall allowed t.Files) then
                            $"{named t} uses {name}"
                ]
                |> none "other users of TorchSharp"

                for user in torchUsers do
                    Expect.exists
                        found
                        (fun (t, _) -> t.Files |> List.exists _.StartsWith(user))
                        $"{user} is listed and uses it"
            testCase "the core prints nothing"
            <| fun () ->
                [ for t, name in users ((=) "System.Console") -> $"{named t} uses {name}" ]
                |> none "users of the console"
            testCase "no folder of the core holds too many files"
            <| fun () ->
                for folder, files in sources.Value |> List.countBy (fst >> folderOf) do
                    let most = crowded.TryFind folder |> Option.defaultValue mostFiles
                    Expect.isLessThanOrEqual files most $"files in {folder}/"
            testCase "few files use each other mutually"
            <| fun () ->
                let found = cycles ()

                let lines =
                    found
                    |> List.map (fun files -> $"\n  {files.Length}: " + String.concat ", " files)

                let message = $"{found.Length} groups of files:" + String.concat "" lines
                Expect.isLessThanOrEqual found.Length mostCycles message

                Expect.isLessThanOrEqual
                    (found |> List.map _.Length |> List.fold max 0)
                    mostInCycle
                    ("the largest of " + message)
        ]
