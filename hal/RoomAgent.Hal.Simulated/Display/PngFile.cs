using System.Buffers.Binary;
using System.IO.Compression;

namespace RoomAgent.Hal.Simulated;

/// <summary>Writes pictures as PNG (ISO/IEC 15948): 8 bits, red, green and blue.</summary>
/// <remarks>Our own, since the format is two lines of header and a deflate stream, and cairo's writer would make this project know of drawing.</remarks>
public static class PngFile
{
    private const int HeaderLength = 13;
    private static readonly uint[] s_crcOfByte = MakeCrcTable();

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes a file that is either whole or not there. A file of that name is replaced.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="pixels">BGRX, row after row without gaps.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="problem">What the machine had against it; empty when it was written.</param>
    public static bool TryWrite(string path, ReadOnlySpan<byte> pixels, int width, int height, out string problem)
    {
        string unfinished = path + ".part";
        try
        {
            // Made in memory first, so that nothing but one write can find the disk full.
            byte[] file = Encode(pixels, width, height);
            using (FileStream stream = new(unfinished, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(file);
                stream.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
            problem = "";
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = exception.Message;
            Remove(unfinished);
            return false;
        }
    }

    /// <summary>Makes the bytes of a file.</summary>
    /// <param name="pixels">BGRX, row after row without gaps.</param>
    /// <param name="width">Pixels, at least 1.</param>
    /// <param name="height">Pixels, at least 1.</param>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfNotEqual(pixels.Length, width * height * 4);

        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        header[8] = 8; // bits
        header[9] = 2; // red, green, blue

        var file = new MemoryStream();
        file.Write(Signature);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Deflate(pixels, width, height));
        WriteChunk(file, "IEND"u8, []);
        return file.ToArray();
    }

    // Rows as they are (filter 0): a screen is mostly areas of one colour, and differences to neighbours made its files a third larger.
    private static ReadOnlySpan<byte> Deflate(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var deflated = new MemoryStream();
        using (var deflate = new ZLibStream(deflated, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] row = new byte[1 + width * 3];
            for (int y = 0; y < height; y++)
            {
                ReadOnlySpan<byte> line = pixels.Slice(y * width * 4, width * 4);
                for (int x = 0; x < width; x++)
                {
                    row[1 + x * 3] = line[x * 4 + 2];
                    row[2 + x * 3] = line[x * 4 + 1];
                    row[3 + x * 3] = line[x * 4];
                }
                deflate.Write(row);
            }
        }
        return deflated.GetBuffer().AsSpan(0, (int)deflated.Length);
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(name);
        file.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(uint.MaxValue, name), content));
        file.Write(number);
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte one in bytes)
            crc = s_crcOfByte[(byte)(crc ^ one)] ^ crc >> 8;
        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320 ^ crc >> 1 : crc >> 1;
            table[i] = crc;
        }
        return table;
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The disk that did not take it may not let it go either; the next snapshot writes over it.
        }
    }
}
