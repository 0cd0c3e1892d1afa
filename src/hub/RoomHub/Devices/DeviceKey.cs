using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>The public key of a device: P-256, the only kind there is here, so that no algorithm can be chosen by a stranger.</summary>
public sealed class DeviceKey : IEquatable<DeviceKey>
{
    private const int CoordinateSize = 32;

    // What gives away that somebody sends a private or a symmetric key (RFC 7518 sections 6.2.2, 6.3.2, 6.4.1).
    private static readonly string[] s_private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

    private readonly byte[] _point;

    private DeviceKey(byte[] point)
    {
        _point = point;

        // RFC 7638 section 3: the required members in this order, without blanks.
        Jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{Base64UrlText.Encode(X)}}","y":"{{Base64UrlText.Encode(Y)}}"}""";
        Thumbprint = ByteString.Owning(SHA256.HashData(Encoding.ASCII.GetBytes(Jwk)));
    }

    /// <summary>The JWK (RFC 7517) with the required members alone.</summary>
    public string Jwk { get; }

    /// <summary>Its SHA-256 thumbprint (RFC 7638).</summary>
    public ByteString Thumbprint { get; }

    /// <summary>The thumbprint in base64url, as tokens have it (<c>jkt</c>, RFC 9449 section 6).</summary>
    public string ThumbprintText => Base64UrlText.Encode(Thumbprint);

    private ReadOnlySpan<byte> X => _point.AsSpan(0, CoordinateSize);

    private ReadOnlySpan<byte> Y => _point.AsSpan(CoordinateSize);

    /// <summary>Reads a JWK. Members that say nothing about the key itself are ignored.</summary>
    /// <param name="jwk">Any JSON.</param>
    /// <returns><see langword="null"/> for anything but a public point of P-256.</returns>
    public static DeviceKey? Read(JsonElement jwk)
    {
        if (jwk.ValueKind != JsonValueKind.Object
            || s_private.Any(member => jwk.TryGetProperty(member, out _))
            || CompactJws.Text(jwk, "kty") != "EC"
            || CompactJws.Text(jwk, "crv") != "P-256"
            || Coordinate(jwk, "x") is not { } x
            || Coordinate(jwk, "y") is not { } y)
        {
            return null;
        }

        return Of([.. x, .. y]);
    }

    /// <summary>The key's SubjectPublicKeyInfo in DER.</summary>
    public byte[] ToSubjectPublicKeyInfo()
    {
        using ECDsa key = Import();
        return key.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Whether a signature is that of the key: ES256 (RFC 7518 section 3.4), 64 bytes.</summary>
    public bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        using ECDsa key = Import();
        return key.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <inheritdoc/>
    public bool Equals(DeviceKey? other) => other is not null && _point.AsSpan().SequenceEqual(other._point);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DeviceKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Thumbprint.GetHashCode();

    /// <summary>The bytes of the point, as the database keeps them.</summary>
    internal byte[] ToBytes() => [.. _point];

    /// <summary>From the two coordinates: <see langword="null"/> when they are no point of the curve.</summary>
    internal static DeviceKey? Of(byte[] point)
    {
        var key = new DeviceKey(point);
        try
        {
            using ECDsa imported = key.Import();
            return key;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static byte[]? Coordinate(JsonElement jwk, string name) =>
        CompactJws.Text(jwk, name) is { Length: 43 } text && Base64UrlText.Decode(text) is { Length: CoordinateSize } bytes ? bytes : null;

    private ECDsa Import() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = X.ToArray(), Y = Y.ToArray() },
    });
}
