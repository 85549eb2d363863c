"""The measures as the common Python packages compute them: erosion and a full distance map (scipy).

usage: metrics.py PREDICTION TRUTH   (NIfTI)
Prints one JSON object: for each way its values and the best and the median of its times in seconds of one processor (it uses one).
"""
import json
import sys
import time

import nibabel
import numpy
from scipy.ndimage import binary_erosion, distance_transform_edt, generate_binary_structure


def border(mask, rank, outside):
    return mask & ~binary_erosion(mask, generate_binary_structure(3, rank), border_value=outside)


def crop(a, b):
    """The box of both masks and one voxel round it, as far as the image goes."""
    where = numpy.argwhere(a | b)
    low, high = numpy.maximum(where.min(0) - 1, 0), where.max(0) + 2
    box = tuple(slice(l, h) for l, h in zip(low, high))
    return a[box], b[box]


def surface(a, b, spacing, rank, outside):
    rim_a, rim_b = border(a, rank, outside), border(b, rank, outside)
    there = distance_transform_edt(~rim_b, sampling=spacing)[rim_a]
    back = distance_transform_edt(~rim_a, sampling=spacing)[rim_b]
    both = numpy.concatenate([there, back])
    return {
        "asd_mm": both.mean(),
        "rmsd_mm": numpy.sqrt((both**2).mean()),
        "msd_mm": both.max(),
        "hd95_mm": numpy.percentile(both, 95),
        "hd95_max_directed_mm": max(numpy.percentile(there, 95), numpy.percentile(back, 95)),
        "nsd": (both <= 3 * (1 + 1e-9)).mean(),
    }


def overlap(a, b):
    n, m, both = int(a.sum()), int(b.sum()), int((a & b).sum())
    return {"voe_percent": 100 * (1 - both / (n + m - both)), "rvd_percent": 100 * (n - m) / m, "dice": 2 * both / (n + m)}


def timed(repeats, work):
    times = []
    for _ in range(repeats):
        start = time.process_time()
        value = work()
        times.append(time.process_time() - start)
    return {"values": {k: float(v) for k, v in value.items()}, "seconds": min(times), "median": sorted(times)[len(times) // 2]}


def main():
    images = [nibabel.load(path) for path in sys.argv[1:3]]
    a, b = (numpy.asarray(image.dataobj) != 0 for image in images)
    spacing = [float(s) for s in images[1].header.get_zooms()[:3]]
    # the rank of scipy's structure: 1 is 6 neighbours, 2 is 18
    ways = {"official": (2, 1), "python": (1, 0)}
    result = {}
    for name, (rank, outside) in ways.items():
        def cropped():
            small = crop(a, b)
            return overlap(*small) | surface(*small, spacing, rank, outside)

        result[name] = timed(3, cropped)
    if "--whole" in sys.argv:
        result["whole"] = timed(1, lambda: overlap(a, b) | surface(a, b, spacing, 1, 0))
    print(json.dumps(result))


main()
