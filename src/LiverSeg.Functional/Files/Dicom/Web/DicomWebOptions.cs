using System;

namespace LiverSeg.Functional;

/// <summary>How patient a client of a DICOMweb service is.</summary>
public sealed record DicomWebOptions
{
    /// <summary>How often a request is made again that found no server, or one that is busy (429, 502, 503, 504). Default 4.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The wait before the first repetition, twice as long before each further one; a server may ask for up to a minute. Default 1 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The wait before the repetition after so many others.</summary>
    internal TimeSpan Wait(int repetitions) => RetryDelay * Math.Pow(2, repetitions);

    /// <summary>How long nothing may come before a request has failed. Default 100 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(100);
}

/// <summary>A series as a service lists it; no patient's name is asked for.</summary>
/// <param name="Study">The study's UID.</param>
/// <param name="Series">The series' UID.</param>
/// <param name="Modality">As <c>CT</c>.</param>
/// <param name="Description">What the scanner's people called it; may be empty.</param>
/// <param name="Instances">How many files; 0 where the service does not say.</param>
public sealed record DicomWebSeries(string Study, string Series, string Modality, string Description, int Instances)
{
    /// <summary>Where a service has it, for <see cref="DicomWeb"/> to fetch it.</summary>
    /// <param name="service">The service, as <c>https://HOST/dicom-web</c>.</param>
    public Uri At(Uri service) => new DicomWebAddress(new(service.AbsoluteUri.TrimEnd('/') + "/"), Study, Series).Uri;
}
