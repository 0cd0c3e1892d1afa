using System.Text.RegularExpressions;

namespace RoomAgent.Hub.People;

/// <summary>Mailboxes in the form that certificates have them (RFC 5280 section 4.2.1.6): dot-atom, "@", domain; in lower case.</summary>
internal static partial class Mailbox
{
    /// <summary>The longest one (RFC 5321 section 4.5.3.1.3), in characters.</summary>
    public const int MaxLength = 254;

    /// <summary>Reads one as people type it; <see langword="null"/> for anything that is none.</summary>
    public static string? Read(string? text)
    {
        string trimmed = (text ?? "").Trim(' ').ToLowerInvariant();
        return trimmed.Length <= MaxLength && Form().IsMatch(trimmed) ? trimmed : null;
    }

    // A stranger writes the text: nothing in it can match in two ways, so that no text takes long.
    [GeneratedRegex(@"\A(?=[^@]{1,64}@)(?>[a-z0-9!#$%&'*+/=?^_`{|}~-]+)(?>\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?>(?!-)(?>[a-z0-9-]{1,63})(?<!-)\.)+(?=[a-z])(?>[a-z0-9-]{1,63})(?<!-)\z")]
    private static partial Regex Form();
}
