// Writes docs/results/learning.md from what `liverseg study` left:  dotnet fsi tests/oracles/learning.fsx NAME=FOLDER ...
open System
open System.IO

let root = Path.Combine(__SOURCE_DIRECTORY__, "..", "..")

/// A picture of a study, copied into the documentation.
let picture (name: string) folder file alt =
    let target = $"learning-{name.Replace(' ', '-')}-{file}.png"
    File.Copy(Path.Combine(folder, file + ".png"), Path.Combine(root, "docs", "img", target), true)
    $"![{alt}](../img/{target})"

let study (text: string) =
    let name, folder = text[.. text.IndexOf '=' - 1], text[text.IndexOf '=' + 1 ..]
    let picture = picture name folder
    let tables = File.ReadAllText(Path.Combine(folder, "tables.md")).Split "\n\n"

    let both kind start alt =
        [
            for network in [ "cnn"; "dsn" ] ->
                picture $"{kind}-{network}-{start}-1" $"{alt}, {network.ToUpperInvariant()}, start {start}"
        ]
        |> String.concat "\n"

    let features =
        if name = "phantoms" then
            "What the first layer makes of a slice of a validation case (Fig. 2c), the slice itself first; CNN and DSN, start `paper`:\n\n"
            + both "features" "paper" "First features"
        else
            // A patient's slice is not ours to hand on.
            "The features (Fig. 2c) show a patient's slice: they stay in the study's folder."

    $"""## {Char.ToUpperInvariant name[0]}{name[1..]}

Validation error, all seeds (Fig. 2a of the paper); first the start `paper`, then `he`:

{picture "error-paper" "Validation error from the paper's start"}
{picture "error-he" "Validation error from He's start"}

{tables[0]}

Gradient lengths, means over the seeds:

{tables[1].Trim()}

Over time, seed 1, start `paper`, CNN and DSN:

{both "gradients" "paper" "Gradient lengths"}

Kernels of the first layer after training, seed 1 (Fig. 2b): a row per feature, its seven slices side by side; CNN and DSN, start `paper`:

{both "kernels" "paper" "First kernels"}

The same from He's start:

{both "kernels" "he" "First kernels"}

{features}
"""

let text = File.ReadAllText(Path.Combine(__SOURCE_DIRECTORY__, "learning.md"))
let studies = fsi.CommandLineArgs |> Array.skip 1 |> Array.map study

File.WriteAllText(
    Path.Combine(root, "docs", "results", "learning.md"),
    text.TrimEnd() + "\n\n" + (String.concat "\n" studies).TrimEnd() + "\n"
)
