using RoomAgent.Hal;

namespace RoomAgent.Screen.Tests;

/// <summary>A picture of memory that says whether it was given back.</summary>
internal sealed class TestFrame : VideoFrame
{
    private readonly byte[] _luma;
    private readonly byte[] _cb;
    private readonly byte[] _cr;

    public TestFrame(int width, int height, Func<int, int, (byte Y, byte Cb, byte Cr)> colour, int padding = 0)
    {
        Width = width;
        Height = height;
        LumaStride = width + padding;
        ChromaStride = width / 2 + padding;
        _luma = new byte[LumaStride * height];
        _cb = new byte[ChromaStride * (height / 2)];
        _cr = new byte[ChromaStride * (height / 2)];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (byte luma, byte cb, byte cr) = colour(x, y);
                _luma[y * LumaStride + x] = luma;
                if (x / 2 >= width / 2 || y / 2 >= height / 2)
                    continue;
                _cb[y / 2 * ChromaStride + x / 2] = cb;
                _cr[y / 2 * ChromaStride + x / 2] = cr;
            }
        }
    }

    public int Returned { get; private set; }

    public override int Width { get; }

    public override int Height { get; }

    public override TimeSpan CapturedAt => TimeSpan.Zero;

    public override ReadOnlySpan<byte> Luma => _luma;

    public override ReadOnlySpan<byte> Cb => _cb;

    public override ReadOnlySpan<byte> Cr => _cr;

    public override int LumaStride { get; }

    public override int ChromaStride { get; }

    public override void Dispose() => Returned++;

    /// <summary>One colour.</summary>
    public static TestFrame Plain(int width, int height, byte y = 128, byte cb = 128, byte cr = 128) => new(width, height, (_, _) => (y, cb, cr));

    /// <summary>Something like a person before a wall, in other colours for each number.</summary>
    public static TestFrame Portrait(int number, int width = 640, int height = 360) => new(width, height, (x, y) =>
    {
        double across = (double)x / width - 0.5, down = (double)y / height;
        double head = Math.Pow(across / 0.13, 2) + Math.Pow((down - 0.36) / 0.24, 2), body = Math.Pow(across / 0.3, 2) + Math.Pow((down - 1.05) / 0.42, 2);
        byte tint = (byte)(112 + number * 37 % 40), warm = (byte)(112 + number * 23 % 40);
        // Plain areas: what the pictures are for is around them, and plain ones make small files.
        if (head < 1)
            return (168, 112, 148);
        if (body < 1)
            return ((byte)(60 + number * 31 % 70), warm, tint);
        return (down < 0.75 ? (byte)112 : (byte)84, tint, warm);
    });

    /// <summary>Something like a sheet with text and a chart.</summary>
    public static TestFrame Sheet(int width = 1280, int height = 720) => new(width, height, (x, y) =>
    {
        bool isText = x > 90 && x < 620 - y % 97 && y > 150 && y < 560 && y / 14 % 3 == 0;
        bool isTitle = x > 90 && x < 760 && y is > 70 and < 104;
        int bar = (x - 720) / 90;
        if (isTitle || isText)
            return (60, 128, 128);
        if (x is > 720 and < 1170 && (x - 720) % 90 < 60 && y < 600 && y > 520 - bar * 80)
            return (110, 170, 110);
        return (228, 128, 128);
    });
}
