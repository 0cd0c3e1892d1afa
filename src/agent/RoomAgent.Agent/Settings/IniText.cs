using System.Text;
using System.Text.Unicode;

namespace RoomAgent.Agent.Settings;

/// <summary>
/// Reads the text of a configuration file. Any bytes may come in; what cannot be understood comes out as problems, all
/// of them at once and each with its line.
/// </summary>
/// <remarks>
/// <code>
/// # a comment, or ; a comment: a line of its own
/// [section]
/// key = value
/// key = " a value with blanks at its ends "
/// </code>
/// Our own reader and not Microsoft.Extensions.Configuration.Ini, because that one stops at the first bad line and does
/// not know the lines of the good ones.
/// </remarks>
public static class IniText
{
    /// <summary>The largest file that is read. Ours have a page.</summary>
    public const int MaximumBytes = 256 * 1024;

    /// <summary>The longest section or key that is repeated in a message.</summary>
    private const int LongestName = 64;

    /// <summary>Adds what <paramref name="bytes"/> say to <paramref name="assignments"/>, and what is wrong with them to <paramref name="problems"/>.</summary>
    public static void Read(string file, ReadOnlySpan<byte> bytes, List<Assignment> assignments, List<SettingProblem> problems)
    {
        if (bytes.Length > MaximumBytes)
        {
            problems.Add(new SettingProblem(file, $"larger than {MaximumBytes / 1024} kB, so not a configuration of ours"));
            return;
        }

        if (Decode(bytes) is not { } text)
        {
            problems.Add(new SettingProblem(file, "not a text in UTF-8"));
            return;
        }

        ReadLines(file, text, assignments, problems);
    }

    private static void ReadLines(string file, string text, List<Assignment> assignments, List<SettingProblem> problems)
    {
        var firstLines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        string? section = null;
        bool skipping = false;
        int number = 0;

        foreach (ReadOnlySpan<char> untrimmed in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = untrimmed.Trim();
            string origin = $"{file}:{number}";

            if (line.IsEmpty || line[0] is '#' or ';')
                continue;

            if (line[0] == '[')
            {
                section = line[^1] == ']' ? Name(line[1..^1]) : null;
                // What follows a bad section cannot be judged, and complaining about each line would bury the cause.
                skipping = section is null;
                if (skipping)
                    problems.Add(new SettingProblem(origin, "a section is written [name]"));
                continue;
            }

            int equals = line.IndexOf('=');
            if (equals < 0 || Name(line[..equals]) is not { } key)
            {
                problems.Add(new SettingProblem(origin, "neither a comment nor [section] nor key = value"));
            }
            else if (skipping)
            {
                continue;
            }
            else if (section is null)
            {
                problems.Add(new SettingProblem(origin, $"{key}: belongs to no section; write one above it, such as [log]"));
            }
            else if (!firstLines.TryAdd($"{section}.{key}", number))
            {
                problems.Add(new SettingProblem(origin, $"[{section}] {key}: already set in line {firstLines[$"{section}.{key}"]}"));
            }
            else
            {
                assignments.Add(new Assignment(origin, section, key, Unquote(line[(equals + 1)..].Trim())));
            }
        }
    }

    /// <summary>A section or key that may be repeated in a message: short, and of letters, digits, - and _ only.</summary>
    private static string? Name(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.IsEmpty || text.Length > LongestName)
            return null;

        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_'))
                return null;
        }

        return text.ToString();
    }

    private static string Unquote(ReadOnlySpan<char> value) =>
        value.Length >= 2 && value[0] == '"' && value[^1] == '"' ? value[1..^1].ToString() : value.ToString();

    private static string? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];

        if (bytes.Contains((byte)0) || !Utf8.IsValid(bytes))
            return null;
        return Encoding.UTF8.GetString(bytes);
    }
}
