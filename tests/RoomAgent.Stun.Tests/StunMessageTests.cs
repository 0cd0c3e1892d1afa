using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Stun.Tests;

public sealed class StunMessageTests
{
    private static readonly StunTransactionId s_id = new(1, 2);

    [Theory]
    [InlineData(PublishedExamplesTests.Request)]
    [InlineData(PublishedExamplesTests.ResponseIPv6)]
    [InlineData(PublishedExamplesTests.RequestSha256)]
    public void EveryTruncationIsRefused(string message)
    {
        Assert.Empty(Truncation.AcceptedLengths(Convert.FromHexString(message), input => StunMessage.TryRead(input, out _)));
    }

    [Fact]
    public void AnyChangedBitIsNoticed()
    {
        using StunCredential credential = PublishedExamplesTests.NewCredential();
        byte[] good = Convert.FromHexString(PublishedExamplesTests.Request);

        for (int bit = 0; bit < 8 * good.Length; bit++)
        {
            byte[] changed = [.. good];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            bool whole = StunMessage.TryRead(changed, out StunMessage message) && message.FingerprintMatches;
            Assert.False(whole, $"bit {bit}");

            bool protectedBit = bit / 8 < good.Length - 8;
            if (protectedBit && StunMessage.TryRead(changed, out message))
                Assert.False(message.Verify(credential), $"bit {bit}");
        }
    }

    [Fact]
    public void EveryMethodBelowTheOnesThatRfc7983GivesAwayIsReadAsItWasWritten()
    {
        byte[] buffer = new byte[StunMessage.HeaderSize];
        for (int method = 0; method <= 0xff; method++)
        {
            foreach (StunClass messageClass in Enum.GetValues<StunClass>())
            {
                var writer = new StunWriter(buffer, messageClass, (StunMethod)method, s_id);

                Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));
                Assert.Equal((method, messageClass, s_id), ((int)message.Method, message.Class, message.TransactionId));
            }
        }

        Assert.False(StunMessage.TryRead(new StunWriter(buffer, StunClass.Request, (StunMethod)0x100, s_id).Written, out _));
    }

    [Fact]
    public void AddressesComeBackAsTheyWere()
    {
        Prop.ForAll<byte[], ushort, uint>((bytes, port, high) =>
        {
            byte[] address = [.. bytes.Concat(new byte[16]).Take(bytes.Length % 2 == 0 ? 4 : 16)];
            var written = new StunAddress(address, port);
            var writer = new StunWriter(new byte[64], StunClass.SuccessResponse, StunMethod.Binding, new StunTransactionId(high, 7));
            writer.WriteMappedAddress(written);

            Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));
            Assert.True(message.TryReadMappedAddress(out StunAddress read));
            Assert.Equal(written, read);
            byte[] copied = new byte[read.Length];
            read.CopyTo(copied);
            Assert.Equal(address, copied);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void WhatStandsBehindTheIntegrityIsNotSeen()
    {
        using StunCredential credential = PublishedExamplesTests.NewCredential();
        var writer = new StunWriter(new byte[200], StunClass.SuccessResponse, StunMethod.Binding, s_id);
        writer.WriteIntegrity(credential, StunIntegrity.Both);
        writer.WriteMappedAddress(new StunAddress([1, 2, 3, 4], 5));
        writer.Write((StunAttributeType)0x0011, []);
        writer.WriteFingerprint();

        Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));

        Assert.Equal(StunIntegrity.Both, message.Integrity);
        Assert.True(message.Verify(credential));
        Assert.True(message.FingerprintMatches);
        Assert.False(message.TryReadMappedAddress(out _));
        Assert.Equal(0, message.ListUnknownAttributes([]));
    }

    [Fact]
    public void NothingMayStandBehindTheFingerprint()
    {
        var writer = new StunWriter(new byte[200], StunClass.Request, StunMethod.Binding, s_id);
        writer.WriteFingerprint();
        writer.Write(StunAttributeType.Software, "x"u8);

        Assert.False(StunMessage.TryRead(writer.Written, out _));
    }

    [Theory]
    [InlineData(12, false)]
    [InlineData(16, true)]
    [InlineData(20, true)]
    [InlineData(28, true)]
    [InlineData(32, true)]
    [InlineData(18, false)]
    [InlineData(36, false)]
    public void Sha256IntegrityMayBeCutToSixteenBytesAndNoFurther(int length, bool accepted)
    {
        using StunCredential credential = PublishedExamplesTests.NewCredential();
        byte[] value = new byte[40];
        var header = new StunWriter(new byte[200], StunClass.Request, StunMethod.Binding, s_id);
        credential.Compute(Crypto.HashAlgorithm.Sha256, header.Written, length, value.AsSpan(0, Math.Min(length, 32)));
        header.Write(StunAttributeType.MessageIntegritySha256, value.AsSpan(0, length));

        bool read = StunMessage.TryRead(header.Written, out StunMessage message);

        Assert.Equal(accepted, read);
        if (read)
            Assert.True(message.Verify(credential));
    }

    [Fact]
    public void AnotherKeyDoesNotVerify()
    {
        using var other = new StunCredential(OpenSslCrypto.Instance, "evtj:h6vY"u8, "VOkJxbRl1RmTxUk/WvJxBu"u8);

        Assert.True(StunMessage.TryRead(Convert.FromHexString(PublishedExamplesTests.Request), out StunMessage message));

        Assert.False(message.Verify(other));
    }

    [Fact]
    public void WithoutIntegrityNothingVerifies()
    {
        using StunCredential credential = PublishedExamplesTests.NewCredential();
        var writer = new StunWriter(new byte[20], StunClass.Request, StunMethod.Binding, s_id);

        Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));

        Assert.False(message.Verify(credential));
        Assert.False(message.FingerprintMatches);
    }

    [Theory]
    [InlineData("0000000401000000")]
    [InlineData("000100007f000001aa")]
    [InlineData("00")]
    [InlineData("")]
    public void AMappedAddressOfAnotherShapeIsNone(string value)
    {
        var writer = new StunWriter(new byte[64], StunClass.SuccessResponse, StunMethod.Binding, s_id);
        writer.Write(StunAttributeType.XorMappedAddress, Convert.FromHexString(value));

        Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));
        Assert.False(message.TryReadMappedAddress(out _));
    }

    [Theory]
    [InlineData("00000300", 300)]
    [InlineData("00000663", 699)]
    [InlineData("0000fc14", 420)]
    [InlineData("00000200", 0)]
    [InlineData("00000700", 0)]
    [InlineData("00000464", 0)]
    [InlineData("0000", 0)]
    public void AnErrorCodeIsReadWhenItIsOne(string value, int expected)
    {
        var writer = new StunWriter(new byte[64], StunClass.ErrorResponse, StunMethod.Binding, s_id);
        writer.Write(StunAttributeType.ErrorCode, Convert.FromHexString(value));

        Assert.True(StunMessage.TryRead(writer.Written, out StunMessage message));
        Assert.Equal(expected != 0, message.TryReadErrorCode(out int code));
        Assert.Equal(expected, code);
    }

    [Fact]
    public void AWriterThatIsFullGivesNothing()
    {
        using StunCredential credential = PublishedExamplesTests.NewCredential();
        for (int size = 0; size < 20 + 12 + 24 + 36 + 8; size++)
        {
            var writer = new StunWriter(new byte[size], StunClass.SuccessResponse, StunMethod.Binding, s_id);
            writer.WriteMappedAddress(new StunAddress([1, 2, 3, 4], 5));
            writer.WriteIntegrity(credential, StunIntegrity.Both);
            writer.WriteFingerprint();

            Assert.True(writer.Failed);
            Assert.Equal(0, writer.Length);
        }
    }

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        Assert.Throws<ArgumentException>(() => new StunAddress(new byte[5], 1));
        Assert.Throws<ArgumentException>(() => new StunCredential(OpenSslCrypto.Instance, [], "key"u8));
        Assert.Throws<ArgumentException>(() => new StunCredential(OpenSslCrypto.Instance, new byte[509], "key"u8));
        Assert.Throws<ArgumentException>(() => new StunCredential(OpenSslCrypto.Instance, "name"u8, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => WriteError(299));
        Assert.Throws<ArgumentOutOfRangeException>(() => WriteError(700));
    }

    [Fact]
    public void TheFirstByteTellsTheProtocol()
    {
        for (int first = 0; first < 256; first++)
        {
            DatagramKind expected = first <= 3 ? DatagramKind.Stun : first is >= 128 and <= 191 ? DatagramKind.Media : DatagramKind.Other;
            Assert.Equal(expected, Demultiplexer.KindOf([(byte)first, 0]));
        }

        Assert.Equal(DatagramKind.Other, Demultiplexer.KindOf([]));
    }

    [Fact]
    public void ALengthThatIsNotTheDatagramsIsRefused()
    {
        byte[] good = Convert.FromHexString(PublishedExamplesTests.Request);

        Assert.False(StunMessage.TryRead([.. good, 0, 0, 0, 0], out _));
        BinaryPrimitives.WriteUInt16BigEndian(good.AsSpan(2), ushort.MaxValue);
        Assert.False(StunMessage.TryRead(good, out _));
    }

    private static void WriteError(int code)
    {
        var writer = new StunWriter(new byte[64], StunClass.ErrorResponse, StunMethod.Binding, s_id);
        writer.WriteErrorCode(code);
    }
}
