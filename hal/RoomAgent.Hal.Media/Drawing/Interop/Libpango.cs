namespace RoomAgent.Hal.Media.Drawing.Interop;

/// <summary>A dictionary of libpango, one file for each header, under its own names. What the functions mean stands in Pango's reference.</summary>
internal static partial class Libpango
{
    public const string Library = "libpango-1.0.so.0";
}
