using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests;

public sealed class RtpHeaderTests
{
    // Version 2, padding, extension, one CSRC; marker, payload type 96; one word of extension in the one-byte form; payload 01 02; padding 00 02.
    private const string Full = "b1e01234deadbeef0000cafe00000007bede00011005000001020002";

    [Fact]
    public void EveryFieldStandsWhereTheStandardDrawsIt()
    {
        byte[] packet = Convert.FromHexString(Full);

        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));
        Assert.True(header.TryGetPayload(packet, out ReadOnlySpan<byte> payload));

        Assert.True(header.Padding);
        Assert.True(header.Marker);
        Assert.Equal(96, header.PayloadType);
        Assert.Equal(new SequenceNumber(0x1234), header.Sequence);
        Assert.Equal(new RtpTimestamp(0xdeadbeef), header.Timestamp);
        Assert.Equal(new Ssrc(0xcafe), header.Ssrc);
        Assert.Equal(1, header.CsrcCount);
        Assert.Equal(HeaderExtensions.OneByteProfile, header.ExtensionProfile);
        Assert.Equal(24, header.Length);
        Assert.True(header.ExtensionsOf(packet).TryFind(1, out ReadOnlySpan<byte> value));
        Assert.Equal([5], value.ToArray());
        Assert.Equal([1, 2], payload.ToArray());
    }

    [Fact]
    public void FifteenContributingSourcesAreSkipped()
    {
        byte[] packet = [0x8f, 0, .. new byte[10 + (15 * 4)], 9];

        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));
        Assert.True(header.TryGetPayload(packet, out ReadOnlySpan<byte> payload));

        Assert.Equal(15, header.CsrcCount);
        Assert.Equal([9], payload.ToArray());
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0x40)]
    [InlineData(0xc0)]
    public void AnotherVersionIsRefused(byte first) =>
        Assert.False(RtpHeader.TryRead([first, .. new byte[20]], out _));

    [Fact]
    public void AHeaderThatIsCutOffIsRefused()
    {
        byte[] header = Convert.FromHexString(Full)[..24];

        Assert.Empty(Truncation.AcceptedLengths(header, input => RtpHeader.TryRead(input, out _)));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("00", false)]
    [InlineData("0102", true)]
    [InlineData("0103", false)]
    [InlineData("ff", false)]
    [InlineData("01", true)]
    [InlineData("aa0002", true)]
    public void PaddingThatDoesNotFitIsRefused(string payload, bool fits)
    {
        byte[] packet = [0xa0, .. new byte[11], .. Convert.FromHexString(payload)];

        Assert.True(RtpHeader.TryRead(packet, out RtpHeader header));
        Assert.Equal(fits, header.TryGetPayload(packet, out _));
    }

    [Fact]
    public void WhatIsWrittenIsRead() => Prop.ForAll(ArbMap.Default.ArbFor<(bool, byte, ushort, uint, uint)>(), ArbMap.Default.ArbFor<byte[]>(), (fields, payload) =>
    {
        var written = new RtpHeader
        {
            Marker = fields.Item1,
            PayloadType = (byte)(fields.Item2 & 0x7f),
            Sequence = new SequenceNumber(fields.Item3),
            Timestamp = new RtpTimestamp(fields.Item4),
            Ssrc = new Ssrc(fields.Item5),
        };
        byte[] packet = new byte[RtpHeader.FixedLength + payload.Length];
        payload.CopyTo(packet, written.Write(packet));

        bool read = RtpHeader.TryRead(packet, out RtpHeader header) && header.TryGetPayload(packet, out ReadOnlySpan<byte> content) && content.SequenceEqual(payload);
        return read && header == written with { Length = RtpHeader.FixedLength };
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        Assert.Throws<ArgumentException>(() => default(RtpHeader).Write(new byte[11]));
        Assert.Throws<ArgumentException>(() => default(RtpHeader).Write(new byte[19], new byte[4]));
        Assert.Throws<ArgumentException>(() => default(RtpHeader).Write(new byte[100], new byte[5]));
        Assert.Throws<ArgumentException>(() => default(RtpHeader).Write(new byte[300_000], new byte[65_536 * 4]));
        Assert.Equal(12 + 4 + (65_535 * 4), default(RtpHeader).Write(new byte[300_000], new byte[65_535 * 4]));
    }

    [Fact]
    public void NumbersCompareAcrossTheirWrap()
    {
        Assert.Equal(2, new SequenceNumber(1) - new SequenceNumber(0xffff));
        Assert.Equal(-2, new SequenceNumber(0xffff) - new SequenceNumber(1));
        Assert.Equal(new SequenceNumber(0), new SequenceNumber(0xffff).Next);
        Assert.Equal(new SequenceNumber(0xffff), new SequenceNumber(0) + -1);
        Assert.Equal(3_000, new RtpTimestamp(0xffff_ffff) + 3_000 - new RtpTimestamp(0xffff_ffff));
        Assert.Equal("0x0000cafe", new Ssrc(0xcafe).ToString());
        Assert.Equal("65535", new SequenceNumber(0xffff).ToString());
    }

    [Fact]
    public void AnExtendedNumberCountsTheWraps()
    {
        var unwrapper = default(SequenceUnwrapper);

        Assert.Equal(65_536 + 65_534, unwrapper.Peek(new SequenceNumber(65_534)));
        Assert.Equal(65_536 + 65_534, unwrapper.Unwrap(new SequenceNumber(65_534)));
        Assert.Equal(131_072 + 1, unwrapper.Unwrap(new SequenceNumber(1)));
        Assert.Equal(131_072 - 1, unwrapper.Unwrap(new SequenceNumber(65_535)));
        Assert.Equal(131_072 + 1 + 32_767, unwrapper.Peek(new SequenceNumber(32_768)));
        Assert.Equal(131_072 + 2, unwrapper.Unwrap(new SequenceNumber(2)));
    }
}
