#!/usr/bin/env python3
"""How does the cost of `liverseg segment` grow with the number of slices?  A scan is stacked down and mirrored up again; each height is segmented
whole and under --max-memory, several times in turn; a table for docs/results/speed.md.

  python3 tests/oracles/growth.py SCAN REPEATS [BOUND ...]      (after: dotnet build -c Release)

Each height takes the first of the bounds that the program accepts for it (1500M 2000M 3500M).

Seconds are those of the processors (user and system, the runtime's start included), so that other work on the machine counts little.
"""
import os, re, resource, statistics, subprocess, sys, tempfile
import nibabel as nib
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg")
scan, repeats, bounds = sys.argv[1], int(sys.argv[2]), sys.argv[3:] or ["1500M", "2000M", "3500M"]
REFUSED = 7


def run(path, out, *more):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([CLI, "segment", "-i", path, "-o", out, "--overwrite", "-v", *more], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode == REFUSED:
        return None
    if done.returncode != 0:
        raise SystemExit(f"{path} {more}: exit code {done.returncode}: {done.stderr}")
    wall, peak = re.search(r": ([\d.]+) s, peak (\d+) MiB", done.stderr).groups()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, float(wall), int(peak)


with tempfile.TemporaryDirectory() as root:
    image = nib.load(scan)
    voxels = np.asarray(image.dataobj).astype(np.int16)
    there_and_back = np.concatenate([voxels, voxels[:, :, ::-1]], axis=2)
    heights = [voxels.shape[2] * n for n in (1, 2, 4, 8)]
    paths = {}
    for height in heights:
        stacked = there_and_back[:, :, np.arange(height) % there_and_back.shape[2]]
        paths[height] = os.path.join(root, f"{height}.nii.gz")
        nib.save(nib.Nifti1Image(stacked, image.affine), paths[height])
    found = {(h, limited): [] for h in heights for limited in (False, True)}
    kept = {}
    for _ in range(repeats):
        for height, limited in found:
            for bound in bounds if limited else [None]:
                taken = run(paths[height], os.path.join(root, "mask.nii.gz"), *(["--max-memory", bound] if bound else []))
                if taken:
                    kept[height, limited] = f"--max-memory {bound}" if bound else "whole"
                    found[height, limited].append(taken)
                    break
    print("| slices | memory | s of processors, best | median | ms a slice, best | beside the first | peak MiB | KiB a slice |")
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for limited in (False, True):
        for height in heights:
            cpu = [r[0] for r in found[height, limited]]
            peak = max(r[2] for r in found[height, limited])
            first = min(r[0] for r in found[heights[0], limited]) / heights[0]
            print(f"| {height} | {kept[height, limited]} | {min(cpu):.2f} | {statistics.median(cpu):.2f} | {1000 * min(cpu) / height:.1f} "
                  f"| {min(cpu) / height / first:.2f} | {peak} | {1024 * peak / height:.0f} |")
