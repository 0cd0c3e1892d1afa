using System.Security.Cryptography;
using RoomAgent.Crypto;

namespace RoomAgent.Rtp.Srtp;

/// <summary>Makes session keys out of a master key (RFC 3711 section 4.3), once: with a key derivation rate of 0.</summary>
/// <remarks>
/// <code>
/// | master salt, zeros behind one of 12 bytes: 14 |  0  0 |
/// |             7 bytes           ^ label         |         = first counter block; the session key is the keystream
/// </code>
/// AES has the length of the master key: AES_CM_PRF, and AES_256_CM_PRF of RFC 6188 section 3. RFC 7714 section 11 asks for these.
/// </remarks>
internal static class KeyDerivation
{
    /// <summary>The label of the encryption key of RTP; the authentication key and the salt have the next two (section 4.3.1).</summary>
    public const byte RtpLabel = 0;

    /// <summary>The label of the encryption key of RTCP; the authentication key and the salt have the next two (section 4.3.2).</summary>
    public const byte RtcpLabel = 3;

    /// <summary>Fills the three session keys, each as long as it is.</summary>
    public static void Derive(
        ICryptoProvider crypto, ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> encryption, Span<byte> authentication, Span<byte> salt)
    {
        using Keystream prf = crypto.CreateKeystream(masterKey)!;
        Derive(prf, masterSalt, label, encryption);
        Derive(prf, masterSalt, (byte)(label + 1), authentication);
        Derive(prf, masterSalt, (byte)(label + 2), salt);
    }

    private static void Derive(Keystream prf, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> key)
    {
        Span<byte> block = stackalloc byte[Keystream.CounterBlock];
        block.Clear();
        masterSalt.CopyTo(block);
        block[7] ^= label;

        key.Clear();
        prf.Apply(block, key, key);
        CryptographicOperations.ZeroMemory(block);
    }
}
