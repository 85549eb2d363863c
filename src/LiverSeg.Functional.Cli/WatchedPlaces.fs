/// Where new series come from: studies in a folder, series of a service.
module LiverSeg.Functional.Cli.WatchedPlaces

open System.IO
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

/// What may be a new series: how to name it, and where segment finds it.
type Candidate =
    {
        Key: string
        Name: string
        Input: string list
    }

/// What is looked at again and again, and how it looks now: a study's folder, or a series of a service.
type Place =
    {
        Id: string
        Looks: string
        Series: unit -> Candidate list
    }

/// Count, bytes and newest change of a folder's files.
let private looksOf (files: FileInfo seq) =
    let mutable count, bytes, newest = 0, 0L, 0L

    for f in files do
        count <- count + 1
        bytes <- bytes + f.Length
        newest <- max newest f.LastWriteTimeUtc.Ticks

    invariant $"{count}-{bytes}-{newest}"

/// The folders and zips of a folder.
let inFolder anonymous (source: string) =
    let seriesIn (name: string) (folder: string) () =
        [
            for s in (VolumeFile.openStudy folder).Series do
                let key = WatchState.hash (s.Uid + "\n" + s.Pass)

                {
                    Key = key
                    Name =
                        if anonymous then
                            key
                        else
                            FileName.safe name + "-" + key[..7]
                    Input = [ "-i"; folder; "--series"; string s.Number ]
                }
        ]

    let root = DirectoryInfo source

    if not root.Exists then
        raise (Usage $"{source}: no such folder")

    [
        for folder in root.GetDirectories() |> Array.sortBy _.FullName do
            let files = folder.EnumerateFiles("*", SearchOption.AllDirectories) |> List.ofSeq

            if not files.IsEmpty then
                {
                    Id = WatchState.hash folder.Name
                    Looks = looksOf files
                    Series = seriesIn folder.Name folder.FullName
                }
        for file in root.GetFiles "*.zip" |> Array.sortBy _.FullName do
            {
                Id = WatchState.hash file.Name
                Looks = looksOf [ file ]
                Series = seriesIn (Inputs.stem file.Name) file.FullName
            }
    ]

/// The CT series of a service that fit all filters.
let inService anonymous filters cancel (service: string) =
    [
        for s, address in service |> Remote.list cancel (("Modality", "CT") :: filters) do
            let key = WatchState.hash s.Series

            {
                Id = key
                Looks = string s.Instances
                Series =
                    fun () ->
                        [
                            {
                                Key = key
                                Name = if anonymous then key else s.Series
                                Input = [ "-i"; address ]
                            }
                        ]
            }
    ]
