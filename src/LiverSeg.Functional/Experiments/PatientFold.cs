using System.Collections.Generic;

namespace LiverSeg.Functional;

/// <summary>One patient held out: what is learned from, and what is judged.</summary>
/// <param name="Patient">Who is held out.</param>
/// <param name="Training">All other patients' cases, then those that are always learned from.</param>
/// <param name="HeldOut">This patient's cases.</param>
public sealed record PatientFold(string Patient, IReadOnlyList<CaseFile> Training, IReadOnlyList<CaseFile> HeldOut);

/// <summary>What has just happened in a fold of a cross-validation.</summary>
public abstract record FoldProgress
{
    private protected FoldProgress(string network, PatientFold fold) => (Network, Fold) = (network, fold);

    /// <summary>The network's name.</summary>
    public string Network { get; }

    /// <summary>The fold.</summary>
    public PatientFold Fold { get; }

    /// <summary>The fold begins, or is looked at once more.</summary>
    public sealed record Started : FoldProgress
    {
        internal Started(string network, PatientFold fold) : base(network, fold) { }
    }

    /// <summary>One line on what is done before the first epoch.</summary>
    public sealed record Prepared : FoldProgress
    {
        internal Prepared(string network, PatientFold fold, string text) : base(network, fold) => Text = text;

        /// <summary>As <c>preparing case01</c>.</summary>
        public string Text { get; }
    }

    /// <summary>An epoch is over.</summary>
    public sealed record Learned : FoldProgress
    {
        internal Learned(string network, PatientFold fold, EpochRecord epoch) : base(network, fold) => Epoch = epoch;

        /// <summary>The epoch.</summary>
        public EpochRecord Epoch { get; }
    }

    /// <summary>The fold's model is written.</summary>
    public sealed record Trained : FoldProgress
    {
        internal Trained(string network, PatientFold fold, Model model) : base(network, fold) => Model = model;

        /// <summary>The model.</summary>
        public Model Model { get; }
    }

    /// <summary>A held-out case's score map and masks are written.</summary>
    public sealed record Predicted : FoldProgress
    {
        internal Predicted(string network, PatientFold fold, CaseFile @case) : base(network, fold) => Case = @case;

        /// <summary>The case.</summary>
        public CaseFile Case { get; }
    }
}
