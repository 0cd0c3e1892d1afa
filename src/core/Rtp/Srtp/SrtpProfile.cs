namespace RoomAgent.Rtp.Srtp;

/// <summary>How packets are protected: the crypto suites of RFC 4568 and RFC 7714 that this device knows. Which of them may be used is for others to say.</summary>
public enum SrtpProfile
{
    /// <summary>AES-256 in Galois/Counter Mode with a tag of 16 bytes, and keys derived with AES-256 (RFC 7714): what rooms use.</summary>
    AeadAes256Gcm,

    /// <summary>AES-128 in Galois/Counter Mode with a tag of 16 bytes (RFC 7714).</summary>
    AeadAes128Gcm,

    /// <summary>AES-128 in counter mode with the first 80 bits of HMAC-SHA1 (RFC 3711): for peers that know nothing better.</summary>
    AesCm128HmacSha1Tag80,
}

/// <summary>The names and sizes that the standards give to the profiles.</summary>
public static class SrtpProfiles
{
    /// <summary>Bytes of the master key.</summary>
    public static int KeyLength(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes256Gcm => 32,
        SrtpProfile.AeadAes128Gcm => 16,
        SrtpProfile.AesCm128HmacSha1Tag80 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };

    /// <summary>Bytes of the master salt: 12 (RFC 7714 section 12) or 14 (RFC 3711 section 8.2).</summary>
    public static int SaltLength(this SrtpProfile profile) => profile.IsAead() ? 12 : 14;

    /// <summary>Bytes of the master key with the salt behind it, as SDES carries them (RFC 4568 section 6.1).</summary>
    public static int KeyAndSaltLength(this SrtpProfile profile) => profile.KeyLength() + profile.SaltLength();

    /// <summary>Bytes that an RTP packet grows by: the tag.</summary>
    public static int RtpOverhead(this SrtpProfile profile) => profile.IsAead() ? 16 : 10;

    /// <summary>Bytes that an RTCP packet grows by: the tag, and the word with the E flag and the index.</summary>
    public static int RtcpOverhead(this SrtpProfile profile) => profile.RtpOverhead() + 4;

    /// <summary>The name of the crypto suite in SDES (RFC 4568 section 6.2, RFC 7714 section 14.1).</summary>
    public static string SdesName(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes256Gcm => "AEAD_AES_256_GCM",
        SrtpProfile.AeadAes128Gcm => "AEAD_AES_128_GCM",
        SrtpProfile.AesCm128HmacSha1Tag80 => "AES_CM_128_HMAC_SHA1_80",
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };

    /// <summary>Finds the profile whose <see cref="SdesName"/> is <paramref name="name"/>, to the letter.</summary>
    /// <returns><see langword="false"/> when this device does not know such a suite.</returns>
    public static bool TryParse(ReadOnlySpan<char> name, out SrtpProfile profile)
    {
        for (profile = SrtpProfile.AeadAes256Gcm; profile <= SrtpProfile.AesCm128HmacSha1Tag80; profile++)
        {
            if (name.SequenceEqual(profile.SdesName()))
                return true;
        }

        profile = default;
        return false;
    }

    internal static bool IsAead(this SrtpProfile profile) => profile switch
    {
        SrtpProfile.AeadAes256Gcm or SrtpProfile.AeadAes128Gcm => true,
        SrtpProfile.AesCm128HmacSha1Tag80 => false,
        _ => throw new ArgumentOutOfRangeException(nameof(profile)),
    };
}
