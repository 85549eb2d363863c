#!/usr/bin/env python3
"""Random CT series written by pydicom and read by us; our segmentations of them read by pydicom and checked by what else is installed.

  python3 tests/oracles/dicom_series.py [COUNT] [SEED]      (after: dotnet build -c Release)
"""
import os, shutil, subprocess, sys, tempfile
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless, generate_uid

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 1
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless]
CODECS = [[], ["--jpegls"], ["--jpeg"], ["--raw"]]


def slice_of(study, series, frame, syntax, grid, z, pixels):
    spacing, origin, direction = grid
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if syntax == RLELossless else syntax
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Nobody^At All", "0", "19000101", "O"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.ReferringPhysicianName, ds.StudyID = "20000101", "120000", "", "", ""
    ds.Modality, ds.ImageType, ds.SeriesNumber, ds.InstanceNumber = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], 1, z + 1
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = "1", "-1024", "HU"
    ds.PixelSpacing = [f"{spacing[1]:.6f}", f"{spacing[0]:.6f}"]
    ds.SliceThickness = f"{spacing[2]:.6f}"
    ds.ImageOrientationPatient = [f"{v:.10f}"[:16] for v in (*direction[:, 0], *direction[:, 1])]
    ds.ImagePositionPatient = [f"{v:.8f}"[:16] for v in origin + direction[:, 2] * spacing[2] * z]
    ds.is_little_endian, ds.is_implicit_VR = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
    ds.PixelData = pixels.astype(">i2" if syntax == ExplicitVRBigEndian else "<i2").tobytes()
    if syntax == RLELossless:
        ds.compress(RLELossless)
    return ds


failed = 0
with tempfile.TemporaryDirectory() as root:
    expected = {}
    for i in range(COUNT):
        random = np.random.default_rng(SEED + i)
        q, _ = np.linalg.qr(random.normal(size=(3, 3)))
        direction = np.column_stack([q[:, 0], q[:, 1], np.cross(q[:, 0], q[:, 1])])
        spacing, origin = np.round(random.uniform(0.4, 3, 3), 6), random.uniform(-300, 300, 3)
        shape = random.integers(2, 24, 3)
        voxels = random.integers(0, 4000, shape).astype("i2")  # x, y, z
        folder = os.path.join(root, f"s{i:03d}")
        os.mkdir(folder)
        study, series, frame = generate_uid(), generate_uid(), generate_uid()
        for z, name in enumerate(random.permutation(shape[2])):
            path = os.path.join(folder, f"{name}.dcm")
            slice_of(study, series, frame, SYNTAXES[i % 4], (spacing, origin, direction), z, voxels[:, :, z].T).save_as(path, write_like_original=False)
            codec = CODECS[i // 4 % 4]
            if codec and shutil.which("gdcmconv"):
                subprocess.run(["gdcmconv", *codec, path, path], check=True)
        affine = np.eye(4)
        affine[:3, :3], affine[:3, 3] = direction * spacing, origin
        expected[folder] = (voxels - 1024.0, np.diag([-1, -1, 1, 1]) @ affine)
    subprocess.run(["dotnet", "fsi", os.path.join(HERE, "volumes.fsx"), "segment", root], check=True)
    for folder, (voxels, affine) in expected.items():
        data = open(folder + ".dump", "rb").read()
        shape = np.frombuffer(data, "<i4", 3)
        found = np.vstack([np.frombuffer(data, "<f8", 12, 12).reshape(3, 4), [0, 0, 0, 1]])
        ours = np.frombuffer(data, "<f4", offset=108).reshape(shape, order="F")
        if not (np.array_equal(ours, voxels) and np.abs(found - affine).max() < 1e-5):
            failed += 1
            print("DIFFERENT", folder, np.abs(found - affine).max())
        seg = pydicom.dcmread(folder + ".seg.dcm")
        mask = seg.pixel_array.reshape(shape[2], shape[1], shape[0]).transpose(2, 1, 0)
        shared = seg.SharedFunctionalGroupsSequence[0]
        places = np.array([f.PlanePositionSequence[0].ImagePositionPatient for f in seg.PerFrameFunctionalGroupsSequence], float)
        lps = np.diag([-1, -1, 1, 1]) @ affine
        sources = [pydicom.dcmread(os.path.join(folder, f), stop_before_pixels=True) for f in os.listdir(folder)]
        by_place = {s.SOPInstanceUID: np.array(s.ImagePositionPatient, float) for s in sources}
        refers = all(
            np.abs(by_place[f.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID] - p).max() < 1e-4
            for f, p in zip(seg.PerFrameFunctionalGroupsSequence, places)
        )
        good = (
            np.array_equal(mask, voxels > 0)
            and np.abs(places - (lps @ np.array([[0, 0, k, 1] for k in range(shape[2])]).T).T[:, :3]).max() < 1e-4
            and np.abs(np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float) - np.concatenate([lps[:3, 0] / np.linalg.norm(lps[:3, 0]), lps[:3, 1] / np.linalg.norm(lps[:3, 1])])).max() < 1e-5
            and refers
            and seg.StudyInstanceUID == sources[0].StudyInstanceUID
            and seg.ReferencedSeriesSequence[0].SeriesInstanceUID == sources[0].SeriesInstanceUID
        )
        for tool in (["gdcminfo"], ["dcmdump", "-q"]):
            if shutil.which(tool[0]):
                good = good and subprocess.run([*tool, folder + ".seg.dcm"], capture_output=True).returncode == 0
        if shutil.which("dciodvfy"):
            report = subprocess.run(["dciodvfy", folder + ".seg.dcm"], capture_output=True, text=True).stderr
            errors = sorted({line for line in report.splitlines() if line.startswith("Error")})
            if errors:
                good = False
                print("\n".join(errors[:5]))
        if not good:
            failed += 1
            print("SEGMENTATION", folder)
print(f"{COUNT} series, {failed} different")
sys.exit(failed > 0)
