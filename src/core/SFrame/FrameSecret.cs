using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.SFrame;

/// <summary>What all keys of one base key come from: <c>sframe_secret</c> of RFC 9605 section 4.4.2.</summary>
/// <remarks>
/// <code>
/// sframe_secret = HKDF-Extract("", base_key)
/// sframe_key    = HKDF-Expand(sframe_secret, "SFrame 1.0 Secret key "  || uint64(KID) || uint16(suite), Nk)
/// sframe_salt   = HKDF-Expand(sframe_secret, "SFrame 1.0 Secret salt " || uint64(KID) || uint16(suite), Nn)
/// </code>
/// </remarks>
internal sealed class FrameSecret : IDisposable
{
    private readonly ICryptoProvider _crypto;

    public FrameSecret(ICryptoProvider crypto, SFrameCipherSuite suite, ReadOnlySpan<byte> baseKey)
    {
        _crypto = crypto;
        Suite = suite;
        Value = new Secret(suite.Hash().Digest());
        crypto.HkdfExtract(suite.Hash(), [], baseKey, Value.Buffer);
    }

    public SFrameCipherSuite Suite { get; }

    public Secret Value { get; }

    public Secret DeriveKey(KeyId keyId) => Derive("SFrame 1.0 Secret key "u8, keyId, Suite.Key());

    public Secret DeriveSalt(KeyId keyId) => Derive("SFrame 1.0 Secret salt "u8, keyId, SFrameSizes.Nonce);

    /// <summary>The key and salt of <paramref name="keyId"/>, ready for use.</summary>
    public FrameKey Derive(KeyId keyId)
    {
        using Secret key = DeriveKey(keyId);
        return new FrameKey(FrameCipher.Create(_crypto, Suite, key.Bytes), DeriveSalt(keyId));
    }

    public void Dispose() => Value.Dispose();

    private Secret Derive(ReadOnlySpan<byte> label, KeyId keyId, int length)
    {
        Span<byte> info = stackalloc byte[label.Length + sizeof(ulong) + sizeof(ushort)];
        label.CopyTo(info);
        BinaryPrimitives.WriteUInt64BigEndian(info[label.Length..], keyId.Value);
        BinaryPrimitives.WriteUInt16BigEndian(info[(label.Length + sizeof(ulong))..], (ushort)Suite);

        var secret = new Secret(length);
        _crypto.HkdfExpand(Suite.Hash(), Value.Bytes, info, secret.Buffer);
        return secret;
    }
}
