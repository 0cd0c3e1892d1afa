namespace RoomAgent.Hal.Media.Audio.Native;

/// <summary>
/// A dictionary of libspeexdsp, one file for each header, under its own names. No design: what the functions mean stands in the headers,
/// how they go together in the classes that call them.
/// </summary>
internal static partial class Speexdsp
{
    public const string Library = "libspeexdsp.so.1";
}
