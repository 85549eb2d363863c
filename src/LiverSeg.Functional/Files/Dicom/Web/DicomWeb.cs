using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Scans from an archive and segmentations back to it by DICOMweb (PS3.18): QIDO-RS, WADO-RS, STOW-RS.</summary>
/// <remarks>
/// Files are fetched as they are stored, whatever their transfer syntax. What is there lies whole under its final name. Messages hold addresses and UIDs, never a
/// word of an answer's body, a patient's data or a password.
/// </remarks>
public static partial class DicomWeb
{
    private const int Page = 1000, MostListed = 1_000_000;

    /// <summary>
    /// A client that asks as LIVERSEG_DICOMWEB_TOKEN (bearer), LIVERSEG_DICOMWEB_USER and LIVERSEG_DICOMWEB_PASSWORD (basic) or the host's entry in ~/.netrc say. TLS is
    /// verified, proxies are the system's, redirections are not followed to other servers. Use it for this server only.
    /// </summary>
    /// <param name="address">Any address of the server.</param>
    /// <exception cref="FileErrorException">The address is no http or https, or holds a password; ~/.netrc cannot be read.</exception>
    public static HttpClient Client(Uri address)
    {
        DicomWebAddress.Check(address);
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) }) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = DicomWebCredentials.For(address.Host, Environment.GetEnvironmentVariable);
        return client;
    }

    /// <summary>The series of a service, or of a study, that fit all filters (QIDO-RS), in the service's order; empty where none does.</summary>
    /// <param name="http">A client, as from <see cref="Client"/>.</param>
    /// <param name="address">A service, as <c>https://HOST/dicom-web</c>, or a study of it.</param>
    /// <param name="filters">DICOM keywords or tags and what they must be, as <c>Modality</c> and <c>CT</c>, <c>StudyDate</c> and <c>20250101-</c>.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="cancel">Asks to stop.</param>
    /// <exception cref="FileErrorException">The service cannot be reached, refuses, or answers with something else.</exception>
    /// <exception cref="ArgumentException">A filter is no keyword or tag.</exception>
    public static async Task<IReadOnlyList<DicomWebSeries>> FindAsync(
        HttpClient http, Uri address, IReadOnlyDictionary<string, string> filters, DicomWebOptions options, CancellationToken cancel = default)
    {
        DicomWebAddress.Check(address);
        if (filters.Keys.FirstOrDefault(k => !Keyword().IsMatch(k)) is { } wrong) throw new ArgumentException($"filter '{wrong}': a DICOM keyword or a tag of eight hexadecimal digits");
        var query = string.Concat(filters.Select(f => $"&{f.Key}={Uri.EscapeDataString(f.Value)}"));
        var items = await List(new(http, options), new(address.AbsoluteUri.TrimEnd('/') + "/series"), "&includefield=0008103E&includefield=00201209" + query, "0020000E", cancel);
        return items.Select(i => new DicomWebSeries(Text(i, "0020000D"), Text(i, "0020000E"), Text(i, "00080060"), Text(i, "0008103E"), int.TryParse(Text(i, "00201209"), out var n) ? n : 0)).ToEquatableArray();
    }

    /// <summary>Fetches a study or series into a folder, a file an instance, named by its UID (WADO-RS); what lies there already is not fetched again.</summary>
    /// <param name="http">A client, as from <see cref="Client"/>.</param>
    /// <param name="address"><c>SERVICE/studies/UID</c> or <c>SERVICE/studies/UID/series/UID</c>.</param>
    /// <param name="folder">Is made if it is not there.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="progress">Hears how many of how many files are there.</param>
    /// <param name="cancel">Asks to stop; whole files stay.</param>
    /// <returns>The files, by their UIDs in the service's order.</returns>
    /// <exception cref="FileErrorException">The service cannot be reached, refuses, or answers with something else; whole files stay.</exception>
    public static async Task<IReadOnlyList<string>> GetAsync(
        HttpClient http, Uri address, string folder, DicomWebOptions options, Action<int, int>? progress = null, CancellationToken cancel = default)
    {
        var (named, asked) = (DicomWebAddress.Of(address), new DicomWebRequest(http, options));
        var refuse = DicomWebAddress.Refuse(address);
        var items = await List(asked, new(named.Uri.AbsoluteUri + "/instances"), "", "00080018", cancel);
        if (items.Count == 0) throw refuse.Make("dicomweb-not-found", "instances", "none", "a study or series with some", "check the UIDs");
        var instances = items.Select(i => (Uid: Text(i, "00080018"), Series: Text(i, "0020000E") is { Length: > 0 } s ? s : named.Series)).ToList();
        if (instances.Find(i => !DicomWebAddress.IsUid(i.Uid) || !DicomWebAddress.IsUid(i.Series)) is { Uid: not null }) throw refuse.Make("dicomweb-failed", "instances", "no UID", "the UID of each instance and its series", "the service answers wrongly");
        string File(string uid) => Path.Combine(folder, uid + ".dcm");
        var missing = instances.Select(i => i.Uid).Where(uid => !System.IO.File.Exists(File(uid))).ToHashSet();
        var all = instances.Select(i => i.Uid).Distinct().Count();
        void Tell(string uid)
        {
            missing.Remove(uid);
            progress?.Invoke(all - missing.Count, all);
        }
        refuse.Guard(() => Directory.CreateDirectory(folder));
        Tell("");
        if (missing.Count == all)
        {
            try
            {
                await Fetch(asked, named.Uri, folder, [.. missing], Tell, cancel);
            }
            catch (FileErrorException e) when (e.Error.Code is "truncated" or "dicomweb-cut-off")
            {
                // What is whole is kept, the rest is asked for one by one.
            }
        }
        foreach (var (uid, series) in instances.Where(i => missing.Contains(i.Uid)).ToList())
        {
            for (var attempt = 0; ; attempt++)
            {
                try
                {
                    await Fetch(asked, new(named.Service, $"studies/{named.Study}/series/{series}/instances/{uid}"), folder, [uid], Tell, cancel);
                    break;
                }
                catch (FileErrorException e) when (e.Error.Code is "truncated" or "dicomweb-cut-off" && attempt < options.Retries)
                {
                    await Task.Delay(options.Wait(attempt), cancel);
                }
            }
            if (missing.Contains(uid)) throw refuse.Make("dicomweb-failed", "instance", "an answer without it", uid, "the service answers wrongly");
        }
        return instances.Select(i => File(i.Uid)).Distinct().ToEquatableArray();
    }

    /// <summary>Stores DICOM files (STOW-RS): all are taken, or an error says how many were not.</summary>
    /// <param name="http">A client, as from <see cref="Client"/>.</param>
    /// <param name="studies"><c>SERVICE/studies</c>, or a study there, which then must be the files'.</param>
    /// <param name="files">DICOM files.</param>
    /// <param name="options">How patient to be.</param>
    /// <param name="cancel">Asks to stop.</param>
    /// <exception cref="FileErrorException">A file cannot be read; the service cannot be reached, refuses, or does not take all files.</exception>
    public static async Task PutAsync(HttpClient http, Uri studies, IReadOnlyList<string> files, DicomWebOptions options, CancellationToken cancel = default)
    {
        DicomWebAddress.Check(studies);
        var (refuse, asked) = (DicomWebAddress.Refuse(studies), new DicomWebRequest(http, options));
        HttpRequestMessage Make(Uri uri)
        {
            var content = new MultipartContent("related", "liverseg-" + Convert.ToHexString(Sha256Hash.HashData(Encoding.UTF8.GetBytes(string.Join('\n', files))))[..16]);
            content.Headers.ContentType!.Parameters.Add(new("type", "\"application/dicom\""));
            foreach (var file in files)
            {
                var part = new StreamContent(new FileErrors(file, "dicom").Guard(() => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read)));
                part.Headers.ContentType = new("application/dicom");
                content.Add(part);
            }
            var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = content };
            request.Headers.Accept.ParseAdd("application/dicom+json");
            return request;
        }
        using var response = await asked.Send(Make, studies, [HttpStatusCode.Conflict], cancel);
        using var answer = await Said(asked, response, studies, cancel);
        var failed = answer is { } a && a.RootElement.ValueKind == JsonValueKind.Object && a.RootElement.TryGetProperty("00081198", out var sequence) && sequence.TryGetProperty("Value", out var values) ? values.EnumerateArray().ToList() : [];
        if (failed.Count == 0 && response.StatusCode != HttpStatusCode.Conflict) return;
        var reasons = failed.Select(f => Text(f, "00081197")).Where(r => r.Length > 0).Distinct().Order(StringComparer.Ordinal);
        throw refuse.Make(
            "dicomweb-not-stored", "files", FormattableString.Invariant($"{(failed.Count == 0 ? files.Count : failed.Count)} of {files.Count} not taken{string.Concat(reasons.Select(r => ", reason " + r))}"),
            "all stored", "the study's address must be the files' own; reasons are those of PS3.18 table I.2-2");
    }

    /// <summary>Some services answer a store with a page or nothing: the status counts then.</summary>
    private static async Task<JsonDocument?> Said(DicomWebRequest asked, HttpResponseMessage response, Uri address, CancellationToken cancel) =>
        response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true ? await asked.Json(response, address, cancel) : null;

    /// <summary>All items of a list, page by page; services that know no pages give the same again, which ends it.</summary>
    private static async Task<List<JsonElement>> List(DicomWebRequest asked, Uri address, string query, string key, CancellationToken cancel)
    {
        var (items, known) = (new List<JsonElement>(), new HashSet<string>());
        while (items.Count < MostListed)
        {
            using var page = await asked.Json(new(FormattableString.Invariant($"{address.AbsoluteUri}?limit={Page}&offset={items.Count}{query}")), cancel);
            if (page is null) return items;
            if (page.RootElement.ValueKind != JsonValueKind.Array) throw DicomWebAddress.Refuse(address).Make("dicomweb-failed", "answer", "no list", "a list as DICOM JSON (PS3.18 F)", "check that the address is that of a DICOMweb service");
            var fresh = page.RootElement.EnumerateArray().Where(i => known.Add(Text(i, key))).Select(i => i.Clone()).ToList();
            items.AddRange(fresh);
            if (fresh.Count == 0 || page.RootElement.GetArrayLength() < Page) return items;
        }
        throw DicomWebAddress.Refuse(address).Make("dicomweb-failed", "answer", "more than a million entries", "fewer", "ask for less");
    }

    /// <summary>The first value of an element of DICOM JSON as text; empty where there is none.</summary>
    private static string Text(JsonElement item, string tag) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(tag, out var element) && element.ValueKind == JsonValueKind.Object
            && element.TryGetProperty("Value", out var values) && values.ValueKind == JsonValueKind.Array && values.GetArrayLength() > 0
            ? values[0].ValueKind == JsonValueKind.String ? values[0].GetString()!.Trim() : values[0].GetRawText()
            : "";

    private const int MostSettling = 8;

    /// <summary>The parts of an answer, each to a file once it is whole.</summary>
    private static async Task Fetch(DicomWebRequest asked, Uri address, string folder, HashSet<string> wanted, Action<string> tell, CancellationToken cancel)
    {
        var refuse = DicomWebAddress.Refuse(address);
        using var response = await asked.Send(uri =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=\"application/dicom\"; transfer-syntax=*");
            return request;
        }, address, [], cancel);
        var type = response.Content.Headers.ContentType;
        var boundary = type?.Parameters.FirstOrDefault(p => p.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))?.Value?.Trim('"') ?? "";
        if (type?.MediaType?.Equals("multipart/related", StringComparison.OrdinalIgnoreCase) != true || boundary.Length is 0 or > 70)
            throw refuse.Make("dicomweb-failed", "answer", type?.MediaType ?? "no type", "multipart/related with a boundary", "check that the address is that of a DICOMweb service");
        // Disks take several files at a time faster than one by one, and a server does not wait for ever for a slow reader.
        var settling = new Queue<(string Uid, Task Work)>();
        async Task Settled(int most)
        {
            while (settling.Count > most)
            {
                var (uid, work) = settling.Dequeue();
                await work;
                tell(uid);
            }
        }
        var temporary = "";
        try
        {
            using var body = await asked.Body(response, cancel);
            var parts = new MultipartReader(body, boundary, refuse);
            for (var number = 0; await parts.Next(cancel); number++)
            {
                await Settled(MostSettling - 1);
                temporary = Path.Combine(folder, FormattableString.Invariant($"part{number % MostSettling}.{Environment.ProcessId}.tmp"));
                var file = new FileStream(temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16);
                try
                {
                    await parts.CopyTo(file, cancel);
                    var uid = InstanceOf(file, refuse);
                    if (!wanted.Contains(uid)) throw refuse.Make("dicomweb-failed", "part", "another instance", "what was asked for", "the service answers wrongly");
                    settling.Enqueue((uid, Settle(file, temporary, Path.Combine(folder, uid + ".dcm"))));
                    temporary = "";
                }
                catch
                {
                    file.Dispose();
                    throw;
                }
            }
            await Settled(0);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or UnauthorizedAccessException)
        {
            // The folder's trouble is not the network's.
            if (e is UnauthorizedAccessException || !Directory.Exists(folder)) throw refuse.InputOutput("folder", "no access", "a writable folder with room", "choose another folder", e);
            throw refuse.Make("dicomweb-cut-off", "answer", "an answer that ends early", "a whole one", "try again: what is whole stays", e);
        }
        finally
        {
            // Whole files stay, and are told, whatever came after them.
            while (settling.TryDequeue(out var whole))
            {
                await whole.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (whole.Work.IsCompletedSuccessfully) tell(whole.Uid);
            }
            if (temporary.Length > 0) System.IO.File.Delete(temporary);
        }
    }

    /// <summary>Flushes a whole file to the disk and gives it its name.</summary>
    private static Task Settle(FileStream file, string temporary, string name) => Task.Run(() =>
    {
        try
        {
            using (file) file.Flush(flushToDisk: true);
            System.IO.File.Move(temporary, name, overwrite: true);
        }
        catch
        {
            System.IO.File.Delete(temporary);
            throw;
        }
    });

    /// <summary>The instance's UID by the file's own meta information.</summary>
    private static string InstanceOf(FileStream file, FileErrors refuse)
    {
        var head = new byte[(int)Math.Min(file.Length, 1 << 16)];
        file.Position = 0;
        file.ReadExactly(head);
        if (head.Length < 140 || !head.AsSpan(128, 4).SequenceEqual("DICM"u8)) throw refuse.Make("dicomweb-failed", "part", "no DICOM file", "one a part", "the service answers wrongly");
        var uid = new DicomParser(head, false, refuse).Read(132, true, 2, out _).Text(0x00020003);
        return DicomWebAddress.IsUid(uid) ? uid : throw refuse.Make("dicomweb-failed", "part", "no UID", "the instance's UID", "the service answers wrongly");
    }

    [GeneratedRegex("^([A-Z][A-Za-z0-9]{1,63}|[0-9A-Fa-f]{8})$")]
    private static partial Regex Keyword();
}
