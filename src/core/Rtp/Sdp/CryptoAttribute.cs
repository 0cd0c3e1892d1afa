using System.Buffers;
using System.Buffers.Text;
using RoomAgent.Crypto;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp;

/// <summary>An SRTP master key and how it is used, as <c>a=crypto</c> says it (RFC 4568 section 9.1). It keys the packets that the description's author sends.</summary>
/// <remarks>
/// <code>
/// a=crypto:1 AEAD_AES_256_GCM inline:BASE64(key || salt)|2^31
/// </code>
/// Of the optional parts only the lifetime is taken: a master key identifier, session parameters and more than one key are refused.
/// </remarks>
public sealed class CryptoAttribute : IDisposable
{
    private static ReadOnlySpan<byte> Inline => "inline:"u8;

    /// <summary>Takes over a key.</summary>
    /// <param name="tag">1 to 999,999,999: an answer names the line it chose by it.</param>
    /// <param name="profile">What the key is for.</param>
    /// <param name="keyAndSalt">The master key with the master salt behind it, of the profile's lengths.</param>
    /// <param name="lifetime">Packets it may protect at most, as a power of two: 0 to 48. <see langword="null"/> for the most the profile allows.</param>
    /// <exception cref="ArgumentException">The secret has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tag or the lifetime is outside its range.</exception>
    public CryptoAttribute(int tag, SrtpProfile profile, Secret keyAndSalt, int? lifetime = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tag, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tag, LargestTag);
        ArgumentOutOfRangeException.ThrowIfNegative(lifetime ?? 0, nameof(lifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime ?? 0, LongestLifetime, nameof(lifetime));
        if (keyAndSalt.Length != profile.KeyAndSaltLength())
            throw new ArgumentException("The key and salt have another length.", nameof(keyAndSalt));

        Tag = tag;
        Profile = profile;
        KeyAndSalt = keyAndSalt;
        Lifetime = lifetime;
    }

    internal const int LargestTag = 999_999_999;
    internal const int LongestLifetime = 48;

    /// <summary>Names the line.</summary>
    public int Tag { get; }

    /// <summary>What the key is for.</summary>
    public SrtpProfile Profile { get; }

    /// <summary>The master key with the master salt behind it.</summary>
    public Secret KeyAndSalt { get; }

    /// <summary>Packets the key may protect at most, as a power of two; <see langword="null"/> when not said.</summary>
    public int? Lifetime { get; }

    /// <summary>A line with a fresh key.</summary>
    public static CryptoAttribute Generate(int tag, SrtpProfile profile, IRandom random) =>
        new(tag, profile, Secret.Generate(random, profile.KeyAndSaltLength()));

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => KeyAndSalt.Dispose();

    /// <summary>Tag and suite, without the key.</summary>
    public override string ToString() => $"{Tag} {Profile.SdesName()} (secret)";

    /// <summary>Reads the value of the attribute.</summary>
    /// <param name="value">What stands behind <c>a=crypto:</c>.</param>
    /// <param name="attribute">The line; <see langword="null"/> when its suite is unknown, which is to be passed over (RFC 4568 section 7.1.2).</param>
    /// <returns><see langword="null"/>, or why the line is refused.</returns>
    internal static string? Parse(ReadOnlySpan<byte> value, out CryptoAttribute? attribute)
    {
        attribute = null;
        ReadOnlySpan<byte> tag = Next(ref value);
        ReadOnlySpan<byte> suite = Next(ref value);
        ReadOnlySpan<byte> key = Next(ref value);
        if (tag.Length is 0 or > 9 || !Utf8Parser.TryParse(tag, out int number, out int digits) || digits != tag.Length || number < 1 || tag[0] == '+')
            return "the tag of a crypto attribute is no number";
        if (suite.IsEmpty || key.IsEmpty)
            return "a crypto attribute has no suite or no key";
        if (!TryFindProfile(suite, out SrtpProfile profile))
            return null;
        if (!value.IsEmpty)
            return "a crypto attribute has session parameters";
        if (!key.StartsWith(Inline) || key.Contains((byte)';'))
            return "a crypto attribute has not exactly one inline key";

        key = key[Inline.Length..];
        int bar = key.IndexOf((byte)'|');
        ReadOnlySpan<byte> parameters = bar < 0 ? default : key[(bar + 1)..];
        if (bar >= 0)
            key = key[..bar];
        if (parameters.EndsWith("|"u8))
            parameters = parameters[..^1];
        if (parameters.Contains((byte)'|') || parameters.Contains((byte)':'))
            return "a crypto attribute has a master key identifier";

        int lifetime = 0;
        if (bar >= 0 && !TryReadLifetime(parameters, out lifetime))
            return "the lifetime of a key is no power of two up to 2^48";
        if (Decode(key, profile) is not { } keyAndSalt)
            return "the key of a crypto attribute is no base64 of its suite's length";

        attribute = new CryptoAttribute(number, profile, keyAndSalt, bar < 0 ? null : lifetime);
        return null;
    }

    /// <summary>The profile that SDP knows by <paramref name="name"/>.</summary>
    private static bool TryFindProfile(ReadOnlySpan<byte> name, out SrtpProfile profile)
    {
        foreach (SrtpProfile candidate in SuitePolicy.Known)
        {
            if (!System.Text.Ascii.Equals(name, candidate.SdesName()))
                continue;

            profile = candidate;
            return true;
        }

        profile = default;
        return false;
    }

    private static bool TryReadLifetime(ReadOnlySpan<byte> text, out int power)
    {
        power = 0;
        return text.StartsWith("2^"u8) && text.Length is 3 or 4 && char.IsAsciiDigit((char)text[2])
            && Utf8Parser.TryParse(text[2..], out power, out int digits) && digits == text.Length - 2 && power <= LongestLifetime;
    }

    // RFC 4568 section 6.1: the base64 is padded, and nothing else may be in it.
    private static Secret? Decode(ReadOnlySpan<byte> base64, SrtpProfile profile)
    {
        if (base64.Length != Base64.GetMaxEncodedToUtf8Length(profile.KeyAndSaltLength()))
            return null;

        var secret = new Secret(profile.KeyAndSaltLength());
        OperationStatus status = Base64.DecodeFromUtf8(base64, secret.Buffer, out int consumed, out int written);
        if (status == OperationStatus.Done && consumed == base64.Length && written == secret.Length)
            return secret;

        secret.Dispose();
        return null;
    }

    private static ReadOnlySpan<byte> Next(ref ReadOnlySpan<byte> rest)
    {
        int end = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> word = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return word;
    }
}

/// <summary>Which SRTP suites a side offers and takes.</summary>
/// <param name="RequireAes256">Take AEAD_AES_256_GCM alone: what a room device does unless it is told otherwise.</param>
/// <param name="AllowAesCm">Take AES_CM_128_HMAC_SHA1_80 too, for others that lack GCM. Off unless an administrator has switched it on.</param>
public sealed record SuitePolicy(bool RequireAes256 = false, bool AllowAesCm = false)
{
    /// <summary>The suites in order of preference, the strongest first.</summary>
    public IReadOnlyList<SrtpProfile> Profiles => [.. Known.Where(Allows)];

    internal static IReadOnlyList<SrtpProfile> Known { get; } = [SrtpProfile.AeadAes256Gcm, SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80];

    /// <summary>The lines of an offer: every suite in order, each with a fresh key.</summary>
    public IReadOnlyList<CryptoAttribute> Offer(IRandom random) =>
        [.. Profiles.Select((profile, i) => CryptoAttribute.Generate(i + 1, profile, random))];

    private bool Allows(SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes256Gcm => true,
        SrtpProfile.AeadAes128Gcm => !RequireAes256,
        _ => !RequireAes256 && AllowAesCm,
    };
}
