#!/usr/bin/env python3
"""What the program writes of a CT series, as segmentation and as captures, read by pydicom and judged by dciodvfy.

  python3 tests/oracles/dicom_results.py [KEEP]      (after: dotnet build -c Release; KEEP: a folder to look at afterwards)
"""
import gzip, os, shutil, subprocess, sys, tempfile
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, "src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")
CANARIES = ["CANARY^PATIENT", "CANARYID", "19450607", "20110213", "CANARYSTUDY", "CANARYACCESSION", "CANARY^REFERRER", "1.2.826.0.1.3680043.10.999"]
failed = 0


def check(good, what):
    global failed
    if not good:
        failed += 1
        print("FAILED", what)


def liverseg(*args):
    subprocess.run(["dotnet", PROGRAM, *args, "-q"], check=True, stdout=subprocess.DEVNULL)


def series(ct, folder, multiple=1):
    """A phantom as a CT series with a canary in each element about patient and study; its rows are cut to a multiple of so many voxels."""
    raw = gzip.open(ct).read()
    shape = np.frombuffer(raw, "<i2", 8, 40)[1:4]
    spacing = np.frombuffer(raw, "<f4", 8, 76)[1:4]
    voxels = np.frombuffer(raw, "<i2", int(shape.prod()), 352).reshape(shape, order="F")
    voxels = voxels[: shape[0] // multiple * multiple]
    shape = np.array(voxels.shape)
    root = CANARIES[-1]
    os.mkdir(folder)
    for z in range(shape[2]):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{root}.3.{z + 1}"
        ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = CANARIES[0], CANARIES[1], CANARIES[2], "O"
        ds.StudyDate, ds.StudyTime, ds.StudyID, ds.AccessionNumber, ds.ReferringPhysicianName = CANARIES[3], "120000", *CANARIES[4:7]
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = root + ".1", root + ".2", root + ".4"
        ds.InstitutionName, ds.StationName, ds.ProtocolName = "CANARY HOSPITAL", "CANARY", "CANARY"
        ds.Modality, ds.ImageType, ds.SeriesNumber, ds.InstanceNumber = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], 1, z + 1
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.Rows, ds.Columns, ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = shape[1], shape[0], 16, 16, 15, 1
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = "1", "0", "HU"
        ds.PixelSpacing, ds.SliceThickness = [f"{spacing[1]:.6f}", f"{spacing[0]:.6f}"], f"{spacing[2]:.6f}"
        # The fixture's axes run to the left and back, whatever the phantom's do: only the voxels matter.
        ds.ImageOrientationPatient, ds.ImagePositionPatient = ["1", "0", "0", "0", "1", "0"], ["-150", "-120.5", f"{z * spacing[2]:.6f}"]
        ds.is_little_endian, ds.is_implicit_VR = True, False
        ds.PixelData = np.ascontiguousarray(voxels[:, :, z].T).tobytes()
        ds.save_as(os.path.join(folder, f"{z:04d}.dcm"), write_like_original=False)
    return shape


def judge(path):
    """Neither errors nor warnings, where the judge is there."""
    if shutil.which("dciodvfy"):
        report = subprocess.run(["dciodvfy", path], capture_output=True, text=True).stderr
        said = sorted({line for line in report.splitlines() if line.startswith(("Error", "Warning"))})
        if "anonymous" in path:  # no date of the study is written on purpose
            said = [line for line in said if "needed to build DICOMDIR - Study" not in line]
        check(not said, f"dciodvfy {os.path.basename(path)}: {said}")


def text_of(path):
    return open(path, "rb").read().decode("latin-1")


with tempfile.TemporaryDirectory() as work:
    at = lambda name: os.path.join(work, name)
    liverseg("phantom", "-o", at("p"), "--seed", "5", "--spacing", "4")
    ct = next(os.path.join(at("p"), f) for f in os.listdir(at("p")) if f.endswith("-ct.nii.gz"))
    shape = series(ct, at("series"))
    common = ["segment", "-i", at("series"), "--fast"]
    liverseg(*common, "-o", at("liver.nii.gz"))
    raw = gzip.open(at("liver.nii.gz")).read()
    mask = np.frombuffer(raw, "u1", int(shape.prod()), 352).reshape(shape, order="F").transpose(2, 1, 0)
    check(mask.any(), "a liver")
    filled = [z for z in range(shape[2]) if mask[z].any()]
    for name, options in (("all", []), ("sparse", ["--omit-empty-frames"]), ("anonymous", ["--anonymous"])):
        path = at(name + ".dcm")
        liverseg(*common, "-o", path, *options)
        judge(path)
        seg = pydicom.dcmread(path)
        frames = seg.pixel_array.reshape(-1, shape[1], shape[0])
        shown = filled if name == "sparse" else list(range(shape[2]))
        check(np.array_equal(frames, mask[shown]), name + ": other voxels")
        places = [float(f.PlanePositionSequence[0].ImagePositionPatient[2]) for f in seg.PerFrameFunctionalGroupsSequence]
        check(np.allclose(places, np.array(shown) * float(seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices), atol=1e-3), name + ": other places")
        segment = seg.SegmentSequence[0]
        check(len(segment.RecommendedDisplayCIELabValue) == 3, "no colour")
        algorithm = segment.SegmentationAlgorithmIdentificationSequence[0]
        derivation = seg.PerFrameFunctionalGroupsSequence[0].DerivationImageSequence[0].DerivationDescription
        check(algorithm.AlgorithmFamilyCodeSequence[0].CodeValue == "123110" and algorithm.AlgorithmVersion in derivation and "SHA-256" in derivation, "no algorithm")
        liverseg("convert", "-i", path, "--reference", at("series"), "-o", at(name + ".nii.gz"))
        check(gzip.open(at(name + ".nii.gz")).read() == raw, name + ": read back otherwise")
    for name, options in (("sc", []), ("sc-anonymous", ["--anonymous", "--omit-empty-frames"])):
        liverseg(*common, "-o", at(name), "--format", "sc", *options)
        files = sorted(os.listdir(at(name)))
        check(len(files) == (len(filled) if "omit" in str(options) else shape[2]), name + ": other slices")
        seen = [pydicom.dcmread(os.path.join(at(name), f)) for f in files]
        for f, ds in zip(files, seen):
            judge(os.path.join(at(name), f))
            check(ds.pixel_array.shape == (ds.Rows, ds.Columns, 3) and ds.pixel_array.std() > 0, "no picture")
        check(len({ds.SOPInstanceUID for ds in seen}) == len(seen) and len({ds.SeriesInstanceUID for ds in seen}) == 1, "UIDs of captures")
    for path in [at("anonymous.dcm")] + [os.path.join(at("sc-anonymous"), f) for f in os.listdir(at("sc-anonymous"))]:
        found = [word for word in CANARIES + ["CANARY"] if word in text_of(path)]
        check(not found, f"{os.path.basename(path)} tells {found}")
    check("CANARY HOSPITAL" not in text_of(at("all.dcm")) and CANARIES[0] in text_of(at("all.dcm")), "patient and study, nothing else")
    # For cornerstone.mjs: frames of an even number of bytes, as those of 512 rows of 512 are.
    series(ct, at("series16"), 16)
    liverseg("segment", "-i", at("series16"), "--fast", "-o", at("liver16.nii.gz"))
    for name, options in (("all16", []), ("sparse16", ["--omit-empty-frames"])):
        liverseg("segment", "-i", at("series16"), "--fast", "-o", at(name + ".dcm"), *options)
    if len(sys.argv) > 1:
        shutil.copytree(work, sys.argv[1], dirs_exist_ok=True)
print("dicom results:", "failed" if failed else "good")
sys.exit(failed > 0)
