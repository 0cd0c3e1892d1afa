using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RoomAgent.Hal;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Simulated.Tests;

public sealed class SimulatedSpeakerTests : IDisposable
{
    private static readonly SpeakerSimulation s_patient = new() { Buffer = TimeSpan.FromMinutes(1) };
    private readonly SteppedClock _clock = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("speaker").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WhatWasPlayedIsHeardWhenItIsDue()
    {
        using var speaker = new SimulatedSpeaker(_clock, s_patient);
        TimeSpan began = _clock.Now;
        speaker.Start(1);

        speaker.Write(Ramp(0, 960));
        speaker.Write(Ramp(960, 960));

        short[] heard = new short[100];
        Assert.True(speaker.TryListen(began + TimeSpan.FromMilliseconds(15), heard));
        Assert.Equal(Ramp(720, 100), heard);
        Assert.False(speaker.TryListen(began + TimeSpan.FromMilliseconds(39), heard));
        Assert.Equal(TimeSpan.FromMilliseconds(40), speaker.Latency);
    }

    [Fact]
    public void WhatComesLateIsHeardLateAndCounted()
    {
        using var speaker = new SimulatedSpeaker(_clock, s_patient);
        TimeSpan began = _clock.Now;
        speaker.Start(1);
        speaker.Write(Ramp(1, 960));
        _clock.Advance(TimeSpan.FromMilliseconds(50));

        speaker.Write(Ramp(5_000, 960));

        short[] heard = new short[960];
        Assert.True(speaker.TryListen(began + TimeSpan.FromMilliseconds(30), heard));
        Assert.Equal([.. new short[960]], heard);
        Assert.True(speaker.TryListen(began + TimeSpan.FromMilliseconds(50), heard));
        Assert.Equal(Ramp(5_000, 960), heard);
        Assert.Equal(1, speaker.Underruns);
    }

    [Fact]
    public void AFastClockPlaysMore()
    {
        using var exact = new SimulatedSpeaker(_clock, s_patient);
        using var fast = new SimulatedSpeaker(_clock, s_patient with { ClockOffset = 1_000 });
        exact.Start(1);
        fast.Start(1);
        short[] minute = new short[48_000];
        exact.Write(minute);
        fast.Write(minute);

        _clock.Advance(TimeSpan.FromSeconds(0.5));

        Assert.Equal(0.5, exact.Latency.TotalSeconds, 4);
        Assert.Equal(0.499, fast.Latency.TotalSeconds, 4);
    }

    [Fact]
    public void ItIsWrittenToAFile()
    {
        string path = Path.Combine(_folder, "heard.wav");
        using (var speaker = new SimulatedSpeaker(_clock, s_patient with { Path = path }))
        {
            speaker.Start(2);
            speaker.Write(Ramp(0, 1_920));
        }

        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(44 + 3_840, file.Length);
        Assert.Equal("RIFF"u8, file.AsSpan(0, 4));
        Assert.Equal(2, BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(22)));
        Assert.Equal(3_840u, BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(40)));
        Assert.Equal(Ramp(0, 1_920), MemoryMarshal.Cast<byte, short>(file.AsSpan(44)).ToArray());
    }

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("/proc/no-such-folder/heard.wav")]
    public void ADiskThatTakesNothingStopsTheFileAndNotTheSound(string path)
    {
        using var speaker = new SimulatedSpeaker(_clock, s_patient with { Path = path });
        Assert.Equal(DeviceOutcome.Done, speaker.Start(1));

        for (int i = 0; i < 100; i++)
            Assert.Equal(DeviceOutcome.Done, speaker.Write(Ramp(0, 960)));

        Assert.NotEmpty(speaker.Problem);
        Assert.True(speaker.TryListen(_clock.Now, new short[960]));
    }

    [Fact]
    public void UnpluggedItIsGoneAndComesBack()
    {
        using var speaker = new SimulatedSpeaker(_clock, s_patient);
        speaker.Start(1);

        speaker.Unplug();
        Assert.Equal(DeviceOutcome.Gone, speaker.Write(new short[960]));
        speaker.Stop();
        Assert.Equal(DeviceOutcome.Gone, speaker.Start(1));
        Assert.NotEmpty(speaker.Problem);

        speaker.Plug();
        Assert.Equal(DeviceOutcome.Done, speaker.Start(1));
        Assert.Empty(speaker.Problem);
        Assert.Equal(DeviceOutcome.Done, speaker.Write(new short[960]));
    }

    [Fact]
    public void MisuseIsRefused()
    {
        using var speaker = new SimulatedSpeaker(_clock, s_patient);

        Assert.Equal(DeviceOutcome.Unsupported, speaker.Start(3));
        Assert.Equal(DeviceOutcome.Failed, speaker.Write(new short[2]));
        speaker.Start(2);
        Assert.Throws<ArgumentException>(() => speaker.Write(new short[3]));
        Assert.False(speaker.TryListen(TimeSpan.Zero, new short[2]));
    }

    private static short[] Ramp(int from, int count) => [.. Enumerable.Range(from, count).Select(value => (short)value)];
}
