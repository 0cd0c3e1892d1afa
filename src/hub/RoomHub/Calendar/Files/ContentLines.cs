using System.Text;

namespace RoomAgent.Hub.Calendar.Files;

/// <summary>What is wrong in a file, and where.</summary>
/// <param name="Line">The line, from 1 on; 0 for the whole file.</param>
/// <param name="What">A sentence for the one who made the file. Never anything that stands in it.</param>
internal sealed record FileProblem(int Line, string What);

/// <summary>A content line (RFC 5545 section 3.1).</summary>
/// <remarks><code>ATTENDEE;CUTYPE=ROOM;CN="Room 1":mailto:room1@example.org</code></remarks>
/// <param name="Number">The line of the file where it begins.</param>
/// <param name="Name">Its name in upper case.</param>
/// <param name="Parameters">Its parameters, names in upper case; the first of those of the same name.</param>
/// <param name="Value">Its value, as it stands there.</param>
internal sealed record ContentLine(int Number, string Name, IReadOnlyList<(string Name, string Value)> Parameters, string Value)
{
    /// <summary>A parameter: <see langword="null"/> when there is none.</summary>
    public string? Parameter(string name)
    {
        foreach ((string there, string value) in Parameters)
        {
            if (there == name)
                return value;
        }

        return null;
    }

    /// <summary>The value as a text (RFC 5545 section 3.3.11), without what cannot be shown, and not longer than <paramref name="most"/> letters.</summary>
    public string Text(int most) => Tidy(Unescape(Value), most);

    /// <summary>A text without control characters and what hides between letters, blanks together, not longer than <paramref name="most"/>.</summary>
    public static string Tidy(string text, int most)
    {
        var tidy = new StringBuilder(Math.Min(text.Length, most));
        foreach (Rune letter in text.EnumerateRunes())
        {
            bool isBlank = Rune.IsWhiteSpace(letter) || Rune.IsControl(letter);
            if (isBlank && (tidy.Length == 0 || tidy[^1] == ' '))
                continue;
            if (!isBlank && Rune.GetUnicodeCategory(letter) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned)
                continue;

            string next = isBlank ? " " : letter.ToString();
            if (tidy.Length + next.Length > most)
                break;
            tidy.Append(next);
        }

        return tidy.ToString().TrimEnd();
    }

    private static string Unescape(string value)
    {
        if (!value.Contains('\\', StringComparison.Ordinal))
            return value;

        var text = new StringBuilder(value.Length);
        for (int i = 0; i < value.Length; i++)
        {
            char letter = value[i];
            if (letter == '\\' && i + 1 < value.Length)
                letter = value[++i] is 'n' or 'N' ? '\n' : value[i];
            text.Append(letter);
        }

        return text.ToString();
    }
}

/// <summary>
/// Reads content lines, unfolded, in one pass. It does not use Ical.Net's reader, which throws on a stranger's mistakes and does not say in which line they are.
/// </summary>
internal ref struct ContentLines(ReadOnlySpan<byte> file)
{
    // A description may be long, but none of what is looked at is.
    private const int MaxLine = 64 * 1024;
    private const int MaxParameters = 30;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _rest = file.StartsWith("\uFEFF"u8) ? file[3..] : file;
    private int _line;

    /// <summary>What is wrong, once <see cref="TryRead"/> has given nothing.</summary>
    public FileProblem? Problem { get; private set; }

    /// <summary>The next line that is not empty: <see langword="false"/> at the end of the file, and where something is wrong.</summary>
    public bool TryRead(out ContentLine? line)
    {
        line = null;
        while (!_rest.IsEmpty)
        {
            int number = _line + 1;
            ReadOnlySpan<byte> bytes = Unfold(NextPhysical());
            if (bytes.IsEmpty)
                continue;

            line = Parse(bytes, number);
            return line is not null;
        }

        return false;
    }

    // The bytes are joined before they are decoded, since a line may be folded in the middle of a letter.
    private ReadOnlySpan<byte> Unfold(ReadOnlySpan<byte> first)
    {
        if (_rest.IsEmpty || _rest[0] is not ((byte)' ' or (byte)'\t'))
            return first;

        var whole = new System.Buffers.ArrayBufferWriter<byte>(Math.Max(first.Length * 2, 256));
        Append(whole, first);
        while (!_rest.IsEmpty && _rest[0] is (byte)' ' or (byte)'\t')
            Append(whole, NextPhysical()[1..]);
        return whole.WrittenSpan;

        // Of what is too long only so much is kept that it is seen to be.
        static void Append(System.Buffers.ArrayBufferWriter<byte> whole, ReadOnlySpan<byte> part)
        {
            ReadOnlySpan<byte> kept = part[..Math.Min(part.Length, MaxLine + 1 - Math.Min(whole.WrittenCount, MaxLine + 1))];
            kept.CopyTo(whole.GetSpan(kept.Length + 1));
            whole.Advance(kept.Length);
        }
    }

    private ReadOnlySpan<byte> NextPhysical()
    {
        _line++;
        int end = _rest.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    private ContentLine? Parse(ReadOnlySpan<byte> bytes, int number)
    {
        if (bytes.Length > MaxLine)
            return Refuse(number, "the line is longer than any good one");

        string text;
        try
        {
            text = s_utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Refuse(number, "the line is not UTF-8");
        }

        foreach (char letter in text)
        {
            if (char.IsControl(letter) && letter != '\t')
                return Refuse(number, "there are control characters in the line");
        }

        int at = NameEnd(text, 0);
        if (at == 0 || at == text.Length)
            return Refuse(number, "the line is not NAME:VALUE");

        string name = text[..at].ToUpperInvariant();
        var parameters = new List<(string Name, string Value)>();
        while (text[at] == ';')
        {
            int begin = at + 1;
            int equals = NameEnd(text, begin);
            if (equals == begin || equals == text.Length || text[equals] != '=' || parameters.Count == MaxParameters)
                return Refuse(number, "a parameter is not NAME=VALUE, or there are too many");

            at = ReadValues(text, equals + 1, out string value);
            if (at < 0)
                return Refuse(number, "a parameter's value has no end");
            parameters.Add((text[begin..equals].ToUpperInvariant(), value));
        }

        return text[at] == ':' ? new ContentLine(number, name, parameters, text[(at + 1)..]) : Refuse(number, "the line is not NAME:VALUE");
    }

    private ContentLine? Refuse(int number, string what)
    {
        Problem = new FileProblem(number, what);
        return null;
    }

    private static int NameEnd(string text, int from)
    {
        int at = from;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '_'))
            at++;
        return at;
    }

    // param-value *("," param-value), of which several are joined. Gives where ";" or ":" follows, or -1.
    private static int ReadValues(string text, int from, out string value)
    {
        var joined = new StringBuilder();
        int at = from;
        value = "";
        while (true)
        {
            if (at < text.Length && text[at] == '"')
            {
                int end = text.IndexOf('"', at + 1);
                if (end < 0)
                    return -1;
                joined.Append(text, at + 1, end - at - 1);
                at = end + 1;
            }
            else
            {
                int end = text.AsSpan(at).IndexOfAny(',', ';', ':');
                if (end < 0)
                    return -1;
                joined.Append(text, at, end);
                at += end;
            }

            if (at >= text.Length || text[at] is not (',' or ';' or ':'))
                return -1;
            if (text[at] != ',')
                break;
            joined.Append(',');
            at++;
        }

        // RFC 6868.
        value = joined.Replace("^'", "\"").Replace("^n", " ").Replace("^^", "^").ToString();
        return at;
    }
}
