using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Testing;

namespace RoomAgent.SFrame.Tests;

/// <summary>Frames of every suite, from one member to another.</summary>
public sealed class FrameTests
{
    private static readonly byte[] s_text = "a frame of twenty-nine bytes."u8.ToArray();

    public static TheoryData<SFrameCipherSuite> Suites => [.. Enum.GetValues<SFrameCipherSuite>()];

    [Theory]
    [MemberData(nameof(Suites))]
    public void WhatOneSealsTheOtherOpens(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        using Member bob = Joined(1, suite);

        foreach (int length in (int[])[0, 1, 15, 16, 17, 160, 1_200, 20_000])
        {
            byte[] plaintext = RandomNumberGenerator.GetBytes(length);
            byte[] frame = alice.Seal(plaintext, metadata: "metadata"u8);

            Assert.Equal(OpenOutcome.Opened, bob.Open(frame, "metadata"u8, out byte[] opened));
            Assert.Equal(plaintext, opened);
        }
    }

    /// <summary>The formulas of RFC 9605 sections 4.4 and 4.5.1, once more, with the classes of .NET.</summary>
    [Theory]
    [MemberData(nameof(Suites))]
    public void AnotherComputationGivesTheSameFrame(SFrameCipherSuite suite)
    {
        using Member alice = Joined(3, suite);
        alice.Seal(s_text);

        byte[] frame = alice.Seal(s_text, metadata: "metadata"u8);

        KeyId keyId = KeyId.Of(FrameContext.Camera, 3, 1);
        Assert.Equal(Independent(suite, alice.BaseKey(1).Bytes.ToArray(), keyId, counter: 1, "metadata"u8.ToArray(), s_text), frame);
    }

    /// <summary>B01: whatever bit is changed on the way, the frame is dropped and counted, and nothing of it is shown.</summary>
    [Theory]
    [MemberData(nameof(Suites))]
    public void AnyChangedBitIsRefusedAndCounted(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        using Member bob = Joined(1, suite);
        byte[] frame = alice.Seal(s_text);
        Assert.True(SFrameHeader.TryRead(frame, out SFrameHeader header));

        for (int bit = 0; bit < 8 * frame.Length; bit++)
        {
            byte[] changed = [.. frame];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            byte[] plaintext = new byte[frame.Length];
            RandomNumberGenerator.Fill(plaintext);

            OpenOutcome outcome = bob.Opener.Open(changed, [], plaintext, out _, out int length);

            Assert.NotEqual(OpenOutcome.Opened, outcome);
            Assert.Equal(0, length);
            if (bit >= 8 * header.Length)
            {
                Assert.Equal(OpenOutcome.Undecryptable, outcome);
                Assert.All(plaintext[..s_text.Length], value => Assert.Equal(0, value));
            }
        }

        Assert.Equal(0, bob.Opener.Count(OpenOutcome.Opened));
        Assert.Equal(8 * frame.Length, Enum.GetValues<OpenOutcome>().Sum(bob.Opener.Count));
        Assert.Equal(OpenOutcome.Opened, bob.Open(frame));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void EveryTruncationIsRefused(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        byte[] frame = alice.Seal(s_text);

        Assert.Empty(Truncation.AcceptedLengths(frame, input =>
        {
            using Member bob = Joined(1, suite);
            return bob.Open(input.ToArray()) == OpenOutcome.Opened;
        }));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void OtherMetadataIsRefused(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        using Member bob = Joined(1, suite);
        byte[] frame = alice.Seal(s_text, metadata: "metadata"u8);

        Assert.Equal(OpenOutcome.Undecryptable, bob.Open(frame));
        Assert.Equal(OpenOutcome.Undecryptable, bob.Open(frame, "metadatb"u8, out _));
        Assert.Equal(OpenOutcome.Undecryptable, bob.Open(frame, new byte[2_000], out _));
        Assert.Equal(OpenOutcome.Opened, bob.Open(frame, "metadata"u8, out _));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void MetadataOfAnyLengthIsAuthenticated(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        using Member bob = Joined(1, suite);

        foreach (int length in (int[])[1, 500, 512, 513, 5_000])
        {
            byte[] metadata = RandomNumberGenerator.GetBytes(length);
            byte[] frame = alice.Seal(s_text, metadata: metadata);

            Assert.Equal(OpenOutcome.Opened, bob.Open(frame, metadata, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void AFrameOpensInItsOwnPlace(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        using Member bob = Joined(1, suite);
        byte[] frame = alice.Seal(s_text);
        Assert.True(SFrameHeader.TryRead(frame, out SFrameHeader header));

        OpenOutcome outcome = bob.Opener.Open(frame, [], frame.AsSpan(header.Length), out _, out int length);

        Assert.Equal(OpenOutcome.Opened, outcome);
        Assert.Equal(s_text, frame.AsSpan(header.Length, length).ToArray());
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void ContextsSendersAndEpochsHaveKeysOfTheirOwn(SFrameCipherSuite suite)
    {
        using Member alice = Joined(0, suite);
        using Member bob = Joined(1, suite);
        byte[] frame = alice.Seal(s_text, FrameContext.Audio);
        Assert.True(SFrameHeader.TryRead(frame, out SFrameHeader header));
        bob.Merge(2);

        // All these numbers take as many bytes, so that the header alone is exchanged.
        foreach (KeyId other in (KeyId[])[KeyId.Of(FrameContext.Audio, 2, 1), KeyId.Of(FrameContext.Audio, 3, 1), KeyId.Of(FrameContext.Audio, 2, 2)])
        {
            byte[] renamed = [.. new byte[new SFrameHeader(other, header.Counter).Length], .. frame[header.Length..]];
            new SFrameHeader(other, header.Counter).Write(renamed);
            Assert.Equal(OpenOutcome.Undecryptable, bob.Open(renamed));
        }

        Assert.Equal(OpenOutcome.Opened, bob.Open(frame));
    }

    [Fact]
    public void TheDefaultSuiteIsAes256GcmWithTagsOf16Bytes()
    {
        Assert.Equal(0x0005, (int)new KeyringSettings().Suite);
        Assert.Equal(32, new KeyringSettings().Suite.Key());
        Assert.Equal(16, new KeyringSettings().Suite.Tag());
    }

    [Fact]
    public void ASuiteThatDoesNotExistIsOurMistake()
    {
        foreach (SFrameCipherSuite suite in (SFrameCipherSuite[])[0, (SFrameCipherSuite)9])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => suite.Key());
            Assert.Throws<ArgumentOutOfRangeException>(() => suite.Tag());
            Assert.Throws<ArgumentOutOfRangeException>(() => new Member(0, new KeyringSettings { Suite = suite }));
        }
    }

    private static Member Joined(int leaf, SFrameCipherSuite suite)
    {
        var member = new Member(leaf, new KeyringSettings { Suite = suite });
        member.Merge(1);
        return member;
    }

    private static byte[] Independent(SFrameCipherSuite suite, byte[] baseKey, KeyId keyId, ulong counter, byte[] metadata, byte[] plaintext)
    {
        bool gcm = suite is SFrameCipherSuite.Aes128GcmSha256 or SFrameCipherSuite.Aes256GcmSha512;
        HashAlgorithmName hash = (int)suite <= 4 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA512;
        int aesKey = (int)suite <= 4 ? 16 : 32;
        byte[] info = [.. BigEndian(keyId.Value), 0, (byte)suite];
        byte[] secret = HKDF.Extract(hash, baseKey);
        byte[] key = HKDF.Expand(hash, secret, gcm ? aesKey : (int)suite <= 4 ? 48 : 96, [.. "SFrame 1.0 Secret key "u8, .. info]);
        byte[] nonce = HKDF.Expand(hash, secret, 12, [.. "SFrame 1.0 Secret salt "u8, .. info]);
        for (int i = 0; i < 8; i++)
            nonce[4 + i] ^= BigEndian(counter)[i];

        var header = new SFrameHeader(keyId, counter);
        byte[] aad = [.. new byte[header.Length], .. metadata];
        header.Write(aad);
        byte[] ciphertext = new byte[plaintext.Length];
        byte[] tag = new byte[16];
        if (gcm)
        {
            using var aes = new AesGcm(key, 16);
            aes.Encrypt(nonce, plaintext, ciphertext, tag, aad);
        }
        else
        {
            using var aes = Aes.Create();
            aes.Key = key[..aesKey];
            for (int i = 0; i < plaintext.Length; i++)
                ciphertext[i] = (byte)(plaintext[i] ^ aes.EncryptEcb([.. nonce, 0, 0, 0, (byte)(i / 16)], PaddingMode.None)[i % 16]);

            int tagLength = ((int)suite % 5) switch { 1 => 10, 2 => 8, _ => 4 };
            byte[] covered = [.. BigEndian((ulong)aad.Length), .. BigEndian((ulong)ciphertext.Length), .. BigEndian((ulong)tagLength), .. nonce, .. aad, .. ciphertext];
            tag = (hash == HashAlgorithmName.SHA256 ? HMACSHA256.HashData(key[aesKey..], covered) : HMACSHA512.HashData(key[aesKey..], covered))[..tagLength];
        }

        return [.. aad[..header.Length], .. ciphertext, .. tag];
    }

    private static byte[] BigEndian(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
