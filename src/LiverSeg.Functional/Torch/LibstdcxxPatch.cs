using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>
/// Edits a copy of TorchSharp's native library so that it loads beside a libstdc++ older than GCC 13.2's. Exactly one
/// symbol asks for the newer one, <c>std::ios_base_library_init()</c>, and libtorch's own libraries have initialised
/// the streams by then: its version is made optional and its call goes to the harmless <c>sched_yield</c>.
/// </summary>
/// <remarks>ELF64 little endian; layouts from the System V ABI (sections, symbols) and the Linux Standard Base (symbol versions).</remarks>
internal static class LibstdcxxPatch
{
    internal const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv", Substitute = "sched_yield";
    private const uint StringTable = 3, DynamicSymbols = 11, VersionNeeds = 0x6ffffffe, VersionSymbols = 0x6fffffff;

    /// <summary>The edited bytes.</summary>
    /// <exception cref="NotSupportedException">The bytes are not the expected ones; nothing is guessed.</exception>
    internal static byte[] Apply(ReadOnlySpan<byte> library)
    {
        var bytes = library.ToArray();
        if (bytes.Length < 64 || !bytes.AsSpan(0, 6).SequenceEqual<byte>([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]))
            throw Refuse("no ELF64 little-endian header");
        var symbols = Section(bytes, DynamicSymbols);
        var strings = Section(bytes, StringTable, symbols.Link);
        var versions = Section(bytes, VersionSymbols);

        var needs = Needs(bytes, Section(bytes, VersionNeeds), strings).ToList();
        var wanted = Only(needs.Where(n => n.File == "libstdc++.so.6" && n.Name == Version), $"need of {Version}");
        var harmless = Only(needs.Where(n => n.File == "libc.so.6" && n.Name == "GLIBC_2.2.5"), "need of GLIBC_2.2.5");
        var named = Enumerable.Range(0, symbols.Size / 24)
            .Where(i => Text(bytes, strings, Int(bytes, symbols.Offset + 24 * i)) == Symbol);
        var symbol = Only(named, $"symbol {Symbol}");

        var at = symbols.Offset + 24 * symbol;
        if (Half(bytes, at + 6) != 0) throw Refuse($"{Symbol} is defined here, not asked for");
        var name = strings.Offset + Int(bytes, at);
        bytes.AsSpan(name, Symbol.Length).Clear();
        Encoding.ASCII.GetBytes(Substitute, bytes.AsSpan(name));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(versions.Offset + 2 * symbol), harmless.Index);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(wanted.Offset + 4), (ushort)(Half(bytes, wanted.Offset + 4) | 2));
        return bytes;
    }

    private readonly record struct Part(int Offset, int Size, int Link);

    private readonly record struct Need(string File, string Name, ushort Index, int Offset);

    private static Part Section(byte[] bytes, uint type, int? index = null)
    {
        var (start, size, count) = (checked((int)Long(bytes, 0x28)), Half(bytes, 0x3A), Half(bytes, 0x3C));
        var found = Enumerable.Range(0, count)
            .Where(i => (index is null || i == index) && (uint)Int(bytes, start + i * size + 4) == type)
            .Select(i => start + i * size)
            .Select(at => new Part(checked((int)Long(bytes, at + 0x18)), checked((int)Long(bytes, at + 0x20)), Int(bytes, at + 0x28)));
        return Only(found, $"section of type 0x{type:x}");
    }

    private static IEnumerable<Need> Needs(byte[] bytes, Part section, Part strings)
    {
        for (var file = section.Offset; ;)
        {
            var need = file + Int(bytes, file + 8);
            for (var i = 0; i < Half(bytes, file + 2); i++)
            {
                yield return new(Text(bytes, strings, Int(bytes, file + 4)), Text(bytes, strings, Int(bytes, need + 8)), Half(bytes, need + 6), need);
                need += Int(bytes, need + 12);
            }
            var next = Int(bytes, file + 12);
            if (next == 0) yield break;
            file += next;
        }
    }

    private static T Only<T>(IEnumerable<T> found, string what)
    {
        var list = found.Take(2).ToList();
        return list.Count == 1 ? list[0] : throw Refuse($"{what} found {(list.Count == 0 ? "nowhere" : "more than once")}");
    }

    private static NotSupportedException Refuse(string why) =>
        new($"this libLibTorchSharp.so is not one that can be adapted to an older libstdc++: {why}");

    private static string Text(byte[] bytes, Part strings, int offset)
    {
        var rest = bytes.AsSpan(strings.Offset + offset, strings.Size - offset);
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }

    private static ushort Half(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static int Int(byte[] bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

    private static long Long(byte[] bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
}
