#!/usr/bin/env python3
"""Does the peak of memory (VmHWM) stay below --max-memory?  A big volume is made of a scan's slices, again and again, and segmented under each bound.

  python3 tests/oracles/max_memory.py SCAN WIDTHxHEIGHTxSLICES ENDING[,ENDING] BOUND[,BOUND ...]      (after: dotnet build -c Release)

A bound is a size as 1500M; "none" is a run without, whose mask the others' must equal when the tiles are the same. Exit code 7 is a right refusal.
"""
import hashlib, os, re, subprocess, sys, tempfile, time
import nibabel as nib
import numpy as np
from scipy import ndimage

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")
scan, size, endings, bounds = sys.argv[1], [int(n) for n in sys.argv[2].split("x")], sys.argv[3].split(","), sys.argv[4].split(",")
failed = 0


def mib(text):
    return float(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]


with tempfile.TemporaryDirectory() as root:
    image = nib.load(scan)
    voxels = np.asarray(image.dataobj).astype(np.float32)
    voxels = ndimage.zoom(voxels, [size[0] / voxels.shape[0], size[1] / voxels.shape[1], 1], order=1)
    # Down and up again, so that there is no jump between the copies.
    there_and_back = np.concatenate([voxels, voxels[:, :, ::-1]], axis=2)
    voxels = np.rint(there_and_back[:, :, np.arange(size[2]) % there_and_back.shape[2]]).astype(np.int16)
    scaled = image.affine @ np.diag([image.shape[0] / size[0], image.shape[1] / size[1], min(1, 600 / size[2] / image.header.get_zooms()[2]), 1])
    for ending in endings:
        path = os.path.join(root, "big." + ending)
        out = nib.Nifti1Image(voxels, scaled)
        out.header.set_data_dtype(np.int16)
        nib.save(out, path)
        digests = {}
        for bound in bounds:
            mask = os.path.join(root, "mask.nii.gz")
            limit = [] if bound == "none" else ["--max-memory", bound]
            start = time.time()
            done = subprocess.run(["/usr/bin/time", "-f", "PEAK %M", "dotnet", CLI, "segment", "-i", path, "-o", mask, "--overwrite", "-v", *limit, *(["--smaller-tiles"] if limit else [])], capture_output=True, text=True)
            seconds = time.time() - start
            text = done.stderr + done.stdout
            peak = int(re.search(r"PEAK (\d+)", text).group(1)) / 1024
            plan = re.search(r"memory (about.*)", text)
            plan = plan.group(1) if plan else next((l for l in text.splitlines() if l.startswith("liverseg: ")), "")[-160:]
            good = done.returncode in (0, 7) and (bound == "none" or peak <= mib(bound))
            if done.returncode == 0:
                digests[bound] = hashlib.sha256(open(mask, "rb").read()).hexdigest()[:12]
            failed += not good
            print("ok       " if good else "FAILED   ", f"{size} .{ending} bound {bound}: exit code {done.returncode}, peak {peak:.0f} MiB, {seconds:.0f} s, mask {digests.get(bound, '-')}; {plan}", flush=True)
            if done.returncode not in (0, 7):
                print(text[-600:])
print(f"{failed} failed")
sys.exit(failed > 0)
