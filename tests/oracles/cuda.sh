#!/bin/bash
# What docs/howto-gpu.md says was run on a GPU: tests/oracles/cuda.sh PROGRAM DATA WORK (DATA/CASE/ct.nii.gz and liver.nii.gz of lits001 and ts_example).
# PROGRAM was published with -p:TorchBackend=none, LIVERSEG_LIBTORCH names a libtorch for CUDA. Each line ends in the program's exit code and its seconds.
# HOG: a command that fills the device's memory but for a gigabyte until it is ended; without it that part is left out. DEVICE=cpu tries this script itself.
set -u
program=$1 data=$(realpath "$2") work=$3
device=${DEVICE:-cuda}
mkdir -p "$work" && cd "$work" || exit 1

run() {
    local begin=$(date +%s%3N) code
    "$program" "$@" >out.txt 2>&1
    code=$?
    grep -Ev 'learn:|predict:|refine:|xyzt_units|cut to a window' out.txt
    echo "    $1 ${*: -2}: exit code $code, $((($(date +%s%3N) - begin) / 100)) tenths of a second"
}
segment() { run segment -i "$data/$1/ct.nii.gz" -o "$2.nii.gz" --overwrite "${@:3}"; }
# learn NAME EPOCHS [MORE ..]
learn() {
    rm -rf "$1.safetensors.checkpoints"
    run train --cases two.csv -o "$1.safetensors" --overwrite --preset practical --epochs "$2" --steps 12 --seed 3 --threads 4 --cache cache --history "$1.jsonl" "${@:3}"
}

{
    echo "case,image,mask"
    for name in ts_example lits001; do echo "$name,$data/$name/ct.nii.gz,$data/$name/liver.nii.gz"; done
} >two.csv

echo "== what is found"
"$program" doctor

echo "== equal masks: the model that ships, and a paper's network"
for at in cpu "$device" "$device"; do segment lits001 "mask-${at}" --device "$at" && sha256sum "mask-${at}.nii.gz"; done
for at in cpu "$device"; do segment ts_example "dsn-${at}" --model dsn --device "$at" && sha256sum "dsn-${at}.nii.gz"; done

echo "== equal weights: twice there, once on the CPU; mixed precision"
for network in cnn compact; do
    for at in "$device" "$device" cpu; do learn "$network" 2 --network "$network" --precision float32 --device "$at"; done
    learn "$network-mixed" 2 --network "$network" --precision mixed --device "$device"
done

echo "== stopped and resumed"
rm -rf resumed.checkpoints
"$program" train --cases two.csv -o resumed.safetensors --overwrite --preset practical --network cnn --precision float32 --epochs 2 --steps 12 --seed 3 --threads 4 --cache cache \
    --checkpoint resumed.checkpoints --save-every 3 --device "$device" >out.txt 2>&1 &
running=$!
until ls resumed.checkpoints/* >/dev/null 2>&1 || ! kill -0 $running 2>/dev/null; do sleep 0.1; done
kill -TERM $running 2>/dev/null
wait $running
echo "stopped with exit code $?"
learn resumed 2 --network cnn --precision float32 --checkpoint resumed.checkpoints --save-every 3 --resume --device "$device"

echo "== seconds a step"
for network in cnn compact; do
    for precision in float32 mixed; do
        learn speed 5 --network "$network" --precision "$precision" --device "$device" >/dev/null
        echo "$network $precision: $(tail -n 1 speed.jsonl | grep -o '"seconds":[0-9.]*') for 12 steps"
    done
done

if [ -n "${HOG:-}" ]; then
    echo "== little memory"
    $HOG &
    hog=$!
    sleep 15
    segment lits001 little --device "$device" && sha256sum little.nii.gz
    segment lits001 little && sha256sum little.nii.gz
    learn little 1 --network compact --precision float32 --device "$device"
    kill $hog
fi
