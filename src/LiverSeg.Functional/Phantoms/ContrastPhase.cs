namespace LiverSeg.Functional;

/// <summary>When after the injection of contrast medium the scan was taken.</summary>
public enum ContrastPhase
{
    /// <summary>Without contrast medium.</summary>
    Native,

    /// <summary>About 30 s after the injection: arteries bright.</summary>
    Arterial,

    /// <summary>About 70 s: liver and veins bright; the usual scan of the liver.</summary>
    PortalVenous,
}
