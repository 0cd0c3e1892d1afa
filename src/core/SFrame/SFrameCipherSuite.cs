using RoomAgent.Crypto;

namespace RoomAgent.SFrame;

/// <summary>The cipher suites of the IANA registry of SFrame: 1 to 5 of RFC 9605 section 4.5, 6 to 8 registered after it.</summary>
public enum SFrameCipherSuite : ushort
{
    /// <summary>AES-128 in counter mode with HMAC-SHA-256, tags of 10 bytes.</summary>
    Aes128CtrHmacSha256Tag80 = 0x0001,

    /// <summary>The same with tags of 8 bytes.</summary>
    Aes128CtrHmacSha256Tag64 = 0x0002,

    /// <summary>The same with tags of 4 bytes: one forged frame in 2^32 passes (RFC 9605 section 7.5).</summary>
    Aes128CtrHmacSha256Tag32 = 0x0003,

    /// <summary>AES-128-GCM, keys derived with SHA-256, tags of 16 bytes.</summary>
    Aes128GcmSha256 = 0x0004,

    /// <summary>AES-256-GCM, keys derived with SHA-512, tags of 16 bytes: what meetings use.</summary>
    Aes256GcmSha512 = 0x0005,

    /// <summary>AES-256 in counter mode with HMAC-SHA-512, tags of 10 bytes.</summary>
    Aes256CtrHmacSha512Tag80 = 0x0006,

    /// <summary>The same with tags of 8 bytes.</summary>
    Aes256CtrHmacSha512Tag64 = 0x0007,

    /// <summary>The same with tags of 4 bytes: one forged frame in 2^32 passes.</summary>
    Aes256CtrHmacSha512Tag32 = 0x0008,
}

/// <summary>The sizes, in bytes, and functions of the suites (RFC 9605 section 4.5, table 1).</summary>
public static class SFrameSizes
{
    /// <summary>Bytes of the nonce of every suite: Nn.</summary>
    public const int Nonce = 12;

    /// <summary>Bytes of the longest tag.</summary>
    public const int LargestTag = 16;

    /// <summary>Bytes that a frame grows by at most: the longest header and the longest tag.</summary>
    public const int LargestOverhead = SFrameHeader.LargestLength + LargestTag;

    /// <summary>Bytes of the key: Nk. With counter mode it is the encryption key and the authentication key behind it (section 4.5.1). A base key of MLS is as long (section 5.2).</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such suite.</exception>
    public static int Key(this SFrameCipherSuite suite) => suite.EncryptionKey() + suite.AuthenticationKey();

    /// <summary>Bytes of the tag: Nt.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such suite.</exception>
    public static int Tag(this SFrameCipherSuite suite) => suite switch
    {
        SFrameCipherSuite.Aes128GcmSha256 or SFrameCipherSuite.Aes256GcmSha512 => 16,
        SFrameCipherSuite.Aes128CtrHmacSha256Tag80 or SFrameCipherSuite.Aes256CtrHmacSha512Tag80 => 10,
        SFrameCipherSuite.Aes128CtrHmacSha256Tag64 or SFrameCipherSuite.Aes256CtrHmacSha512Tag64 => 8,
        SFrameCipherSuite.Aes128CtrHmacSha256Tag32 or SFrameCipherSuite.Aes256CtrHmacSha512Tag32 => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(suite)),
    };

    /// <summary>The hash function of the key derivation, and of the HMAC where there is one.</summary>
    internal static HashAlgorithm Hash(this SFrameCipherSuite suite) => suite switch
    {
        <= SFrameCipherSuite.Aes128GcmSha256 => HashAlgorithm.Sha256,
        _ => HashAlgorithm.Sha512,
    };

    /// <summary>Bytes of the AES key: Nka of counter mode.</summary>
    internal static int EncryptionKey(this SFrameCipherSuite suite) => suite switch
    {
        >= SFrameCipherSuite.Aes128CtrHmacSha256Tag80 and <= SFrameCipherSuite.Aes128GcmSha256 => 16,
        >= SFrameCipherSuite.Aes256GcmSha512 and <= SFrameCipherSuite.Aes256CtrHmacSha512Tag32 => 32,
        _ => throw new ArgumentOutOfRangeException(nameof(suite)),
    };

    // Bytes of the HMAC key: Nh in counter mode, none in GCM.
    private static int AuthenticationKey(this SFrameCipherSuite suite) => suite switch
    {
        SFrameCipherSuite.Aes128GcmSha256 or SFrameCipherSuite.Aes256GcmSha512 => 0,
        _ => suite.Hash().Digest(),
    };
}
