using System.Text;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>The kinds of subject alternative names that name a participant. The numbers are the tags of RFC 5280 section 4.2.1.6.</summary>
public enum NameKind : byte
{
    /// <summary>A mailbox (rfc822Name): a person.</summary>
    Mailbox = 1,

    /// <summary>A DNS name: a device.</summary>
    Dns = 2,

    /// <summary>A URI; <c>urn:uuid:</c> for a guest.</summary>
    Uri = 6,
}

/// <summary>
/// The one name that a certificate gives its owner, in the form in which two are equal when they mean the same: ASCII in lower case.
/// The subject's common name is never taken for one.
/// </summary>
/// <param name="Kind">What kind of name.</param>
/// <param name="Value">The name, to be shown as it is: internationalised names as A-labels, so that none can look like another.</param>
public readonly record struct CertifiedName(NameKind Kind, Private<string> Value)
{
    private const string UuidPrefix = "urn:uuid:";

    /// <summary>Whether it is the random name that the service gave a guest.</summary>
    public bool IsGuest => Kind == NameKind.Uri && Value.Reveal().StartsWith(UuidPrefix, StringComparison.Ordinal);

    /// <summary>The identity as an <see cref="IIdentityProvider"/> gives it: kind and name, such as <c>dns:room1.example.org</c>.</summary>
    public ByteString Identity => ByteString.Owning(Encoding.ASCII.GetBytes(Prefix + Value.Reveal()));

    /// <summary>Only the kind: names are personal.</summary>
    public override string ToString() => Prefix + Value;

    private string Prefix => Kind switch
    {
        NameKind.Dns => "dns:",
        NameKind.Mailbox => "mail:",
        _ => "uri:",
    };

    /// <summary>Brings a name of a certificate into its one form: <see langword="null"/> when it is none.</summary>
    internal static CertifiedName? Of(NameKind kind, ReadOnlySpan<byte> name)
    {
        // Everything beyond printable ASCII goes here: NUL, blanks, U-labels.
        if (name.IsEmpty || name.Length > 320 || name.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
            return null;

        string text = Encoding.ASCII.GetString(name);
        string lower = text.ToLowerInvariant();
        string? value = kind switch
        {
            NameKind.Dns when IsDomain(lower) => lower,
            NameKind.Mailbox when IsMailbox(lower) => lower,
            NameKind.Uri when IsUuid(lower) => lower,
            NameKind.Uri when IsUri(text) => text,
            _ => null,
        };
        return value is null ? null : new CertifiedName(kind, Private.Of(value));
    }

    // Letters, digits and hyphens; at least two labels, the last not a number, so that no address passes for a name. No label is of a form
    // that is reserved, "xn--" excepted (RFC 5890 section 2.3.1).
    private static bool IsDomain(ReadOnlySpan<char> text)
    {
        if (text.Length > 253)
            return false;

        int labels = 0;
        bool lastIsNumber = false;
        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> label = text[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            if (label.Length > 3 && label[2..4] is "--" && label[..2] is not "xn")
                return false;

            lastIsNumber = true;
            foreach (char letter in label)
            {
                if (!char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-')
                    return false;
                lastIsNumber &= char.IsAsciiDigit(letter);
            }

            labels++;
        }

        return labels >= 2 && !lastIsNumber;
    }

    // Dot-atom "@" domain (RFC 5321 section 4.1.2), without the quoted forms.
    private static bool IsMailbox(ReadOnlySpan<char> text)
    {
        int at = text.IndexOf('@');
        return at is > 0 and <= 64 && IsDotAtom(text[..at]) && IsDomain(text[(at + 1)..]);
    }

    private static bool IsDotAtom(ReadOnlySpan<char> text)
    {
        const string special = "!#$%&'*+-/=?^_`{|}~";
        foreach (char letter in text)
        {
            if (letter != '.' && !char.IsAsciiLetterOrDigit(letter) && !special.Contains(letter))
                return false;
        }

        return text[0] != '.' && text[^1] != '.' && text.IndexOf("..") < 0;
    }

    private static bool IsUuid(ReadOnlySpan<char> text) =>
        text.StartsWith(UuidPrefix, StringComparison.Ordinal) && Guid.TryParseExact(text[UuidPrefix.Length..], "D", out _);

    // scheme "://" domain path, with scheme and domain in lower case already, which is where URIs that differ may mean the same (RFC 3986 section 6.2.2).
    // Paths are of unreserved characters, without dot segments. No user, port, query, fragment or escapes.
    private static bool IsUri(ReadOnlySpan<char> text)
    {
        int colon = text.IndexOf("://");
        if (colon < 1 || !char.IsAsciiLetterLower(text[0]) || text[..colon].ContainsAnyExcept(s_schemeLetters))
            return false;

        ReadOnlySpan<char> rest = text[(colon + 3)..];
        int slash = rest.IndexOf('/');
        ReadOnlySpan<char> path = slash < 0 ? [] : rest[slash..];
        return IsDomain(slash < 0 ? rest : rest[..slash])
            && !path.ContainsAnyExcept(s_pathLetters)
            && path.IndexOf("/.") < 0
            && path.IndexOf("//") < 0;
    }

    private static readonly System.Buffers.SearchValues<char> s_schemeLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-.");

    private static readonly System.Buffers.SearchValues<char> s_pathLetters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/");
}
