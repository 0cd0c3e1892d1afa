using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;


namespace RoomAgent.Native.OpenSsl;

/// <summary>A private key of ECDSA with an operation ready to sign.</summary>
internal sealed unsafe class EcdsaSigningKey : SigningKey
{
    private readonly EcdsaOperation _operation;

    private EcdsaSigningKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey, EvpPkeyHandle handle)
        : base(scheme, publicKey) => _operation = new EcdsaOperation(handle, Libcrypto.EVP_PKEY_sign_init);

    public static EcdsaSigningKey? Import(SignatureScheme scheme, ReadOnlySpan<byte> privateKey)
    {
        NistCurve curve = NistCurve.Of(scheme);
        using BignumHandle? scalar = curve.ReadScalar(privateKey);
        if (scalar is null)
            return null;

        Span<byte> publicKey = stackalloc byte[curve.PointSize];
        curve.WritePublicPoint(scalar, publicKey);
        return new EcdsaSigningKey(scheme, publicKey, curve.CreateKeyPair(privateKey, publicKey));
    }

    public override int Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        if (signature.Length < Scheme.LargestSignature())
            throw new ArgumentException($"A signature has up to {Scheme.LargestSignature()} bytes.", nameof(signature));

        Span<byte> digest = stackalloc byte[Sizes.LargestDigest];
        digest = EcdsaOperation.Digest(Scheme, message, digest);
        EvpPkeyCtxHandle context = _operation.Take();
        nuint length = (nuint)signature.Length;
        int result;
        fixed (byte* output = signature, input = digest)
            result = Libcrypto.EVP_PKEY_sign(context, output, &length, input, (nuint)digest.Length);

        _operation.PutBack(context);
        Check(result, nameof(Libcrypto.EVP_PKEY_sign));
        return (int)length;
    }

    protected override void Dispose(bool disposing) => _operation.Dispose();
}

/// <summary>A public key of ECDSA with an operation ready to verify.</summary>
internal sealed unsafe class EcdsaVerifyingKey : VerifyingKey
{
    private readonly EcdsaOperation _operation;

    private EcdsaVerifyingKey(SignatureScheme scheme, ReadOnlySpan<byte> publicKey, EvpPkeyHandle handle)
        : base(scheme, publicKey) => _operation = new EcdsaOperation(handle, Libcrypto.EVP_PKEY_verify_init);

    public static EcdsaVerifyingKey? Import(SignatureScheme scheme, ReadOnlySpan<byte> publicKey) =>
        NistCurve.Of(scheme).CreatePublicKey(publicKey) is { } handle ? new EcdsaVerifyingKey(scheme, publicKey, handle) : null;

    public override bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        Span<byte> digest = stackalloc byte[Sizes.LargestDigest];
        digest = EcdsaOperation.Digest(Scheme, message, digest);
        EvpPkeyCtxHandle context = _operation.Take();
        int result;
        fixed (byte* sig = signature, input = digest)
            result = Libcrypto.EVP_PKEY_verify(context, sig, (nuint)signature.Length, input, (nuint)digest.Length);

        // 0 means another signature, a negative number one that is not DER: both are refusals.
        _operation.PutBack(context);
        return result == 1 || Refused();
    }

    protected override void Dispose(bool disposing) => _operation.Dispose();
}

/// <summary>A key with one initialised operation kept for the next caller; a second caller at the same time gets an operation of its own.</summary>
internal sealed class EcdsaOperation(EvpPkeyHandle key, Func<EvpPkeyCtxHandle, int> initialise) : IDisposable
{
    private EvpPkeyCtxHandle? _spare;

    public static Span<byte> Digest(SignatureScheme scheme, ReadOnlySpan<byte> message, Span<byte> digest)
    {
        HashAlgorithm hash = scheme switch
        {
            SignatureScheme.EcdsaSecp256r1Sha256 => HashAlgorithm.Sha256,
            SignatureScheme.EcdsaSecp384r1Sha384 => HashAlgorithm.Sha384,
            _ => HashAlgorithm.Sha512,
        };
        digest = digest[..hash.Digest()];
        OpenSslDigest.Hash(hash, message, digest);
        return digest;
    }

    public EvpPkeyCtxHandle Take()
    {
        ObjectDisposedException.ThrowIf(key.IsClosed, this);
        if (Interlocked.Exchange(ref _spare, null) is { } spare)
            return spare;

        EvpPkeyCtxHandle context = Check(Libcrypto.EVP_PKEY_CTX_new_from_pkey(0, key, 0), nameof(Libcrypto.EVP_PKEY_CTX_new_from_pkey));
        Check(initialise(context), "EVP_PKEY signature initialisation");
        return context;
    }

    public void PutBack(EvpPkeyCtxHandle context)
    {
        Interlocked.Exchange(ref _spare, context)?.Dispose();
        if (key.IsClosed)
            Interlocked.Exchange(ref _spare, null)?.Dispose();
    }

    public void Dispose()
    {
        // Each operation holds a reference of the library's on the key, which is freed and zeroed with the last of them.
        key.Dispose();
        Interlocked.Exchange(ref _spare, null)?.Dispose();
    }
}
