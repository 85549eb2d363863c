using System;

namespace LiverSeg.Functional;

/// <summary>Memory that nothing refers to any more.</summary>
internal static class FreedMemory
{
    /// <summary>What a stage has done with goes back to the system before the next takes its share, so that the peak is the largest stage's and not their sum.</summary>
    internal static void GiveBack() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
