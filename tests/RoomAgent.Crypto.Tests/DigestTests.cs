using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class DigestTests
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;

    public static TheoryData<HashAlgorithm> Algorithms => [.. Enum.GetValues<HashAlgorithm>()];

    [Theory] // RFC 2202 test case 1; RFC 4231 test case 1
    [InlineData(HashAlgorithm.Sha1, "b617318655057264e28bc0b6fb378c8ef146be00")]
    [InlineData(HashAlgorithm.Sha256, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
    [InlineData(HashAlgorithm.Sha384, "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6")]
    [InlineData(HashAlgorithm.Sha512, "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")]
    public void TheHmacExamplesOfTheRfcsComeOutToTheByte(HashAlgorithm algorithm, string expected)
    {
        byte[] mac = new byte[algorithm.Digest()];

        s_crypto.Hmac(algorithm, Convert.FromHexString(new string('0', 40).Replace("00", "0b")), "Hi There"u8, mac);

        Assert.Equal(expected, Convert.ToHexStringLower(mac));
    }

    [Theory] // RFC 5869 appendix A.1 to A.3
    [InlineData(
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")]
    [InlineData(
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
        "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
        "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87")]
    [InlineData(
        "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
        "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")]
    public void TheHkdfExamplesOfRfc5869ComeOutToTheByte(string keyingMaterial, string salt, string info, string pseudorandomKey, string output)
    {
        byte[] prk = new byte[32];
        byte[] okm = new byte[output.Length / 2];

        s_crypto.HkdfExtract(HashAlgorithm.Sha256, Convert.FromHexString(salt), Convert.FromHexString(keyingMaterial), prk);
        s_crypto.HkdfExpand(HashAlgorithm.Sha256, prk, Convert.FromHexString(info), okm);

        Assert.Equal(pseudorandomKey, Convert.ToHexStringLower(prk));
        Assert.Equal(output, Convert.ToHexStringLower(okm));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void AnyInputGivesWhatTheFrameworkGives(HashAlgorithm algorithm)
    {
        var name = new HashAlgorithmName(algorithm.ToString().ToUpperInvariant());
        Prop.ForAll<byte[], byte[]>((key, data) =>
        {
            byte[] digest = new byte[algorithm.Digest()];
            byte[] mac = new byte[algorithm.Digest()];
            byte[] okm = new byte[300];
            s_crypto.Hash(algorithm, data, digest);
            s_crypto.Hmac(algorithm, key, data, mac);
            s_crypto.HkdfExpand(algorithm, digest, data, okm);

            return digest.AsSpan().SequenceEqual(CryptographicOperations.HashData(name, data))
                && mac.AsSpan().SequenceEqual(CryptographicOperations.HmacData(name, key, data))
                && okm.AsSpan().SequenceEqual(HKDF.Expand(name, digest, 300, data));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void HkdfGivesAtMost255DigestsAndTakesALongInfo()
    {
        byte[] prk = new byte[32];
        byte[] longInfo = new byte[5_000];
        byte[] okm = new byte[255 * 32];

        s_crypto.HkdfExpand(HashAlgorithm.Sha256, prk, longInfo, okm);

        Assert.Equal(HKDF.Expand(HashAlgorithmName.SHA256, prk, okm.Length, longInfo), okm);
        Assert.Throws<ArgumentException>(() => s_crypto.HkdfExpand(HashAlgorithm.Sha256, prk, [], new byte[(255 * 32) + 1]));
    }

    [Fact]
    public void HkdfReplacesItsKeyByOneDigestButNotByMore()
    {
        byte[] prk = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        byte[] expected = HKDF.Expand(HashAlgorithmName.SHA256, prk[..32], 32, "info"u8.ToArray());

        Assert.Throws<ArgumentException>(() => s_crypto.HkdfExpand(HashAlgorithm.Sha256, prk.AsSpan(0, 32), "info"u8, prk));
        s_crypto.HkdfExpand(HashAlgorithm.Sha256, prk.AsSpan(0, 32), "info"u8, prk.AsSpan(0, 32));

        Assert.Equal(expected, prk[..32]);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void ADigestGoesIntoABufferOfItsSizeAndAllocatesNothing(HashAlgorithm algorithm)
    {
        byte[] data = Encoding.UTF8.GetBytes("any data");
        byte[] digest = new byte[algorithm.Digest()];
        byte[] okm = new byte[100];
        void HashHmacAndExpand()
        {
            s_crypto.Hash(algorithm, data, digest);
            s_crypto.Hmac(algorithm, data, data, digest);
            s_crypto.HkdfExpand(algorithm, digest, data, okm);
        }
        HashHmacAndExpand();

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 1_000; i++)
                HashHmacAndExpand();
        });

        Assert.Equal(0, allocated);
        Assert.Throws<ArgumentException>(() => s_crypto.Hash(algorithm, data, new byte[digest.Length + 1]));
        Assert.Throws<ArgumentException>(() => s_crypto.Hmac(algorithm, data, data, new byte[digest.Length - 1]));
    }
}
