using System.Runtime.Intrinsics.X86;

namespace LiverSeg.Functional;

/// <summary>Whether this processor multiplies bfloat16 itself; where it does not, libtorch's training steps in it take 30 times as long as in 32 bit and more.</summary>
internal static class Bfloat16
{
    internal static bool IsFast { get; } = HasProducts();

    // CPUID leaf 7: AVX512_BF16 is bit 5 of EAX in subleaf 1, AMX-BF16 bit 22 of EDX in subleaf 0.
    private static bool HasProducts() =>
        Avx512F.IsSupported && X86Base.CpuId(0, 0).Eax >= 7
        && ((X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax >> 5 & 1) == 1) || (X86Base.CpuId(7, 0).Edx >> 22 & 1) == 1);
}
