#!/usr/bin/env python3
"""The program end to end on DICOM: a folder in, a DICOM segmentation out, read back by pydicom.

  python3 tests/oracles/dicom_segment.py [REAL_SERIES_OR_NIFTI_SCAN ...]      (after: dotnet build -c Release)

A phantom is written as a CT series with patient data that must turn up nowhere but in the segmentation's own patient and study modules;
it is segmented from its folder, from a zip, and from a folder with a second series; then each real series, and each NIfTI scan written as a series.
"""
import glob, os, subprocess, sys, tempfile, zipfile
import nibabel as nib
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = ["dotnet", os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")]
NAME, ID, INSTITUTION, DESCRIPTION = "CANARY^PHI", "MRN1234567", "Canary Hospital", "canary description"
failed = 0


def check(good, what):
    global failed
    failed += not good
    print("ok       " if good else "FAILED   ", what)


def run(*args):
    done = subprocess.run([*CLI, *args], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def write_series(folder, voxels, affine, count=None):
    """voxels: x, y, z in HU; affine to RAS."""
    os.makedirs(folder)
    lps = np.diag([-1, -1, 1, 1]) @ affine
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    direction = lps[:3, :3] / spacing
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for z in range(count or voxels.shape[2]):
        ds = Dataset()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = NAME, ID, "19010203", "O"
        ds.InstitutionName, ds.SeriesDescription, ds.ProtocolName = INSTITUTION, DESCRIPTION, DESCRIPTION
        ds.add_new(0x00091001, "LO", "CANARY PRIVATE")
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.FrameOfReferenceUID = study, series, frame
        ds.StudyDate, ds.StudyTime, ds.AccessionNumber, ds.StudyID = "20000101", "120000", "", ""
        ds.Modality, ds.ImageType, ds.SeriesNumber, ds.InstanceNumber = "CT", ["ORIGINAL", "PRIMARY", "AXIAL"], 1, z + 1
        ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
        ds.Rows, ds.Columns = voxels.shape[1], voxels.shape[0]
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = "1", "-1024", "HU"
        ds.PixelSpacing, ds.SliceThickness = [repr(round(spacing[1], 8)), repr(round(spacing[0], 8))], repr(round(spacing[2], 8))
        ds.ImageOrientationPatient = [f"{v:.10f}"[:16] for v in (*direction[:, 0], *direction[:, 1])]
        ds.ImagePositionPatient = [f"{v:.8f}"[:16] for v in lps[:3, 3] + direction[:, 2] * spacing[2] * z]
        ds.is_little_endian, ds.is_implicit_VR = True, False
        ds.PixelData = (voxels[:, :, z].T + 1024).astype("<i2").tobytes()
        ds.save_as(os.path.join(folder, f"{(z * 7919) % 100003:06d}"), write_like_original=False)
    return study, series


def check_segmentation(path, mask_path, folder, what):
    """Geometry, references and voxels of a segmentation against the same mask as NIfTI and the sources."""
    seg = pydicom.dcmread(path)
    mask = nib.load(mask_path)
    voxels, lps = np.asarray(mask.dataobj), np.diag([-1, -1, 1, 1]) @ mask.affine
    sources = {}
    for f in [folder] if os.path.isfile(folder) else glob.glob(os.path.join(folder, "**", "*"), recursive=True):
        if os.path.isfile(f):
            try:
                s = pydicom.dcmread(f, stop_before_pixels=True)
            except pydicom.errors.InvalidDicomError:
                continue
            if "ImagePositionPatient" in s:
                sources[s.SOPInstanceUID] = s
    frames = seg.PerFrameFunctionalGroupsSequence
    places = np.array([f.PlanePositionSequence[0].ImagePositionPatient for f in frames], float)
    expected = (lps @ np.array([[0, 0, k, 1] for k in range(voxels.shape[2])]).T).T[:, :3]
    shared = seg.SharedFunctionalGroupsSequence[0]
    spacing = np.linalg.norm(lps[:3, :3], axis=0)
    orientation = np.concatenate([lps[:3, 0] / spacing[0], lps[:3, 1] / spacing[1]])
    measures = shared.PixelMeasuresSequence[0]
    check(np.array_equal(seg.pixel_array.reshape(voxels.shape[::-1]).transpose(2, 1, 0), voxels), f"{what}: voxels equal the NIfTI mask's, {int(voxels.sum())} inside")
    check(np.abs(places - expected).max() < 1e-3, f"{what}: places, worst {np.abs(places - expected).max():.1e} mm")
    check(np.abs(np.array(shared.PlaneOrientationSequence[0].ImageOrientationPatient, float) - orientation).max() < 1e-5, f"{what}: orientation")
    check(np.abs(np.array([*measures.PixelSpacing, measures.SpacingBetweenSlices], float) - spacing[[1, 0, 2]]).max() < 1e-4, f"{what}: spacing")
    own = [f.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID for f in frames]
    check(
        all(np.abs(np.array(sources[uid].ImagePositionPatient, float) - p).max() < 1e-3 for uid, p in zip(own, places)),
        f"{what}: every frame refers to the slice at its place",
    )
    one = sources[own[0]]
    check(
        seg.StudyInstanceUID == one.StudyInstanceUID
        and seg.ReferencedSeriesSequence[0].SeriesInstanceUID == one.SeriesInstanceUID
        and seg.FrameOfReferenceUID == one.get("FrameOfReferenceUID", seg.FrameOfReferenceUID)
        and str(seg.PatientName) == str(one.get("PatientName", ""))
        and seg.SeriesInstanceUID != one.SeriesInstanceUID,
        f"{what}: study, patient and frame of reference are the series' own, the series a new one",
    )


with tempfile.TemporaryDirectory() as root:
    at = lambda *p: os.path.join(root, *p)
    code, text = run("phantom", "-o", at("ph"), "--cases", "1", "--seed", "31", "--spacing", "3")
    ct = nib.load(at("ph", "phantom0031-ct.nii.gz"))
    voxels = np.asarray(ct.dataobj).astype(int)
    study, series = write_series(at("ct"), voxels, ct.affine)
    logs = ""
    for name, source, extra in [("phantom, folder", at("ct"), []), ("phantom, folder of two series", at("two"), ["--series", "BY-NUMBER"]), ("phantom, zip", at("ct.zip"), [])]:
        if "two" in source:
            write_series(at("two", "b"), voxels[:, :, :9], ct.affine)
            os.symlink(at("ct"), at("two", "link"))  # followed: the slices lie there twice and count once
            for f in os.listdir(at("ct")):
                os.makedirs(at("two", "a"), exist_ok=True)
                os.link(at("ct", f), at("two", "a", f))
            code, text = run("segment", "-i", source, "-o", at("x.nii.gz"))
            logs += text
            check(code == 2 and "1: " in text and "2: " in text, f"{name}: exit code 2 and the list: {text.strip()[-200:]}")
            code, text = run("info", "-i", source)
            logs += text
            number = next(line.split()[1] for line in text.splitlines() if f"{voxels.shape[2]} slices" in line)
            extra = ["--series", number]
            code, text = run("segment", "-i", source, "-o", at("uid.dcm"), "--series", series, "-q")
            logs += text
            check(code == 0, f"{name}: chosen by UID")
        if source.endswith(".zip"):
            with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as z:
                for f in os.listdir(at("ct")):
                    z.write(at("ct", f), "x/" + f)
        key = os.path.basename(source)
        for ending in ("nii.gz", "dcm"):
            code, text = run("segment", "-i", source, "-o", at(f"{key}.{ending}"), "-v", *extra)
            logs += text
            check(code == 0, f"{name}: segment -o x.{ending}")
        check_segmentation(at(key + ".dcm"), at(key + ".nii.gz"), at("ct") if key != "two" else at("two", "a"), name)
    same = [open(at(f), "rb").read() for f in ("ct.dcm", "ct.zip.dcm", "two.dcm", "uid.dcm")]
    check(len(set(same)) == 1, "folder, zip and chosen series give the same segmentation to the last byte")
    run("segment", "-i", at("ph", "phantom0031-ct.nii.gz"), "-o", at("plain.nii.gz"), "-q")
    check(np.array_equal(np.asarray(nib.load(at("plain.nii.gz")).dataobj), np.asarray(nib.load(at("ct.nii.gz")).dataobj)), "the mask of the series is the mask of the phantom's NIfTI")
    for ending in ("nii", "mha", "mhd", "nrrd", "nhdr", "hdr"):
        code, text = run("convert", "-i", at("ct"), "-o", at("scan." + ending))
        back, text2 = run("convert", "-i", at("scan." + ending), "-o", at(f"back-{ending}.nii"))
        logs += text + text2
        check(code == 0 and back == 0 and np.array_equal(np.asarray(nib.load(at(f"back-{ending}.nii")).dataobj), voxels), f"convert series -> .{ending} -> .nii: voxels equal")
    code, text = run("convert", "-i", at("plain.nii.gz"), "-o", at("from-mask.dcm"), "--reference", at("ct"))
    logs += text
    check(code == 0 and open(at("from-mask.dcm"), "rb").read() == same[0], "convert mask -> .dcm with --reference: the same segmentation")
    code, text = run("convert", "-i", at("from-mask.dcm"), "-o", at("again.nii.gz"))
    logs += text
    check(code == 0 and np.array_equal(np.asarray(nib.load(at("again.nii.gz")).dataobj), np.asarray(nib.load(at("plain.nii.gz")).dataobj)), "convert .dcm mask -> .nii.gz: the same mask")
    # Patient data: in no output but the segmentation's own patient module, in no word that was printed.
    words = [NAME, ID, INSTITUTION, DESCRIPTION, "CANARY PRIVATE", "19010203", study, series]
    outputs = [f for f in os.listdir(root) if os.path.isfile(at(f)) and not f.endswith(".zip")]
    found = []
    for f in outputs:
        data = open(at(f), "rb").read()
        if f.endswith(".gz"):
            import gzip

            data = gzip.decompress(data)
        allowed = {NAME, ID, "19010203", study, series} if f.endswith(".dcm") else set()
        found += [(f, w) for w in words if w not in allowed and (w.encode() in data or w.encode("utf-16-le") in data)]
    check(not found, f"no patient data in {len(outputs)} outputs {found}")
    check(not [w for w in words if w in logs], "no patient data in what was printed")
    for folder in sys.argv[1:]:
        name = os.path.basename(os.path.abspath(folder))
        if folder.endswith(".nii.gz"):
            name = os.path.basename(os.path.dirname(os.path.abspath(folder)))
            real = nib.load(folder)
            write_series(at("series-" + name), np.rint(np.asarray(real.dataobj)).astype(int), real.affine)
            folder = at("series-" + name)
        for ending in ("nii.gz", "dcm"):
            code, text = run("segment", "-i", folder, "-o", at(f"real-{name}.{ending}"), "-q")
            check(code == 0, f"{name}: segment -o x.{ending} {text.strip()}")
        if code == 0:
            check_segmentation(at(f"real-{name}.dcm"), at(f"real-{name}.nii.gz"), folder, name)
print(f"{failed} failed")
sys.exit(failed > 0)
