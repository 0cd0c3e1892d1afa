using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>A text as a QR code in a terminal: two rows of modules in one row of characters, dark on light whatever the terminal's colours are.</summary>
internal static class QrCode
{
    // ISO/IEC 18004 section 6.3.8: four light modules on each side.
    private const int Quiet = 4;
    private const string DarkOnLight = "\e[30;107m", Usual = "\e[0m";

    /// <summary>Draws it.</summary>
    /// <param name="text">ASCII.</param>
    /// <param name="picture">The lines.</param>
    /// <returns><see langword="false"/> when the library is not installed, or the text is too long.</returns>
    public static bool TryDraw(string text, out string? picture)
    {
        picture = Read(text) is { } modules ? Draw(modules) : null;
        return picture is not null;
    }

    private static bool[,]? Read(string text)
    {
        try
        {
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            using LibQrEncode.QrCodeHandle code = LibQrEncode.QRcode_encodeData(bytes.Length, bytes, 0, LibQrEncode.LevelM);
            return code.IsInvalid ? null : code.ReadModules();
        }
        catch (DllNotFoundException)
        {
            return null;
        }
    }

    private static string Draw(bool[,] modules)
    {
        int size = modules.GetLength(0);
        bool IsDark(int x, int y) => x >= 0 && y >= 0 && x < size && y < size && modules[x, y];

        var picture = new StringBuilder();
        for (int y = -Quiet; y < size + Quiet; y += 2)
        {
            picture.Append(DarkOnLight);
            for (int x = -Quiet; x < size + Quiet; x++)
                picture.Append((IsDark(x, y), IsDark(x, y + 1)) switch { (true, true) => '█', (true, false) => '▀', (false, true) => '▄', _ => ' ' });
            picture.Append(Usual).Append('\n');
        }

        return picture.ToString();
    }
}

/// <summary>qrencode.h of libqrencode 4 (Debian package libqrencode4).</summary>
internal static partial class LibQrEncode
{
    public const int LevelM = 1;

    private const string Library = "libqrencode.so.4";

    [LibraryImport(Library)]
    public static partial QrCodeHandle QRcode_encodeData(int size, ReadOnlySpan<byte> data, int version, int level);

    [LibraryImport(Library)]
    private static partial void QRcode_free(nint qrcode);

    /// <summary>A <c>QRcode *</c>.</summary>
    public sealed class QrCodeHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        /// <summary>Whether each module, by column and row, is dark: the lowest bit of its byte.</summary>
        public unsafe bool[,] ReadModules()
        {
            var code = (QRcode*)handle;
            bool[,] modules = new bool[code->Width, code->Width];
            for (int i = 0; i < code->Width * code->Width; i++)
                modules[i % code->Width, i / code->Width] = (code->Data[i] & 1) != 0;
            return modules;
        }

        protected override bool ReleaseHandle()
        {
            QRcode_free(handle);
            return true;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct QRcode
    {
        public int Version;
        public int Width;
        public byte* Data;
    }
}
