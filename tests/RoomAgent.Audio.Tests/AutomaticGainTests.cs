using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class AutomaticGainTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(-12)]
    [InlineData(-26)]
    [InlineData(-40)]
    public void VoicesComeToOneLoudness(double level)
    {
        var gain = new AutomaticGain();

        float[] after = Run(gain, Signals.Voice(20 * 48_000, level, 3));

        double loudness = 10 * Math.Log10(Signals.Power(after.AsSpan(15 * 48_000)) / (32_767.0 * 32_767));
        output.WriteLine($"a voice of {level} dBov: {loudness:F1} dBov, by a gain of {gain.Decibels:F1} dB");
        Assert.InRange(loudness, -30, -20);
    }

    [Fact]
    public void SilenceAndNoiseAreNotRaised()
    {
        var gain = new AutomaticGain();

        Run(gain, Signals.Noise(10 * 48_000, -50, 3));
        Run(gain, new float[480_000]);

        Assert.Equal(0, gain.Decibels);
    }

    [Fact]
    public void WhatIsHeldIsNotFollowed()
    {
        var gain = new AutomaticGain();

        Run(gain, Signals.Voice(10 * 48_000, -45, 3), hold: true);

        Assert.Equal(0, gain.Decibels);
    }

    [Fact]
    public void SwitchedOffItComesBackToNoneAndTouchesNothing()
    {
        var gain = new AutomaticGain();
        Run(gain, Signals.Voice(10 * 48_000, -45, 3));
        Assert.True(gain.Decibels > 6);

        gain.IsOn = false;
        Run(gain, Signals.Voice(48_000, -45, 3));
        float[] voice = Signals.Voice(48_000, -45, 4);

        Assert.Equal(0, gain.Decibels);
        Assert.Equal(voice, Run(gain, [.. voice]));
    }

    [Fact]
    public void AnImpossibleGainIsRefused()
    {
        var gain = new AutomaticGain();

        Assert.Throws<ArgumentOutOfRangeException>(() => gain.Most = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => gain.Most = double.NaN);
        Assert.Throws<ArgumentException>(() => gain.Process(new float[1], default, hold: false));
    }

    private static float[] Run(AutomaticGain gain, float[] sound, bool hold = false)
    {
        var meter = new LevelMeter();
        for (int i = 0; i + 480 <= sound.Length; i += 480)
            gain.Process(sound.AsSpan(i, 480), meter.Measure(Signals.ToSamples(sound.AsSpan(i, 480))), hold);
        return sound;
    }
}
