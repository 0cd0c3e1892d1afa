// <qrencode.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

/// <summary>A dictionary of libqrencode, under its own names.</summary>
internal static unsafe partial class Libqrencode
{
    public const string Library = "libqrencode.so.4";

    public const int QR_ECLEVEL_M = 1;

    /// <summary>QRcode: a square of <see cref="Width"/> times <see cref="Width"/> modules, a byte each, dark where bit 0 is set.</summary>
    public struct QRcode
    {
        public int Version;
        public int Width;
        public byte* Data;
    }

    [LibraryImport(Library)]
    public static partial QRcodeHandle QRcode_encodeData(int size, byte* data, int version, int level);

    [LibraryImport(Library)]
    public static partial void QRcode_free(nint qrcode);
}
