using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>The parts of a multipart body (RFC 2046, 5.1.1) as they arrive; memory is a buffer, whatever the parts hold.</summary>
/// <remarks>Law: whatever the lengths in which the bytes come, each part is what was written between its delimiters.</remarks>
internal sealed class MultipartReader
{
    private const int MostHeader = 16 << 10;

    private readonly Stream _stream;
    private readonly FileErrors _refuse;
    private readonly byte[] _delimiter, _buffer;
    private int _from, _to;
    private bool _inPart = true; // what comes before the first delimiter is a part that nobody reads

    internal MultipartReader(Stream stream, string boundary, FileErrors refuse)
    {
        (_stream, _refuse) = (stream, refuse);
        _delimiter = Encoding.ASCII.GetBytes("\r\n--" + boundary);
        _buffer = new byte[(1 << 16) + MostHeader];
        // The line break that belongs to a delimiter is left out before the first.
        "\r\n"u8.CopyTo(_buffer);
        _to = 2;
    }

    /// <summary>Goes to the next part; false after the last.</summary>
    internal async Task<bool> Next(CancellationToken cancel)
    {
        if (_inPart) await CopyTo(Stream.Null, cancel);
        await Need(2, cancel);
        if (_buffer[_from] == '-' && _buffer[_from + 1] == '-') return false;
        // The rest of the delimiter's line is padding; then lines of a header until an empty one.
        for (var header = 0; ;)
        {
            var line = await Line(cancel);
            if (line < 0 || (header += line) > MostHeader) throw _refuse.Bad("multipart header", "no end", FormattableString.Invariant($"at most {MostHeader} bytes"));
            if (header > line && line == 2) break;
        }
        _inPart = true;
        return true;
    }

    /// <summary>The length of the next line with its end, which is passed over; −1 where none ends within a header's bound.</summary>
    private async Task<int> Line(CancellationToken cancel)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_from, _to - _from).IndexOf("\r\n"u8);
            if (end >= 0)
            {
                _from += end + 2;
                return end + 2;
            }
            if (_to - _from > MostHeader) return -1;
            await Fill(cancel);
        }
    }

    /// <summary>Copies what is left of the part.</summary>
    internal async Task CopyTo(Stream target, CancellationToken cancel)
    {
        while (true)
        {
            var found = _buffer.AsSpan(_from, _to - _from).IndexOf(_delimiter);
            // A delimiter may have begun at the end of what has come.
            var whole = found >= 0 ? found : Math.Max(0, _to - _from - _delimiter.Length + 1);
            await target.WriteAsync(_buffer.AsMemory(_from, whole), cancel);
            _from += whole;
            if (found >= 0)
            {
                _from += _delimiter.Length;
                _inPart = false;
                return;
            }
            await Fill(cancel);
        }
    }

    private async Task Need(int bytes, CancellationToken cancel)
    {
        while (_to - _from < bytes) await Fill(cancel);
    }

    private async Task Fill(CancellationToken cancel)
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }
        var got = await _stream.ReadAsync(_buffer.AsMemory(_to), cancel);
        if (got == 0) throw _refuse.Truncated("multipart body", _to, _to + _delimiter.Length + 2);
        _to += got;
    }
}
