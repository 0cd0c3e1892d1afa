using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Testing;

namespace RoomAgent.SFrame.Tests;

public sealed class HeaderTests
{
    [Theory]
    [InlineData(0UL, 0UL, "00")]
    [InlineData(7UL, 7UL, "77")]
    [InlineData(8UL, 7UL, "8708")]
    [InlineData(7UL, 8UL, "7808")]
    [InlineData(0x123UL, 0x4567UL, "9901234567")]
    [InlineData(0xffUL, 0x100UL, "89ff0100")]
    [InlineData(ulong.MaxValue, ulong.MaxValue, "ffffffffffffffffffffffffffffffffff")]
    public void TheShortestFormIsWritten(ulong keyId, ulong counter, string encoded)
    {
        var header = new SFrameHeader(new KeyId(keyId), counter);
        byte[] written = new byte[header.Length];

        header.Write(written);

        Assert.Equal(encoded, Convert.ToHexStringLower(written));
    }

    [Fact]
    public void WhatIsWrittenIsReadAgain()
    {
        // Numbers of every length, not only the long ones that 64 random bits give.
        Gen<ulong> number = Gen.Choose(0, 64).SelectMany(bits => Gen.Choose(0, int.MaxValue).Two().Select(halves =>
            bits == 0 ? 0 : (((ulong)(uint)halves.Item1 << 33) ^ (ulong)halves.Item2) >> (64 - bits)));

        Prop.ForAll(number.Two().ToArbitrary(), numbers =>
        {
            var header = new SFrameHeader(new KeyId(numbers.Item1), numbers.Item2);
            byte[] bytes = new byte[SFrameHeader.LargestLength + 3];
            header.Write(bytes);
            return SFrameHeader.TryRead(bytes, out SFrameHeader read) && read == header;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("8000")] // KID 0 behind the first byte
    [InlineData("8007")] // KID 7 too
    [InlineData("0807")] // CTR 7
    [InlineData("900008")] // KID 8 in two bytes
    [InlineData("09000a")] // CTR 10 in two bytes
    [InlineData("0f00ffffffffffffff")] // 7 bytes in 8
    public void AFormThatIsNotTheShortestIsRefused(string encoded)
    {
        Assert.False(SFrameHeader.TryRead(Convert.FromHexString(encoded), out SFrameHeader header));
        Assert.Equal(default, header);
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        foreach (ulong keyId in (ulong[])[0, 8, 0x12345, ulong.MaxValue])
        {
            foreach (ulong counter in (ulong[])[0, 8, 0x12345, ulong.MaxValue])
            {
                var header = new SFrameHeader(new KeyId(keyId), counter);
                byte[] bytes = new byte[header.Length];
                header.Write(bytes);

                Assert.Empty(Truncation.AcceptedLengths(bytes, input => SFrameHeader.TryRead(input, out _)));
            }
        }
    }

    [Fact]
    public void ABufferThatIsTooShortIsOurMistake()
    {
        var header = new SFrameHeader(new KeyId(0x123), 0x4567);

        Assert.Throws<ArgumentException>(() => header.Write(new byte[4]));
    }

    [Fact]
    public void TheKeyIdHasThePartsThatTheMeetingGivesIt()
    {
        KeyId keyId = KeyId.Of(FrameContext.ContentVideo, leaf: 0x155, epoch: 0x1234);

        Assert.Equal((2UL << 18) | (0x155UL << 8) | 0x34, keyId.Value);
        Assert.True(keyId.IsInLayout);
        Assert.Equal(FrameContext.ContentVideo, keyId.Context);
        Assert.Equal(0x155, keyId.Leaf);
        Assert.Equal(0x34, keyId.Epoch);
    }

    [Fact]
    public void TheKeyIdHasRoomForAllContextsAndLeavesAndNoMore()
    {
        Assert.Equal(0xf_ffffUL, KeyId.Of(FrameContext.ContentAudio, 1_023, 255).Value);
        Assert.True(new KeyId(0xf_ffff).IsInLayout);
        Assert.False(new KeyId(0x10_0000).IsInLayout);
        Assert.False(new KeyId(ulong.MaxValue).IsInLayout);
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyId.Of((FrameContext)4, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyId.Of(FrameContext.Audio, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => KeyId.Of(FrameContext.Audio, 1_024, 0));
    }
}
