// What dcmjs and cornerstone3D's adapters (OHIF reads by them) make of our segmentations, against the mask's own voxels.
//
//   python3 tests/oracles/dicom_results.py KEEP
//   cp tests/oracles/cornerstone.mjs EMPTY/ && cd EMPTY && npm install @cornerstonejs/adapters @cornerstonejs/core dcmjs @babel/runtime
//   node cornerstone.mjs KEEP
//
// Frames of an even number of bytes: the adapters (5.14) take the byte that PS3.5, 8.1.1 adds behind an odd number for an error.
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";

// The adapters ask for a browser when they are loaded, and draw nothing.
globalThis.window = globalThis.self = globalThis;
globalThis.document = { createElement: () => ({ getContext: () => null, style: {} }), addEventListener() {} };
globalThis.devicePixelRatio = 1;
const { metaData } = await import("@cornerstonejs/core");
const { adaptersSEG } = await import("@cornerstonejs/adapters");
const { DicomMessage, DicomMetaDictionary } = (await import("dcmjs")).default.data;

const kept = process.argv[2];
const bytes = file => {
    const b = fs.readFileSync(file);
    return b.buffer.slice(b.byteOffset, b.byteOffset + b.length);
};
const slices = fs
    .readdirSync(path.join(kept, "series16"))
    .sort()
    .map(f => DicomMetaDictionary.naturalizeDataset(DicomMessage.readFile(bytes(path.join(kept, "series16", f))).dict));
const ids = slices.map((_, i) => `ct:${i}`);
const added = new Map();

function get(kind, id) {
    const ds = id?.startsWith("ct:") ? slices[Number(id.slice(3))] : undefined;
    if (!ds) return added.get(kind + id);
    switch (kind) {
        case "instance":
            return ds;
        case "generalImageModule":
        case "sopCommonModule":
            return { sopInstanceUID: ds.SOPInstanceUID, sopClassUID: ds.SOPClassUID };
        case "generalSeriesModule":
            return { modality: "CT", seriesInstanceUID: ds.SeriesInstanceUID, studyInstanceUID: ds.StudyInstanceUID };
        case "imagePlaneModule":
            return {
                frameOfReferenceUID: ds.FrameOfReferenceUID,
                rows: ds.Rows,
                columns: ds.Columns,
                rowCosines: ds.ImageOrientationPatient.slice(0, 3).map(Number),
                columnCosines: ds.ImageOrientationPatient.slice(3).map(Number),
                imageOrientationPatient: ds.ImageOrientationPatient.map(Number),
                imagePositionPatient: ds.ImagePositionPatient.map(Number),
                rowPixelSpacing: Number(ds.PixelSpacing[0]),
                columnPixelSpacing: Number(ds.PixelSpacing[1]),
            };
        case "imagePixelModule":
            return { rows: ds.Rows, columns: ds.Columns, bitsAllocated: 16, bitsStored: 16, highBit: 15, pixelRepresentation: 1, samplesPerPixel: 1, photometricInterpretation: "MONOCHROME2" };
    }
}

const metadataProvider = { get, add: (kind, id, value) => added.set(kind + id, value) };
metaData.addProvider(get, 10000);
const mask = zlib.gunzipSync(fs.readFileSync(path.join(kept, "liver16.nii.gz"))).subarray(352);
const perSlice = slices[0].Rows * slices[0].Columns;
let failed = false;

for (const name of ["all16", "sparse16"]) {
    const file = bytes(path.join(kept, name + ".dcm"));
    const segment = DicomMetaDictionary.naturalizeDataset(DicomMessage.readFile(file).dict).SegmentSequence[0];
    const read = await adaptersSEG.Cornerstone3D.Segmentation.createFromDICOMSegBuffer(ids, file, { metadataProvider });
    let [set, wrong] = [0, 0];
    read.labelMapImages[0].forEach((image, z) => {
        const labels = image.voxelManager.getScalarData();
        for (let i = 0; i < perSlice; i++) {
            const [is, should] = [labels[i] !== 0, mask[z * perSlice + i] !== 0];
            set += is;
            wrong += is !== should;
        }
    });
    failed ||= wrong > 0 || set === 0;
    console.log(`${name}: ${segment.SegmentLabel}, CIELab ${segment.RecommendedDisplayCIELabValue}, ${read.labelMapImages[0].length} slices, ${set} voxels, ${wrong} otherwise`);
}
process.exit(failed ? 1 : 0);
