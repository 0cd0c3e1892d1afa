using System.Security.Cryptography;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class SignatureTests
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;

    public static TheoryData<SignatureScheme> Schemes => [.. Enum.GetValues<SignatureScheme>()];

    public static TheoryData<SignatureScheme> NistSchemes =>
        [SignatureScheme.EcdsaSecp256r1Sha256, SignatureScheme.EcdsaSecp384r1Sha384, SignatureScheme.EcdsaSecp521r1Sha512];

    /// <summary>RFC 8032 section 7.1 (Ed25519) and 7.4 (Ed448): seed, public key, message, signature.</summary>
    public static TheoryData<SignatureScheme, string, string, string, string> Rfc8032 => new()
    {
        {
            SignatureScheme.Ed25519, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        },
        {
            SignatureScheme.Ed25519, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        },
        {
            SignatureScheme.Ed25519, "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        },
        {
            SignatureScheme.Ed448, "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180", "",
            "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600"
        },
        {
            SignatureScheme.Ed448, "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
            "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480", "03",
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"
        },
        {
            SignatureScheme.Ed448, "258cdd4ada32ed9c9ff54e63756ae582fb8fab2ac721f2c8e676a72768513d939f63dddb55609133f29adf86ec9929dccb52c1c5fd2ff7e21b",
            "3ba16da0c6f2cc1f30187740756f5e798d6bc5fc015d7c63cc9510ee3fd44adc24d8e968b6e46e6f94d19b945361726bd75e149ef09817f580", "64a65f3cdedcdd66811e2915",
            "7eeeab7c4e50fb799b418ee5e3197ff6bf15d43a14c34389b59dd1a7b1b85b4ae90438aca634bea45e3a2695f1270f07fdcdf7c62b8efeaf00b45c2c96ba457eb1a8bf075a3db28e5c24f6b923ed4ad747c3c9e03c7079efb87cb110d3a99861e72003cbae6d6b8b827e4e6c143064ff3c00"
        },
    };

    [Theory]
    [MemberData(nameof(Rfc8032))]
    public void TheRfc8032ExamplesComeOutToTheByte(SignatureScheme scheme, string seed, string publicKey, string message, string signature)
    {
        using SigningKey signing = s_crypto.ImportSigningKey(scheme, Convert.FromHexString(seed))!;
        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, Convert.FromHexString(publicKey))!;
        byte[] made = new byte[scheme.LargestSignature()];

        int length = signing.Sign(Convert.FromHexString(message), made);

        Assert.Equal(publicKey, Convert.ToHexStringLower(signing.PublicKey));
        Assert.Equal(signature, Convert.ToHexStringLower(made.AsSpan(0, length)));
        Assert.True(verifying.Verify(Convert.FromHexString(message), made));
    }

    [Fact]
    public void TheP256ExampleOfRfc6979Verifies()
    {
        // Appendix A.2.5, SHA-256, message "sample"
        byte[] r = Convert.FromHexString("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
        byte[] s = Convert.FromHexString("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
        byte[] publicKey = Convert.FromHexString("0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
        byte[] privateKey = Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        byte[] signature = [0x30, 70, 0x02, 33, 0, .. r, 0x02, 33, 0, .. s];

        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(SignatureScheme.EcdsaSecp256r1Sha256, publicKey)!;
        using SigningKey signing = s_crypto.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, privateKey)!;

        Assert.True(verifying.Verify("sample"u8, signature));
        Assert.False(verifying.Verify("Sample"u8, signature));
        Assert.Equal(publicKey, signing.PublicKey.ToArray());
    }

    [Theory]
    [MemberData(nameof(NistSchemes))]
    public void TheFrameworkVerifiesOurSignaturesAndWeVerifyIts(SignatureScheme scheme)
    {
        using Secret privateKey = SignatureKeys.Generate(s_crypto, new SeededRandom(1), scheme);
        using SigningKey signing = s_crypto.ImportSigningKey(scheme, privateKey.Bytes)!;
        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, signing.PublicKey)!;
        int size = scheme.PrivateKey();
        (ECCurve curve, HashAlgorithmName hash) = scheme switch
        {
            SignatureScheme.EcdsaSecp256r1Sha256 => (ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256),
            SignatureScheme.EcdsaSecp384r1Sha384 => (ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
            _ => (ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512),
        };
        using var framework = ECDsa.Create(new ECParameters
        {
            Curve = curve,
            D = privateKey.Bytes.ToArray(),
            Q = new ECPoint { X = signing.PublicKey.Slice(1, size).ToArray(), Y = signing.PublicKey[(1 + size)..].ToArray() },
        });
        byte[] message = [1, 2, 3];
        byte[] ours = new byte[scheme.LargestSignature()];

        for (int i = 0; i < 20; i++)
        {
            int length = signing.Sign(message, ours);
            byte[] theirs = framework.SignData(message, hash, DSASignatureFormat.Rfc3279DerSequence);

            Assert.True(framework.VerifyData(message, ours.AsSpan(0, length), hash, DSASignatureFormat.Rfc3279DerSequence));
            Assert.True(verifying.Verify(message, theirs));
        }
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void ASignatureOfAnotherMessageKeyOrLengthIsRefused(SignatureScheme scheme)
    {
        using SigningKey signing = Generate(scheme, seed: 1);
        using SigningKey stranger = Generate(scheme, seed: 2);
        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, signing.PublicKey)!;
        byte[] signature = Sign(signing, "message"u8);

        Assert.True(verifying.Verify("message"u8, signature));
        Assert.False(verifying.Verify("massage"u8, signature));
        Assert.False(verifying.Verify("message"u8, Sign(stranger, "message"u8)));
        Assert.False(verifying.Verify("message"u8, [.. signature, 0]));
        Assert.False(verifying.Verify("message"u8, new byte[signature.Length]));
        Assert.False(verifying.Verify("message"u8, new byte[10_000]));
        Assert.Empty(Truncation.AcceptedLengths(signature, input => verifying.Verify("message"u8, input)));
        for (int bit = 0; bit < 8 * signature.Length; bit += 5)
        {
            byte[] changed = [.. signature];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(verifying.Verify("message"u8, changed));
        }
    }

    [Theory]
    [MemberData(nameof(NistSchemes))]
    public void ASignatureInLooseDerIsRefused(SignatureScheme scheme)
    {
        using SigningKey signing = Generate(scheme, seed: 1);
        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, signing.PublicKey)!;
        byte[] strict = Sign(signing, "message"u8);
        int header = strict[1] == 0x81 ? 3 : 2;
        byte[] body = strict[header..];

        // The outer length in one byte more than it needs, and the indefinite form of BER.
        byte[] padded = body.Length < 128 ? [0x30, 0x81, (byte)body.Length, .. body] : [0x30, 0x82, 0, (byte)body.Length, .. body];
        byte[] indefinite = [0x30, 0x80, .. body, 0, 0];

        Assert.True(verifying.Verify("message"u8, strict));
        Assert.False(verifying.Verify("message"u8, padded));
        Assert.False(verifying.Verify("message"u8, indefinite));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void AKeyOfAnotherLengthIsRefused(SignatureScheme scheme)
    {
        using SigningKey signing = Generate(scheme, seed: 1);

        for (int length = 0; length <= 140; length++)
        {
            byte[] bytes = new byte[length];
            signing.PublicKey[..Math.Min(length, signing.PublicKey.Length)].CopyTo(bytes);
            using VerifyingKey? publicKey = s_crypto.ImportVerifyingKey(scheme, bytes);
            Assert.Equal(length == scheme.PublicKey(), publicKey is not null);

            using SigningKey? privateKey = s_crypto.ImportSigningKey(scheme, Enumerable.Repeat((byte)0x01, length).ToArray());
            Assert.Equal(length == scheme.PrivateKey(), privateKey is not null);
        }
    }

    [Theory]
    [MemberData(nameof(NistSchemes))]
    public void APointThatIsCompressedHybridAtInfinityOrNotOnTheCurveIsRefused(SignatureScheme scheme)
    {
        using SigningKey signing = Generate(scheme, seed: 1);
        byte[] point = signing.PublicKey.ToArray();
        byte[] offCurve = [.. point];
        offCurve[^1] ^= 1;
        byte odd = (byte)(point[^1] & 1);

        Assert.Null(s_crypto.ImportVerifyingKey(scheme, offCurve));
        Assert.Null(s_crypto.ImportVerifyingKey(scheme, [(byte)(2 + odd), .. point[1..scheme.PrivateKey()], point[scheme.PrivateKey()]]));
        Assert.Null(s_crypto.ImportVerifyingKey(scheme, [(byte)(6 + odd), .. point[1..]]));
        Assert.Null(s_crypto.ImportVerifyingKey(scheme, [0]));
        Assert.Null(s_crypto.ImportVerifyingKey(scheme, [4, .. new byte[point.Length - 1]]));
        Assert.Null(s_crypto.ImportVerifyingKey(scheme, [4, .. Enumerable.Repeat((byte)0xff, point.Length - 1)]));
    }

    [Theory] // y-coordinates that no point has: RFC 8032 sections 5.1.3 and 5.2.3
    [InlineData(SignatureScheme.Ed25519, "0200000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(SignatureScheme.Ed25519, "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData(SignatureScheme.Ed448, "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    public void AKeyThatIsNoPointVerifiesNothing(SignatureScheme scheme, string key)
    {
        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, Convert.FromHexString(key))!;

        Assert.False(verifying.Verify("message"u8, new byte[scheme.LargestSignature()]));
    }

    [Theory]
    [MemberData(nameof(NistSchemes))]
    public void AScalarOfZeroOrNotBelowTheOrderIsRefused(SignatureScheme scheme)
    {
        Assert.Null(s_crypto.ImportSigningKey(scheme, new byte[scheme.PrivateKey()]));
        Assert.Null(s_crypto.ImportSigningKey(scheme, Enumerable.Repeat((byte)0xff, scheme.PrivateKey()).ToArray()));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void TheSameSeedGivesTheSameKey(SignatureScheme scheme)
    {
        using SigningKey one = Generate(scheme, seed: 7);
        using SigningKey same = Generate(scheme, seed: 7);
        using SigningKey other = Generate(scheme, seed: 8);

        Assert.Equal(one.PublicKey.ToArray(), same.PublicKey.ToArray());
        Assert.NotEqual(one.PublicKey.ToArray(), other.PublicKey.ToArray());
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public async Task OneKeyServesManyThreads(SignatureScheme scheme)
    {
        using SigningKey signing = Generate(scheme, seed: 1);
        using VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, signing.PublicKey)!;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (int i = 0; i < 25; i++)
            {
                byte[] message = [(byte)worker, (byte)i];
                Assert.True(verifying.Verify(message, Sign(signing, message)));
            }
        })));
    }

    [Theory]
    [MemberData(nameof(Schemes))]
    public void MistakesOfOursAreExceptions(SignatureScheme scheme)
    {
        SigningKey signing = Generate(scheme, seed: 1);

        Assert.Throws<ArgumentException>(() => signing.Sign([], new byte[scheme.LargestSignature() - 1]));
        signing.Dispose();
        Assert.Throws<ObjectDisposedException>(() => signing.Sign([], new byte[scheme.LargestSignature()]));

        VerifyingKey verifying = s_crypto.ImportVerifyingKey(scheme, signing.PublicKey)!;
        verifying.Dispose();
        Assert.Throws<ObjectDisposedException>(() => verifying.Verify([], []));
    }

    private static SigningKey Generate(SignatureScheme scheme, int seed)
    {
        using Secret privateKey = SignatureKeys.Generate(s_crypto, new SeededRandom(seed), scheme);
        return s_crypto.ImportSigningKey(scheme, privateKey.Bytes)!;
    }

    private static byte[] Sign(SigningKey key, ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[key.Scheme.LargestSignature()];
        return signature[..key.Sign(message, signature)];
    }
}
