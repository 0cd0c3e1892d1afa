using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

// Diffie-Hellman on the NIST curves, by the point functions that EVP's ECDH calls too: a private key here is a scalar and a public one a point.
// As EVP_PKEYs they would cost 13 us more to import and 5 us more to use, and a tree of MLS imports one for nearly every use.

/// <summary>A point of a NIST curve.</summary>
internal sealed class NistPublicKey : KemPublicKey
{
    private NistPublicKey(KemGroup group, ReadOnlySpan<byte> publicKey, EcPointHandle point)
        : base(group, publicKey) => Point = point;

    public EcPointHandle Point { get; }

    public static NistPublicKey? Import(KemGroup group, ReadOnlySpan<byte> publicKey) =>
        NistCurve.Of(group).ReadPoint(publicKey) is { } point ? new NistPublicKey(group, publicKey, point) : null;

    protected override void Dispose(bool disposing) => Point.Dispose();
}

/// <summary>A scalar of a NIST curve.</summary>
internal sealed unsafe class NistPrivateKey : KemPrivateKey
{
    private readonly BignumHandle _scalar;

    private NistPrivateKey(KemGroup group, ReadOnlySpan<byte> publicKey, BignumHandle scalar)
        : base(group, publicKey) => _scalar = scalar;

    public static NistPrivateKey? Import(KemGroup group, ReadOnlySpan<byte> privateKey)
    {
        NistCurve curve = NistCurve.Of(group);
        if (curve.ReadScalar(privateKey) is not { } scalar)
            return null;

        Span<byte> publicKey = stackalloc byte[curve.PointSize];
        curve.WritePublicPoint(scalar, publicKey);
        return new NistPrivateKey(group, publicKey, scalar);
    }

    public override bool TryDerive(KemPublicKey peer, Span<byte> sharedSecret)
    {
        NistCurve curve = NistCurve.Of(Group);
        if (peer is not NistPublicKey { Point: var peerPoint } || peer.Group != Group)
            throw new ArgumentException("The peer's key is of another group or provider.", nameof(peer));
        if (sharedSecret.Length != curve.FieldSize)
            throw new ArgumentException($"The result has {curve.FieldSize} bytes.", nameof(sharedSecret));

        using BnCtxHandle scratch = NistCurve.NewScratch();
        using EcPointHandle product = Check(Libcrypto.EC_POINT_new(curve.Group), nameof(Libcrypto.EC_POINT_new));
        Check(Libcrypto.EC_POINT_mul(curve.Group, product, 0, peerPoint, _scalar, scratch), nameof(Libcrypto.EC_POINT_mul));
        if (Libcrypto.EC_POINT_is_at_infinity(curve.Group, product) != 0)
        {
            sharedSecret.Clear();
            return false;
        }

        using BignumHandle x = Check(Libcrypto.BN_new(), nameof(Libcrypto.BN_new));
        Check(Libcrypto.EC_POINT_get_affine_coordinates(curve.Group, product, x, 0, scratch), nameof(Libcrypto.EC_POINT_get_affine_coordinates));
        fixed (byte* start = sharedSecret)
            Check(Libcrypto.BN_bn2binpad(x, start, sharedSecret.Length), nameof(Libcrypto.BN_bn2binpad));

        return true;
    }

    protected override void Dispose(bool disposing) => _scalar.Dispose();
}
