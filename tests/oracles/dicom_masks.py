#!/usr/bin/env python3
"""Segmentations and structure sets that pydicom writes, read by the program and compared voxel by voxel; dcmtk's dcmdump must find them sound.

  python3 tests/oracles/dicom_masks.py [VARIANTS]      (after: dotnet build -c Release; needs numpy, pydicom; dcmdump where it is there)

Each variant: a CT series, then a BINARY segmentation of two overlapping segments with gaps in shuffled order, a FRACTIONAL one, a LABELMAP of 8 or 16 bits, and a
structure set of a polygon with a hole; all by chance, in three directions of the patient. Masks come out as .nii and are read by numpy alone.
"""
import os, shutil, subprocess, sys, tempfile
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = ["dotnet", os.path.join(HERE, "../../src/LiverSeg.Functional.Cli/bin/Release/net10.0/liverseg.dll")]
SEG, MAP, RT, CT = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.10008.5.1.4.1.1.2"
failed = done = 0


def check(good, what):
    global failed, done
    done += 1
    failed += not good
    print("ok       " if good else "FAILED   ", what, flush=True)


def run(*args):
    ended = subprocess.run([*CLI, *args], capture_output=True, text=True)
    return ended.returncode, ended.stdout + ended.stderr


def item(**elements):
    ds = Dataset()
    for name, value in elements.items():
        setattr(ds, name, value)
    return ds


def new(sop, modality, implicit=False):
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = sop
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    ds.SeriesInstanceUID, ds.Modality, ds.PatientName, ds.PatientID = generate_uid(), modality, "Synthetic", "1"
    ds.is_little_endian, ds.is_implicit_VR = True, implicit
    return ds


class Geometry:
    def __init__(self, rng):
        self.shape = nz, ny, nx = rng.integers(4, 12), rng.integers(5, 20), rng.integers(5, 20)
        self.spacing = np.round(rng.uniform(0.5, 3, 3), 2)  # x, y, z
        self.origin = np.round(rng.uniform(-200, 200, 3), 1)
        axes = [((1, 0, 0), (0, 1, 0)), ((1, 0, 0), (0, 0, -1)), ((0, 1, 0), (0, 0, -1))]
        self.x, self.y = (np.array(a, float) for a in axes[rng.integers(3)])
        self.n = np.cross(self.x, self.y)

    def at(self, x, y, z):
        return self.origin + x * self.spacing[0] * self.x + y * self.spacing[1] * self.y + z * self.spacing[2] * self.n

    def place(self, z):
        return [f"{v:.6f}"[:16] for v in self.at(0, 0, z)]

    def orientation(self):
        return [str(v) for v in (*self.x, *self.y)]


def write_ct(folder, g):
    os.makedirs(folder)
    series, uids = generate_uid(), []
    for z in range(g.shape[0]):
        ds = new(CT, "CT")
        ds.SeriesInstanceUID, ds.InstanceNumber = series, z + 1
        uids.append(ds.SOPInstanceUID)
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.Rows, ds.Columns = 1, "MONOCHROME2", int(g.shape[1]), int(g.shape[2])
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
        ds.PixelSpacing, ds.SliceThickness = [str(g.spacing[1]), str(g.spacing[0])], str(g.spacing[2])
        ds.ImageOrientationPatient, ds.ImagePositionPatient = g.orientation(), g.place(z)
        ds.RescaleSlope, ds.RescaleIntercept = "1", "0"
        ds.PixelData = np.full(g.shape[1:], z, "<i2").tobytes()
        ds.save_as(os.path.join(folder, f"{z}.dcm"), write_like_original=False)
    return series, uids


def write_seg(path, g, uids, series, kind, segments, frames, bits, maximum=255, implicit=False):
    """frames: (segment number or 0, z, pixels)."""
    ds = new(MAP if kind == "LABELMAP" else SEG, "SEG", implicit)
    ds.ReferencedSeriesSequence = Sequence([item(SeriesInstanceUID=series, ReferencedInstanceSequence=Sequence([item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID=u) for u in uids]))])
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.Rows, ds.Columns, ds.NumberOfFrames = 1, "MONOCHROME2", int(g.shape[1]), int(g.shape[2]), len(frames)
    ds.BitsAllocated = ds.BitsStored = bits
    ds.HighBit, ds.PixelRepresentation, ds.SegmentationType = bits - 1, 0, kind
    if kind == "FRACTIONAL":
        ds.SegmentationFractionalType, ds.MaximumFractionalValue = "PROBABILITY", maximum
    ds.SegmentSequence = Sequence(
        [item(SegmentNumber=n, SegmentLabel=name, SegmentedPropertyTypeCodeSequence=Sequence([item(CodeValue=code, CodingSchemeDesignator="SCT", CodeMeaning=name)])) for n, name, code in segments]
    )
    measures = item(SliceThickness=str(g.spacing[2]), SpacingBetweenSlices=str(g.spacing[2]), PixelSpacing=[str(g.spacing[1]), str(g.spacing[0])])
    ds.SharedFunctionalGroupsSequence = Sequence([item(PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=g.orientation())]), PixelMeasuresSequence=Sequence([measures]))])
    groups = []
    for n, z, _ in frames:
        group = item(PlanePositionSequence=Sequence([item(ImagePositionPatient=g.place(z))]))
        if n:
            group.SegmentIdentificationSequence = Sequence([item(ReferencedSegmentNumber=n)])
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = Sequence(groups)
    pixels = np.stack([p for _, _, p in frames])
    data = np.packbits(pixels.astype(bool).ravel(), bitorder="little").tobytes() if bits == 1 else pixels.astype("<u2" if bits == 16 else "u1").tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    ds["PixelData"].VR = "OW" if bits == 16 or implicit else "OB"
    ds.save_as(path, write_like_original=False)


def write_rt(path, g, rois, implicit):
    """rois: number, name, list of (z, polygon of x, y in voxels)."""
    ds = new(RT, "RTSTRUCT", implicit)
    ds.StructureSetLabel = "x"
    ds.StructureSetROISequence = Sequence([item(ROINumber=n, ROIName=name) for n, name, _ in rois])
    contour = lambda z, p: item(ContourGeometricType="CLOSED_PLANAR", NumberOfContourPoints=len(p), ContourData=[f"{v:.6f}"[:16] for x, y in p for v in g.at(x, y, z)])
    ds.ROIContourSequence = Sequence([item(ReferencedROINumber=n, ContourSequence=Sequence([contour(z, p) for z, p in contours])) for n, _, contours in rois])
    ds.save_as(path, write_like_original=False)


def read_nii(path, g):
    data = open(path, "rb").read()
    shape = np.frombuffer(data, "<i2", 3, 42)
    return np.frombuffer(data, "u1", int(np.prod(shape)), int(np.frombuffer(data, "<f4", 1, 108)[0])).reshape(shape[::-1]).astype(bool)


def encloses(polygon, x, y):
    odd = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1]):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            odd = not odd
    return odd


def compare(root, name, g, truth, label, what):
    out = os.path.join(root, "out.nii")
    code, text = run("convert", "-i", os.path.join(root, name), "--reference", os.path.join(root, "ct"), "-o", out, "--overwrite", *(["--label", label] if label else []))
    read = read_nii(out, g) if code == 0 else None
    check(code == 0 and read.shape == truth.shape and np.array_equal(read, truth), f"{what}: {int(truth.sum())} voxels {text.strip()[-160:] if code else ''}")
    if shutil.which("dcmdump"):
        check(subprocess.run(["dcmdump", "-q", os.path.join(root, name)], capture_output=True).returncode == 0, f"{what}: dcmdump reads it")


for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 4):
    rng = np.random.default_rng(seed)
    g = Geometry(rng)
    with tempfile.TemporaryDirectory() as root:
        at = lambda name: os.path.join(root, name)
        series, uids = write_ct(at("ct"), g)
        masks = {}
        for n in (1, 2):
            mask = rng.random(g.shape) < 0.4
            mask[rng.random(g.shape[0]) < 0.5] = False
            mask[rng.integers(g.shape[0]), 1, 1] = True
            masks[n] = mask
        segments = [(1, "Spleen", "78961009"), (2, "Liver", "10200004")]
        frames = [(n, z, m[z]) for n, m in masks.items() for z in range(g.shape[0]) if m[z].any()]
        frames = [frames[i] for i in rng.permutation(len(frames))]
        write_seg(at("binary.dcm"), g, uids, series, "BINARY", segments, frames, 1, implicit=bool(seed % 2))
        compare(root, "binary.dcm", g, masks[2], None, f"{seed}: BINARY, the liver among two segments in {len(frames)} frames")
        compare(root, "binary.dcm", g, masks[1], "spleen", f"{seed}: BINARY, the other by its name")
        maximum = int(rng.integers(2, 256))
        soft = rng.integers(0, maximum + 1, g.shape)
        write_seg(at("fractional.dcm"), g, uids, series, "FRACTIONAL", segments[1:], [(2, z, soft[z]) for z in rng.permutation(g.shape[0])], 8, maximum)
        compare(root, "fractional.dcm", g, 2 * soft >= maximum, None, f"{seed}: FRACTIONAL of {maximum}")
        bits = 8 if seed % 2 else 16
        many = [(n * (1 if bits == 8 else 300), f"organ {n}", "1") for n in range(1, 6)]
        labels = rng.integers(0, 6, g.shape) * (1 if bits == 8 else 300)
        write_seg(at("map.dcm"), g, uids, series, "LABELMAP", many, [(0, z, labels[z]) for z in range(g.shape[0]) if z % 3], bits)
        present = (np.arange(g.shape[0]) % 3 > 0)[:, None, None]
        compare(root, "map.dcm", g, (labels == many[2][0]) & present, str(many[2][0]), f"{seed}: LABELMAP of {bits} bits by number")
        w, h = g.shape[2] - 1, g.shape[1] - 1
        outer = [(0.1, 0.2), (w - 0.15, 0.3), (w * 0.83, h - 0.2), (w * 0.21, h - 0.35)]
        hole = [(w * 0.4, h * 0.3), (w * 0.63, h * 0.34), (w * 0.52, h * 0.71)]
        planes = [z for z in range(g.shape[0]) if rng.random() < 0.6] or [1]
        write_rt(at("rt.dcm"), g, [(1, "BODY", [(0, outer)]), (5, "liver", [(z, p) for z in planes for p in (outer, hole)])], implicit=bool(seed % 2 == 0))
        inside = np.array([[encloses(outer, x, y) != encloses(hole, x, y) for x in range(g.shape[2])] for y in range(g.shape[1])])
        truth = np.zeros(g.shape, bool)
        truth[planes] = inside
        compare(root, "rt.dcm", g, truth, None, f"{seed}: RTSTRUCT, a polygon with a hole in {len(planes)} planes")
print(f"{done} checks, {failed} failed")
sys.exit(failed > 0)
