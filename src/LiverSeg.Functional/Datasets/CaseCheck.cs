using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>What is wrong with a case.</summary>
/// <param name="Errors">Why nothing can be learned from it; empty when it can be used.</param>
/// <param name="Warnings">What is odd about it.</param>
public sealed record CaseCheck(IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings)
{
    /// <summary>Whether its mask is empty: a scan without any liver, of use only beside others that have one.</summary>
    public bool IsEmpty { get; init; }
}
