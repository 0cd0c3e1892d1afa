using System.Runtime.InteropServices;
using RoomAgent.Hal.Media;

namespace RoomAgent.Hal.Tests.Sound;

/// <summary>On ALSA's own devices that are no hardware: one that swallows all, and one that writes a file.</summary>
public sealed class SpeakerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void WhatIsPlayedIsHeardAsItIs(int channels)
    {
        using var folder = new TemporaryFolder();
        short[] samples = [.. Enumerable.Range(0, 9_600 * channels).Select(i => (short)(i * 7))];
        using (var speaker = new AlsaSpeaker($"alsa:file:{folder["heard.raw"]},raw", "file"))
        {
            Assert.Equal(DeviceOutcome.Done, speaker.Start(channels));
            Assert.Equal(("file", true, channels, ""), (speaker.Name, speaker.IsRunning, speaker.Channels, speaker.Problem));
            for (int i = 0; i < samples.Length; i += 960 * channels)
                Assert.Equal(DeviceOutcome.Done, speaker.Write(samples.AsSpan(i, 960 * channels)));
            Assert.InRange(speaker.Latency, TimeSpan.Zero, TimeSpan.FromMilliseconds(200));
            speaker.Stop();
        }

        Assert.Equal(samples, MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(folder["heard.raw"])).ToArray());
    }

    [Fact]
    public void ItIsOpenFromStartToStopAndNothingIsAllocatedBetween()
    {
        using var speaker = new AlsaSpeaker("alsa:null");
        Assert.Equal(DeviceOutcome.Gone, speaker.Write(new short[960]));
        speaker.Start(1);
        short[] samples = new short[960];
        void Round()
        {
            for (int i = 0; i < 100; i++)
            {
                speaker.Write(samples);
                _ = speaker.Latency;
            }
        }

        Round();
        Assert.Equal(0, Allocations.FewestOf(Round));

        speaker.Stop();
        speaker.Stop();
        Assert.Equal((false, 0, TimeSpan.Zero, DeviceOutcome.Gone), (speaker.IsRunning, speaker.Channels, speaker.Latency, speaker.Write(samples)));
        Assert.Equal(DeviceOutcome.Done, speaker.Start(2));
    }

    [Theory]
    [InlineData("alsa:nonesuch", DeviceOutcome.Gone)]
    [InlineData("alsa:hw:9,0", DeviceOutcome.Gone)]
    [InlineData("file:/a.wav", DeviceOutcome.Unsupported)]
    [InlineData("speaker", DeviceOutcome.Unsupported)]
    public void WhatCannotBeOpenedSaysWhyAndIsClosed(string source, DeviceOutcome expected)
    {
        using var speaker = new AlsaSpeaker(source);

        Assert.Equal(expected, speaker.Start(1));

        Assert.False(speaker.IsRunning);
        Assert.True(speaker.Problem.Length > 10, speaker.Problem);
    }

    [Fact]
    public void WhatNoSpeakerHasIsOurMistake()
    {
        using var speaker = new AlsaSpeaker("alsa:null");

        Assert.Throws<ArgumentOutOfRangeException>(() => speaker.Start(3));
        speaker.Start(2);
        Assert.Throws<ArgumentException>(() => speaker.Write(new short[3]));
    }
}
