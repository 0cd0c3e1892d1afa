using RoomAgent.Crypto;

namespace RoomAgent.Rtp.Srtp;

/// <summary>The session keys of RTP, or of RTCP, under one master key. Zeroed as soon as the ciphers have them.</summary>
internal sealed class SessionKeys(SrtpProfile profile) : IDisposable
{
    public Secret Encryption { get; } = new(profile.KeyLength());

    /// <summary>20 bytes for HMAC-SHA1 (RFC 3711 section 5.2); none for an AEAD.</summary>
    public Secret Authentication { get; } = new(profile.IsAead() ? 0 : 20);

    public Secret Salt { get; } = new(profile.SaltLength());

    /// <summary>Fills the keys from those of the master.</summary>
    public void Derive(ICryptoProvider crypto, ReadOnlySpan<byte> keyAndSalt, byte label) =>
        KeyDerivation.Derive(
            crypto, keyAndSalt[..Encryption.Length], keyAndSalt[Encryption.Length..], label, Encryption.Buffer, Authentication.Buffer, Salt.Buffer);

    public void Dispose()
    {
        Encryption.Dispose();
        Authentication.Dispose();
        Salt.Dispose();
    }
}
