using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Settings;

/// <summary>How the values of a setting are written in text.</summary>
/// <typeparam name="T">What such a text means.</typeparam>
public abstract class SettingType<T>
{
    /// <summary>Which values may be written, in words that follow "allowed is".</summary>
    public abstract string Allowed { get; }

    /// <summary>The text for <paramref name="value"/>.</summary>
    public abstract string Show(T value);

    /// <summary>What <paramref name="text"/> means; false when it is not allowed.</summary>
    public abstract bool TryRead(string text, [MaybeNullWhen(false)] out T value);
}

/// <summary>One of a few words.</summary>
/// <typeparam name="T">What the words mean.</typeparam>
internal sealed class OneOf<T>(params (string Word, T Value)[] choices) : SettingType<T>
{
    public override string Allowed => "one of " + string.Join(", ", choices.Select(choice => choice.Word));

    public override string Show(T value) =>
        choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word;

    public override bool TryRead(string text, [MaybeNullWhen(false)] out T value)
    {
        foreach ((string word, T meaning) in choices)
        {
            if (text.Equals(word, StringComparison.OrdinalIgnoreCase))
            {
                value = meaning;
                return true;
            }
        }

        value = default;
        return false;
    }
}

/// <summary>A number and a unit, such as <c>90s</c>, <c>15m</c>, <c>12h</c> or <c>2d</c>.</summary>
internal sealed class Duration(TimeSpan least, TimeSpan most) : SettingType<TimeSpan>
{
    private static readonly (char Letter, TimeSpan Length)[] s_units =
    [
        ('d', TimeSpan.FromDays(1)),
        ('h', TimeSpan.FromHours(1)),
        ('m', TimeSpan.FromMinutes(1)),
        ('s', TimeSpan.FromSeconds(1)),
    ];

    public override string Allowed => $"{Show(least)} to {Show(most)}, a whole number and one of the letters s, m, h, d";

    public override string Show(TimeSpan value)
    {
        (char letter, TimeSpan length) = s_units.First(unit => value.Ticks % unit.Length.Ticks == 0);
        return $"{value.Ticks / length.Ticks}{letter}";
    }

    public override bool TryRead(string text, out TimeSpan value)
    {
        value = default;
        if (text.Length == 0 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            return false;

        TimeSpan unit = s_units.FirstOrDefault(unit => unit.Letter == char.ToLowerInvariant(text[^1])).Length;
        if (unit == TimeSpan.Zero || count > most.Ticks / unit.Ticks)
            return false;

        value = count * unit;
        return value >= least;
    }
}

/// <summary>The full name of a directory, from the root.</summary>
internal sealed class DirectoryName : SettingType<string>
{
    public override string Allowed => "a directory's full name, from the / on";

    public override string Show(string value) => value;

    public override bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.StartsWith('/') && !text.Any(char.IsControl);
    }
}

/// <summary>A text that has to have a certain form; nothing at all stands for the default.</summary>
/// <param name="allowed">The form, in words that follow "allowed is".</param>
/// <param name="isGood">Whether a text that is not empty has it.</param>
/// <param name="isSecret">Whether it is not to be shown.</param>
internal sealed class FormedText(string allowed, Func<string, bool> isGood, bool isSecret = false) : SettingType<string>
{
    private const int Longest = 1_024;

    public override string Allowed => allowed;

    public override string Show(string value) => isSecret && value.Length > 0 ? "(private)" : value;

    public override bool TryRead(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length == 0 || (text.Length <= Longest && !text.Any(char.IsControl) && isGood(text));
    }
}

/// <summary>Width and height in pixels, and pictures a second where that matters, such as <c>1280x720@30</c>.</summary>
internal sealed class PictureSize : SettingType<VideoFormat>
{
    public override string Allowed => "WIDTHxHEIGHT@PICTURES, even numbers of pixels from 16 to 4096 and 1 to 120 pictures a second";

    public override string Show(VideoFormat value) => string.Create(CultureInfo.InvariantCulture, $"{value.Width}x{value.Height}@{value.FrameRate}");

    public override bool TryRead(string text, out VideoFormat value)
    {
        string[] parts = text.Split('x', '@');
        value = default;
        if (parts.Length != 3 || text.IndexOf('x', StringComparison.Ordinal) > text.IndexOf('@', StringComparison.Ordinal))
            return false;
        if (!Read(parts[0], out int width) || !Read(parts[1], out int height) || !Read(parts[2], out int rate))
            return false;

        value = new VideoFormat(width, height, rate);
        return value.IsValid;
    }

    private static bool Read(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
