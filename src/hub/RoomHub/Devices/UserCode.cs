using System.Buffers;
using System.Security.Cryptography;

namespace RoomAgent.Hub.Devices;

/// <summary>The code that a device shows and an administrator enters (RFC 8628 section 6.1): 8 of 20 consonants, no word, nothing to confuse.</summary>
/// <remarks>
/// 20^8 = 2.6 x 10^10 (34.6 bits), for 10 minutes. Only a signed-in administrator may enter one, 5 wrong ones in 10 minutes, and a hub looks at 1 wrong one a second: 600 tries
/// against at most 1,000 open codes hit one with a chance of 2 in 10^5, and then it is somebody else's device at whose six digits the administrator looks (<see cref="Confirmation"/>).
/// </remarks>
internal sealed record UserCode
{
    private const int Letters = 8;
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";

    private static readonly SearchValues<char> s_alphabet = SearchValues.Create(Alphabet);

    private readonly string _text;

    private UserCode(string text) => _text = text;

    /// <summary>A new code.</summary>
    public static UserCode Generate() => new(RandomNumberGenerator.GetString(Alphabet, Letters));

    /// <summary>Reads a code as people type it: in any case, with blanks and hyphens anywhere. <see langword="null"/> for anything else.</summary>
    public static UserCode? Read(string? text)
    {
        if (text is null || text.Length > 2 * Letters)
            return null;

        string code = text.Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();
        return code.Length == Letters && !code.AsSpan().ContainsAnyExcept(s_alphabet) ? new UserCode(code) : null;
    }

    /// <summary>The code as it is shown: <c>BCDF-GHJK</c>.</summary>
    public string Reveal() => $"{_text.AsSpan(0, 4)}-{_text.AsSpan(4)}";

    /// <summary>What stands in the database.</summary>
    public byte[] HashWith(CodeHash hash) => hash.Of("user code", _text);

    /// <summary>That it is one, nothing else.</summary>
    public override string ToString() => "(user code)";
}
