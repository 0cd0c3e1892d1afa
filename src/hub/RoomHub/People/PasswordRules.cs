namespace RoomAgent.Hub.People;

/// <summary>
/// Which passwords are refused: what is short, and what is guessed first. In place of a list of what others have chosen there are the rules that such passwords are made by:
/// one thing again and again, a row of the alphabet or the keyboard, a usual word or a word about the account with digits and signs around it.
/// </summary>
internal static class PasswordRules
{
    /// <summary>The fewest characters.</summary>
    public const int MinLength = 12;

    /// <summary>The most characters, so that nobody makes the hub hash a book.</summary>
    public const int MaxLength = 200;

    private const int FewestDifferent = 5;
    private const int FewestBesideWords = 6;

    private static readonly string[] s_usualWords =
    [
        "password", "passwort", "passphrase", "secret", "welcome", "willkommen", "letmein", "changeme", "iloveyou", "default", "administrator", "admin", "login", "user",
        "monkey", "dragon", "football", "baseball", "sunshine", "princess", "master", "hello", "test", "roomhub", "roomagent", "room", "meeting", "conference", "winter", "spring", "summer", "autumn",
    ];

    private static readonly string[] s_rows = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm"];

    /// <summary>What is wrong with a password, as a sentence for the one who chose it; <see langword="null"/> when nothing is.</summary>
    /// <param name="password">The password.</param>
    /// <param name="about">Mailbox, name, organisation: what somebody who guesses knows.</param>
    public static string? Fault(string? password, params ReadOnlySpan<string?> about)
    {
        if (password is null || password.Length < MinLength)
            return $"Use at least {MinLength} characters. Three or four words that do not belong together are easy to remember.";
        if (password.Length > MaxLength)
            return $"Use at most {MaxLength} characters.";

        string plain = Plain(password);
        if (plain.Distinct().Count() < FewestDifferent || Repeats(plain))
            return "This repeats itself, so it is guessed early. Choose another one.";
        if (IsRow(plain))
            return "This follows the keyboard or the alphabet, so it is guessed early. Choose another one.";

        // Longer words first, or a part of one would be left over.
        IEnumerable<string> words = about.ToArray().SelectMany(text => (text ?? "").Split('@', '.', ' ', '-', '_', '+')).Select(Plain).Where(word => word.Length >= 3);
        string rest = plain;
        foreach (string word in s_usualWords.Select(Plain).Concat(words).OrderByDescending(word => word.Length))
            rest = rest.Replace(word, "", StringComparison.Ordinal);
        return rest.Count(char.IsLetter) + (rest.Count(letter => !char.IsLetter(letter)) / 4) < FewestBesideWords && rest != plain
            ? "This is mostly a usual word, or a word about this account. Choose another one."
            : null;
    }

    // As those who guess do it: case and the usual replacements of letters do not count.
    private static string Plain(string text) => string.Create(text.Length, text, static (plain, text) =>
    {
        for (int i = 0; i < text.Length; i++)
        {
            plain[i] = char.ToLowerInvariant(text[i]) switch { '0' => 'o', '1' or '!' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't', char other => other };
        }
    });

    private static bool Repeats(string text)
    {
        for (int period = 1; period <= text.Length / 2; period++)
        {
            bool repeats = true;
            for (int i = period; i < text.Length && repeats; i++)
                repeats = text[i] == text[i - period];
            if (repeats)
                return true;
        }

        return false;
    }

    // Most steps from one character to the next are steps along a row, in either direction.
    private static bool IsRow(string text)
    {
        int steps = 0;
        for (int i = 1; i < text.Length; i++)
        {
            char before = text[i - 1], after = text[i];
            if (s_rows.Any(row => IsStep(Plain(row), before, after)))
                steps++;
        }

        return steps * 4 >= (text.Length - 1) * 3;
    }

    private static bool IsStep(string row, char before, char after)
    {
        for (int i = 1; i < row.Length; i++)
        {
            if ((row[i - 1] == before && row[i] == after) || (row[i - 1] == after && row[i] == before))
                return true;
        }

        return false;
    }
}
