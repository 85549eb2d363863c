#!/usr/bin/env python3
"""The program's info and convert as real processes over malformed files: exit codes, no stack trace, processor time, memory.

  python3 tests/oracles/malformed_processes.py FOLDER [FILES] [SEED]      (after: dotnet build -c Release)

FOLDER holds index.json. Taken are the twenty largest inputs and a random sample of the rest; FILES above their number takes all.
"""
import json, os, random, re, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")
folder = sys.argv[1]
count, seed = [int(a) for a in sys.argv[2:]] + [80, 1][len(sys.argv) - 2 :]
entries = [e for e in json.load(open(os.path.join(folder, "index.json"))) if not re.search(r"\.(raw|zraw|safetensors|pt|xz)$", e["file"])]
# The slices of a series stand for the series.
paths = {}
for e in entries:
    path = os.path.join(folder, e["file"])
    whole = "synthetic/dicom/" in e["file"] and "/single/" not in e["file"]
    paths[os.path.dirname(path) if whole else path] = e.get("verdict", "")
size = lambda p: sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(p) for f in fs) if os.path.isdir(p) else os.path.getsize(p)
largest = sorted(paths, key=size)[-20:]
rest = sorted(set(paths) - set(largest))
taken = largest + random.Random(seed).sample(rest, min(len(rest), max(0, count - len(largest))))
failed, runs, codes = 0, 0, {}
worst = {"seconds": (0, ""), "MiB": (0, "")}
with tempfile.TemporaryDirectory() as work:
    for path in taken:
        results = []
        for verb, extra in ("info", []), ("convert", ["-o", os.path.join(work, "out.mha"), "--overwrite"]):
            command = ["/usr/bin/time", "-f", "USED %M %U %S", "dotnet", CLI, verb, "-i", path, *extra]
            try:
                done = subprocess.run(command, capture_output=True, timeout=60)
                code, text = done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                code, text = 124, "USED 0 60 0"
            used = re.findall(r"USED (\d+) ([\d.]+) ([\d.]+)", text)[-1]
            mib, seconds = int(used[0]) / 1024, float(used[1]) + float(used[2])
            name = f"{verb} {os.path.relpath(path, folder)}"
            worst["seconds"], worst["MiB"] = max(worst["seconds"], (seconds, name)), max(worst["MiB"], (mib - 4 * size(path) / 2**20, name))
            trace = re.search(r"^\s+at \S|Unhandled exception|Exception:|internal:", text, re.M)
            lines = sum(l.startswith("liverseg: ") for l in text.splitlines())
            runs += 1
            codes[code] = codes.get(code, 0) + 1
            results.append(code)
            # An idle process takes about 55 MiB.
            if code not in (0, 2, 3, 4, 5) or trace or (code and lines != 1) or seconds > 5 or mib > 64 + 64 + 4 * size(path) / 2**20:
                failed += 1
                print(f"FAILED    {name}: exit code {code}, {mib:.0f} MiB, {seconds:.1f} s: {text[:300]}")
        if paths[path] == "reject" and results[1] == 0 or paths[path] == "accept" and any(results):
            failed += 1
            print(f"FAILED    {path}: {paths[path]}, but {results}")
print(f"{len(taken)} inputs, {runs} processes, exit codes {dict(sorted(codes.items()))}; longest {worst['seconds'][0]:.2f} s ({worst['seconds'][1]}), most memory beyond 4 times the file {worst['MiB'][0]:.0f} MiB ({worst['MiB'][1]})")
print(f"{failed} failed")
sys.exit(failed > 0)
