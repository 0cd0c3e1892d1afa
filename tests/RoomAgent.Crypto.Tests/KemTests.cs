using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class KemTests
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;

    public static TheoryData<KemGroup> Groups => [.. Enum.GetValues<KemGroup>()];

    public static TheoryData<KemGroup> NistGroups => [KemGroup.P256, KemGroup.P384, KemGroup.P521];

    [Theory] // RFC 7748 section 5.2: scalar, u-coordinate, result
    [InlineData(
        KemGroup.X25519, "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
        "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")]
    [InlineData(
        KemGroup.X448, "3d262fddf9ec8e88495266fea19a34d28882acef045104d0d1aae121700a779c984c24f8cdd78fbff44943eba368f54b29259a4f1c600ad3",
        "06fce640fa3487bfda5f6cf2d5263f8aad88334cbd07437f020f08f9814dc031ddbdc38c19c6da2583fa5429db94ada18aa7a7fb4ef8a086",
        "ce3e4ff95a60dc6697da1db1d85e6afbdf79b50a2412d7546d5f239fe14fbaadeb445fc66a01b0779d98223961111e21766282f73dd96b6f")]
    public void TheRfc7748ExamplesComeOutToTheByte(KemGroup group, string scalar, string coordinate, string result)
    {
        Assert.Equal(result, Convert.ToHexStringLower(Multiply(group, Convert.FromHexString(scalar), Convert.FromHexString(coordinate))));
    }

    [Theory] // RFC 7748 section 5.2: 1,000 iterations from the base point
    [InlineData(KemGroup.X25519, 9, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")]
    [InlineData(KemGroup.X448, 5, "aa3b4749d55b9daf1e5b00288826c467274ce3ebbdd5c17b975e09d4af6c67cf10d087202db88286e2b79fceea3ec353ef54faa26e219f38")]
    public void AThousandIterationsOfRfc7748ComeOutToTheByte(KemGroup group, byte basePoint, string result)
    {
        byte[] scalar = new byte[group.PrivateKey()];
        scalar[0] = basePoint;
        byte[] coordinate = [.. scalar];

        for (int i = 0; i < 1_000; i++)
            (scalar, coordinate) = (Multiply(group, scalar, coordinate), scalar);

        Assert.Equal(result, Convert.ToHexStringLower(scalar));
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void BothSidesComeToTheSameSecret(KemGroup group)
    {
        using KemPrivateKey alice = Generate(group, seed: 1);
        using KemPrivateKey bob = Generate(group, seed: 2);
        using KemPublicKey alicePublic = s_crypto.ImportKemPublicKey(group, alice.PublicKey)!;
        using KemPublicKey bobPublic = s_crypto.ImportKemPublicKey(group, bob.PublicKey)!;
        byte[] atAlice = new byte[group.SharedSecret()];
        byte[] atBob = new byte[group.SharedSecret()];

        Assert.True(alice.TryDerive(bobPublic, atAlice));
        Assert.True(bob.TryDerive(alicePublic, atBob));

        Assert.Equal(atAlice, atBob);
        Assert.Contains(atAlice, b => b != 0);
    }

    [Theory] // RFC 7748 section 6: points of small order
    [InlineData(KemGroup.X25519, "0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(KemGroup.X25519, "0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(KemGroup.X25519, "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData(KemGroup.X25519, "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData(KemGroup.X25519, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData(KemGroup.X448, "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(KemGroup.X448, "0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000")]
    public void AnAllZeroSharedSecretIsRefused(KemGroup group, string peer)
    {
        using KemPrivateKey key = Generate(group, seed: 1);
        using KemPublicKey smallOrder = s_crypto.ImportKemPublicKey(group, Convert.FromHexString(peer))!;
        byte[] secret = new byte[group.SharedSecret()];
        secret.AsSpan().Fill(0xee);
        var suite = new Hpke(s_crypto, group, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm);

        Assert.False(key.TryDerive(smallOrder, secret));

        Assert.All(secret, b => Assert.Equal(0, b));
        Assert.False(suite.TrySeal(smallOrder, [], [], [], new SeededRandom(1), new byte[suite.EncapsulatedKeySize], new byte[16]));
        Assert.False(suite.TryOpen(Convert.FromHexString(peer), key, [], [], new byte[16], []));
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void AKeyOfAnotherLengthIsRefused(KemGroup group)
    {
        using KemPrivateKey key = Generate(group, seed: 1);

        for (int length = 0; length <= 140; length++)
        {
            byte[] bytes = new byte[length];
            key.PublicKey[..Math.Min(length, key.PublicKey.Length)].CopyTo(bytes);
            using KemPublicKey? publicKey = s_crypto.ImportKemPublicKey(group, bytes);
            Assert.Equal(length == group.PublicKey(), publicKey is not null);

            using KemPrivateKey? privateKey = s_crypto.ImportKemPrivateKey(group, Enumerable.Repeat((byte)0x01, length).ToArray());
            Assert.Equal(length == group.PrivateKey(), privateKey is not null);
        }
    }

    [Theory]
    [MemberData(nameof(NistGroups))]
    public void APointThatIsNotOnTheCurveAndAScalarOutsideTheOrderAreRefused(KemGroup group)
    {
        using KemPrivateKey key = Generate(group, seed: 1);
        byte[] offCurve = key.PublicKey.ToArray();
        offCurve[^1] ^= 1;
        byte[] hybrid = key.PublicKey.ToArray();
        hybrid[0] = (byte)(6 + (hybrid[^1] & 1));

        Assert.Null(s_crypto.ImportKemPublicKey(group, offCurve));
        Assert.Null(s_crypto.ImportKemPublicKey(group, hybrid));
        Assert.Null(s_crypto.ImportKemPublicKey(group, [0]));
        Assert.Null(s_crypto.ImportKemPublicKey(group, new byte[group.PublicKey()]));
        Assert.Null(s_crypto.ImportKemPrivateKey(group, new byte[group.PrivateKey()]));
        Assert.Null(s_crypto.ImportKemPrivateKey(group, Enumerable.Repeat((byte)0xff, group.PrivateKey()).ToArray()));
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void WhatWasEncryptedForAnotherKeyInfoOrDataDoesNotOpen(KemGroup group)
    {
        var suite = new Hpke(s_crypto, group, HashAlgorithm.Sha384, AeadAlgorithm.Aes256Gcm);
        using KemPrivateKey key = Generate(group, seed: 1);
        using KemPrivateKey stranger = Generate(group, seed: 2);
        using KemPublicKey publicKey = s_crypto.ImportKemPublicKey(group, key.PublicKey)!;
        byte[] enc = new byte[suite.EncapsulatedKeySize];
        byte[] ciphertext = new byte[5 + Sizes.AeadTag];
        byte[] plaintext = new byte[5];

        Assert.True(suite.TrySeal(publicKey, "info"u8, "data"u8, "hello"u8, new SeededRandom(3), enc, ciphertext));

        Assert.True(suite.TryOpen(enc, key, "info"u8, "data"u8, ciphertext, plaintext));
        Assert.Equal("hello"u8, plaintext);
        Assert.False(suite.TryOpen(enc, stranger, "info"u8, "data"u8, ciphertext, plaintext));
        Assert.False(suite.TryOpen(enc, key, "onfi"u8, "data"u8, ciphertext, plaintext));
        Assert.False(suite.TryOpen(enc, key, "info"u8, "dota"u8, ciphertext, plaintext));
        Assert.False(suite.TryOpen(stranger.PublicKey, key, "info"u8, "data"u8, ciphertext, plaintext));
        Assert.Empty(Truncation.AcceptedLengths(enc, input => suite.TryOpen(input, key, "info"u8, "data"u8, ciphertext, plaintext)));
        Assert.Empty(Truncation.AcceptedLengths(ciphertext, input => suite.TryOpen(enc, key, "info"u8, "data"u8, input, plaintext)));
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void InfoThatWasTakenInOnceServesEveryRecipientOfItsSuite(KemGroup group)
    {
        var suite = new Hpke(s_crypto, group, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm);
        HpkeInfo info = suite.HashInfo("info"u8);
        byte[] enc = new byte[suite.EncapsulatedKeySize];
        byte[] ciphertext = new byte[5 + Sizes.AeadTag];
        byte[] plaintext = new byte[5];

        foreach (int seed in new[] { 1, 2 })
        {
            using KemPrivateKey key = Generate(group, seed);
            using KemPublicKey publicKey = s_crypto.ImportKemPublicKey(group, key.PublicKey)!;
            Assert.True(suite.TrySeal(publicKey, info, [], "hello"u8, new SeededRandom(3), enc, ciphertext));
            Assert.True(suite.TryOpen(enc, key, "info"u8, [], ciphertext, plaintext));

            HpkeInfo other = new Hpke(s_crypto, group, HashAlgorithm.Sha256, AeadAlgorithm.Aes256Gcm).HashInfo("info"u8);
            Assert.Throws<ArgumentException>(() => suite.TrySeal(publicKey, other, [], "hello"u8, new SeededRandom(3), enc, ciphertext));
        }
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void ASeededRandomSourceGivesTheSameCiphertextAgain(KemGroup group)
    {
        var suite = new Hpke(s_crypto, group, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm);
        using KemPrivateKey key = Generate(group, seed: 1);
        using KemPublicKey publicKey = s_crypto.ImportKemPublicKey(group, key.PublicKey)!;
        byte[] Seal(int seed)
        {
            byte[] enc = new byte[suite.EncapsulatedKeySize];
            byte[] ciphertext = new byte[5 + Sizes.AeadTag];
            suite.TrySeal(publicKey, [], [], "hello"u8, new SeededRandom(seed), enc, ciphertext);
            return [.. enc, .. ciphertext];
        }

        Assert.Equal(Seal(1), Seal(1));
        Assert.NotEqual(Seal(1), Seal(2));
    }

    [Fact]
    public void AKeyOfAnotherGroupIsAMistakeOfOurs()
    {
        using KemPrivateKey p256 = Generate(KemGroup.P256, seed: 1);
        using KemPrivateKey x25519 = Generate(KemGroup.X25519, seed: 1);
        using KemPublicKey p256Public = s_crypto.ImportKemPublicKey(KemGroup.P256, p256.PublicKey)!;
        using KemPublicKey x25519Public = s_crypto.ImportKemPublicKey(KemGroup.X25519, x25519.PublicKey)!;

        Assert.Throws<ArgumentException>(() => p256.TryDerive(x25519Public, new byte[32]));
        Assert.Throws<ArgumentException>(() => x25519.TryDerive(p256Public, new byte[32]));
        Assert.Throws<ArgumentException>(() => p256.TryDerive(p256Public, new byte[31]));
        Assert.Throws<ArgumentException>(() => x25519.TryDerive(x25519Public, new byte[33]));
    }

    [Fact]
    public void AContextOfTheWrongSideOrABufferOfAnotherSizeIsAMistakeOfOurs()
    {
        var suite = new Hpke(s_crypto, KemGroup.P256, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm);
        using KemPrivateKey key = Generate(KemGroup.P256, seed: 1);
        using KemPublicKey publicKey = s_crypto.ImportKemPublicKey(KemGroup.P256, key.PublicKey)!;
        byte[] enc = new byte[suite.EncapsulatedKeySize];
        using HpkeContext sender = suite.SetupSender(publicKey, [], new SeededRandom(2), enc)!;
        using HpkeContext recipient = suite.SetupRecipient(enc, key, [])!;

        Assert.Throws<InvalidOperationException>(() => recipient.Seal([], [], new byte[16]));
        Assert.Throws<InvalidOperationException>(() => sender.TryOpen([], new byte[16], []));
        Assert.Throws<ArgumentException>(() => suite.SetupSender(publicKey, [], new SeededRandom(2), new byte[64]));
        Assert.Throws<ArgumentException>(() => suite.SetupSender(publicKey, [], new SeededRandom(2), new byte[66]));
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void AKeyThatIsDisposedOfIsAMistakeOfOurs(KemGroup group)
    {
        KemPrivateKey key = Generate(group, seed: 1);
        KemPublicKey publicKey = s_crypto.ImportKemPublicKey(group, key.PublicKey)!;
        using KemPrivateKey other = Generate(group, seed: 2);

        key.Dispose();
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.TryDerive(publicKey, new byte[group.SharedSecret()]));
        publicKey.Dispose();
        Assert.Throws<ObjectDisposedException>(() => other.TryDerive(publicKey, new byte[group.SharedSecret()]));
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task OneKeyServesManyThreads(KemGroup group)
    {
        var suite = new Hpke(s_crypto, group, HashAlgorithm.Sha384, AeadAlgorithm.ChaCha20Poly1305);
        using KemPrivateKey key = Generate(group, seed: 1);
        using KemPublicKey publicKey = s_crypto.ImportKemPublicKey(group, key.PublicKey)!;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new SeededRandom(worker);
            for (int i = 0; i < 10; i++)
            {
                byte[] message = [(byte)worker, (byte)i];
                byte[] enc = new byte[suite.EncapsulatedKeySize];
                byte[] ciphertext = new byte[message.Length + Sizes.AeadTag];
                byte[] plaintext = new byte[message.Length];

                Assert.True(suite.TrySeal(publicKey, [], [], message, random, enc, ciphertext));
                Assert.True(suite.TryOpen(enc, key, [], [], ciphertext, plaintext));
                Assert.Equal(message, plaintext);
            }
        })));
    }

    private static byte[] Multiply(KemGroup group, byte[] scalar, byte[] coordinate)
    {
        using KemPrivateKey key = s_crypto.ImportKemPrivateKey(group, scalar)!;
        using KemPublicKey peer = s_crypto.ImportKemPublicKey(group, coordinate)!;
        byte[] result = new byte[group.SharedSecret()];
        Assert.True(key.TryDerive(peer, result));
        return result;
    }

    private static KemPrivateKey Generate(KemGroup group, int seed) =>
        new Hpke(s_crypto, group, HashAlgorithm.Sha256, AeadAlgorithm.Aes128Gcm).GenerateKeyPair(new SeededRandom(seed));
}
