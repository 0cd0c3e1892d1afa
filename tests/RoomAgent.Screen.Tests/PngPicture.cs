using System.Buffers.Binary;
using System.IO.Compression;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Screen.Tests;

/// <summary>A picture of BGRX, and the reading side of <see cref="PngFile"/>: 8 bits, red, green and blue, rows as they are.</summary>
internal sealed record PngPicture(int Width, int Height, byte[] Pixels)
{
    public static PngPicture Read(string path)
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(path);
        int width = BinaryPrimitives.ReadInt32BigEndian(file[16..]), height = BinaryPrimitives.ReadInt32BigEndian(file[20..]);
        var deflated = new MemoryStream();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file[at..]);
            if (file.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
                deflated.Write(file.Slice(at + 8, length));
            at += 12 + length;
        }
        deflated.Position = 0;
        using var inflate = new ZLibStream(deflated, CompressionMode.Decompress);

        byte[] pixels = new byte[width * height * 4], row = new byte[1 + width * 3];
        for (int y = 0; y < height; y++)
        {
            inflate.ReadExactly(row);
            Assert.True(row[0] == 0, "Only what PngFile writes is read here.");
            for (int i = 0; i < width * 3; i++)
                pixels[(y * width + i / 3) * 4 + 2 - i % 3] = row[1 + i];
        }
        return new PngPicture(width, height, pixels);
    }

    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Assert.True(PngFile.TryWrite(path, Pixels, Width, Height, out string problem), problem);
    }
}
