namespace RoomAgent.Hal.Media.Drawing;

/// <summary>
/// The sizes of text, as parts of the screen's height, so that a page looks the same at 1280x720 and at 3840x2160.
/// </summary>
/// <remarks>
/// The rule is made for a display of 55 inches (685 mm high) seen from 4 m. The eye tells letters apart whose capitals are 5 minutes of arc high;
/// ISO 9241-303 asks for 16 where people read for long. Capitals of Noto Sans are 0.714 of its size, and a minute of arc at 4 m is 1.16 mm:
/// <list type="bullet">
/// <item>nothing is smaller than 12 minutes (<see cref="Note"/>: 14 mm, 2.9 % of the height);</item>
/// <item>sentences that tell people what to do have at least 16 (<see cref="Body"/>: 3.8 %);</item>
/// <item>headings have 22, titles 32, what is to be typed or read out at least 16 with room around each sign.</item>
/// </list>
/// A sentence that does not fit shrinks in steps, and never below <see cref="Note"/>.
/// </remarks>
internal static class TypeScale
{
    /// <summary>The least there is: names on small tiles, captions.</summary>
    public const double Note = 0.029;

    /// <summary>Sentences.</summary>
    public const double Body = 0.038;

    /// <summary>Headings of parts.</summary>
    public const double Heading = 0.053;

    /// <summary>What a page says first.</summary>
    public const double Title = 0.078;

    /// <summary>The clock of an idle room, a sign of a pairing code.</summary>
    public const double Display = 0.17;

    /// <summary>From a size to the next one that is tried when a text does not fit.</summary>
    public const double Step = 0.93;
}

/// <summary>Where text stands in the width of its box. The numbers are those of PangoAlignment.</summary>
internal enum Align
{
    /// <summary>Where lines of its script begin.</summary>
    Start = 0,

    /// <summary>In the middle.</summary>
    Centre = 1,

    /// <summary>Where lines of its script end.</summary>
    End = 2,
}

/// <summary>How text looks.</summary>
/// <param name="Size">Its size when there is room, in pixels.</param>
/// <param name="Smallest">The size below which it is shortened instead, in pixels.</param>
/// <param name="IsBold">Whether it is bold.</param>
/// <param name="Align">Where it stands.</param>
/// <param name="Lines">The lines it may have, at least 1.</param>
internal readonly record struct TextStyle(double Size, double Smallest, bool IsBold, Align Align, int Lines);
