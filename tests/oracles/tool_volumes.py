#!/usr/bin/env python3
"""Random volumes against teem (NRRD, every encoding and byte order) and ITK through plastimatch (MetaImage, NIfTI), both ways.

  python3 tests/oracles/tool_volumes.py [COUNT] [SEED]      (needs teem-unu and plastimatch; after: dotnet build -c Release)
"""
import os, re, subprocess, sys, tempfile
import numpy as np
import nibabel
from nibabel_volumes import affine_of, laid, ours

COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 100
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
TO_LPS = np.diag([-1.0, -1, 1, 1])
NRRD_TYPES = {"int8": "i1", "uchar": "u1", "short": "<i2", "ushort": "<u2", "int": "<i4", "uint": "<u4", "longlong": "<i8", "ulonglong": "<u8", "float": "<f4", "double": "<f8"}


def run(*arguments, **keys):
    return subprocess.run(arguments, check=True, capture_output=True, **keys).stdout


def vectors(text):
    return np.array([[float(n) for n in v.split(",")] for v in re.findall(r"\(([^)]*)\)", text)])


failed = 0


def check(good, *what):
    global failed
    if not good:
        failed += 1
        print("DIFFERENT", *what)


with tempfile.TemporaryDirectory() as folder:
    for ending in [".nrrd", ".nhdr"]:
        ours("write", folder, SEED, COUNT, ending)
        for i in range(COUNT):
            path = os.path.join(folder, f"ours{i:03d}{ending}")
            voxels, affine = laid(path)
            head, bytes_ = run("teem-unu", "save", "-f", "nrrd", "-e", "raw", "-i", path).split(b"\n\n", 1)
            head = head.decode()
            fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
            data = np.frombuffer(bytes_, NRRD_TYPES[fields["type"]])
            check(np.array_equal(data.reshape(voxels.shape, order="F").astype("f4"), voxels), "voxels", path)
            lps = np.eye(4)
            lps[:3, :3], lps[:3, 3] = vectors(fields["space directions"]).T, vectors(fields["space origin"])[0]
            check(np.abs(lps - TO_LPS @ affine).max() < 1e-9, "affine", path)
    print(f"ours read by teem: {2 * COUNT} volumes")

with tempfile.TemporaryDirectory() as folder:
    kept = {}
    for i in range(COUNT):
        random = np.random.default_rng(SEED + i)
        shape = random.integers(1, 20, 3)
        name, code = list(NRRD_TYPES.items())[i % 10]
        dtype = np.dtype(code)
        low, high = (-1000, 1000) if dtype.kind == "f" else (max(-(2**31), np.iinfo(dtype).min), min(2**31, np.iinfo(dtype).max))
        voxels = random.uniform(low, high, shape).astype(dtype)
        lps = TO_LPS @ affine_of(random)
        space = ["LPS", "RAS", "LAS"][i % 3]
        signs = {"LPS": [1, 1, 1], "RAS": [-1, -1, 1], "LAS": [1, -1, 1]}[space]
        there = np.diag([*signs, 1]) @ lps
        raw = os.path.join(folder, f"t{i:03d}.bytes")
        voxels.flatten(order="F").tofile(raw)
        v = lambda c: "(" + ",".join(repr(float(n)) for n in c) + ")"
        made = run("teem-unu", "make", "-i", raw, "-t", name, "-s", *map(str, shape), "-e", "raw", "-en", "little", "-spc", space,
                   "-dirs", " ".join(v(there[:3, k]) for k in range(3)), "-orig", v(there[:3, 3]))
        encoding = ["raw", "gzip", "bzip2", "hex", "ascii"][i // 10 % 5]
        path = os.path.join(folder, f"theirs{i:03d}.nrrd")
        run("teem-unu", "save", "-f", "nrrd", "-e", encoding, *(["-en", "big"] if i % 2 and encoding not in ("ascii",) else []), "-o", path, input=made)
        kept[path] = (voxels, lps)
    ours("dump", folder, ".nrrd")
    for path, (voxels, lps) in kept.items():
        found, affine = laid(path)
        # teem writes fewer digits of a float as text than float32 has.
        text = voxels.dtype == np.float32 and b"encoding: ascii" in open(path, "rb").read(600).lower()
        wanted = voxels.astype("f8").astype("f4")
        check(np.allclose(found, wanted, rtol=1e-5, atol=0) if text else np.array_equal(found, wanted), "voxels", path, voxels.dtype)
        check(np.abs(TO_LPS @ affine - lps).max() < 1e-5, "affine", path, np.abs(TO_LPS @ affine - lps).max())
    print(f"teem's read by us: {COUNT} volumes")

with tempfile.TemporaryDirectory() as folder:
    for ending in [".mha", ".mhd"]:
        ours("write", folder, SEED, COUNT, ending)
        for i in range(COUNT):
            path = os.path.join(folder, f"ours{i:03d}{ending}")
            nii = path + ".nii"
            run("plastimatch", "convert", "--input", path, "--output-img", nii)
            image, (voxels, affine) = nibabel.load(nii), laid(path)
            check(np.array_equal(np.asanyarray(image.dataobj).reshape(voxels.shape).astype("f4"), voxels), "voxels", path)
            check((np.abs(image.affine - affine) <= 1e-5 + 1e-7 * np.abs(affine)).all(), "affine", path, np.abs(image.affine - affine).max())
            run("plastimatch", "convert", "--input", path, "--output-img", os.path.join(folder, f"theirs{i:03d}.mha" if ending == ".mha" else f"theirs{i:03d}.nrrd"))
    print(f"ours read by ITK: {2 * COUNT} volumes")
    for ending, origin in [(".mha", ".mha"), (".nrrd", ".mhd")]:
        ours("dump", folder, ending)
        for i in range(COUNT):
            voxels, affine = laid(os.path.join(folder, f"ours{i:03d}{origin}"))
            found, place = laid(os.path.join(folder, f"theirs{i:03d}{ending}"))
            check(np.array_equal(found, voxels), "voxels", i, ending)
            check((np.abs(place - affine) <= 1e-5 + 1e-7 * np.abs(affine)).all(), "affine", i, ending, np.abs(place - affine).max())
    print(f"ITK's read by us: {2 * COUNT} volumes")

print(f"{failed} different")
sys.exit(failed > 0)
