using System.Globalization;
using System.Text;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>
/// Makes text from outside fit to be drawn: letters, marks, digits, punctuation and single spaces, in the order in which they are stored, and not too many.
/// </summary>
/// <remarks>
/// A name must not be able to look like another name or like something that the screen says:
/// <list type="bullet">
/// <item>controls and line ends become spaces; what is unassigned, for private use or half a surrogate pair goes;</item>
/// <item>so does everything that turns the direction of text or is invisible (category Cf, fillers), except joiners in scripts that are written with them;</item>
/// <item>so do symbols, among them all check marks, locks, shields, crosses and emoji: what a badge or a security icon could be taken for.
/// Kept are those of ASCII, currencies, and the degree sign;</item>
/// <item>a letter has at most two marks above and below it, and no mark stands alone or encloses anything.</item>
/// </list>
/// What remains are letters, drawn in the colour of text and in a place of their own: the badge's colour and place are never theirs.
/// </remarks>
internal static class ShownText
{
    private const int Name = 80;
    private const int Sentence = 500;
    private const int MarksOfALetter = 2;

    /// <summary>A name or title of at most 80 letters.</summary>
    public static string CleanName(string raw) => Clean(raw, Name);

    /// <summary>A sentence or a few, of at most 500 letters.</summary>
    public static string CleanSentence(string raw) => Clean(raw, Sentence);

    /// <summary>The first letters of the first and the last word of a clean name; nothing when it has no letters.</summary>
    public static string InitialsOf(string name)
    {
        string[] words = [.. name.Split(' ').Where(word => Rune.GetRuneAt(word + " ", 0) is { } first && Rune.IsLetter(first))];
        string of(string word) => Rune.ToUpperInvariant(Rune.GetRuneAt(word, 0)).ToString();
        return words.Length switch
        {
            0 => "",
            1 => of(words[0]),
            _ => of(words[0]) + of(words[^1]),
        };
    }

    private static string Clean(string raw, int most)
    {
        var clean = new StringBuilder();
        int letters = 0, marks = 0;
        Rune last = default;
        bool wantsSpace = false;
        foreach (Rune rune in raw.EnumerateRunes())
        {
            switch (Judge(rune, last, wantsSpace, marks))
            {
                case Kind.Space:
                    wantsSpace = letters > 0;
                    break;
                case Kind.Mark:
                    marks++;
                    clean.Append(rune.ToString());
                    last = rune;
                    break;
                case Kind.Letter when letters == most:
                    return clean.Append('…').ToString();
                case Kind.Letter:
                    if (wantsSpace)
                        clean.Append(' ');
                    clean.Append(rune.ToString());
                    (wantsSpace, marks, last) = (false, 0, rune);
                    letters++;
                    break;
            }
        }
        return clean.ToString();
    }

    private enum Kind
    {
        Nothing,
        Space,
        Letter,
        Mark,
    }

    private static Kind Judge(Rune rune, Rune last, bool isApart, int marks)
    {
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (IsSpace(category))
            return Kind.Space;
        if (IsMark(category) || rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner)
            return isApart || !MayCarry(rune, last) || marks == MarksOfALetter ? Kind.Nothing : Kind.Mark;
        return IsInvisible(rune) || !IsSeen(rune, category) ? Kind.Nothing : Kind.Letter;
    }

    private static bool IsSpace(UnicodeCategory category) =>
        category is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Control;

    private static bool IsMark(UnicodeCategory category) => category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    // Variation selectors and the grapheme joiner change nothing that we want changed. Joiners belong to scripts from Arabic on.
    private static bool MayCarry(Rune mark, Rune letter) =>
        (Rune.IsLetter(letter) || IsMark(Rune.GetUnicodeCategory(letter)))
        && mark.Value is not (0x034F or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF))
        && (mark.Value is not (ZeroWidthNonJoiner or ZeroWidthJoiner) || letter.Value >= FirstArabic);

    // Letters, by their category, that are drawn as nothing: the fillers of Hangul and Khmer's inherent vowels.
    private static bool IsInvisible(Rune rune) => rune.Value is 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0;

    private static bool IsSeen(Rune rune, UnicodeCategory category) => category switch
    {
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.Format or UnicodeCategory.EnclosingMark => false,
        UnicodeCategory.OtherSymbol => rune.Value == '°',
        UnicodeCategory.MathSymbol or UnicodeCategory.ModifierSymbol => rune.IsAscii,
        // Dingbats and the squared and circled letters above are pictures, whatever their category says.
        _ => rune.Value is not ((>= 0x2460 and <= 0x24FF) or (>= 0x2600 and <= 0x27BF) or (>= 0x1F000 and <= 0x1FAFF)),
    };

    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const int FirstArabic = 0x0600;
}
