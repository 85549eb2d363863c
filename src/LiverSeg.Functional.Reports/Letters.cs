namespace LiverSeg.Functional;

/// <summary>Letters of 5 × 7 dots for pictures, so that they need no font: a row of dots is one digit of base 32.</summary>
internal static class Letters
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    // a letter, then its seven rows from the top
    private const string Shapes =
        "0EHJLPHE14C4444E2EH1248V3V2421HE426AIV225VGU11HE668GUHHE7V1248888EHHEHHE9EHHF12CAEHHVHHHBUHHUHHUCEHGGGHEDSIHHHIS" +
        "EVGGUGGVFVGGUGGGGEHGNHHFHHHHVHHHIE44444EJ72222ICKHIKOKIHLGGGGGGVMHRLLHHHNHHPLJHHOEHHHHHEPUHHUGGGQEHHHLIDRUHHUKIH" +
        "SFGGE11UTV444444UHHHHHHEVHHHHHA4WHHHLLLAXHHA4AHHYHHHA444ZV1248GVa00E1FHFbGGMPHHUc00EGGHEd11DJHHFe00EHVGEf698S888" +
        "g00FHF1EhGGMPHHHi40C444Ej20622ICkGGIKOKIlC44444Em00QLLHHn00MPHHHo00EHHHEp00UHUGGq00DJF11r00MPGGGs00EGE1Ut88S8896" +
        "u00HHHJDv00HHHA4w00HHLLAx00HA4AHy00HHF1Ez00V248V.00000CC,0000C48-000V000–000V000+044V440%OP248J3(2488842)8422248" +
        "[E88888E]E22222E/01248G0:0CC0CC0=00V0V00_000000V<248G842>8421248±44V440V*0A4V4A0";

    /// <summary>Whether the letter has ink at a dot; letters not drawn here are a box.</summary>
    internal static bool Ink(char letter, int column, int row)
    {
        if (letter == ' ') return false;
        for (var i = 0; i < Shapes.Length; i += 8)
            if (Shapes[i] == letter) return (Digits.IndexOf(Shapes[i + 1 + row]) >> (4 - column) & 1) != 0;
        return row is 0 or 6 || column is 0 or 4;
    }
}
