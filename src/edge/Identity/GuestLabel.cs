using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RoomAgent.Identity;

/// <summary>
/// What a guest says to be called: the common name of the certificate, for people to look at. Nobody has checked it, and nothing is decided by it:
/// who is who is told by the random name beside it. So it is never shown alone, and never looks like a mailbox or the name of a device.
/// </summary>
public static class GuestLabel
{
    /// <summary>The longest, in characters.</summary>
    public const int Longest = 30;

    private const string CommonName = "2.5.4.3";
    private const int LargestSubject = 512;
    private const int ShownOfName = 8;
    private const string UuidPrefix = "urn:uuid:";

    /// <summary>A text as a label: letters, digits, and between them single blanks, hyphens and apostrophes; a full stop ends a word.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static string? Clean(string? text)
    {
        string label = (text ?? "").Trim(' ');
        if (label.Length is 0 or > Longest)
            return null;

        char before = ' ';
        foreach (char letter in label)
        {
            bool isWord = char.IsLetterOrDigit(letter) || char.GetUnicodeCategory(letter) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            bool isBetween = letter is ' ' or '-' or '\'' or '.';
            if (!isWord && !isBetween)
                return null;

            // Nothing twice in a row, and a full stop only where a word has ended.
            bool isAllowed = isWord ? before != '.' : before == '.' ? letter == ' ' : before is not (' ' or '-' or '\'');
            if (!isAllowed)
                return null;

            before = letter;
        }

        return label;
    }

    /// <summary>The label in a subject.</summary>
    /// <param name="subject">A distinguished name in DER: any bytes.</param>
    /// <returns><see langword="null"/> when there is none.</returns>
    public static string? Read(ReadOnlySpan<byte> subject)
    {
        if (subject.Length > LargestSubject)
            return null;

        try
        {
            foreach (X500RelativeDistinguishedName part in new X500DistinguishedName(subject).EnumerateRelativeDistinguishedNames(reversed: false))
            {
                if (!part.HasMultipleElements && part.GetSingleElementType().Value == CommonName)
                    return Clean(part.GetSingleElementValue());
            }
        }
        catch (CryptographicException)
        {
            // Not a distinguished name: the same as none.
        }

        return null;
    }

    /// <summary>How a guest is shown: <c>Ada (guest 3f2a91c4)</c>, with the beginning of the random name.</summary>
    /// <param name="name">The random name: <c>urn:uuid:</c> and what follows.</param>
    /// <param name="label">What the guest says to be called; <see langword="null"/> for nothing.</param>
    public static string Describe(string name, string? label)
    {
        string random = name[UuidPrefix.Length..][..ShownOfName];
        return label is not null && !label.StartsWith("guest", StringComparison.OrdinalIgnoreCase) ? $"{label} (guest {random})" : $"guest {random}";
    }
}
