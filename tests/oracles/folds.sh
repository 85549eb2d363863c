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
        --rate "$rate" --seed "$seed" "$@" --precision float32 --threads 1 --cache "$work/cache" --save-every 30 --checkpoint "$work/$name.ckpt" --resume --history "$work/$name.jsonl"
}

course "$shared" "$shared" "" 24 2e-3 1
course "${shared}fine" "$shared" "$shared" 12 1e-3 2 --spacing 1.5
for k in "$@"; do
    course "first$k" "$k" "$shared" 10 1e-3 3
    course "second$k" "$k" "${shared}fine" 14 1e-3 4 --spacing 1.5 --guide "$work/first$k.safetensors"
done
