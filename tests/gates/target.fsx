// What a link means, for the gates that follow links.
module Target

open System
open System.IO

/// The file that a page's link leads to and the place in it; no file's name means the page itself.
let resolve (page: string) (link: string) =
    let file, place =
        match link.IndexOf '#' with
        | -1 -> link, ""
        | i -> link[.. i - 1], link[i + 1 ..]

    let path =
        if file = "" then
            page
        else
            Path.GetFullPath(Path.Combine(string (Path.GetDirectoryName page), Uri.UnescapeDataString file))

    path, Uri.UnescapeDataString place
