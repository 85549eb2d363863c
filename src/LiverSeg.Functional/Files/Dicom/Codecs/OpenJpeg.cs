using System;
using System.Reflection;
using System.Runtime.InteropServices;

namespace LiverSeg.Functional;

/// <summary>The system's OpenJPEG (BSD-2), which decodes JPEG 2000; found by name when the first such file is read, never needed for others.</summary>
/// <remarks>A codec and a stream per frame: frames may be decoded on many threads at once. Structures are those of openjpeg.h 2.5.</remarks>
public static class OpenJpeg
{
    private const string Name = "openjp2", Remedy = "install OpenJPEG 2.5 or newer (Debian, Ubuntu: libopenjp2-7), or convert the file, e.g. gdcmconv --raw IN OUT";

    private static readonly Lazy<(nint Handle, string Found)> Found = new(() => Find("libopenjp2.so.7", "openjp2.dll", "libopenjp2.7.dylib"));

    /// <summary>What was found, as <c>OpenJPEG 2.5.0 (libopenjp2.so.7)</c>, or why there is none; for <c>doctor</c>.</summary>
    public static string Status => Found.Value.Found;

    /// <summary>Whether JPEG 2000 can be read on this machine.</summary>
    public static bool IsAvailable => Found.Value.Handle != 0;

    internal static (nint Handle, string Found) Find(params ReadOnlySpan<string> files)
    {
        foreach (var file in files)
        {
            if (!NativeLibrary.TryLoad(file, typeof(OpenJpeg).Assembly, DllImportSearchPath.SafeDirectories, out var handle)) continue;
            // Strict mode came with 2.5; without it a stream that was cut off is an image.
            if (!NativeLibrary.TryGetExport(handle, "opj_decoder_set_strict_mode", out _)) return (0, $"{file} is older than 2.5: {Remedy}");
            NativeLibrary.SetDllImportResolver(typeof(OpenJpeg).Assembly, (name, assembly, path) => name == Name ? handle : 0);
            return (handle, $"OpenJPEG {Marshal.PtrToStringUTF8(opj_version())} ({file})");
        }
        return (0, $"none: {Remedy}");
    }

    /// <summary>The one component of a codestream whose size is known to be the image's.</summary>
    internal static void Decode(byte[] bytes, int columns, int rows, Span<ushort> target, FileErrors refuse)
    {
        if (!IsAvailable) throw Missing(refuse);
        var source = new Source(bytes);
        var message = "";
        Message hear = (text, _) => message = Marshal.PtrToStringUTF8(text)?.TrimEnd() ?? "";
        FileErrorException Bad(string what) => refuse.Bad("JPEG 2000", message.Length > 0 ? message : what, "a whole codestream");
        nint codec = 0, stream = 0, image = 0, parameters = 0;
        try
        {
            codec = opj_create_decompress(0);
            stream = opj_stream_create(1 << 16, 1);
            parameters = Marshal.AllocHGlobal(ParameterBytes);
            if (codec == 0 || stream == 0) throw new OutOfMemoryException();
            opj_set_error_handler(codec, hear, 0);
            opj_set_default_decoder_parameters(parameters);
            opj_stream_set_read_function(stream, source.Read);
            opj_stream_set_skip_function(stream, source.Skip);
            opj_stream_set_seek_function(stream, source.Seek);
            opj_stream_set_user_data_length(stream, (ulong)bytes.Length);
            if (opj_setup_decoder(codec, parameters) == 0 || opj_decoder_set_strict_mode(codec, 1) == 0) throw Bad("no decoder");
            if (opj_read_header(stream, codec, out image) == 0 || image == 0) throw Bad("a damaged header");
            Check(image, columns, rows, false, Bad);
            if (opj_decode(codec, stream, image) == 0) throw Bad("damaged data");
            if (opj_end_decompress(codec, stream) == 0) throw Bad("no end");
            var data = Check(image, columns, rows, true, Bad);
            var row = new int[columns];
            for (var y = 0; y < rows; y++)
            {
                Marshal.Copy(data + (nint)y * columns * sizeof(int), row, 0, columns);
                for (var x = 0; x < columns; x++) target[y * columns + x] = (ushort)row[x];
            }
        }
        finally
        {
            if (image != 0) opj_image_destroy(image);
            if (stream != 0) opj_stream_destroy(stream);
            if (codec != 0) opj_destroy_codec(codec);
            Marshal.FreeHGlobal(parameters);
            GC.KeepAlive(source);
            GC.KeepAlive(hear);
        }
    }

    internal static FileErrorException Missing(FileErrors refuse) =>
        refuse.Unsupported("transfer syntax", "JPEG 2000, which needs a library that is not here", "uncompressed, deflated, RLE, JPEG lossless or JPEG-LS", Remedy);

    /// <summary>The pixels of an image of one component of this size; what lies where follows from opj_image_t and opj_image_comp_t.</summary>
    private static nint Check(nint image, int columns, int rows, bool decoded, Func<string, FileErrorException> bad)
    {
        var components = Marshal.ReadInt32(image, 16);
        var first = Marshal.ReadIntPtr(image, 24);
        if (components != 1 || first == 0) throw bad(FormattableString.Invariant($"{components} components"));
        var (width, height) = (Marshal.ReadInt32(first, 8), Marshal.ReadInt32(first, 12));
        if (width != columns || height != rows) throw bad(FormattableString.Invariant($"{width}×{height} pixels"));
        var data = Marshal.ReadIntPtr(first, 48);
        if (decoded && data == 0) throw bad("no pixels");
        return data;
    }

    /// <summary>opj_dparameters_t holds two names of 4,096 bytes and a few numbers.</summary>
    private const int ParameterBytes = 1 << 14;

    /// <summary>A stream over bytes, as the library asks for it; its functions live as long as this.</summary>
    private sealed class Source
    {
        private readonly byte[] _bytes;
        private long _at;

        internal Source(byte[] bytes)
        {
            _bytes = bytes;
            Read = (buffer, count, _) =>
            {
                var got = (int)Math.Min((long)count, _bytes.Length - _at);
                if (got <= 0) return nuint.MaxValue; // the end
                Marshal.Copy(_bytes, (int)_at, buffer, got);
                _at += got;
                return (nuint)got;
            };
            Skip = (count, _) =>
            {
                if (count < 0) return -1;
                count = Math.Min(count, _bytes.Length - _at);
                _at += count;
                return count == 0 ? -1 : count;
            };
            Seek = (place, _) =>
            {
                if (place < 0 || place > _bytes.Length) return 0;
                _at = place;
                return 1;
            };
        }

        internal StreamRead Read { get; }
        internal StreamSkip Skip { get; }
        internal StreamSeek Seek { get; }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nuint StreamRead(nint buffer, nuint count, nint user);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate long StreamSkip(long count, nint user);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int StreamSeek(long place, nint user);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Message(nint text, nint user);

    [DllImport(Name)]
    private static extern nint opj_version();

    [DllImport(Name)]
    private static extern nint opj_create_decompress(int format);

    [DllImport(Name)]
    private static extern void opj_destroy_codec(nint codec);

    [DllImport(Name)]
    private static extern int opj_set_error_handler(nint codec, Message handler, nint user);

    [DllImport(Name)]
    private static extern void opj_set_default_decoder_parameters(nint parameters);

    [DllImport(Name)]
    private static extern int opj_setup_decoder(nint codec, nint parameters);

    [DllImport(Name)]
    private static extern int opj_decoder_set_strict_mode(nint codec, int strict);

    [DllImport(Name)]
    private static extern int opj_read_header(nint stream, nint codec, out nint image);

    [DllImport(Name)]
    private static extern int opj_decode(nint codec, nint stream, nint image);

    [DllImport(Name)]
    private static extern int opj_end_decompress(nint codec, nint stream);

    [DllImport(Name)]
    private static extern void opj_image_destroy(nint image);

    [DllImport(Name)]
    private static extern nint opj_stream_create(nuint size, int isInput);

    [DllImport(Name)]
    private static extern void opj_stream_destroy(nint stream);

    [DllImport(Name)]
    private static extern void opj_stream_set_read_function(nint stream, StreamRead read);

    [DllImport(Name)]
    private static extern void opj_stream_set_skip_function(nint stream, StreamSkip skip);

    [DllImport(Name)]
    private static extern void opj_stream_set_seek_function(nint stream, StreamSeek seek);

    [DllImport(Name)]
    private static extern void opj_stream_set_user_data_length(nint stream, ulong length);
}
