using System;
using System.IO;
using System.Net.Http.Headers;
using System.Text;

namespace LiverSeg.Functional;

/// <summary>Who asks: from the environment or ~/.netrc, never from an argument.</summary>
internal static class DicomWebCredentials
{
    /// <summary>
    /// LIVERSEG_DICOMWEB_TOKEN (bearer), else LIVERSEG_DICOMWEB_USER and LIVERSEG_DICOMWEB_PASSWORD (basic), else the host's entry of ~/.netrc (the file that
    /// NETRC names); absent where there is none.
    /// </summary>
    internal static AuthenticationHeaderValue? For(string host, Func<string, string?> variable)
    {
        string? Given(string name) => variable(name) is { Length: > 0 } value ? value : null;
        if (Given("LIVERSEG_DICOMWEB_TOKEN") is { } token) return new("Bearer", token);
        if (Given("LIVERSEG_DICOMWEB_USER") is { } user) return Basic(user, Given("LIVERSEG_DICOMWEB_PASSWORD") ?? "");
        var file = Given("NETRC") ?? (Given("HOME") is { } home ? Path.Combine(home, ".netrc") : "");
        if (!File.Exists(file)) return null;
        return new FileErrors(file, "netrc").Guard(() => Find(File.ReadAllText(file), host)) is { } found ? Basic(found.Login, found.Password) : null;
    }

    private static AuthenticationHeaderValue Basic(string user, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(user + ":" + password)));

    /// <summary>The entry of a host, or the default one: words after one another, as ftp and curl read them.</summary>
    internal static (string Login, string Password)? Find(string netrc, string host)
    {
        var words = netrc.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var (login, password, here, found) = ("", "", false, false);
        for (var i = 0; i < words.Length; i++)
        {
            string Value() => i + 1 < words.Length ? words[++i] : "";
            switch (words[i])
            {
                case "machine" or "default":
                    if (here) return (login, password);
                    here = words[i] == "default" || string.Equals(Value(), host, StringComparison.OrdinalIgnoreCase);
                    found |= here;
                    break;
                case "login":
                    var user = Value();
                    if (here) login = user;
                    break;
                case "password":
                    var secret = Value();
                    if (here) password = secret;
                    break;
                case "account":
                    Value();
                    break;
            }
        }
        return found && here ? (login, password) : null;
    }
}
