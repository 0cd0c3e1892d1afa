using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class NoiseSuppressorTests
{
    [Fact]
    public void SteadyNoiseBecomesQuiet()
    {
        float[] noise = Signals.Noise(5 * 48_000, -35, 1);

        float[] after = Run(noise);

        Assert.True(Signals.Decibels(Signals.Power(noise) / Signals.Power(after.AsSpan(3 * 48_000))) > 12);
    }

    [Fact]
    public void AVoiceWithoutNoiseIsLeft()
    {
        float[] voice = Signals.Voice(6 * 48_000, -26, 4);

        float[] after = Run(voice);

        float[] wanted = Signals.WithoutRumble(voice);
        (double gain, double fit) = Signals.Project(after.AsSpan(96_000), wanted.AsSpan(96_000, after.Length - 96_000));
        Assert.InRange(20 * Math.Log10(gain), -1.5, 0.5);
        Assert.True(fit > 12);
    }

    [Fact]
    public void RumbleIsFilteredAway()
    {
        float[] rumble = Signals.Sine(96_000, 25, 8_000);

        float[] filtered = Signals.WithoutRumble(rumble);

        Assert.InRange(Signals.Decibels(Signals.Power(rumble) / Signals.Power(filtered.AsSpan(48_000))), 16, 20);
        float[] voice = Signals.Sine(96_000, 300, 8_000);
        Assert.InRange(Signals.Decibels(Signals.Power(voice) / Signals.Power(Signals.WithoutRumble(voice).AsSpan(48_000))), -0.1, 0.1);
    }

    [Fact]
    public void SwitchedOffNoiseStays()
    {
        using var suppressor = new NoiseSuppressor { SuppressesNoise = false };
        float[] noise = Signals.Noise(5 * 48_000, -35, 1);

        float[] after = Run(noise, suppressor);

        Assert.InRange(Signals.Decibels(Signals.Power(noise) / Signals.Power(after.AsSpan(3 * 48_000))), -0.5, 0.5);
    }

    [Fact]
    public void WithoutACancellerThereIsNoEchoToSuppress()
    {
        using var suppressor = new NoiseSuppressor { SuppressesEcho = true };

        Assert.False(suppressor.SuppressesEcho);
    }

    private static float[] Run(float[] sound, NoiseSuppressor? suppressor = null)
    {
        using NoiseSuppressor used = suppressor ?? new NoiseSuppressor();
        short[] samples = Signals.ToSamples(sound);
        for (int i = 0; i + 480 <= samples.Length; i += 480)
            used.Process(samples.AsSpan(i, 480));
        return Signals.ToFloats(samples.AsSpan(NoiseSuppressor.Delay));
    }
}
