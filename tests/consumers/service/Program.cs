using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using LiverSeg.Functional;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

var builder = WebApplication.CreateBuilder(args);
var memory = builder.Configuration.GetValue("MemoryMiB", 2048L) << 20;
var places = builder.Configuration.GetValue("Places", 8);
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = builder.Configuration.GetValue("UploadMiB", 1024L) << 20);
var app = builder.Build();

// The collector keeps the bound too, with room for the server itself.
AppContext.SetData("GCHeapHardLimit", (ulong)memory + (128 << 20));
GC.RefreshMemoryLimit();

// One worker: a scan uses all processors and the bound of memory. Who waits holds a place; who finds none is sent away.
using var worker = new SemaphoreSlim(1);
var taken = 0;
var model = Pretrained.Liver;

string[] from = ["nii", "nii.gz", "mha", "nrrd", "zip"], to = ["nii", "nii.gz", "mha", "nrrd", "dcm"];

// The scan as the body, its format in the query: POST /segment?from=zip&to=dcm
app.MapPost("/segment", async (HttpRequest request, CancellationToken cancel) =>
{
    string Asked(string name) => request.Query[name].FirstOrDefault() ?? "nii.gz";
    if (!from.Contains(Asked("from")) || !to.Contains(Asked("to")))
        return Problem(400, "bad-query", $"from is one of {string.Join(", ", from)}; to is one of {string.Join(", ", to)}");
    if (Interlocked.Increment(ref taken) > places)
    {
        Interlocked.Decrement(ref taken);
        request.HttpContext.Response.Headers.RetryAfter = "30";
        return Problem(503, "busy", $"{places} scans are being worked on or wait");
    }
    var folder = Directory.CreateTempSubdirectory("liver-service-").FullName;
    try
    {
        var scan = Path.Combine(folder, "scan." + Asked("from"));
        await using (var file = File.Create(scan)) await request.Body.CopyToAsync(file, cancel);
        await worker.WaitAsync(cancel);
        try
        {
            // Not on a thread of the server; when the caller hangs up, the work stops.
            var (mask, result) = await Task.Run(() => Segment(scan, Path.Combine(folder, "mask." + Asked("to")), cancel), cancel);
            request.HttpContext.Response.Headers["Liver-Millilitres"] = FormattableString.Invariant($"{result.Mask.VolumeMl():F1}");
            request.HttpContext.Response.Headers["Liver-Doubtful"] = result.Quality.IsDoubtful ? "yes" : "no";
            return Results.Bytes(await File.ReadAllBytesAsync(mask, cancel), Asked("to") == "dcm" ? "application/dicom" : "application/octet-stream", Path.GetFileName(mask));
        }
        finally
        {
            worker.Release();
        }
    }
    catch (FileErrorException e)
    {
        // The path of this machine is nobody's business.
        return Problem(400, e.Error.Code, $"{e.Error.Field}: found {e.Error.Found}, expected {e.Error.Expected}; {e.Error.Remedy}");
    }
    catch (MemoryBoundException e)
    {
        return Problem(413, "memory", FormattableString.Invariant($"this scan needs {e.MinBytes >> 20} MiB, {memory >> 20} are allowed"));
    }
    catch (BadHttpRequestException e)
    {
        return Problem(e.StatusCode, "upload", e.Message);
    }
    catch (OperationCanceledException)
    {
        return Problem(499, "cancelled", "the caller hung up");
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
        Interlocked.Decrement(ref taken);
    }
});

app.MapGet("/health", () => new { weights = model.Hash, taken = Volatile.Read(ref taken), places });
app.Run();

// A scan that does not fit into the bound as a whole is worked on in slabs, with the same mask.
(string Path, ScanResult Result) Segment(string scan, string mask, CancellationToken cancel)
{
    var options = new PipelineOptions();
    var source = VolumeFile.Open(scan, new DicomOptions(), cancel: cancel);
    var plan = ScanSegmentation.Plan(source, model, options, new MemoryPlanOptions { BoundBytes = memory });
    var result = ScanSegmentation.Run(source, model, options, plan, cancel: cancel);
    if (mask.EndsWith(".dcm", StringComparison.Ordinal)) result.Mask.WriteSegmentation(mask, source);
    else result.Mask.Write(mask);
    return (mask, result);
}

static IResult Problem(int status, string code, string text) => Results.Json(new { code, text }, statusCode: status);
