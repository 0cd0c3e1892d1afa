using System.Buffers;
using System.Numerics;
using System.Text;
using RoomAgent.Crypto;

namespace RoomAgent.Enrolment;

/// <summary>The two forms of an activation code.</summary>
public enum ActivationCodeForm
{
    /// <summary>16 letters and digits of Crockford's base 32 (80 bits) and one check character.</summary>
    Letters,

    /// <summary>16 digits (53 bits), for where there is nothing but digits to type with.</summary>
    Digits,
}

/// <summary>
/// What an administrator makes for a new device: the initial access token of RFC 7591 section 3 in a form that people can type. Single use, never logged, at rest only as a keyed hash.
/// </summary>
/// <remarks>
/// <para>Guessing: a hub looks at 10 wrong guesses a second, whoever they come from. With 1,000 open codes of letters that is over 30 days, their longest life,
/// 2.6 x 10^7 guesses x 1,000 / 2^80: a chance of 2 in 10^14. Codes of digits live 24 hours: 864,000 x 1,000 / 10^16, or 9 in 10^8, with all of the hub's guesses spent on it the whole day.
/// A source that has guessed wrong 5 times is locked out for an hour.</para>
/// <para>At home, with a copy of the database: nothing, since the hash is keyed with a secret that is not in it.</para>
/// </remarks>
public sealed record ActivationCode
{
    /// <summary>The longest text that is looked at, blanks and hyphens included.</summary>
    public const int MaxLength = 40;

    private const int Characters = 16;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string CheckAlphabet = Alphabet + "*~$=U";

    private static readonly SearchValues<char> s_alphabet = SearchValues.Create(Alphabet);

    private readonly string _text;

    private ActivationCode(string text) => _text = text;

    /// <summary>Which form it has.</summary>
    public ActivationCodeForm Form => _text.Length == Characters ? ActivationCodeForm.Digits : ActivationCodeForm.Letters;

    /// <summary>The longest life of a code of this form.</summary>
    public static TimeSpan LongestLife(ActivationCodeForm form) => form == ActivationCodeForm.Digits ? TimeSpan.FromHours(24) : TimeSpan.FromDays(30);

    /// <summary>A new code.</summary>
    /// <param name="form">Its form.</param>
    /// <param name="random">What it is made of.</param>
    public static ActivationCode Generate(ActivationCodeForm form, IRandom random)
    {
        string text = Draw(form == ActivationCodeForm.Digits ? Alphabet[..10] : Alphabet, random);
        return new ActivationCode(form == ActivationCodeForm.Digits ? text : text + CheckOf(text));
    }

    /// <summary>Reads a code as people type it: in any case, with blanks and hyphens anywhere, with O for 0, I and L for 1.</summary>
    /// <param name="text">Any text.</param>
    /// <returns><see langword="null"/> when it is none, or when its check character shows a mistake.</returns>
    public static ActivationCode? Read(string? text)
    {
        if (text is null || text.Length > MaxLength)
            return null;

        var code = new StringBuilder(Characters + 1);
        foreach (char letter in text)
        {
            if (letter is ' ' or '-')
                continue;
            if (code.Length > Characters)
                return null;
            code.Append(char.ToUpperInvariant(letter) switch { 'O' => '0', 'I' or 'L' => '1', char other => other });
        }

        string read = code.ToString();
        if (read.Length == Characters)
            return read.All(char.IsAsciiDigit) ? new ActivationCode(read) : null;
        if (read.Length != Characters + 1 || read.AsSpan(0, Characters).ContainsAnyExcept(s_alphabet))
            return null;

        return CheckOf(read[..Characters]) == read[Characters] ? new ActivationCode(read) : null;
    }

    /// <summary>The code without hyphens, for the one it is meant for.</summary>
    public string Reveal() => _text;

    /// <summary>The code in groups of four, for people.</summary>
    public string RevealGrouped() => string.Join('-', _text.Chunk(4).Select(group => new string(group)));

    /// <summary>That it is one, nothing else.</summary>
    public override string ToString() => "(activation code)";

    // Each letter equally often: what would make the first ones more frequent is drawn again.
    private static string Draw(string letters, IRandom random)
    {
        int fair = 256 - (256 % letters.Length);
        var drawn = new StringBuilder(Characters);
        Span<byte> one = stackalloc byte[1];
        while (drawn.Length < Characters)
        {
            random.Fill(one);
            if (one[0] < fair)
                drawn.Append(letters[one[0] % letters.Length]);
        }

        return drawn.ToString();
    }

    // Crockford's check symbol: the number modulo 37.
    private static char CheckOf(string text)
    {
        BigInteger number = BigInteger.Zero;
        foreach (char letter in text)
            number = (number * Alphabet.Length) + Alphabet.IndexOf(letter, StringComparison.Ordinal);
        return CheckAlphabet[(int)(number % CheckAlphabet.Length)];
    }
}
