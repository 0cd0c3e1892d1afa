namespace RoomAgent.Hal;

/// <summary>All that a room's screen has to show.</summary>
/// <param name="Scene">What the room is doing.</param>
public sealed record ScreenContents(RoomScene Scene)
{
    /// <summary>What people call the room; empty before it has a name.</summary>
    public string RoomName { get; init; } = "";

    /// <summary>Language and theme.</summary>
    public ScreenLook Look { get; init; } = new();

    /// <summary>Something that is wrong and does not keep the room from going on, in a strip of its own beside the scene.</summary>
    public Trouble? Notice { get; init; }

    /// <summary>A message over the scene.</summary>
    public ScreenAlert? Alert { get; init; }

    /// <summary>A line of text over the scene.</summary>
    public ScreenTextLine? TextLine { get; init; }
}

/// <summary>How a screen speaks and looks.</summary>
public sealed record ScreenLook
{
    /// <summary>The language's code (ISO 639-1), such as <c>en</c>. One that the screen does not know becomes English.</summary>
    public string Language { get; init; } = "en";

    /// <summary>The colours.</summary>
    public ScreenTheme Theme { get; init; }

    /// <summary>Whether times are written as 2:30 PM; else as 14:30.</summary>
    public bool HasTwelveHourClock { get; init; }
}

/// <summary>A screen's colours.</summary>
public enum ScreenTheme
{
    /// <summary>Dark and calm.</summary>
    Standard,

    /// <summary>Black and white with the strongest contrast there is, everything outlined.</summary>
    HighContrast,
}

/// <summary>A message that lies over the scene for a while.</summary>
/// <param name="Title">Some words; may be empty.</param>
/// <param name="Text">A few sentences, of which some 500 characters are shown.</param>
/// <param name="Until">When it disappears; <see cref="DateTimeOffset.MaxValue"/> when someone will take it away.</param>
public sealed record ScreenAlert(string Title, string Text, DateTimeOffset Until);

/// <summary>A line of text that lies over the scene for a while.</summary>
/// <param name="Text">One line, shortened to the width of the screen.</param>
/// <param name="X">Where its middle is, from 1 at the left to 10,000 at the right; what is outside is brought in, and the line always lies on the screen as a whole.</param>
/// <param name="Y">Where its middle is, from 1 at the top to 10,000 at the bottom.</param>
/// <param name="Until">When it disappears; <see cref="DateTimeOffset.MaxValue"/> when someone will take it away.</param>
public sealed record ScreenTextLine(string Text, int X, int Y, DateTimeOffset Until);
