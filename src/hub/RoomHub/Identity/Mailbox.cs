using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Identity;

/// <summary>Mailboxes as certificates name them: a dot-atom, an at sign, a domain of A-labels, all in ASCII and lower case. Nobody with another form could enter a meeting by it.</summary>
internal static class Mailbox
{
    /// <summary>The longest one (RFC 5321 section 4.5.3.1.3), in characters.</summary>
    public const int MaxLength = 254;

    private const int MaxLocal = 64;
    private const string Special = "!#$%&'*+-/=?^_`{|}~";

    /// <summary>Brings a mailbox into its one form, with or without <c>mailto:</c> before it: <see langword="null"/> when it is none.</summary>
    public static string? Read(string? text)
    {
        if (text is null)
            return null;
        if (text.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase))
            text = text["mailto:".Length..];

        text = text.Trim(' ');
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (text.Length > MaxLength || at is < 1 or > MaxLocal || text.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return null;

        string lower = text.ToLowerInvariant();
        return IsDotAtom(lower.AsSpan(0, at)) && IsDomain(lower[(at + 1)..]) ? lower : null;
    }

    /// <summary>The name of a person's certificate.</summary>
    public static CertifiedName NameOf(string mailbox) => new(NameKind.Mailbox, Private.Of(mailbox));

    private static bool IsDotAtom(ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (letter != '.' && !char.IsAsciiLetterOrDigit(letter) && !Special.Contains(letter, StringComparison.Ordinal))
                return false;
        }

        return text[0] != '.' && text[^1] != '.' && text.IndexOf("..") < 0;
    }

    private static bool IsDomain(string text)
    {
        string[] labels = text.Split('.');
        return labels.Length >= 2
            && !labels[^1].All(char.IsAsciiDigit)
            && labels.All(label => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-'));
    }
}
