namespace RoomAgent.Screen.Tests;

/// <summary>How two pictures of a screen differ, in a way that people would see and font libraries of different years would not.</summary>
/// <remarks>
/// Both are averaged over squares of 10 x 10 pixels. A square differs when a colour's average differs by more than 30 of 255 there.
/// The libraries of Debian 12 and 13 draw text so that averages differ by up to 13, text that is a whole pixel aside by up to 24;
/// a sign that is missing, or another one, moves them by 50 to 200. No square may differ.
/// </remarks>
internal sealed class Difference
{
    public const int Square = 10;
    public const int Tolerance = 30;

    private readonly List<(int X, int Y)> _squares = [];

    public Difference(PngPicture expected, PngPicture actual)
    {
        IsOfOneSize = (expected.Width, expected.Height) == (actual.Width, actual.Height);
        Pixels = (byte[])actual.Pixels.Clone();
        if (!IsOfOneSize)
            return;
        int across = expected.Width / Square, down = expected.Height / Square;
        for (int y = 0; y < down; y++)
        {
            for (int x = 0; x < across; x++)
            {
                int most = 0;
                for (int colour = 0; colour < 3; colour++)
                    most = Math.Max(most, Math.Abs(Average(expected, x, y, colour) - Average(actual, x, y, colour)));
                Largest = Math.Max(Largest, most);
                if (most > Tolerance)
                    _squares.Add((x, y));
            }
        }
        Mark(expected.Width);
    }

    public bool IsOfOneSize { get; }

    public bool IsSmall => IsOfOneSize && _squares.Count == 0;

    public int Largest { get; }

    /// <summary>The actual picture, dimmed but for the squares that differ.</summary>
    public byte[] Pixels { get; }

    public override string ToString() =>
        !IsOfOneSize ? "another size" : $"{_squares.Count} squares differ, the first at {(_squares.Count > 0 ? (_squares[0].X * Square, _squares[0].Y * Square) : default)}, by up to {Largest} of 255";

    private static int Average(PngPicture picture, int x, int y, int colour)
    {
        int sum = 0;
        for (int row = 0; row < Square; row++)
        {
            int at = ((y * Square + row) * picture.Width + x * Square) * 4 + colour;
            for (int i = 0; i < Square; i++)
                sum += picture.Pixels[at + i * 4];
        }
        return sum / (Square * Square);
    }

    private void Mark(int width)
    {
        HashSet<(int, int)> marked = [.. _squares];
        for (int i = 0; i < Pixels.Length; i++)
        {
            int pixel = i / 4;
            if (!marked.Contains((pixel % width / Square, pixel / width / Square)))
                Pixels[i] /= 4;
        }
    }
}
