using System.Globalization;

namespace RoomAgent.LocalApi.Commands;

/// <summary>An argument of a command.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Space">Which values there are.</param>
/// <param name="IsRequired">Whether it has to be given.</param>
internal sealed record Argument(string Name, ValueSpace Space, bool IsRequired = true);

/// <summary>Which values there are.</summary>
internal abstract record ValueSpace
{
    /// <summary>In words that follow "is".</summary>
    public abstract string Allowed { get; }

    /// <summary>Whether a text is one of them.</summary>
    public abstract bool Has(string text);
}

/// <summary>Whole numbers.</summary>
internal sealed record Whole(int Least, int Most) : ValueSpace
{
    public override string Allowed => $"a whole number from {Least} to {Most}";

    public override bool Has(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && value >= Least && value <= Most;
}

/// <summary>Texts without control characters.</summary>
internal sealed record Text(int Least, int Most) : ValueSpace
{
    public override string Allowed => $"a text of {Least} to {Most} letters";

    public override bool Has(string text) => text.Length >= Least && text.Length <= Most && !text.Any(char.IsControl);
}

/// <summary>On or off.</summary>
internal sealed record Switch : ValueSpace
{
    public override string Allowed => "On or Off";

    public override bool Has(string text) => IsOn(text) || text.Equals("Off", StringComparison.OrdinalIgnoreCase) || text.Equals("False", StringComparison.OrdinalIgnoreCase);

    public static bool IsOn(string text) => text.Equals("On", StringComparison.OrdinalIgnoreCase) || text.Equals("True", StringComparison.OrdinalIgnoreCase);
}

/// <summary>Bytes in hexadecimal.</summary>
internal sealed record Hexadecimal(int Least, int Most) : ValueSpace
{
    public override string Allowed => Least == Most ? $"{Most} bytes in hexadecimal" : $"{Least} to {Most} bytes in hexadecimal";

    public override bool Has(string text) => text.Length % 2 == 0 && text.Length >= Least * 2 && text.Length <= Most * 2 && text.All(char.IsAsciiHexDigit);
}
