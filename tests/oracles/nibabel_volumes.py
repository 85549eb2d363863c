#!/usr/bin/env python3
"""Random volumes, written here and read by nibabel and the other way round: voxels exact, affine to 1e-5 or float32.

  python3 tests/oracles/nibabel_volumes.py [COUNT] [SEED]      (after: dotnet build -c Release)
"""
import os, subprocess, sys, tempfile
import numpy as np
import nibabel

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 50
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
TYPES = ["uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]


def ours(*arguments):
    subprocess.run(["dotnet", "fsi", os.path.join(HERE, "volumes.fsx"), *map(str, arguments)], check=True)


def laid(path):
    data = open(path + ".dump", "rb").read()
    shape = np.frombuffer(data, "<i4", 3)
    affine = np.vstack([np.frombuffer(data, "<f8", 12, 12).reshape(3, 4), [0, 0, 0, 1]])
    return np.frombuffer(data, "<f4", offset=12 + 96).reshape(shape, order="F"), affine


def same(name, image, path):
    voxels, affine = laid(path)
    theirs = np.asanyarray(image.dataobj).astype("<f8").astype("<f4").reshape(voxels.shape)
    # NIfTI-1 keeps float32: half a unit in the last place of 900 mm is 3e-5 mm.
    good = np.array_equal(theirs, voxels) and (np.abs(image.affine - affine) <= 1e-5 + 6e-8 * np.abs(affine)).all()
    if not good:
        print("DIFFERENT", name, np.abs(image.affine - affine).max(), image.shape, voxels.shape)
    return good


def affine_of(random):
    q, _ = np.linalg.qr(random.normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = q * random.uniform(0.3, 4, 3)
    affine[:3, 3] = random.uniform(-300, 300, 3)
    return affine


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for ending in [".nii", ".nii.gz", ".hdr"]:
            ours("write", folder, SEED, COUNT, ending)
            for i in range(COUNT):
                path = os.path.join(folder, f"ours{i:03d}{ending}")
                image = nibabel.load(path)
                failed += not same(path, image, path)
                q = image.header.get_qform()
                if np.abs(q - image.affine).max() > 1e-3:
                    failed += 1
                    print("QFORM", path, np.abs(q - image.affine).max())
        print(f"ours read by nibabel: {3 * COUNT} volumes")

    with tempfile.TemporaryDirectory() as folder:
        random = np.random.default_rng(SEED)
        for ending, kind in [(".nii", nibabel.Nifti1Image), (".nii.gz", nibabel.Nifti2Image), (".hdr", nibabel.Nifti1Pair)]:
            for i in range(COUNT):
                shape = tuple(random.integers(1, 24, random.integers(1, 4)))
                dtype = np.dtype(TYPES[i % 10])
                low, high = (-1000, 1000) if dtype.kind == "f" else (max(-(2**31), np.iinfo(dtype).min), min(2**31, np.iinfo(dtype).max))
                voxels = (random.uniform(low, high, shape)).astype(dtype)
                header = kind.header_class(endianness=random.choice(["<", ">"]))
                image = kind(voxels, affine_of(random), header, dtype=dtype)
                image.header.set_slope_inter(*((2.0, -1024.0) if i % 3 == 0 else (1.0, 0.0)))
                if i % 4 == 1:
                    image.header.set_sform(image.affine, 0)
                    image.header.set_qform(image.affine, 1)
                nibabel.save(image, os.path.join(folder, f"theirs{i:03d}{ending}"))
            ours("dump", folder, ending)
            for i in range(COUNT):
                path = os.path.join(folder, f"theirs{i:03d}{ending}")
                failed += not same(path, nibabel.load(path), path)
        print(f"nibabel's read by us: {3 * COUNT} volumes")

    print(f"{failed} different")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
