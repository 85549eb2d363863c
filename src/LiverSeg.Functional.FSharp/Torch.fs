namespace LiverSeg.Functional

/// The native library that networks run on.
[<RequireQualifiedAccess>]
module Runtime =
    /// Begins to load it on another thread and returns at once: for programs that first read a scan.
    let ``begin`` () = Runtime.Begin()

    /// Loads it and says what was found and done; every function that needs it does so by itself.
    let load () = Runtime.Load()
