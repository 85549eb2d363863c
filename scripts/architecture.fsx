// The paper's network as a table, and a network of one's own in the same words.
#load "load.fsx"

open LiverSeg.Functional

let crop = Shape(1, Extent(160, 160, 72))
printfn "3D DSN of Dou et al. 2016\n\n%s" (Architectures.Paper |> Layer.table crop)

let own =
    Layer.seq
        [
            Layer.conv 8 (5, 5, 3)
            Layer.pool 2
            Layer.tap "half" [ Layer.up 2 2 ]
            Layer.conv 16 (3, 3, 3)
            Layer.up 2 2
        ]

printfn "A small network of our own\n\n%s" (own |> Layer.table crop)
