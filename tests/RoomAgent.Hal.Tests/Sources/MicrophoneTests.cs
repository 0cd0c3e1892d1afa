using System.Buffers.Binary;
using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Sources;

public sealed class MicrophoneTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(48_000, "s16")]
    [InlineData(44_100, "flt")]
    [InlineData(16_000, "s32")]
    [InlineData(8_000, "fltp")]
    public void WhateverTheRateItIs48000SamplesASecond(int rate, string format)
    {
        using var microphones = new FfmpegMicrophones(new MediaSource(MediaSourceKind.Lavfi, $"sine=frequency=1000:sample_rate={rate},volume=6,aformat=sample_fmts={format}") { IsPaced = false });
        Assert.Equal(DeviceOutcome.Done, microphones.Start());
        Assert.Equal(1, microphones.Channels);

        short[] second = new short[48_000];
        Assert.Equal(DeviceOutcome.Done, microphones.Read(second, s_long, out _));

        int crossings = second.Zip(second.Skip(1)).Count(pair => pair.First < 0 != pair.Second < 0);
        Assert.InRange(crossings, 1_980, 2_020);
    }

    [Fact]
    public void EachMicrophoneOfAnArrayStaysItself()
    {
        string[] levels = ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8"];
        string graph = $"aevalsrc={string.Join('|', levels)}:s=48000:c=7.1";
        using var microphones = new FfmpegMicrophones(new MediaSource(MediaSourceKind.Lavfi, graph) { IsPaced = false }, "eight", [(0.1f, 0f)]);
        Assert.Equal(DeviceOutcome.Done, microphones.Start());
        Assert.Equal((8, "eight"), (microphones.Channels, microphones.Name));

        short[] samples = new short[8 * 480];
        Assert.Equal(DeviceOutcome.Done, microphones.Read(samples, s_long, out _));

        for (int channel = 0; channel < 8; channel++)
            Assert.InRange(samples[(8 * 479) + channel] / 32_768.0, ((channel + 1) / 10.0) - 0.01, ((channel + 1) / 10.0) + 0.01);
        Assert.Equal((0.1f, 0f), Assert.Single(microphones.Positions));
    }

    [Fact]
    public void SoundComesAtItsPaceAndItsTimesHaveNoHoles()
    {
        using var microphones = new FfmpegMicrophones("lavfi:sine=sample_rate=44100");
        microphones.Start();
        short[] samples = new short[960];
        List<TimeSpan> times = [];
        for (int i = 0; i < 15; i++)
        {
            Assert.Equal(DeviceOutcome.Done, microphones.Read(samples, s_long, out TimeSpan capturedAt));
            Assert.True(Monotonic.Now >= capturedAt + TimeSpan.FromMilliseconds(19), "It is delivered before it was taken.");
            times.Add(capturedAt);
        }

        Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange((pair.Second - pair.First).TotalMilliseconds, 19, 20_000));
    }

    [Fact]
    public void WhatCameBeforePatienceEndedIsNotLost()
    {
        using var microphones = new FfmpegMicrophones("lavfi:aevalsrc=mod(n\\,10000)/32768:s=48000");
        microphones.Start();
        short[] samples = new short[9_600];

        int waits = 0;
        while (microphones.Read(samples, TimeSpan.FromMilliseconds(10), out _) == DeviceOutcome.Nothing)
            waits++;

        Assert.InRange(waits, 1, 30);
        Assert.All(samples.Select((value, i) => value - i), difference => Assert.InRange(difference, -1, 1));
    }

    [Fact]
    public void AFileIsHeardToItsEndOrForEver()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.wav"], Wave([.. Enumerable.Range(0, 4_800).Select(i => (short)i)]));
        using var once = new FfmpegMicrophones($"file:{folder["a.wav"]}?fast");
        using var always = new FfmpegMicrophones($"file:{folder["a.wav"]}?loop&fast");
        once.Start();
        always.Start();
        short[] samples = new short[960];

        for (int i = 0; i < 5; i++)
            Assert.Equal(DeviceOutcome.Done, once.Read(samples, s_long, out _));
        Assert.Equal(3_840, samples[0]);
        Assert.Equal(DeviceOutcome.Ended, once.Read(samples, s_long, out _));
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(DeviceOutcome.Done, always.Read(samples, s_long, out _));
            Assert.Equal(i * 960 % 4_800, samples[0]);
        }
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(8, 1)]
    public void AFileThatAnotherTakesThePlaceOfIsGone(short channels, short others)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.wav"], Wave(new short[48_000 * channels], channels));
        using var microphones = new FfmpegMicrophones($"file:{folder["a.wav"]}?loop&fast");
        microphones.Start();
        short[] samples = new short[960 * channels];
        Assert.Equal(DeviceOutcome.Done, microphones.Read(samples, s_long, out _));

        File.WriteAllBytes(folder["b.wav"], Wave(new short[48_000 * others], others));
        File.Move(folder["b.wav"], folder["a.wav"], overwrite: true);
        DeviceOutcome outcome;
        for (int i = 0; (outcome = microphones.Read(samples, s_long, out _)) == DeviceOutcome.Done; i++)
            Assert.True(i < 100, "It plays another file.");

        Assert.Equal(DeviceOutcome.Gone, outcome);
        Assert.Equal(DeviceOutcome.Done, microphones.Start());
        Assert.Equal(others, microphones.Channels);
    }

    [Fact]
    public void NothingManagedIsAllocatedForARead()
    {
        using var microphones = new FfmpegMicrophones(new MediaSource(MediaSourceKind.Lavfi, "sine=sample_rate=44100") { IsPaced = false });
        microphones.Start();
        short[] samples = new short[960];
        void Round()
        {
            for (int i = 0; i < 100; i++)
                microphones.Read(samples, s_long, out _);
        }

        Round();
        Assert.Equal(0, Allocations.FewestOf(Round));
    }

    [Theory]
    [InlineData("alsa:nonesuch", DeviceOutcome.Gone)]
    [InlineData("alsa:hw:9,9", DeviceOutcome.Gone)]
    [InlineData("lavfi:testsrc2", DeviceOutcome.Unsupported)]
    [InlineData("v4l2:/dev/video0", DeviceOutcome.Unsupported)]
    [InlineData("file:/nonesuch.wav", DeviceOutcome.Gone)]
    public void WhatCannotBeOpenedSaysWhyAndIsClosed(string source, DeviceOutcome expected)
    {
        using var microphones = new FfmpegMicrophones(source);

        Assert.Equal(expected, microphones.Start());

        Assert.False(microphones.IsRunning);
        Assert.Equal(0, microphones.Channels);
        Assert.True(microphones.Problem.Length > 10, microphones.Problem);
        Assert.Equal(DeviceOutcome.Gone, microphones.Read(new short[960], TimeSpan.Zero, out _));
    }

    [Fact]
    public void SamplesThatAreNotTheSameForAllChannelsAreOurMistake()
    {
        using var microphones = new FfmpegMicrophones("lavfi:anullsrc=channel_layout=stereo");
        microphones.Start();

        Assert.Throws<ArgumentException>(() => microphones.Read(new short[961], s_long, out _));
        Assert.Throws<ArgumentException>(() => microphones.Read([], s_long, out _));
    }

    // RIFF, 48,000 samples a second, 16 bits.
    private static byte[] Wave(short[] samples, short channels = 1)
    {
        byte[] file = new byte[44 + (samples.Length * 2)];
        Span<byte> rest = file;
        "RIFF"u8.CopyTo(rest);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], file.Length - 8);
        "WAVEfmt "u8.CopyTo(rest[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(rest[16..], 16);
        BinaryPrimitives.WriteInt16LittleEndian(rest[20..], 1);
        BinaryPrimitives.WriteInt16LittleEndian(rest[22..], channels);
        BinaryPrimitives.WriteInt32LittleEndian(rest[24..], 48_000);
        BinaryPrimitives.WriteInt32LittleEndian(rest[28..], 96_000 * channels);
        BinaryPrimitives.WriteInt16LittleEndian(rest[32..], (short)(2 * channels));
        BinaryPrimitives.WriteInt16LittleEndian(rest[34..], 16);
        "data"u8.CopyTo(rest[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(rest[40..], samples.Length * 2);
        for (int i = 0; i < samples.Length; i++)
            BinaryPrimitives.WriteInt16LittleEndian(rest[(44 + (i * 2))..], samples[i]);
        return file;
    }
}
