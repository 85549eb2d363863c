using System;
using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>One patient held out: what is learned from, and what is judged.</summary>
/// <param name="Patient">Who is held out.</param>
/// <param name="Training">All other patients' cases, then those that are always learned from.</param>
/// <param name="HeldOut">This patient's cases.</param>
public sealed record PatientFold(string Patient, IReadOnlyList<CaseFile> Training, IReadOnlyList<CaseFile> HeldOut);

/// <summary>Leave-one-patient-out cross-validation.</summary>
public static class CrossValidation
{
    /// <summary>
    /// A fold a patient, in the order in which patients first appear. Laws: each case is held out once; no patient is on both sides of a fold.
    /// </summary>
    /// <param name="cases">The cases.</param>
    /// <param name="always">Cases of other patients that every fold learns from, as phantoms; may be empty.</param>
    /// <exception cref="ArgumentException">There are fewer than two patients, or a patient of <paramref name="always"/> is among the cases.</exception>
    public static IReadOnlyList<PatientFold> Folds(IReadOnlyList<CaseFile> cases, IReadOnlyList<CaseFile> always)
    {
        var patients = cases.Select(c => c.Patient).Distinct().ToList();
        if (patients.Count < 2) throw new ArgumentException($"{patients.Count} patients; two at least are needed to hold one out", nameof(cases));
        if (always.FirstOrDefault(a => patients.Contains(a.Patient)) is { } both)
            throw new ArgumentException($"patient {both.Patient} is held out in a fold and cannot always be learned from", nameof(always));
        return patients.Select(p => new PatientFold(
            p,
            cases.Where(c => c.Patient != p).Concat(always).ToEquatableArray(),
            cases.Where(c => c.Patient == p).ToEquatableArray())).ToEquatableArray();
    }
}
