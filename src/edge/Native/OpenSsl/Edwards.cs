using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>A seed of Ed25519 or Ed448 (RFC 8032).</summary>
internal sealed unsafe class EdwardsSigningKey : SigningKey
{
    private readonly EvpPkeyHandle _handle;

    private EdwardsSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey, EvpPkeyHandle handle)
        : base(scheme, publicKey) => _handle = handle;

    public static EdwardsSigningKey? Import(SignatureScheme scheme, ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != scheme.PrivateKey())
            return null;

        Span<byte> publicKey = stackalloc byte[scheme.PublicKey()];
        EvpPkeyHandle handle = RawKeys.ImportPrivate(scheme.ToString(), privateKey, publicKey);
        return new EdwardsSigningKey(scheme, publicKey, handle);
    }

    public override int Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        if (signature.Length < Scheme.LargestSignature())
            throw new ArgumentException($"A signature has {Scheme.LargestSignature()} bytes.", nameof(signature));

        using EvpMdCtxHandle context = Check(Libcrypto.EVP_MD_CTX_new(), nameof(Libcrypto.EVP_MD_CTX_new));
        Check(Libcrypto.EVP_DigestSignInit_ex(context.DangerousGetHandle(), 0, 0, 0, 0, _handle, null), nameof(Libcrypto.EVP_DigestSignInit_ex));
        nuint length = (nuint)signature.Length;
        fixed (byte* output = signature, input = message)
            Check(Libcrypto.EVP_DigestSign(context.DangerousGetHandle(), output, &length, input, (nuint)message.Length), nameof(Libcrypto.EVP_DigestSign));

        return (int)length;
    }

    protected override void Dispose(bool disposing) => _handle.Dispose();
}

/// <summary>A public key of Ed25519 or Ed448. Whether the bytes decode to a point shows when a signature is verified.</summary>
internal sealed unsafe class EdwardsVerifyingKey : VerifyingKey
{
    private readonly EvpPkeyHandle _handle;

    private EdwardsVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey, EvpPkeyHandle handle)
        : base(scheme, publicKey) => _handle = handle;

    public static EdwardsVerifyingKey? Import(SignatureScheme scheme, ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != scheme.PublicKey())
            return null;

        return new EdwardsVerifyingKey(scheme, publicKey, RawKeys.ImportPublic(scheme.ToString(), publicKey));
    }

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        using EvpMdCtxHandle context = Check(Libcrypto.EVP_MD_CTX_new(), nameof(Libcrypto.EVP_MD_CTX_new));
        Check(Libcrypto.EVP_DigestVerifyInit_ex(context.DangerousGetHandle(), 0, 0, 0, 0, _handle, null), nameof(Libcrypto.EVP_DigestVerifyInit_ex));
        fixed (byte* sig = signature, input = message)
            return Libcrypto.EVP_DigestVerify(context.DangerousGetHandle(), sig, (nuint)signature.Length, input, (nuint)message.Length) == 1 || Refused();
    }

    protected override void Dispose(bool disposing) => _handle.Dispose();
}
