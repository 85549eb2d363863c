using System;
using System.Text.RegularExpressions;

namespace LiverSeg.Functional;

/// <summary>A study or series of a DICOMweb service (PS3.18): <c>SERVICE/studies/UID[/series/UID]</c>.</summary>
/// <param name="Service">Where the service begins.</param>
/// <param name="Study">The study's UID.</param>
/// <param name="Series">The series' UID; empty for a whole study.</param>
internal sealed partial record DicomWebAddress(Uri Service, string Study, string Series)
{
    internal static FileErrors Refuse(Uri address) => new(address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped), "dicomweb");

    /// <summary>Names and passwords in an address end in logs and lists of processes.</summary>
    internal static Uri Check(Uri address)
    {
        var refuse = Refuse(address);
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")) throw refuse.Make("bad-address", "address", "no http or https", "https://HOST/PATH", "name the service");
        if (address.UserInfo.Length > 0) throw refuse.Make("bad-address", "address", "a name or password", "none", "give it by LIVERSEG_DICOMWEB_USER and LIVERSEG_DICOMWEB_PASSWORD, or in ~/.netrc");
        if (address.Query.Length > 0 || address.Fragment.Length > 0) throw refuse.Make("bad-address", "address", "a query", "none", "leave out what follows the path");
        if (address.Scheme == "https" && !OpenSsl.IsFound) throw refuse.Unsupported("address", "https without OpenSSL", "the system's OpenSSL, which ciphers it", "install it: libssl3 on Debian and Ubuntu");
        return address;
    }

    /// <exception cref="FileErrorException">It names no study.</exception>
    internal static DicomWebAddress Of(Uri address)
    {
        Check(address);
        var match = Pattern().Match(address.AbsolutePath);
        if (!match.Success) throw Refuse(address).Make("bad-address", "address", "no study", "SERVICE/studies/UID or SERVICE/studies/UID/series/UID", "name a study or a series");
        return new(new(address, match.Groups[1].Value + "/"), match.Groups[2].Value, match.Groups[3].Value);
    }

    /// <summary>The address of what it names.</summary>
    internal Uri Uri => new(Service, Series.Length > 0 ? $"studies/{Study}/series/{Series}" : $"studies/{Study}");

    /// <summary>UIDs (PS3.5, 9.1): digits and dots, at most 64.</summary>
    internal static bool IsUid(string text) => UidPattern().IsMatch(text);

    [GeneratedRegex(@"^(.*)/studies/([0-9.]{1,64})(?:/series/([0-9.]{1,64}))?/?$")]
    private static partial Regex Pattern();

    [GeneratedRegex("^[0-9]+([.][0-9]+)*$")]
    private static partial Regex UidPattern();
}
