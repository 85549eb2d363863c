#!/usr/bin/env bash
# Coverage-guided fuzzing of one format's reader with SharpFuzz and AFL++ (Debian: afl++).
#   tests/oracles/coverage_fuzz.sh ENDING SECONDS [FOLDER OF MORE SEEDS]      as  .nrrd 600;  .dcm needs the folder
# mask:ENDING reads masks, segmentations and structure sets; NAME:ENDING is ENDING with seeds of its own, as j2k:.dcm.
# Findings stay in artifacts/fuzz/KIND/out, what was thrown in thrown.txt beside it; the same command goes on from there. Exit code 1: a crash or a hang was found.
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1 ending=${1#*:} seconds=$2 more=${3:-}
name=${kind#.}
work=artifacts/fuzz/${name/:./-}
rm -rf "$work/bin"
mkdir -p "$work/in"
[ -x artifacts/fuzz/tool/sharpfuzz ] || dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path artifacts/fuzz/tool
dotnet publish tests/LiverSeg.Functional.Fuzz -c Release -o "$work/bin"
[[ $ending = .dcm || $kind = mask:* || -e $work/in/seed$ending ]] || dotnet "$work/bin/LiverSeg.Functional.Fuzz.dll" "$kind" --seed "$PWD/$work/in/seed$ending"
# Only after this does the library need a fuzzer's memory.
artifacts/fuzz/tool/sharpfuzz "$work/bin/LiverSeg.Functional.dll"
[ -z "$more" ] || find "$more" -name "*$ending" -size -64k -exec cp -n {} "$work/in" \;
# Headers that name another file cannot be whole here; what counts is that no crash comes of it.
rm -f "$work"/in/*.raw "$work"/in/*.zraw
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_AUTORESUME=1 AFL_NO_AFFINITY=1
export DOTNET_TieredPGO=0 LIVERSEG_FUZZ_THROWN=$PWD/$work/thrown.txt
# A bound of 5 s, not the few milliseconds that the fuzzer would choose: it kills what takes longer, and a kill that comes as a run ends counts as a crash of the next.
afl-fuzz -i "$work/in" -o "$work/out" -V "$seconds" -t 5000 -m none dotnet "$work/bin/LiverSeg.Functional.Fuzz.dll" "$kind" > "$work/log.txt" 2>&1 || { tail -n 20 "$work/log.txt"; exit 2; }
stat() { grep "^$1 " "$work/out/default/fuzzer_stats" | sed 's/.*: //'; }
echo "$kind: $(stat execs_done) inputs in $(stat run_time) s ($(stat execs_per_sec) a second), $(stat corpus_count) kept for new paths, edges $(stat edges_found), last new path after $(( $(stat last_find) > 0 ? $(stat last_find) - $(stat start_time) : 0 )) s; crashes $(stat saved_crashes), hangs $(stat saved_hangs)"
[ "$(stat saved_crashes)" = 0 ] && [ "$(stat saved_hangs)" = 0 ]
