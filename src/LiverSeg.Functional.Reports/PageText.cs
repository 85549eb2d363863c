using System;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>What pages are made of: embedded texts, and the names by which a policy allows scripts.</summary>
internal static class PageText
{
    internal static string Resource(string name)
    {
        using var stream = typeof(PageText).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>How a Content-Security-Policy names a script that may run.</summary>
    internal static string Hash(string script) => $"'sha256-{Convert.ToBase64String(Sha256Hash.HashData(Encoding.UTF8.GetBytes(script)))}'";
}
