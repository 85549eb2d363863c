#!/bin/bash
# The paper's two networks, five folds of paper_folds.fsx: tests/oracles/paper_folds.sh WORK NETWORK 0 1 2 3 4, NETWORK cnn or dsn. About 45 minutes of one core each; the same line goes on after a stop.
set -eu
work=$1 network=$2
shift 2
liverseg=${LIVERSEG:-$(dirname "$0")/../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg}
for k in "$@"; do
    model=$work/paper-$network$k
    [ -f "$model.safetensors" ] || "$liverseg" train --cases "$work/paper$k.csv" -o "$model.safetensors" --preset practical --network "$network" --precision float32 --epochs 60 --steps 50 \
        --seed 1 --threads 1 --cache "$work/cache" --save-every 30 --checkpoint "$model.ckpt" --resume --history "$model.jsonl"
done
