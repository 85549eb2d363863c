#!/usr/bin/env python3
"""CT series whose slices opj_compress or gdcmconv encoded, each slice in another way, read by us and compared voxel by voxel.

  python3 tests/oracles/jpeg2000.py [SERIES] [SEED] [CT.nii.gz]      (after: dotnet build -c Release)

Needs opj_compress (libopenjp2-tools), gdcmconv (libgdcm-tools), pydicom, numpy and nibabel. A scan that is named is packed by gdcmconv --j2k as well.
"""
import os, subprocess, sys, tempfile, time
import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, generate_uid

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 10
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1


def dataset(uids, z, pixels, spacing, stored):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = uids
    ds.PatientName, ds.PatientID, ds.StudyDate, ds.StudyTime = "Nobody", "0", "20000101", "120000"
    ds.Modality, ds.ImageType, ds.SeriesNumber, ds.InstanceNumber = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], 1, z + 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, stored, stored - 1, int(pixels.dtype == np.int16)
    ds.RescaleSlope, ds.RescaleIntercept = "1", "0"
    ds.PixelSpacing, ds.SliceThickness = [f"{spacing[1]:.6f}", f"{spacing[0]:.6f}"], f"{spacing[2]:.6f}"
    ds.ImageOrientationPatient, ds.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, round(z * spacing[2], 6)]
    ds.is_little_endian, ds.is_implicit_VR = True, False
    return ds


def options(random, shape):
    """A way to encode that opj_compress has; the picture stays what it is."""
    side = 16 * int(random.integers(1, 9))
    tiles = ["-t", f"{side},{side}", "-T", "0,0"] if random.random() < 0.4 else []
    smallest = min(shape) if not tiles else min(min(n % side or side for n in shape), side)
    levels = int(random.integers(1, max(1, int(np.log2(smallest))) + 1))
    block = 4 << int(random.integers(1, 4))
    out = ["-n", str(levels), "-b", f"{block},{block}", "-p", ["LRCP", "RLCP", "RPCL", "PCRL", "CPRL"][random.integers(5)]]
    if random.random() < 0.4:
        out += ["-c", f"[{128 if levels > 1 else 256},{128 if levels > 1 else 256}]"]
    if random.random() < 0.4:
        out += ["-r", "8,4,1"]  # three layers, the last without loss
    for flag in ("-SOP", "-EPH"):
        if random.random() < 0.3:
            out.append(flag)
    if random.random() < 0.3:
        out += ["-M", str(int(random.integers(1, 64)))]  # modes of the code blocks
    return out + tiles


def encoded(pixels, stored, way, root):
    raw, packed = os.path.join(root, "p.rawl"), os.path.join(root, "p.j2k")
    (pixels.astype(np.uint8) if stored <= 8 else pixels).tofile(raw)
    rows, columns = pixels.shape
    kind = "s" if pixels.dtype == np.int16 else "u"
    if os.path.exists(packed):
        os.remove(packed)
    run = subprocess.run(["opj_compress", "-i", raw, "-o", packed, "-F", f"{columns},{rows},1,{stored},{kind}", *way], capture_output=True, text=True)
    if not os.path.exists(packed):
        sys.exit(f"opj_compress {' '.join(way)}: {run.stdout}{run.stderr}")
    with open(packed, "rb") as f:
        return f.read()


def read(folder, root):
    out = os.path.join(root, "back.nii")
    start = time.time()
    run = subprocess.run(["dotnet", PROGRAM, "convert", "-i", folder, "-o", out, "--overwrite"], capture_output=True, text=True)
    if run.returncode != 0:
        return None, run.stderr, 0
    # Stored with an axis to the right and one to the front: as the slices have them.
    return np.asarray(nibabel.load(out).dataobj), run.stderr, time.time() - start


failed = slices = 0
with tempfile.TemporaryDirectory() as root:
    for i in range(COUNT):
        random = np.random.default_rng(SEED + i)
        shape = tuple(int(n) for n in random.integers(20, 150, 2))
        signed, stored = bool(random.random() < 0.6), 16
        if not signed:
            stored = int(random.choice([8, 10, 12, 16]))
        folder = os.path.join(root, f"s{i:03d}")
        os.mkdir(folder)
        uids, expected = [generate_uid() for _ in range(3)], []
        for z in range(6):
            y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
            top = (1 << stored) - 1
            smooth = (np.sin(x / 9 + z) + np.cos(y / 7)) * top / 8 + top / 2
            noise = random.integers(0, max(2, top // 16), shape) * (x > shape[1] // 2)
            pixels = np.clip(smooth + noise, 0, top).astype("i4") - (32768 if signed else 0)
            pixels = pixels.astype(np.int16 if signed else np.uint16)
            way = options(random, shape)
            ds = dataset(uids, z, pixels, (0.7, 0.8, 2.5), stored)
            ds.file_meta.TransferSyntaxUID = JPEG2000Lossless
            stream = encoded(pixels, stored, way, root)
            parts = [stream] if random.random() < 0.6 else [stream[: len(stream) // 2 & ~1], stream[len(stream) // 2 & ~1 :]]
            ds.PixelData = encapsulate(parts) if len(parts) == 1 else encapsulate(parts, has_bot=False)
            ds["PixelData"].is_undefined_length = True
            ds.save_as(os.path.join(folder, f"{z}.dcm"), write_like_original=False)
            expected.append(pixels)
            slices += 1
        back, said, _ = read(folder, root)
        want = np.stack([p.T for p in expected], axis=2)
        if back is None or not np.array_equal(back, want):
            failed += 1
            print(f"series {i} ({'signed' if signed else 'unsigned'}, {stored} bits, {shape}): {said or 'other voxels'}")
    print(f"{COUNT} series, {slices} slices, each encoded in a way of its own: {COUNT - failed} equal")

    if len(sys.argv) > 3:
        scan = nibabel.load(sys.argv[3])
        voxels = np.asarray(scan.dataobj).astype(np.int16)
        plain, packed = os.path.join(root, "plain"), os.path.join(root, "packed")
        os.mkdir(plain), os.mkdir(packed)
        uids = [generate_uid() for _ in range(3)]
        for z in range(voxels.shape[2]):
            pixels = np.ascontiguousarray(voxels[:, :, z].T)
            ds = dataset(uids, z, pixels, scan.header.get_zooms()[:3], 16)
            ds.file_meta.TransferSyntaxUID, ds.PixelData = ExplicitVRLittleEndian, pixels.tobytes()
            ds.save_as(os.path.join(plain, f"{z:04d}.dcm"), write_like_original=False)
            subprocess.run(["gdcmconv", "--j2k", os.path.join(plain, f"{z:04d}.dcm"), os.path.join(packed, f"{z:04d}.dcm")], check=True)
        seconds, images = {}, {}
        for name, folder in (("plain", plain), ("packed", packed)):
            images[name], said, seconds[name] = read(folder, root)
            if images[name] is None:
                sys.exit(f"{name}: {said}")
        same = np.array_equal(images["plain"], images["packed"]) and np.array_equal(images["plain"], voxels)
        failed += not same
        print(f"{voxels.shape[2]} slices of a scan by gdcmconv --j2k: {'equal' if same else 'OTHER VOXELS'}; {seconds['packed']:.1f} s, uncompressed {seconds['plain']:.1f} s, whole process")

sys.exit(1 if failed else 0)
