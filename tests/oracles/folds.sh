#!/bin/bash
# Trains two folds of folds.fsx: tests/oracles/folds.sh WORK X 1 2 (or Y 3 4). Both begin from courses on the scans of neither; the same line goes on after a stop.
set -eu
work=$1 shared=$2
shift 2
liverseg=${LIVERSEG:-$(dirname "$0")/../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg}

# course NAME LIST START EPOCHS RATE SEED [MORE ..]
course() {
    local name=$1 list=$2 start=$3 epochs=$4 rate=$5 seed=$6
    shift 6
    [ -f "$work/$name.safetensors" ] && return
    "$liverseg" train --cases "$work/train$list.csv" -o "$work/$name.safetensors" --preset practical ${start:+--start "$work/$start.safetensors"} --epochs "$epochs" --steps 60 \
        --rate "$rate" --seed "$seed" "$@" --threads 1 --cache "$work/cache" --save-every 30 --checkpoint "$work/$name.ckpt" --resume --history "$work/$name.jsonl"
}

course "$shared" "$shared" "" 24 2e-3 1 --precision float32
course "${shared}more" "$shared" "$shared" 12 1e-3 2 --precision float32
for k in "$@"; do
    # The first stage, and the same network once more behind it, both at 3 mm; then each further, the second at 1.5 mm.
    course "short$k" "$k" "$shared" 10 1e-3 3 --precision float32
    course "behind$k" "$k" "${shared}more" 14 1e-3 4 --precision float32 --guide "$work/short$k.safetensors"
    course "first$k" "$k" "short$k" 20 1e-3 5 --precision mixed
    course "second$k" "$k" "behind$k" 46 1e-3 6 --precision mixed --spacing 1.5 --guide "$work/first$k.safetensors"
    # Both once more, with the masks that they make of scans that have none.
    [ -d "$work/own$k" ] || {
        "$liverseg" segment --input "$work/unlabelled.csv" --output "$work/own$k.part" --model "$work/second$k.safetensors" --threads 1 --overwrite
        mv "$work/own$k.part" "$work/own$k"
    }
    course "firstown$k" "${k}own" "short$k" 20 1e-3 5 --precision mixed
    course "own$k" "${k}own" "second$k" 24 1e-3 8 --precision mixed --guide "$work/firstown$k.safetensors"
done
