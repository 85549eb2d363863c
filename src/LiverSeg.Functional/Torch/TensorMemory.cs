using System;
using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LiverSeg.Functional;

/// <summary>A contiguous tensor's numbers as memory that threads may share; for as long as the tensor lives.</summary>
internal sealed class TensorMemory : MemoryManager<float>
{
    private readonly Tensor _tensor;
    private readonly nint _address;
    private readonly int _length;

    internal TensorMemory(Tensor tensor)
    {
        var bytes = tensor.bytes;
        (_tensor, _length) = (tensor, bytes.Length / sizeof(float));
        _address = Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(bytes));
    }

    public override Span<float> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_tensor.IsInvalid, _tensor);
        return MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref Unsafe.NullRef<float>(), _address), _length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("a tensor's memory does not move");

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }
}
