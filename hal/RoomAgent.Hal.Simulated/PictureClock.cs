using System.Buffers.Binary;
using System.Globalization;

namespace RoomAgent.Hal.Simulated;

/// <summary>What is drawn into a picture.</summary>
/// <param name="Time">When it was taken, on the machine's monotonic clock, to a tenth of a millisecond.</param>
/// <param name="Number">Its number, 0 to 16,777,215, then from 0 again.</param>
public readonly record struct PictureMark(TimeSpan Time, int Number);

/// <summary>
/// A running clock and a number, drawn in a picture twice: in figures for people, and as a strip of black and white cells that a program reads out of a
/// photograph of the screen, so to say, after any encoder and any scaling.
/// </summary>
/// <remarks>
/// <code>
/// +----------------------------------------+
/// |                                        |
/// | 0012:34:56.789  004711                 |   figures of seven segments, a sixteenth of the height
/// | [cell 0] [cell 1] ...      [cell 39]   |   40 cells, each 1/40 of the width and 1/20 of the height,
/// | [cell 40] ...              [cell 79]   |   the lower row right below the middle: names and marks are drawn along the edges
/// |                                        |
/// +----------------------------------------+
/// 48 bits  tenths of a millisecond, most significant first
/// 24 bits  number
///  8 bits  CRC-8 (polynomial 0x07) of the nine bytes before
/// </code>
/// </remarks>
public static class PictureClock
{
    private const int Columns = 40;
    private const int Rows = 2;
    private const int Bytes = Columns * Rows / 8;
    private const byte Black = 16;
    private const byte White = 235;

    // The segments of a figure from the top, clockwise, then the middle one.
    private static ReadOnlySpan<byte> Segments => [0b0111111, 0b0000110, 0b1011011, 0b1001111, 0b1100110, 0b1101101, 0b1111101, 0b0000111, 0b1111111, 0b1101111];

    /// <summary>Draws a mark.</summary>
    /// <param name="luma">The brightness of the picture, in limited range.</param>
    /// <param name="stride">Bytes from a row of brightness to the next.</param>
    /// <param name="cb">The first colour, at half the size.</param>
    /// <param name="cr">The second colour.</param>
    /// <param name="chromaStride">Bytes from a row of colour to the next.</param>
    /// <param name="width">Pixels, 160 at least; a smaller picture is left as it is.</param>
    /// <param name="height">Pixels, 80 at least.</param>
    /// <param name="mark">What to draw.</param>
    public static void Draw(Span<byte> luma, int stride, Span<byte> cb, Span<byte> cr, int chromaStride, int width, int height, PictureMark mark)
    {
        if (width < 160 || height < 80)
            return;

        // Without colour, or the cells would not be black and white.
        int cellHeight = height / 20;
        int end = (height / 2) + cellHeight;
        Fill(cb, chromaStride, 0, (end - (5 * cellHeight)) / 2, width / 2, (5 * cellHeight / 2) + 1, 128);
        Fill(cr, chromaStride, 0, (end - (5 * cellHeight)) / 2, width / 2, (5 * cellHeight / 2) + 1, 128);

        Span<byte> bytes = stackalloc byte[Bytes];
        Write(bytes, mark);
        for (int i = 0; i < Columns * Rows; i++)
        {
            int left = i % Columns * width / Columns;
            int right = ((i % Columns) + 1) * width / Columns;
            int top = end - ((Rows - (i / Columns)) * cellHeight);
            bool isSet = (bytes[i / 8] & (0x80 >> (i % 8))) != 0;
            Fill(luma, stride, left, top, right - left, cellHeight, isSet ? White : Black);
        }

        DrawFigures(luma, stride, width, height, end - ((Rows + 2) * cellHeight), mark);
    }

    /// <summary>Reads a mark from the place where a picture is shown.</summary>
    /// <param name="pixels">Pixels in rows: brightness alone, or BGRX.</param>
    /// <param name="stride">Bytes from a row to the next.</param>
    /// <param name="bytesPerPixel">1 for brightness, 4 for BGRX.</param>
    /// <param name="area">Where the picture is, all of it.</param>
    /// <param name="mark">What is drawn there.</param>
    /// <returns>Whether there is a mark, and whole.</returns>
    public static bool TryRead(ReadOnlySpan<byte> pixels, int stride, int bytesPerPixel, Area area, out PictureMark mark)
    {
        mark = default;
        if (area.X < 0 || area.Y < 0 || area.Width < Columns || area.Height < 20)
            return false;
        if (((long)(area.Y + area.Height - 1) * stride) + ((long)(area.X + area.Width) * bytesPerPixel) > pixels.Length)
            return false;

        Span<byte> bytes = stackalloc byte[Bytes];
        bytes.Clear();
        for (int i = 0; i < Columns * Rows; i++)
        {
            int x = area.X + (((2 * (i % Columns)) + 1) * area.Width / (2 * Columns));
            int y = area.Y + (int)(area.Height * (0.55 - ((Rows - (i / Columns) - 0.5) / 20)));
            if (Brightness(pixels, stride, bytesPerPixel, x, y) >= 128)
                bytes[i / 8] |= (byte)(0x80 >> (i % 8));
        }

        if (Crc(bytes[..(Bytes - 1)]) != bytes[^1])
            return false;

        long tenths = ((long)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32) | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]);
        mark = new PictureMark(TimeSpan.FromTicks(tenths * 1_000), (bytes[6] << 16) | (bytes[7] << 8) | bytes[8]);
        return true;
    }

    private static void Write(Span<byte> bytes, PictureMark mark)
    {
        long tenths = mark.Time.Ticks / 1_000;
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(tenths >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)tenths);
        (bytes[6], bytes[7], bytes[8]) = ((byte)(mark.Number >> 16), (byte)(mark.Number >> 8), (byte)mark.Number);
        bytes[^1] = Crc(bytes[..(Bytes - 1)]);
    }

    // The mean of a small square in the middle of a cell: one pixel alone may be an encoder's mistake.
    private static int Brightness(ReadOnlySpan<byte> pixels, int stride, int bytesPerPixel, int x, int y)
    {
        int sum = 0;
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                long at = ((long)(y + dy) * stride) + ((long)(x + dx) * bytesPerPixel);
                sum += at >= 0 && at < pixels.Length ? pixels[(int)at] : 0;
            }
        }

        return sum / 9;
    }

    private static byte Crc(ReadOnlySpan<byte> bytes)
    {
        int crc = 0;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 0x80) != 0 ? (crc << 1) ^ 0x107 : crc << 1;
        }

        return (byte)crc;
    }

    private static void DrawFigures(Span<byte> luma, int stride, int width, int height, int top, PictureMark mark)
    {
        Span<char> text = stackalloc char[24];
        TimeSpan time = mark.Time;
        text.TryWrite(CultureInfo.InvariantCulture, $"{(int)time.TotalHours % 10_000:0000}:{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds:000} {mark.Number % 1_000_000:000000}", out int length);
        int figureHeight = height / 16;
        int step = Math.Min(figureHeight * 3 / 4, (width - (figureHeight / 2)) / length);
        Fill(luma, stride, 0, top - (figureHeight / 2), Math.Min(width, (length + 1) * step), figureHeight + (figureHeight / 2), Black);
        for (int i = 0; i < length; i++)
            DrawFigure(luma, stride, (step / 2) + (i * step), top - (figureHeight / 4), step * 3 / 4, figureHeight, text[i]);
    }

    private static void DrawFigure(Span<byte> luma, int stride, int x, int y, int width, int height, char figure)
    {
        int stroke = Math.Max(1, width / 5);
        int half = height / 2;
        switch (figure)
        {
            case ':':
                Fill(luma, stride, x + (width / 2), y + (height / 4), stroke, stroke, White);
                Fill(luma, stride, x + (width / 2), y + (height * 3 / 4) - stroke, stroke, stroke, White);
                return;
            case '.':
                Fill(luma, stride, x + (width / 2), y + height - stroke, stroke, stroke, White);
                return;
            case < '0' or > '9':
                return;
        }

        byte lit = Segments[figure - '0'];
        if ((lit & 1) != 0)
            Fill(luma, stride, x, y, width, stroke, White);
        if ((lit & 2) != 0)
            Fill(luma, stride, x + width - stroke, y, stroke, half, White);
        if ((lit & 4) != 0)
            Fill(luma, stride, x + width - stroke, y + half, stroke, height - half, White);
        if ((lit & 8) != 0)
            Fill(luma, stride, x, y + height - stroke, width, stroke, White);
        if ((lit & 16) != 0)
            Fill(luma, stride, x, y + half, stroke, height - half, White);
        if ((lit & 32) != 0)
            Fill(luma, stride, x, y, stroke, half, White);
        if ((lit & 64) != 0)
            Fill(luma, stride, x, y + half - (stroke / 2), width, stroke, White);
    }

    private static void Fill(Span<byte> luma, int stride, int x, int y, int width, int height, byte value)
    {
        for (int row = Math.Max(y, 0); row < y + height; row++)
            luma.Slice((row * stride) + x, width).Fill(value);
    }
}
