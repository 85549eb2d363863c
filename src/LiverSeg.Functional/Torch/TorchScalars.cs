using System;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>Arithmetic of tensors with numbers, in which a number lives until libtorch has read it.</summary>
/// <remarks>
/// TorchSharp's own operators make a <see cref="Scalar"/>, take its handle and forget it; a garbage collection at that moment frees it under
/// libtorch's feet, and the call fails or reads another number. So no other code may let a plain number become a scalar.
/// </remarks>
internal static class TorchScalars
{
    internal static Tensor Plus(this Tensor tensor, Tensor other, double times = 1) => With(times, n => tensor.add(other, n));

    internal static Tensor Plus(this Tensor tensor, double number) => With(number, n => With(1, once => tensor.add(n, once)));

    internal static Tensor Times(this Tensor tensor, double number) => With(number, n => tensor.mul(n));

    internal static Tensor Over(this Tensor tensor, double number) => With(number, n => tensor.div(n));

    internal static Tensor Squares(this Tensor tensor) => tensor * tensor;

    internal static Tensor AtLeast(this Tensor tensor, double number) => With(number, n => tensor.clamp_min(n));

    /// <summary>ln(1 + e^t).</summary>
    internal static Tensor Softplus(this Tensor tensor)
    {
        using Scalar beta = 1.0, threshold = 20.0;
        var made = Native.THSTensor_softplus(null, tensor.Handle, Native.Handle(beta), Native.Handle(threshold));
        if (made == IntPtr.Zero) CheckForErrors();
        GC.KeepAlive(tensor);
        return Tensor.UnsafeCreateTensor(made);
    }

    /// <summary>t ← t + times · other.</summary>
    internal static Tensor Add(this Tensor tensor, Tensor other, double times = 1) => With(times, n => tensor.add_(other, n));

    /// <summary>t ← t + number.</summary>
    internal static Tensor Add(this Tensor tensor, double number) => With(number, n => With(1, once => tensor.add_(n, once)));

    /// <summary>t ← number · t.</summary>
    internal static Tensor Scale(this Tensor tensor, double number) => With(number, n => tensor.mul_(n));

    /// <summary>t ← t + times · a · b.</summary>
    internal static Tensor AddProduct(this Tensor tensor, Tensor a, Tensor b, double times = 1) => With(times, n => tensor.addcmul_(a, b, n));

    /// <summary>t ← t + times · a / b.</summary>
    internal static Tensor AddQuotient(this Tensor tensor, Tensor a, Tensor b, double times) => With(times, n => tensor.addcdiv_(a, b, n));

    /// <summary>t ← t where positive, slope · t elsewhere.</summary>
    internal static Tensor LeakyRelu(this Tensor tensor, double slope) => With(slope, n => tensor.leaky_relu_(n));

    private static Tensor With(double number, Func<Scalar, Tensor> compute)
    {
        using Scalar scalar = number;
        return compute(scalar);
    }

    /// <summary>TorchSharp's softplus takes no scalar that could be kept, only plain numbers.</summary>
    private static class Native
    {
        [UnsafeAccessor(UnsafeAccessorKind.StaticMethod)]
        internal static extern IntPtr THSTensor_softplus(
            [UnsafeAccessorType("TorchSharp.PInvoke.NativeMethods, TorchSharp")] object? methods, IntPtr tensor, IntPtr beta, IntPtr threshold);

        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Handle")]
        internal static extern IntPtr Handle(Scalar scalar);
    }
}
