using System;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>What options mean by a number of threads: 0 = one per processor.</summary>
internal static class Parallelism
{
    internal static int Count(int threads) => threads > 0 ? threads : Environment.ProcessorCount;

    internal static ParallelOptions Of(int threads, CancellationToken cancel = default) => new() { MaxDegreeOfParallelism = Count(threads), CancellationToken = cancel };
}
