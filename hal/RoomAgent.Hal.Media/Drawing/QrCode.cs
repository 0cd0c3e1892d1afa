using System.Text;
using RoomAgent.Hal.Media.Drawing.Interop;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>A QR code (ISO/IEC 18004) of medium error correction.</summary>
internal sealed unsafe class QrCode
{
    /// <summary>Modules that have to stay white around it.</summary>
    public const int Quiet = 4;

    // An address of this length makes 69 modules, each still 6 pixels at 1280x720 and 1 cm on a large display.
    private const int Longest = 300;

    private readonly bool[] _dark;

    private QrCode(string text, int width, bool[] dark) => (Text, Width, _dark) = (text, width, dark);

    /// <summary>What it says.</summary>
    public string Text { get; }

    /// <summary>Modules in each direction.</summary>
    public int Width { get; }

    /// <summary>Makes a code.</summary>
    /// <param name="text">Printable ASCII, 1 to 300 characters.</param>
    /// <returns><see langword="null"/> when the text is something else.</returns>
    public static QrCode? Of(string text)
    {
        if (text.Length is 0 or > Longest || text.Any(sign => sign is < '!' or > '~'))
            return null;
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* data = bytes)
        {
            using QRcodeHandle handle = Libqrencode.QRcode_encodeData(bytes.Length, data, version: 0, Libqrencode.QR_ECLEVEL_M);
            if (handle.IsInvalid)
                return null;
            var code = (Libqrencode.QRcode*)handle.DangerousGetHandle();
            bool[] dark = new bool[code->Width * code->Width];
            for (int i = 0; i < dark.Length; i++)
                dark[i] = (code->Data[i] & 1) != 0;
            return new QrCode(text, code->Width, dark);
        }
    }

    /// <summary>Whether a module is dark.</summary>
    public bool IsDark(int x, int y) => _dark[y * Width + x];

    public override bool Equals(object? obj) => obj is QrCode other && other.Text == Text;

    public override int GetHashCode() => Text.GetHashCode();
}
