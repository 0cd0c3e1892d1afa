using System.Buffers;
using System.Numerics;
using System.Text;

namespace RoomAgent.Cloud.Trust;

/// <summary>
/// The code that an administrator made for this device: 16 letters and digits of Crockford's base 32 with a check character, or 16 digits. A secret until it is used.
/// </summary>
public sealed class ActivationCode
{
    /// <summary>The longest text that is looked at, blanks and hyphens included.</summary>
    public const int MaxLength = 40;

    private const int Characters = 16;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const string CheckAlphabet = Alphabet + "*~$=U";

    private static readonly SearchValues<char> s_alphabet = SearchValues.Create(Alphabet);

    private readonly string _text;

    private ActivationCode(string text) => _text = text;

    /// <summary>Whether it has a check character, which finds mistakes before the hub counts them as guesses.</summary>
    public bool IsChecked => _text.Length > Characters;

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

    /// <summary>That it is one, nothing else.</summary>
    public override string ToString() => "(activation code)";

    /// <summary>The code without hyphens, for the hub.</summary>
    internal string Reveal() => _text;

    // Crockford's check symbol: the number modulo 37.
    private static char CheckOf(string text)
    {
        BigInteger number = BigInteger.Zero;
        foreach (char letter in text)
            number = (number * Alphabet.Length) + Alphabet.IndexOf(letter, StringComparison.Ordinal);
        return CheckAlphabet[(int)(number % CheckAlphabet.Length)];
    }
}
