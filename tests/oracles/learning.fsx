// Writes docs/results/learning.md from what `liverseg study` left:  dotnet fsi tests/oracles/learning.fsx NAME=FOLDER ...
open System
open System.IO

let root = Path.Combine(__SOURCE_DIRECTORY__, "..", "..")

/// "1.8E-007" as "1.8e-7".
let short (line: string) =
    Text.RegularExpressions.Regex.Replace(
        line,
        @"E([-+])0*(\d)",
        fun m -> "e" + m.Groups[1].Value.Replace("+", "") + m.Groups[2].Value
    )

let studies =
    [
        for text in fsi.CommandLineArgs |> Array.skip 1 do
            let name, folder = text[.. text.IndexOf '=' - 1], text[text.IndexOf '=' + 1 ..]
            let picture = $"gradients-{name.Replace(' ', '-')}"

            for network in [ "cnn"; "dsn" ] do
                File.Copy(
                    Path.Combine(folder, $"gradients-{network}-paper-1.png"),
                    Path.Combine(root, "docs", "img", $"{picture}-{network}.png"),
                    true
                )

            $"## {name}\n"

            File.ReadAllLines(Path.Combine(folder, "tables.md"))
            |> Array.map short
            |> String.concat "\n"

            $"![CNN](../img/{picture}-cnn.png)\n![DSN](../img/{picture}-dsn.png)\n"
    ]

let text =
    """# How networks learn with and without deep supervision

Made by `liverseg study` and `tests/oracles/learning.fsx`. The networks are the paper's (`dsn`) and the same without branches (`cnn`); for
each seed the layers that both share start from the same numbers and both see the same crops. Start `paper` is N(0, 0.01²), `he` is He's.
Optimiser and losses are the paper's (gradient descent, momentum 0.9, rate 0.1, η 0.3 and 0.4). Gradient lengths are means over an epoch's
steps of the Euclidean norm of a layer's kernel gradient, main and branch losses together.

**What these runs show.** They are short: 8 epochs of 8 steps with crops of 24×24×16 voxels at 8 mm. From the start N(0, 0.01²) the main
path's signal is nearly gone, as the layers' gains predict: without branches every layer below the last deconvolution has a gradient of
about 1e-6, three orders of magnitude below that of the last layer. The branches bring the gradient of the first two convolutions to about
1e-3, that is a thousand times as much, and that of the third and fourth to about 5e-5; the fifth and sixth convolution and the first
deconvolution of the main path stay at about 1e-6 in both networks, since they lie behind both branches. This is the vanishing gradient that
the paper speaks of, as a number, and where deep supervision helps. He's start has gradients of 0.03 .. 0.9 in every convolution at first,
with and without branches; at the paper's rate of 0.1 they fall to nothing within the run.

**What they do not show.** No run left the state in which all is background (validation error 1), so epochs to a given error cannot be
compared: which network converges faster is neither confirmed nor refuted here. That needs longer runs, and for He's start a lower rate.

"""

File.WriteAllText(Path.Combine(root, "docs", "results", "learning.md"), text + String.concat "\n" studies)
