namespace RoomAgent.Hal.Media.Drawing;

/// <summary>A colour.</summary>
/// <param name="Rgb">Red, green and blue, 8 bits each, blue in the lowest.</param>
/// <param name="Opacity">From 0, nothing, to 1.</param>
internal readonly record struct Colour(uint Rgb, double Opacity = 1)
{
    public double Red => (Rgb >> 16 & 0xFF) / 255.0;

    public double Green => (Rgb >> 8 & 0xFF) / 255.0;

    public double Blue => (Rgb & 0xFF) / 255.0;

    /// <summary>Contrast to another colour, from 1 to 21 (WCAG 2.2, "contrast ratio").</summary>
    public double ContrastTo(Colour other)
    {
        double one = Luminance, two = other.Luminance;
        return (Math.Max(one, two) + 0.05) / (Math.Min(one, two) + 0.05);
    }

    private double Luminance => 0.2126 * Linear(Red) + 0.7152 * Linear(Green) + 0.0722 * Linear(Blue);

    private static double Linear(double value) => value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
}

/// <summary>The colours of a screen, by what they are for. There is one accent; the last three speak of good, of care and of danger alone.</summary>
internal sealed record Theme
{
    /// <summary>Behind everything.</summary>
    public required Colour Ground { get; init; }

    /// <summary>Cards and tiles without a picture.</summary>
    public required Colour Surface { get; init; }

    /// <summary>Labels that lie over pictures.</summary>
    public required Colour Label { get; init; }

    /// <summary>Round cards.</summary>
    public required Colour Line { get; init; }

    /// <summary>What is to be read.</summary>
    public required Colour Text { get; init; }

    /// <summary>What may be read.</summary>
    public required Colour Quiet { get; init; }

    /// <summary>What the eye is to find first.</summary>
    public required Colour Accent { get; init; }

    /// <summary>Verified, encrypted from end to end, free.</summary>
    public required Colour Good { get; init; }

    /// <summary>Something to know about.</summary>
    public required Colour Care { get; init; }

    /// <summary>Something to act on.</summary>
    public required Colour Danger { get; init; }

    public static Theme Of(ScreenTheme theme) => theme == ScreenTheme.HighContrast ? s_highContrast : s_standard;

    private static readonly Theme s_standard = new()
    {
        Ground = new(0x0E141B),
        Surface = new(0x19222D),
        Label = new(0x0E141B, 0.86),
        Line = new(0x2B3846),
        Text = new(0xF3F6F9),
        Quiet = new(0xA8B5C4),
        Accent = new(0x6CB8FF),
        Good = new(0x5FD6A0),
        Care = new(0xFFC862),
        Danger = new(0xFF8A80),
    };

    private static readonly Theme s_highContrast = new()
    {
        Ground = new(0x000000),
        Surface = new(0x000000),
        Label = new(0x000000),
        Line = new(0xFFFFFF),
        Text = new(0xFFFFFF),
        Quiet = new(0xFFFFFF),
        Accent = new(0xFFF04D),
        Good = new(0x5CFFAE),
        Care = new(0xFFC940),
        Danger = new(0xFF9C94),
    };
}
