namespace LiverSeg.Functional

/// Hounsfield units: air is -1000, water 0.
[<Measure>]
type HU

/// Millimetres.
[<Measure>]
type mm
