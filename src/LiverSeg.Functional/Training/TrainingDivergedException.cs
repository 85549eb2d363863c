using System;

namespace LiverSeg.Functional;

/// <summary>Training stopped because loss, gradient or weights were not finite again and again; the last good state is in the checkpoint.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
