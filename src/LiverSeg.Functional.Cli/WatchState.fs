/// What became of each series that `watch` has seen, in one file that is there whole or not at all.
module LiverSeg.Functional.Cli.WatchState

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Text.Json
open LiverSeg.Functional
open LiverSeg.Functional.Cli.Terminal

/// A series' state: `done`, `failed`, `no CT` where it is something else, or `again` where the archive or disk was at fault and it is to be tried again.
[<CLIMutable>]
type Entry =
    {
        Status: string
        /// 0, or the exit code that segment gave.
        Code: int
        Tries: int
        Output: string
        Reason: string
    }

/// Series and folders by hashes: names and UIDs may point to patients.
[<CLIMutable>]
type State =
    {
        Series: SortedDictionary<string, Entry>
        /// What a folder looked like when all in it was worked on.
        Folders: SortedDictionary<string, string>
    }

/// How often a series is tried where the archive or disk is at fault.
let private mostTries = 5

let hash (text: string) =
    (ContentHash.Sha256(ReadOnlySpan(Encoding.UTF8.GetBytes text)))[..15]

let private bad path found =
    FileErrorException(
        FileError(
            Kind = FileErrorKind.BadFile,
            Code = "bad-watch-state",
            File = path,
            Field = "state",
            Found = found,
            Expected = "what an earlier watch wrote",
            Remedy = "delete it, and every series counts as new, or name another with --state"
        )
    )

let read (path: string) =
    if not (File.Exists path) then
        {
            Series = SortedDictionary StringComparer.Ordinal
            Folders = SortedDictionary StringComparer.Ordinal
        }
    else
        try
            match JsonSerializer.Deserialize<State>(File.ReadAllText path) with
            | null -> raise (bad path "nothing")
            | state when isNull (box state.Series) || isNull (box state.Folders) -> raise (bad path "something else")
            | state -> state
        with :? JsonException ->
            raise (bad path "no such JSON")

let write (path: string) (state: State) = writeText true path (json state)

/// Whether a series is to be segmented; one that failed is again where its files have `changed` since.
let isOpen (state: State) changed key =
    match state.Series.TryGetValue key with
    | true, entry -> entry.Status = "again" || (changed && entry.Status = "failed")
    | _ -> true

/// The state after one more try.
let after (state: State) key output code reason =
    let tries =
        match state.Series.TryGetValue key with
        | true, entry -> entry.Tries + 1
        | _ -> 1

    {
        // 9 is a mask that is written but doubtful.
        Status =
            (if code = 0 && output = "" then "no CT"
             elif code = 0 || code = 9 then "done"
             elif code = 5 && tries < mostTries then "again"
             else "failed")
        Code = code
        Tries = tries
        Output = output
        Reason = reason
    }
