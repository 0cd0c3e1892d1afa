namespace RoomAgent.Hub.Pages;

/// <summary>An input with its label, hint and error.</summary>
/// <param name="Name">By which the page reads it, and its id.</param>
/// <param name="Label">What is asked for.</param>
internal sealed record FormField(string Name, string Label)
{
    /// <summary>What stands in it.</summary>
    public string? Value { get; init; }

    /// <summary>The type of HTML.</summary>
    public string Type { get; init; } = "text";

    /// <summary>What helps to fill it in.</summary>
    public string? Hint { get; init; }

    /// <summary>What browsers and password stores know it as.</summary>
    public string Autocomplete { get; init; } = "off";

    /// <summary>Which keys a telephone offers.</summary>
    public string? InputMode { get; init; }

    /// <summary>The most characters.</summary>
    public int MaxLength { get; init; } = 100;

    /// <summary>The id of a list with values that one may choose from.</summary>
    public string? Choices { get; init; }

    /// <summary>How many lines it has; 1 for an input.</summary>
    public int Lines { get; init; } = 1;

    /// <summary>Whether one begins here.</summary>
    public bool IsFirst { get; init; }
}

/// <summary>Asks whether something is meant that cannot be taken back.</summary>
/// <param name="Consequence">What will be.</param>
/// <param name="Deed">The words on the button.</param>
/// <param name="Back">Where one goes when not.</param>
internal sealed record Confirmed(string Consequence, string Deed, string Back);

/// <summary>Ways to the other pages of a list.</summary>
/// <param name="First">To the first one; <see langword="null"/> on it.</param>
/// <param name="Next">To the next one; <see langword="null"/> on the last.</param>
internal sealed record PageLinks(string? First, string? Next);

/// <summary>Something that is kept nowhere in clear.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Advice">What to do with it.</param>
/// <param name="Values">Field name, label, and the thing itself.</param>
internal sealed record ShownOnce(string Title, string Advice, IReadOnlyList<(string Name, string Label, string Value)> Values);
