using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class AllocationTests
{
    private const int Blocks = 200;

    [Fact]
    public void TheMicrophonesPathAllocatesNothing()
    {
        using var path = new MicrophonePath(MicrophoneArray.Circular(4, 0.032));
        short[] heard = PlaneWaves.Hear(MicrophoneArray.Circular(4, 0.032).Positions, [(Signals.Voice(Blocks * 480, -26, 5), 200)], noise: -50, seed: 1);
        short[] played = Signals.ToSamples(Signals.Voice(Blocks * 480, -26, 6));
        short[] destination = new short[480];
        MicrophoneSettings[] settings = [new(), new() { MusicMode = true }];

        Assert.Equal(0, FewestBytesOf(() =>
        {
            for (int i = 0; i < Blocks; i++)
            {
                path.Settings = settings[i / 100];
                path.HandlePlayed(played.AsSpan(i * 480, 480));
                path.Process(heard.AsSpan(i * 4 * 480, 4 * 480), destination);
            }
        }));
    }

    [Fact]
    public void TheMixerAllocatesNothing()
    {
        var mixer = new VoiceMixer();
        foreach (VoicePace pace in Enum.GetValues<VoicePace>())
            mixer.Add(new Recorded(Signals.Voice(Blocks * 480, -26, 5)) { Pace = pace, Repeats = true });
        short[] destination = new short[VoiceMixer.MostSamples];

        Assert.Equal(0, FewestBytesOf(() =>
        {
            for (int i = 0; i < Blocks; i++)
                mixer.Mix(destination, TimeSpan.FromMilliseconds(i % 80), i * Sound.Block);
        }));
    }

    // Of three rounds: a collection elsewhere may charge one of them with bytes that nobody asked for.
    private static long FewestBytesOf(Action round)
    {
        round();
        long fewest = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            round();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return fewest;
    }
}
