using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>One of the three NIST curves, set up once: its group, and a key of nothing but its parameters to copy them from.</summary>
/// <remarks>
/// The order of each curve is prime, so a point that is on the curve and not at infinity needs no further check before Diffie-Hellman.
/// </remarks>
internal sealed unsafe class NistCurve
{
    private static readonly Lazy<NistCurve> s_p256 = new(() => new NistCurve("P-256", Libcrypto.NID_X9_62_prime256v1, 32));
    private static readonly Lazy<NistCurve> s_p384 = new(() => new NistCurve("P-384", Libcrypto.NID_secp384r1, 48));
    private static readonly Lazy<NistCurve> s_p521 = new(() => new NistCurve("P-521", Libcrypto.NID_secp521r1, 66));

    [ThreadStatic]
    private static BnCtxHandle? s_publicScratch;

    private readonly byte[] _name;
    private readonly EvpPkeyHandle _parameters;

    private NistCurve(string name, int nid, int fieldSize)
    {
        _name = Encoding.UTF8.GetBytes(name);
        FieldSize = fieldSize;
        Group = Check(Libcrypto.EC_GROUP_new_by_curve_name(nid), name);

        fixed (byte* groupParameter = "group\0"u8, groupName = _name)
        {
            Libcrypto.OSSL_PARAM* parameters = stackalloc Libcrypto.OSSL_PARAM[2];
            parameters[0] = new() { key = groupParameter, data_type = Libcrypto.OSSL_PARAM_UTF8_STRING, data = groupName, data_size = (nuint)_name.Length };
            parameters[1] = default;
            _parameters = FromData(Libcrypto.EVP_PKEY_KEY_PARAMETERS, parameters);
        }
    }

    /// <summary>Bytes of a coordinate and of a scalar.</summary>
    public int FieldSize { get; }

    /// <summary>Bytes of an uncompressed point (SEC 1 section 2.3.3).</summary>
    public int PointSize => 1 + (2 * FieldSize);

    public EcGroupHandle Group { get; }

    // Room for intermediate numbers of public points, kept by each thread.
    private static BnCtxHandle PublicScratch => s_publicScratch ??= NewScratch();

    public static NistCurve Of(KemGroup group) => group switch
    {
        KemGroup.P256 => s_p256.Value,
        KemGroup.P384 => s_p384.Value,
        KemGroup.P521 => s_p521.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(group)),
    };

    public static NistCurve Of(SignatureScheme scheme) => scheme switch
    {
        SignatureScheme.EcdsaSecp256r1Sha256 => s_p256.Value,
        SignatureScheme.EcdsaSecp384r1Sha384 => s_p384.Value,
        SignatureScheme.EcdsaSecp521r1Sha512 => s_p521.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(scheme)),
    };

    /// <summary>Room for intermediate numbers. The library zeroes them when it is freed and not before: what is secret gets a new one each time.</summary>
    public static BnCtxHandle NewScratch() => Check(Libcrypto.BN_CTX_secure_new(), nameof(Libcrypto.BN_CTX_secure_new));

    /// <summary>Reads a private scalar: <see langword="null"/> unless it has the right length and is from 1 to the order less 1.</summary>
    public BignumHandle? ReadScalar(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != FieldSize)
            return null;

        BignumHandle scalar = Check(Libcrypto.BN_new(), nameof(Libcrypto.BN_new));
        Libcrypto.BN_set_flags(scalar, Libcrypto.BN_FLG_CONSTTIME);
        fixed (byte* start = bytes)
            Check(Libcrypto.BN_bin2bn(start, bytes.Length, scalar), nameof(Libcrypto.BN_bin2bn));

        if (Libcrypto.BN_is_zero(scalar) == 0 && Libcrypto.BN_cmp(scalar, Libcrypto.EC_GROUP_get0_order(Group)) < 0)
            return scalar;

        scalar.Dispose();
        return null;
    }

    /// <summary>Reads a public point: <see langword="null"/> unless it is uncompressed and on the curve.</summary>
    public EcPointHandle? ReadPoint(ReadOnlySpan<byte> bytes)
    {
        if (!HasPointForm(bytes))
            return null;

        EcPointHandle point = Check(Libcrypto.EC_POINT_new(Group), nameof(Libcrypto.EC_POINT_new));
        fixed (byte* start = bytes)
        {
            if (Libcrypto.EC_POINT_oct2point(Group, point, start, (nuint)bytes.Length, PublicScratch) == 1)
                return point;
        }

        point.Dispose();
        Refused();
        return null;
    }

    /// <summary>Computes the public point of <paramref name="scalar"/>, uncompressed.</summary>
    public void WritePublicPoint(BignumHandle scalar, Span<byte> bytes)
    {
        using EcPointHandle point = Check(Libcrypto.EC_POINT_new(Group), nameof(Libcrypto.EC_POINT_new));
        using BnCtxHandle scratch = NewScratch();
        Check(Libcrypto.EC_POINT_mul(Group, point, scalar, 0, 0, scratch), nameof(Libcrypto.EC_POINT_mul));
        fixed (byte* start = bytes)
        {
            nuint written = Libcrypto.EC_POINT_point2oct(Group, point, Libcrypto.POINT_CONVERSION_UNCOMPRESSED, start, (nuint)bytes.Length, scratch);
            Check(written == (nuint)PointSize ? 1 : 0, nameof(Libcrypto.EC_POINT_point2oct));
        }
    }

    /// <summary>Makes the key that signs.</summary>
    /// <param name="scalar">A scalar that <see cref="ReadScalar"/> accepted.</param>
    /// <param name="publicPoint">Its public point.</param>
    public EvpPkeyHandle CreateKeyPair(ReadOnlySpan<byte> scalar, ReadOnlySpan<byte> publicPoint)
    {
        // The library takes numbers in the byte order of the machine, and every machine we run on is little-endian.
        using var native = Secret.CopyOf(scalar);
        native.Buffer.Reverse();

        fixed (byte* groupParameter = "group\0"u8, publicParameter = "pub\0"u8, privateParameter = "priv\0"u8)
        fixed (byte* groupName = _name, point = publicPoint, number = native.Bytes)
        {
            Libcrypto.OSSL_PARAM* parameters = stackalloc Libcrypto.OSSL_PARAM[4];
            parameters[0] = new() { key = groupParameter, data_type = Libcrypto.OSSL_PARAM_UTF8_STRING, data = groupName, data_size = (nuint)_name.Length };
            parameters[1] = new() { key = publicParameter, data_type = Libcrypto.OSSL_PARAM_OCTET_STRING, data = point, data_size = (nuint)publicPoint.Length };
            parameters[2] = new() { key = privateParameter, data_type = Libcrypto.OSSL_PARAM_UNSIGNED_INTEGER, data = number, data_size = (nuint)native.Length };
            parameters[3] = default;
            return FromData(Libcrypto.EVP_PKEY_KEYPAIR, parameters);
        }
    }

    /// <summary>Makes the key that verifies: <see langword="null"/> unless the point is uncompressed and on the curve.</summary>
    public EvpPkeyHandle? CreatePublicKey(ReadOnlySpan<byte> point)
    {
        if (!HasPointForm(point))
            return null;

        EvpPkeyHandle key = Check(Libcrypto.EVP_PKEY_new(), nameof(Libcrypto.EVP_PKEY_new));
        Check(Libcrypto.EVP_PKEY_copy_parameters(key, _parameters), nameof(Libcrypto.EVP_PKEY_copy_parameters));
        fixed (byte* start = point)
        {
            if (Libcrypto.EVP_PKEY_set1_encoded_public_key(key, start, (nuint)point.Length) == 1)
                return key;
        }

        key.Dispose();
        Refused();
        return null;
    }

    private bool HasPointForm(ReadOnlySpan<byte> bytes) => bytes.Length == PointSize && bytes[0] == Libcrypto.POINT_CONVERSION_UNCOMPRESSED;

    private static EvpPkeyHandle FromData(int selection, Libcrypto.OSSL_PARAM* parameters)
    {
        using EvpPkeyCtxHandle context = Check(Libcrypto.EVP_PKEY_CTX_new_from_name(0, "EC", 0), nameof(Libcrypto.EVP_PKEY_CTX_new_from_name));
        Check(Libcrypto.EVP_PKEY_fromdata_init(context), nameof(Libcrypto.EVP_PKEY_fromdata_init));
        Check(Libcrypto.EVP_PKEY_fromdata(context, out nint key, selection, parameters), nameof(Libcrypto.EVP_PKEY_fromdata));
        return new EvpPkeyHandle(key);
    }
}
