using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class LimiterTests
{
    [Fact]
    public void NothingIsEverAboveTheCeiling()
    {
        Prop.ForAll<int[]>(values =>
        {
            var limiter = new Limiter();
            float[] sound = new float[(values.Length + 1) * 120];
            for (int i = 0; i < sound.Length; i++)
                sound[i] = values.Length == 0 ? float.MaxValue : values[i * 7 % values.Length] * 1e4f;
            short[] limited = new short[sound.Length];

            limiter.Process(sound, limited);

            return limited.All(sample => Math.Abs((int)sample) <= Limiter.Ceiling);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void WhatIsNotTooLoudIsLeftAsItIs()
    {
        float[] sound = [.. Signals.Noise(4_800, -20, 4).Select(sample => MathF.Round(sample))];
        short[] limited = new short[4_800];

        new Limiter().Process(sound, limited);

        Assert.Equal(Signals.ToSamples(sound.AsSpan(0, 4_800 - Limiter.Delay)), limited[Limiter.Delay..]);
    }

    [Fact]
    public void ALoudSoundIsTurnedDownWithoutAClickAndComesBack()
    {
        float[] tone = Signals.Sine(48_000, 300, 20_000);
        for (int i = 16_000; i < 32_000; i++)
            tone[i] *= 1 + (3 * Math.Min(1, Math.Min(i - 16_000, 32_000 - i) / 480f));
        short[] limited = new short[48_000];
        var limiter = new Limiter();

        limiter.Process(tone, limited);

        Assert.True(Clicks.Loudest(Signals.ToFloats(limited)) < Clicks.Loudest(Signals.ToFloats(Signals.ToSamples(tone))) / 2, "It sounds as if it were clipped.");
        Assert.InRange(Signals.ToFloats(limited)[20_000..30_000].Max(), Limiter.Ceiling - 600, Limiter.Ceiling);
        Assert.Equal(1, limiter.Gain);
    }

    [Fact]
    public void OtherLengthsAreRefused()
    {
        var limiter = new Limiter();

        Assert.Throws<ArgumentException>(() => limiter.Process(new float[100], new short[100]));
        Assert.Throws<ArgumentException>(() => limiter.Process(new float[120], new short[240]));
    }
}
