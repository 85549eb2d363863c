module LiverSeg.Functional.Tests.NrrdTests

open System
open System.IO
open System.IO.Compression
open Expecto
open LiverSeg.Functional
open LiverSeg.Functional.Tests.Folders

[<Tests>]
let tests =
    testList
        "Files"
        [
            testCase "NRRD in every encoding, byte order, space and way to find the data"
            <| fun () ->
                withFolder (fun folder ->
                    let values = [| 1s; 2s; 300s; -4s; 5s; 6s; 7s; 8s |]
                    let little = values |> Array.collect BitConverter.GetBytes
                    let big = values |> Array.collect (BitConverter.GetBytes >> Array.rev)
                    let ascii (text: string) = Text.Encoding.ASCII.GetBytes text

                    let gzip (bytes: byte[]) =
                        use memory = new MemoryStream()
                        (use packed = new GZipStream(memory, CompressionLevel.Fastest) in packed.Write bytes)
                        memory.ToArray()

                    let bzip2 (bytes: byte[]) =
                        use memory = new MemoryStream()

                        (use packed = new ICSharpCode.SharpZipLib.BZip2.BZip2OutputStream(memory) in
                         packed.Write(bytes, 0, bytes.Length))

                        memory.ToArray()

                    let read (name: string) fields (data: byte[]) =
                        let path = Path.Combine(folder, name)

                        let head =
                            "NRRD0005\n# by hand\ntype: int16\ndimension: 3\nsizes: 2 2 2\n"
                            + "space directions: (-0.5,0,0) (0,-0.5,0) (0,0,2)\nspace origin: (1,2,3)\nkey:=value\n"

                        File.WriteAllBytes(path, Array.append (ascii (head + String.concat "\n" fields + "\n")) data)
                        VolumeFile.Read path

                    let blank = ascii "\n"

                    let raw e =
                        [ "space: LPS"; "encoding: raw"; "endian: " + e ]

                    let plain = read "raw.nrrd" (raw "little") (Array.append blank little)
                    Expect.equal (plain.Voxels.ToArray()) (values |> Array.map (float32 >> Hu)) "raw"

                    Expect.equal
                        (plain.Grid.Spacing, plain.Grid.Origin, plain.Grid.Direction.Code)
                        (Spacing(0.5, 0.5, 2.), Point(1., 2., 3.), "RAS")
                        "geometry"

                    let same name volume = Expect.equal volume plain name
                    same "big" (read "big.nrrd" (raw "big") (Array.append blank big))

                    same
                        "gzip"
                        (read
                            "gz.nrrd"
                            [ "space: LPS"; "encoding: gzip"; "endian: little" ]
                            (Array.append blank (gzip little)))

                    same
                        "bzip2"
                        (read
                            "bz.nrrd"
                            [ "space: LPS"; "encoding: bz2"; "endian: little" ]
                            (Array.append blank (bzip2 little)))

                    same
                        "hex"
                        (read
                            "hex.nrrd"
                            [ "space: LPS"; "encoding: hex"; "endian: little" ]
                            (Array.append blank (ascii (Convert.ToHexString little))))

                    same "text" (read "text.nrrd" [ "space: LPS"; "encoding: text" ] (ascii "\n1 2 300 -4\n5 6 7 8\n"))

                    same
                        "skip"
                        (read
                            "skip.nrrd"
                            (raw "little" @ [ "line skip: 1"; "byte skip: 3" ])
                            (Array.concat [ ascii "\nline\nabc"; little ]))

                    same
                        "last"
                        (read
                            "last.nrrd"
                            (raw "little" @ [ "byte skip: -1" ])
                            (Array.concat [ ascii "\njunk"; little ]))

                    let packed = Array.append (ascii "junk") little |> gzip

                    same
                        "last of gzip"
                        (read
                            "lastgz.nrrd"
                            [ "space: LPS"; "encoding: gzip"; "endian: little"; "byte skip: -1" ]
                            (Array.append blank packed))

                    let ras =
                        read
                            "ras.nrrd"
                            [ "space: right-anterior-superior"; "encoding: raw"; "endian: little" ]
                            (Array.append blank little)

                    Expect.equal
                        (ras.Grid.Direction.Code, ras.Grid.Origin)
                        ("LPS", Point(-1., -2., 3.))
                        "right, anterior, superior"

                    let las =
                        read "las.nrrd" [ "space: LAS"; "encoding: raw"; "endian: little" ] (Array.append blank little)

                    Expect.equal
                        (las.Grid.Direction.Code, las.Grid.Origin)
                        ("RPS", Point(1., -2., 3.))
                        "left, anterior, superior"

                    File.WriteAllBytes(Path.Combine(folder, "d.raw"), little)
                    same "data file" (read "d.nhdr" (raw "little" @ [ "data file: d.raw" ]) [||])
                    File.WriteAllBytes(Path.Combine(folder, "p1.raw"), little[..7])
                    File.WriteAllBytes(Path.Combine(folder, "p2.raw"), little[8..])
                    same "pattern" (read "p.nhdr" (raw "little" @ [ "data file: p%d.raw 1 2 1" ]) [||])
                    same "list" (read "l.nhdr" (raw "little" @ [ "data file: LIST" ]) (ascii "p1.raw\np2.raw\n"))

                    Expect.throwsT<FileErrorException>
                        (fun () ->
                            read "l.nhdr" (raw "little" @ [ "data file: LIST" ]) (ascii "p1.raw\n")
                            |> ignore)
                        "a short list")
        ]
