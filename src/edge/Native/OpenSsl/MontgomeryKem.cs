using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>A u-coordinate of X25519 or X448. Every string of the right length is one (RFC 7748 section 5).</summary>
internal sealed unsafe class MontgomeryPublicKey : KemPublicKey
{
    private MontgomeryPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey, EvpPkeyHandle handle)
        : base(group, publicKey) => Handle = handle;

    public EvpPkeyHandle Handle { get; }

    public static MontgomeryPublicKey? Import(KemGroup group, ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != group.PublicKey())
            return null;

        return new MontgomeryPublicKey(group, publicKey, RawKeys.ImportPublic(group.ToString(), publicKey));
    }

    protected override void Dispose(bool disposing) => Handle.Dispose();
}

/// <summary>A private key of X25519 or X448; the library clamps it.</summary>
internal sealed unsafe class MontgomeryPrivateKey : KemPrivateKey
{
    private readonly EvpPkeyHandle _handle;

    private MontgomeryPrivateKey(KemGroup group, ReadOnlySpan<byte> publicKey, EvpPkeyHandle handle)
        : base(group, publicKey) => _handle = handle;

    public static MontgomeryPrivateKey? Import(KemGroup group, ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != group.PrivateKey())
            return null;

        Span<byte> publicKey = stackalloc byte[group.PublicKey()];
        EvpPkeyHandle handle = RawKeys.ImportPrivate(group.ToString(), privateKey, publicKey);
        return new MontgomeryPrivateKey(group, publicKey, handle);
    }

    public override bool TryDerive(KemPublicKey peer, Span<byte> sharedSecret)
    {
        if (peer is not MontgomeryPublicKey { Handle: var peerHandle } || peer.Group != Group)
            throw new ArgumentException("The peer's key is of another group or provider.", nameof(peer));
        if (sharedSecret.Length != Group.SharedSecret())
            throw new ArgumentException($"The result has {Group.SharedSecret()} bytes.", nameof(sharedSecret));

        using EvpPkeyCtxHandle context = Check(Libcrypto.EVP_PKEY_CTX_new_from_pkey(0, _handle, 0), nameof(Libcrypto.EVP_PKEY_CTX_new_from_pkey));
        Check(Libcrypto.EVP_PKEY_derive_init(context), nameof(Libcrypto.EVP_PKEY_derive_init));
        Check(Libcrypto.EVP_PKEY_derive_set_peer_ex(context, peerHandle, validate_peer: 0), nameof(Libcrypto.EVP_PKEY_derive_set_peer_ex));
        nuint length = (nuint)sharedSecret.Length;
        fixed (byte* start = sharedSecret)
        {
            // Fails for the points of small order, whose result is all zeros (RFC 7748 section 6).
            if (Libcrypto.EVP_PKEY_derive(context, start, &length) == 1)
                return true;
        }

        sharedSecret.Clear();
        return Refused();
    }

    protected override void Dispose(bool disposing) => _handle.Dispose();
}
