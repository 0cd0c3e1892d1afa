using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;
using RoomAgent.Hal.Media.Audio;
using RoomAgent.Hal.Simulated;

namespace RoomAgent.Devices.Tests;

/// <summary>The threads of microphones and speaker, with simulated devices, the real audio processing and libopus.</summary>
public sealed class SoundLoopTests : IDisposable
{
    private static readonly DevicePatience s_patience = new() { Retry = TimeSpan.FromMilliseconds(20) };

    private readonly string _folder = Directory.CreateTempSubdirectory("sound").FullName;
    private readonly OpusCodecs _codecs = new();
    private readonly PlayedSound _played = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void MutedIsClosed()
    {
        string path = Path.Combine(_folder, "voice.wav");
        using (var speaker = new SimulatedSpeaker(TimeProvider.System, new SpeakerSimulation { Path = path, Buffer = TimeSpan.FromMinutes(1) }))
        {
            speaker.Start(1);
            speaker.Write(Tone(48_000));
        }

        using MicrophoneLoop loop = Listen(new SimulatedMicrophones($"file:{path}?loop"));
        Assert.False(OpenFiles.Have(path));
        for (int i = 0; i < 3; i++)
        {
            loop.Open();
            Next(loop).Dispose();
            Assert.True(OpenFiles.Have(path));

            loop.Close();
            Assert.False(OpenFiles.Have(path));
            Assert.False(loop.Packets.TryRead(out _));
            Assert.Equal(127, loop.Level);
        }
    }

    [Fact]
    public void WhatIsHeardIsEncodedWithItsLevelAndItsTime()
    {
        using MicrophoneLoop loop = Listen(new SimulatedMicrophones(SimulatedMicrophones.Tone));
        loop.Settings = new MicrophoneSettings { MusicMode = true };
        using IVoiceDecoder decoder = _codecs.OpenDecoder();
        short[] samples = new short[5_760];
        loop.Open();

        uint? position = null;
        TimeSpan? captured = null;
        double loudest = 0;
        int steady = 0;
        for (int i = 0; i < 50; i++)
        {
            using VoicePacket packet = Next(loop);
            Assert.Equal(DeviceOutcome.Done, decoder.Decode(packet.Data, samples, out int length));
            Assert.Equal(960, length);
            loudest = samples.AsSpan(0, length).ToArray().Max(sample => Math.Abs((double)sample));

            // A packet for which this thread was too slow is a gap, and a source that was read too late makes up for nothing.
            if (position is { } before && captured is { } earlier)
            {
                Assert.Equal(0u, (packet.Position - before) % 960);
                steady += Math.Abs((packet.CapturedAt - earlier).TotalMilliseconds - ((packet.Position - before) / 48.0)) < 1 ? 1 : 0;
            }

            (position, captured) = (packet.Position, packet.CapturedAt);
            if (i > 10)
                Assert.InRange(packet.Level.Level, 5, 40);
        }

        Assert.InRange(loudest, 1_000, 32_767);
        Assert.InRange(steady, 25, 49);
    }

    [Fact]
    public void SilenceIsMostlyNotSent()
    {
        using MicrophoneLoop loop = Listen(new SimulatedMicrophones(SimulatedMicrophones.Silence));
        loop.Open();
        uint first = 0;
        uint last = 0;
        int sent = 0;

        Waiting.Until(
            () =>
            {
                while (loop.Packets.TryRead(out VoicePacket? packet))
                {
                    using (packet)
                    {
                        first = sent++ == 0 ? packet.Position : first;
                        last = packet.Position;
                        Assert.Equal(127, packet.Level.Level);
                    }
                }

                return last - first > 3 * 48_000;
            },
            "three seconds");

        Assert.InRange(sent, 2, 75);
    }

    [Fact]
    public void VanishedMicrophonesAreReportedAndComeBack()
    {
        var microphones = new SimulatedMicrophones(SimulatedMicrophones.Tone);
        using MicrophoneLoop loop = Listen(microphones);
        loop.Open();
        Next(loop).Dispose();

        microphones.Unplug();
        Waiting.Until(() => loop.Status.State == DeviceState.Lost, "the loss");
        Assert.Equal(DeviceOutcome.Gone, loop.Status.Outcome);
        while (loop.Packets.TryRead(out VoicePacket? left))
            left.Dispose();

        microphones.Plug();
        Next(loop).Dispose();
        Assert.Equal(DeviceState.Running, loop.Status.State);
    }

    [Fact]
    public void APacketAllocatesNothing()
    {
        var allocated = new List<long>();
        int seen = 0;
        long before = 0;
        using MicrophoneLoop loop = Listen(new SimulatedMicrophones(SimulatedMicrophones.Tone));
        loop.PacketReady += () =>
        {
            if (++seen % 25 != 0)
                return;
            long now = GC.GetAllocatedBytesForCurrentThread();
            if (seen > 50 && allocated.Count < 5)
                allocated.Add(now - before);
            before = GC.GetAllocatedBytesForCurrentThread();
        };
        loop.Open();

        Waiting.Until(
            () =>
            {
                while (loop.Packets.TryRead(out VoicePacket? packet))
                    packet.Dispose();
                return Volatile.Read(ref seen) > 200;
            },
            "200 packets");
        loop.Close();

        Assert.Equal(0, allocated.Min());
    }

    [Fact]
    public void WhatIsPlayedIsHeardAndTold()
    {
        var device = new SimulatedSpeaker(TimeProvider.System, new SpeakerSimulation { Buffer = TimeSpan.FromMilliseconds(200) });
        using var loop = new SpeakerLoop(device, 2, _played, s_patience, TimeProvider.System, NullLogger<SpeakerLoop>.Instance);
        loop.Open();
        Waiting.Until(() => loop.Status.State == DeviceState.Running, "the speaker");
        loop.SetVolume(0.5);
        short[] told = new short[480];
        short[] sounding = new short[2];
        bool isTold = false;

        Waiting.Until(
            () =>
            {
                if (loop.Queued < TimeSpan.FromMilliseconds(100))
                    loop.Play(Enumerable.Repeat((short)1_000, 480).ToArray());
                _played.Read(told);
                isTold |= told.Contains((short)500);
                return isTold && device.TryListen(TimeProvider.System.GetElapsedTime(0), sounding) && sounding is [500, 500];
            },
            "what is played");

        Assert.Equal(0, loop.CrowdedOut);
    }

    [Fact]
    public void AVanishedSpeakerTakesNothingAndComesBack()
    {
        var device = new SimulatedSpeaker(TimeProvider.System, new SpeakerSimulation());
        using var loop = new SpeakerLoop(device, 1, _played, s_patience, TimeProvider.System, NullLogger<SpeakerLoop>.Instance);
        loop.Open();
        Waiting.Until(() => loop.Status.State == DeviceState.Running, "the speaker");

        device.Unplug();
        Waiting.Until(
            () =>
            {
                loop.Play(new short[480]);
                return loop.Status.State == DeviceState.Lost;
            },
            "the loss");
        for (int i = 0; i < 1_000; i++)
            loop.Play(new short[480]);
        Assert.Equal(0, loop.CrowdedOut);

        device.Plug();
        Waiting.Until(() => loop.Status.State == DeviceState.Running, "the speaker's return");
    }

    [Fact]
    public void WhatNobodyListenedToIsNoEcho()
    {
        _played.Write(Enumerable.Repeat((short)1, 48_000).ToArray());
        _played.Write(Enumerable.Repeat((short)2, 480).ToArray());
        short[] first = new short[480];
        short[] second = new short[480];

        _played.Read(first);
        _played.Read(second);

        Assert.All(first, sample => Assert.Equal(2, sample));
        Assert.All(second, sample => Assert.Equal(0, sample));
    }

    private MicrophoneLoop Listen(IMicrophoneArray microphones) =>
        new(microphones, new VoiceTools(), _codecs, _played, s_patience, TimeProvider.System, NullLogger<MicrophoneLoop>.Instance);

    private static VoicePacket Next(MicrophoneLoop loop)
    {
        VoicePacket? packet = null;
        Waiting.Until(() => loop.Packets.TryRead(out packet), "a packet");
        return packet!;
    }

    private static short[] Tone(int count) => [.. Enumerable.Range(0, count).Select(i => (short)(8_000 * Math.Sin(i * 440 * Math.Tau / 48_000)))];
}
