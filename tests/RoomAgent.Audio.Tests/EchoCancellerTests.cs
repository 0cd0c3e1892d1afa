using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class EchoCancellerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(60, 200)]
    [InlineData(330, -150)]
    public void TheEchoOfAVoiceIsTakenOut(int milliseconds, double drift)
    {
        var television = new Television(Signals.Voice(16 * 48_000, -24, 11), drift) { Delay = _ => milliseconds / 1e3 };

        var run = new EchoRun(television);

        (double linear, double all) = run.Reduction(9, 15);
        output.WriteLine($"{milliseconds} ms, {drift} ppm: linear {linear:F1}, all {all:F1} dB");
        Assert.True(all > 20);
        Assert.InRange(run.State.Drift, drift - 10, drift + 10);
    }

    [Fact]
    public void TheEchoOfMusicThatNeverPausesIsTakenOut()
    {
        float[] chord = Signals.Sum(Signals.Noise(16 * 48_000, -34, 5), Signals.Sine(16 * 48_000, 262, 1_500), Signals.Sine(16 * 48_000, 330, 1_500), Signals.Sine(16 * 48_000, 392, 1_500));
        var television = new Television(chord, 100) { Delay = _ => 0.22 };

        var run = new EchoRun(television);

        (double linear, double all) = run.Reduction(9, 15);
        output.WriteLine($"linear {linear:F1}, all {all:F1} dB");
        Assert.True(all > 20);
    }

    [Fact]
    public void WhereNothingIsHeardOfTheFarEndTheRoomsVoiceIsLeftAlone()
    {
        // Headphones: no delay is found by chance. What is changed of the voice is libspeexdsp's notch at 0 Hz.
        float[] near = Signals.Voice(10 * 48_000, -26, 21, pitch: 190);
        using var canceller = new EchoCanceller();
        short[] far = Signals.ToSamples(Signals.Voice(10 * 48_000, -24, 22));
        float[] after = new float[near.Length];
        for (int block = 0; block < near.Length / 480; block++)
        {
            canceller.HandlePlayed(far.AsSpan(block * 480, 480));
            short[] heard = Signals.ToSamples(near.AsSpan(block * 480, 480));
            canceller.Process(heard);
            Signals.ToFloats(heard).CopyTo(after, block * 480);
        }

        (double gain, double fit) = Signals.Project(after, near.AsSpan(0, after.Length));
        output.WriteLine($"{canceller.State}; the voice {20 * Math.Log10(gain):F2} dB, {fit:F1} dB above what is changed of it");
        Assert.False(canceller.State.IsLocked);
        Assert.InRange(20 * Math.Log10(gain), -0.5, 0.5);
        Assert.True(fit > 10);
    }

    [Fact]
    public void APlayerThatPausesAndComesBackIsFoundAgain()
    {
        float[] far = Signals.Voice(24 * 48_000, -24, 12);
        var television = new Television(far, 0) { Delay = _ => 0.12 };
        using var canceller = new EchoCanceller();
        double before = 0, after = 0;
        for (int block = 0; block < television.Blocks; block++)
        {
            // For three seconds nothing is given and nothing is heard.
            bool pauses = block is >= 900 and < 1_200;
            television.Play(block, samples => canceller.HandlePlayed(pauses ? [] : samples));
            short[] heard = pauses ? new short[480] : Signals.ToSamples(television.Hear(block));
            before += block >= 1_800 ? Signals.Power(Signals.ToFloats(heard)) : 0;
            canceller.Process(heard);
            after += block >= 1_800 ? Signals.Power(Signals.ToFloats(heard)) : 0;
        }

        output.WriteLine($"{Signals.Decibels(before / after):F1} dB, {canceller.State}");
        Assert.True(Signals.Decibels(before / after) > 15);
    }

    [Fact]
    public void APlayerThatWritesTwentyMillisecondsAtATimeNowAndThenTwiceIsFollowed()
    {
        float[] far = Signals.Voice(20 * 48_000, -24, 13);
        var television = new Television(far, 0) { Delay = _ => 0.2 };
        using var canceller = new EchoCanceller();
        var random = new Random(4);
        List<short> waiting = [];
        double before = 0, after = 0;
        for (int block = 0; block < television.Blocks; block++)
        {
            television.Play(block, samples => waiting.AddRange(samples));
            if (waiting.Count >= 960 && random.Next(3) > 0)
            {
                canceller.HandlePlayed(waiting.ToArray());
                waiting.Clear();
            }

            short[] heard = Signals.ToSamples(television.Hear(block));
            before += block >= 1_500 ? Signals.Power(Signals.ToFloats(heard)) : 0;
            canceller.Process(heard);
            after += block >= 1_500 ? Signals.Power(Signals.ToFloats(heard)) : 0;
        }

        output.WriteLine($"{Signals.Decibels(before / after):F1} dB, {canceller.State}");
        Assert.True(Signals.Decibels(before / after) > 12);
    }

    [Fact]
    public void WhateverComesItGoesOn()
    {
        using var canceller = new EchoCanceller();
        short[] square = [.. Enumerable.Range(0, 48_000).Select(i => i / 50 % 2 == 0 ? short.MaxValue : short.MinValue)];
        short[] block = new short[480];
        var random = new Random(1);

        for (int i = 0; i < 600; i++)
        {
            // Nothing, a second at once, some odd pieces.
            canceller.HandlePlayed((i % 60) switch { < 20 => [], 20 => square, _ => square.AsSpan(0, random.Next(1_000)) });
            square.AsSpan(random.Next(40_000), 480).CopyTo(block);
            canceller.Process(block);
        }

        Assert.InRange(canceller.State.Drift, -501, 501);
    }

    [Fact]
    public void SilenceStaysSilence()
    {
        using var canceller = new EchoCanceller();
        short[] block = new short[480];
        for (int i = 0; i < 200; i++)
        {
            canceller.HandlePlayed(new short[480]);
            canceller.Process(block);
            Assert.All(block, sample => Assert.Equal(0, sample));
        }

        Assert.False(canceller.State.IsLocked);
        Assert.False(canceller.IsFarEndActive);
    }

    [Fact]
    public void AnotherLengthThanABlockIsRefused()
    {
        using var canceller = new EchoCanceller();
        using var suppressor = new NoiseSuppressor(canceller);

        Assert.Throws<ArgumentException>(() => canceller.Process([]));
        Assert.Throws<ArgumentException>(() => canceller.Process(new short[960]));
        Assert.Throws<ArgumentException>(() => suppressor.Process(new short[960]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void BothMayBeDisposedOfInAnyOrderAndTwice(bool cancellerFirst)
    {
        var canceller = new EchoCanceller();
        var suppressor = new NoiseSuppressor(canceller);
        short[] block = new short[480];
        suppressor.Process(block);

        IDisposable[] both = cancellerFirst ? [canceller, suppressor] : [suppressor, canceller];
        both[0].Dispose();
        if (cancellerFirst)
            suppressor.Process(block);
        both[1].Dispose();
        both[0].Dispose();
        both[1].Dispose();

        Assert.Throws<ObjectDisposedException>(() => canceller.Process(block));
        Assert.Throws<ObjectDisposedException>(() => suppressor.Process(block));
    }
}
