namespace RoomAgent.Rtp.Tests;

public sealed class ExtensionValueTests
{
    [Theory]
    [InlineData(0x00, 0, false)]
    [InlineData(0x7f, 127, false)]
    [InlineData(0x80, 0, true)]
    [InlineData(0xaa, 42, true)]
    public void AnAudioLevelIsSevenBitsAndAVoiceFlag(byte wire, byte level, bool voice)
    {
        byte[] written = new byte[1];

        Assert.True(AudioLevel.TryRead([wire], out AudioLevel read));

        Assert.Equal(new AudioLevel(level, voice), read);
        Assert.Equal(1, read.Write(written));
        Assert.Equal([wire], written);
    }

    [Fact]
    public void ALevelBelowSilenceIsSilence()
    {
        byte[] written = new byte[1];

        new AudioLevel(200, false).Write(written);

        Assert.Equal([127], written);
    }

    [Theory]
    [InlineData("0102030405060708", null)]
    [InlineData("0102030405060708fffffffffffffffe", -2L)]
    public void ACaptureTimeHasTwoForms(string wire, long? offset)
    {
        byte[] written = new byte[16];

        Assert.True(AbsCaptureTime.TryRead(Convert.FromHexString(wire), out AbsCaptureTime time));

        Assert.Equal(new AbsCaptureTime(new NtpTime(0x0102030405060708), offset), time);
        Assert.Equal(wire, Convert.ToHexStringLower(written[..time.Write(written)]));
    }

    [Fact]
    public void ATransportSequenceIsTwoBytes()
    {
        byte[] written = new byte[2];

        Assert.True(TransportSequence.TryRead([0x12, 0x34], out TransportSequence sequence));

        Assert.Equal(new TransportSequence(new SequenceNumber(0x1234)), sequence);
        Assert.Equal(2, sequence.Write(written));
        Assert.Equal([0x12, 0x34], written);
    }

    [Fact]
    public void ValuesOfAnotherLengthAreRefused()
    {
        for (int length = 0; length < 20; length++)
        {
            byte[] value = new byte[length];
            Assert.Equal(length == 1, AudioLevel.TryRead(value, out _));
            Assert.Equal(length is 8 or 16, AbsCaptureTime.TryRead(value, out _));
            Assert.Equal(length == 2, TransportSequence.TryRead(value, out _));
        }
    }

    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0x83aa7e80_00000000)] // the Unix epoch, 2,208,988,800 s
    [InlineData("2036-02-07T06:28:15Z", 0xffffffff_00000000)]
    [InlineData("2036-02-07T06:28:16Z", 0x00000000_00000000)] // the wrap
    [InlineData("2036-02-07T06:28:16.5Z", 0x00000000_80000000)]
    [InlineData("1968-01-20T03:14:08Z", 0x80000000_00000000)]
    [InlineData("2104-02-26T09:42:23.75Z", 0x7fffffff_c0000000)]
    public void AMomentHasOneTimestamp(string moment, ulong timestamp)
    {
        DateTimeOffset time = DateTimeOffset.Parse(moment);

        Assert.Equal(new NtpTime(timestamp), NtpTime.Of(time));
        Assert.Equal(time, new NtpTime(timestamp).ToDateTimeOffset());
    }

    [Fact]
    public void NoTickIsLostOnTheWayToATimestampAndBack()
    {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            DateTimeOffset moment = DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(130L * 365 * TimeSpan.TicksPerDay));
            Assert.Equal(moment, NtpTime.Of(moment).ToDateTimeOffset());
        }
    }

    [Fact]
    public void TheMiddleOfATimestampIsItsInnerHalf() =>
        Assert.Equal(0x3344_5566u, new NtpTime(0x1122_3344_5566_7788).Middle);
}
