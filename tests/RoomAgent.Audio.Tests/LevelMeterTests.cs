using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class LevelMeterTests
{
    [Fact]
    public void AFullScaleSquareWaveIsZero()
    {
        short[] square = [.. Enumerable.Range(0, 480).Select(i => i / 24 % 2 == 0 ? short.MaxValue : short.MinValue)];

        Assert.Equal(0, LevelMeter.LevelOf(square));
    }

    [Theory]
    [InlineData(32_767, 3)]
    [InlineData(10_362, 13)]
    [InlineData(3_277, 23)]
    [InlineData(328, 43)]
    [InlineData(33, 63)]
    public void ASineIsThreeDecibelsBelowItsPeak(double amplitude, int level)
    {
        short[] sine = Signals.ToSamples(Signals.Sine(480, 1_000, amplitude));

        Assert.Equal(level, LevelMeter.LevelOf(sine));
    }

    [Fact]
    public void SilenceAndNothingAreOneHundredAndTwentySeven()
    {
        Assert.Equal(127, LevelMeter.LevelOf(new short[480]));
        Assert.Equal(127, LevelMeter.LevelOf([]));
    }

    [Fact]
    public void TheLevelIsThatOfTheReference()
    {
        Prop.ForAll<short[]>(samples =>
        {
            // RFC 6465, appendix A: the mean of the squares of each sample over the overload, in decibels, within -127 and 0, rounded.
            double mean = samples.Length == 0 ? 0 : samples.Average(sample => Math.Pow((double)sample / short.MaxValue, 2));
            double decibels = mean > 0 ? 20 * Math.Log10(Math.Sqrt(mean)) : -127;
            int expected = -(int)Math.Round(Math.Clamp(decibels, -127, 0));

            return LevelMeter.LevelOf(samples) == expected;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AVoiceIsNoticedAndSteadyNoiseIsNot()
    {
        float[] noise = Signals.Noise(6 * 48_000, -45, 1);
        float[] voice = [.. new float[4 * 48_000], .. Signals.Voice(96_000, -28, 2)];
        var meter = new LevelMeter();

        bool[] voices = Run(meter, Signals.ToSamples(Signals.Sum(noise, voice)));

        Assert.DoesNotContain(true, voices[..400]);
        Assert.True(voices[405..].Count(heard => heard) > 150);
        Assert.True(meter.Latest.Level < 60);
    }

    [Fact]
    public void DigitalSilenceIsNoVoice() => Assert.DoesNotContain(true, Run(new LevelMeter(), new short[48_000]));

    [Fact]
    public void AnotherLengthThanABlockIsRefused()
    {
        var meter = new LevelMeter();

        Assert.Throws<ArgumentException>(() => meter.Measure([]));
        Assert.Throws<ArgumentException>(() => meter.Measure(new short[481]));
    }

    private static bool[] Run(LevelMeter meter, short[] samples) =>
        [.. Enumerable.Range(0, samples.Length / 480).Select(i => meter.Measure(samples.AsSpan(i * 480, 480)).Voice)];
}
