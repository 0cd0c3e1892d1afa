using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class AeadTests
{
    private const string GcmText = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    private const string GcmKey = "feffe9928665731c6d6a8f9467308308";

    public static TheoryData<AeadAlgorithm> Algorithms => [.. Enum.GetValues<AeadAlgorithm>()];

    /// <summary>The test cases of the GCM specification that NIST took over (SP 800-38D), and the example of RFC 8439 section 2.8.2.</summary>
    public static TheoryData<AeadAlgorithm, string, string, string, string, string> Published => new()
    {
        { AeadAlgorithm.Aes128Gcm, new('0', 32), new('0', 24), "", "", "58e2fccefa7e3061367f1d57a4e7455a" },
        { AeadAlgorithm.Aes128Gcm, new('0', 32), new('0', 24), "", new('0', 32), "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf" },
        {
            AeadAlgorithm.Aes128Gcm, GcmKey, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", GcmText,
            "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"
        },
        { AeadAlgorithm.Aes256Gcm, new('0', 64), new('0', 24), "", "", "530f8afbc74536b9a963b4f1c4cb738b" },
        { AeadAlgorithm.Aes256Gcm, new('0', 64), new('0', 24), "", new('0', 32), "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919" },
        {
            AeadAlgorithm.Aes256Gcm, GcmKey + GcmKey, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", GcmText,
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"
        },
        {
            AeadAlgorithm.ChaCha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
            Convert.ToHexString("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it."u8),
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
        },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void ThePublishedExamplesComeOutToTheByte(AeadAlgorithm algorithm, string key, string nonce, string associatedData, string plaintext, string ciphertext)
    {
        using Aead aead = Create(algorithm, Convert.FromHexString(key));
        byte[] sealedText = new byte[ciphertext.Length / 2];
        byte[] openedText = new byte[plaintext.Length / 2];

        aead.Seal(Convert.FromHexString(nonce), Convert.FromHexString(associatedData), Convert.FromHexString(plaintext), sealedText);
        bool opened = aead.TryOpen(Convert.FromHexString(nonce), Convert.FromHexString(associatedData), sealedText, openedText);

        Assert.Equal(Convert.FromHexString(ciphertext), sealedText);
        Assert.True(opened);
        Assert.Equal(Convert.FromHexString(plaintext), openedText);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void SealingAndOpeningWorkInPlace(AeadAlgorithm algorithm)
    {
        using Aead aead = Create(algorithm);
        byte[] nonce = new byte[Sizes.AeadNonce];
        byte[] buffer = new byte[1_200 + Sizes.AeadTag];
        new Random(1).NextBytes(buffer);
        byte[] original = buffer[..1_200];

        aead.Seal(nonce, "header"u8, buffer.AsSpan(0, 1_200), buffer);
        Assert.NotEqual(original, buffer[..1_200]);

        Assert.True(aead.TryOpen(nonce, "header"u8, buffer, buffer.AsSpan(0, 1_200)));
        Assert.Equal(original, buffer[..1_200]);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void AnyChangedBitIsRefusedAndNothingOfTheTextIsShown(AeadAlgorithm algorithm)
    {
        using Aead aead = Create(algorithm);
        byte[] nonce = new byte[Sizes.AeadNonce];
        byte[] associatedData = [1, 2, 3];
        byte[] ciphertext = new byte[20 + Sizes.AeadTag];
        aead.Seal(nonce, associatedData, "twenty bytes of text"u8, ciphertext);

        for (int bit = 0; bit < 8 * ciphertext.Length; bit++)
            AssertRefused(aead, nonce, associatedData, Flipped(ciphertext, bit));
        for (int bit = 0; bit < 8 * associatedData.Length; bit++)
            AssertRefused(aead, nonce, Flipped(associatedData, bit), ciphertext);
        for (int bit = 0; bit < 8 * nonce.Length; bit++)
            AssertRefused(aead, Flipped(nonce, bit), associatedData, ciphertext);

        Assert.True(aead.TryOpen(nonce, associatedData, ciphertext, new byte[20]));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void EveryTruncationIsRefused(AeadAlgorithm algorithm)
    {
        using Aead aead = Create(algorithm);
        byte[] nonce = new byte[Sizes.AeadNonce];
        byte[] ciphertext = new byte[40 + Sizes.AeadTag];
        aead.Seal(nonce, [], new byte[40], ciphertext);

        Assert.Empty(Truncation.AcceptedLengths(ciphertext, input => aead.TryOpen(nonce, [], input, new byte[40])));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void AKeyOrNonceOfAnotherLengthIsRefused(AeadAlgorithm algorithm)
    {
        for (int length = 0; length <= 64; length++)
        {
            using Aead? other = OpenSslCrypto.Instance.CreateAead(algorithm, new byte[length]);
            Assert.Equal(length == algorithm.Key(), other is not null);
        }

        using Aead aead = Create(algorithm);
        for (int length = 0; length <= 32; length++)
        {
            if (length != Sizes.AeadNonce)
                Assert.False(aead.TryOpen(new byte[length], [], new byte[32], new byte[16]));
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void MistakesOfOursAreExceptions(AeadAlgorithm algorithm)
    {
        Aead aead = Create(algorithm);
        byte[] memory = new byte[100];
        byte[] nonce = new byte[Sizes.AeadNonce];

        Assert.Throws<ArgumentException>(() => aead.Seal(new byte[11], [], [], new byte[16]));
        Assert.Throws<ArgumentException>(() => aead.Seal(nonce, [], new byte[5], new byte[20]));
        Assert.Throws<ArgumentException>(() => aead.TryOpen(nonce, [], new byte[36], new byte[19]));
        Assert.Throws<ArgumentException>(() => aead.Seal(nonce, [], memory.AsSpan(1, 20), memory.AsSpan(0, 36)));
        Assert.Throws<ArgumentException>(() => aead.TryOpen(nonce, [], memory.AsSpan(0, 36), memory.AsSpan(1, 20)));

        aead.Dispose();
        aead.Dispose();
        Assert.Throws<InvalidOperationException>(() => aead.Seal(nonce, [], [], new byte[16]));
    }

    [Fact]
    public void AnAeadThatIsDisposedOfWhileItWorksIsGoneAfterwards()
    {
        Aead aead = Create(AeadAlgorithm.Aes256Gcm);
        byte[] nonce = new byte[Sizes.AeadNonce];
        byte[] buffer = new byte[64_000_000 + Sizes.AeadTag];
        using var started = new ManualResetEventSlim();
        var worker = new Thread(() =>
        {
            started.Set();
            aead.Seal(nonce, [], buffer.AsSpan(0, 64_000_000), buffer);
        });

        worker.Start();
        started.Wait(TestContext.Current.CancellationToken);
        Thread.Sleep(5);
        aead.Dispose();
        worker.Join();

        Assert.Throws<InvalidOperationException>(() => aead.Seal(nonce, [], [], new byte[16]));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void AMessageAllocatesNothing(AeadAlgorithm algorithm)
    {
        using Aead aead = Create(algorithm);
        byte[] nonce = new byte[Sizes.AeadNonce];
        byte[] plaintext = new byte[1_200];
        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        void SealOpenAndRefuse()
        {
            aead.Seal(nonce, nonce, plaintext, ciphertext);
            Assert.True(aead.TryOpen(nonce, nonce, ciphertext, plaintext));
            Assert.False(aead.TryOpen(nonce, [], ciphertext, plaintext));
        }
        SealOpenAndRefuse();

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 1_000; i++)
                SealOpenAndRefuse();
        });

        Assert.Equal(0, allocated);
    }

    private static void AssertRefused(Aead aead, byte[] nonce, byte[] associatedData, byte[] ciphertext)
    {
        byte[] plaintext = new byte[ciphertext.Length - Sizes.AeadTag];
        plaintext.AsSpan().Fill(0xee);

        Assert.False(aead.TryOpen(nonce, associatedData, ciphertext, plaintext));
        Assert.All(plaintext, b => Assert.Equal(0, b));
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    private static Aead Create(AeadAlgorithm algorithm, byte[]? key = null) =>
        OpenSslCrypto.Instance.CreateAead(algorithm, key ?? new byte[algorithm.Key()])!;
}
