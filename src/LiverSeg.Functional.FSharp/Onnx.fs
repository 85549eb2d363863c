namespace LiverSeg.Functional

/// Models for other programs.
[<RequireQualifiedAccess>]
module OnnxFile =
    /// Writes the model as ONNX (opset 17); an existing file is kept and an error thrown.
    let exportOnnx (path: string) (model: Model) = model.ExportOnnx path
