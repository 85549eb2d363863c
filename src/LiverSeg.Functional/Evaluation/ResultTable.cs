using System.Collections.Generic;
using System.Linq;

namespace LiverSeg.Functional;

/// <summary>The results of one system on a set of cases: a row per case, and what they sum up to.</summary>
/// <remarks>Keeps the order of the cases; the same cases and seed give the same bytes in every format on every run.</remarks>
public sealed record ResultTable
{
    private readonly EquatableArray<CaseResult> _cases;

    private ResultTable(string system, EquatableArray<CaseResult> cases, long seed) => (System, _cases, Seed) = (system, cases, seed);

    /// <summary>What was evaluated, as <c>3D-DSN+CRF</c>.</summary>
    public string System { get; }

    /// <summary>One per case, in order, failed ones included.</summary>
    public IReadOnlyList<CaseResult> Cases => _cases;

    /// <summary>Seed of the bootstrap intervals.</summary>
    public long Seed { get; }

    /// <summary>How many cases have an evaluation.</summary>
    public int Scored => _cases.Count(c => c.Scored);

    /// <summary>How many cases failed.</summary>
    public int Failed => _cases.Count - Scored;

    /// <summary>The table of a system.</summary>
    /// <param name="system">Its name.</param>
    /// <param name="cases">One per case; failed ones belong in it.</param>
    /// <param name="seed">Seed of the bootstrap intervals.</param>
    public static ResultTable Of(string system, IEnumerable<CaseResult> cases, long seed = 2016) => new(system, cases.ToEquatableArray(), seed);

    /// <summary>A metric over all cases; absent when no case has it.</summary>
    public MetricSummary? Summarise(Metric metric) => MetricSummary.Of(_cases.Select(c => c.Value(metric)).ToArray(), Seed);
}
