using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace LiverSeg.Functional;

/// <summary>Requests to one service: repeated while it is busy, redirected only within it, every failure one clear error without a word of the answer's body.</summary>
internal sealed class DicomWebRequest(HttpClient http, DicomWebOptions options)
{
    private const int MostRedirects = 5;
    private const long MostJson = 64L << 20;

    /// <summary>Asks until there is an answer that is no excuse; the caller disposes of it.</summary>
    /// <param name="make">The request, anew for each attempt.</param>
    /// <param name="address">Where.</param>
    /// <param name="allowed">Statuses beside 2xx that the caller looks at.</param>
    /// <param name="cancel">Asks to stop.</param>
    internal async Task<HttpResponseMessage> Send(Func<Uri, HttpRequestMessage> make, Uri address, IReadOnlyCollection<HttpStatusCode> allowed, CancellationToken cancel)
    {
        var (target, redirects) = (address, 0);
        for (var attempt = 0; ; attempt++)
        {
            var refuse = DicomWebAddress.Refuse(target);
            HttpResponseMessage? response = null;
            Exception? trouble = null;
            try
            {
                using var request = make(target);
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                patience.CancelAfter(options.Timeout + TimeSpan.FromSeconds((request.Content?.Headers.ContentLength ?? 0) / 100e3));
                response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                trouble = e;
            }
            if (response is not null && (response.IsSuccessStatusCode || allowed.Contains(response.StatusCode))) return response;
            var wait = response?.Headers.RetryAfter?.Delta ?? options.Wait(attempt);
            using (response)
            {
                if (response?.Headers.Location is { } location && (int)response.StatusCode is 301 or 302 or 303 or 307 or 308)
                {
                    var next = new Uri(target, location);
                    if (Uri.Compare(next, address, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) != 0)
                        throw refuse.Make("dicomweb-redirected", "answer", "a redirection to another server", "an answer", "name that server, if it is to be trusted");
                    if (++redirects > MostRedirects) throw refuse.Make("dicomweb-redirected", "answer", "redirections without end", "an answer", "check the address");
                    (target, attempt) = (next, -1);
                    continue;
                }
                var mayPass = response is null || (int)response.StatusCode is 429 or 502 or 503 or 504;
                if (!mayPass || attempt >= options.Retries) throw Failure(refuse, response, trouble);
            }
            await Task.Delay(wait > TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : wait, cancel);
        }
    }

    private FileErrorException Failure(FileErrors refuse, HttpResponseMessage? response, Exception? trouble)
    {
        if (response is null)
        {
            return trouble switch
            {
                OperationCanceledException => refuse.Make("dicomweb-silent", "answer", FormattableString.Invariant($"none in {options.Timeout.TotalSeconds} s"), "an answer", "try again, or allow more time"),
                HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => refuse.Make("dicomweb-untrusted", "TLS", "a certificate that this machine does not trust", "one that it does", "add the authority's certificate to the system's (SSL_CERT_FILE)"),
                HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => refuse.Make("dicomweb-no-server", "server", "no such name", "a server", "check the address"),
                _ => refuse.Make("dicomweb-no-server", "server", "no connection", "a server that answers", "check the address, the network and the proxy"),
            };
        }
        var status = FormattableString.Invariant($"HTTP {(int)response.StatusCode}");
        return response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => refuse.Make("dicomweb-refused", "answer", status, "a permission", "set LIVERSEG_DICOMWEB_TOKEN, or LIVERSEG_DICOMWEB_USER and LIVERSEG_DICOMWEB_PASSWORD, or add the server to ~/.netrc"),
            HttpStatusCode.NotFound => refuse.Make("dicomweb-not-found", "answer", status, "what the address names", "check the address and the UIDs"),
            HttpStatusCode.NotAcceptable => refuse.Make("dicomweb-failed", "answer", status, "DICOM files as they are stored", "the service gives no files: export the series from it"),
            HttpStatusCode.UnsupportedMediaType => refuse.Make("dicomweb-failed", "answer", status, "a service that takes DICOM files", "name the service's address of studies"),
            _ => refuse.Make("dicomweb-failed", "answer", status, "200", "look at the server's log"),
        };
    }

    /// <summary>A JSON answer; absent where the service has nothing to say (204).</summary>
    internal async Task<JsonDocument?> Json(Uri address, CancellationToken cancel)
    {
        using var response = await Send(uri =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Accept.ParseAdd("application/dicom+json");
            return request;
        }, address, [], cancel);
        return response.StatusCode == HttpStatusCode.NoContent ? null : await Json(response, address, cancel);
    }

    internal async Task<JsonDocument?> Json(HttpResponseMessage response, Uri address, CancellationToken cancel)
    {
        var refuse = DicomWebAddress.Refuse(address);
        using var body = await Body(response, cancel);
        using var memory = new MemoryStream();
        var buffer = new byte[1 << 16];
        try
        {
            for (int got; (got = await body.ReadAsync(buffer, cancel)) > 0;)
            {
                memory.Write(buffer, 0, got);
                if (memory.Length > MostJson) throw refuse.Make("dicomweb-failed", "answer", "more than 64 MiB of JSON", "a list", "ask for less");
            }
            return memory.Length == 0 ? null : JsonDocument.Parse(memory.GetBuffer().AsMemory(0, (int)memory.Length));
        }
        catch (JsonException e)
        {
            throw refuse.Make("dicomweb-failed", "answer", "no JSON", "a list as DICOM JSON (PS3.18 F)", "check that the address is that of a DICOMweb service", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw refuse.Make("dicomweb-cut-off", "answer", "an answer that ends early", "a whole one", "try again", e);
        }
    }

    /// <summary>The answer's bytes; silence for too long is a failure, however much has come.</summary>
    internal async Task<Stream> Body(HttpResponseMessage response, CancellationToken cancel) => new Patient(await response.Content.ReadAsStreamAsync(cancel), options.Timeout);

    private sealed class Patient(Stream inner, TimeSpan most) : Stream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(most);
            try
            {
                return await inner.ReadAsync(buffer, patience.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                throw new IOException("nothing came for too long");
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
