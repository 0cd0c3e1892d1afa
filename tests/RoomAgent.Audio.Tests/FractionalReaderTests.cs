using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

public sealed class FractionalReaderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(100, 1.0)]
    [InlineData(1_000, 1.0003)]
    [InlineData(9_000, 0.9995)]
    [InlineData(16_000, 1.0005)]
    [InlineData(19_000, 0.9995)]
    public void AToneIsReadAtAnotherSpeedWithoutNoise(double frequency, double step)
    {
        var ring = new SampleRing(65_536);
        ring.Write(Signals.Sine(48_000, frequency, 10_000));
        var reader = new FractionalReader(480);
        float[] read = new float[40_800];

        double position = 1_000.37;
        for (int i = 0; i < read.Length; i += 480)
        {
            reader.Read(ring, position, step, read.AsSpan(i, 480));
            position += 480 * step;
        }

        double noise = 0;
        for (int i = 0; i < read.Length; i++)
            noise += Math.Pow(read[i] - (10_000 * Math.Sin(2 * Math.PI * frequency * (1_000.37 + (step * i)) / 48_000)), 2);
        double ratio = Signals.Decibels(Signals.Power(read) / ((noise / read.Length) + 1e-9));
        output.WriteLine($"{frequency} Hz at {step}: {ratio:F1} dB above all that is wrong");
        Assert.True(ratio > 60);
    }

    [Fact]
    public void AtWholePositionsTheSamplesAreAsTheyWere()
    {
        var ring = new SampleRing(4_096);
        float[] noise = Signals.Noise(2_000, -20, 1);
        ring.Write(noise);
        float[] read = new float[480];

        new FractionalReader(480).Read(ring, 700, 1, read);

        for (int i = 0; i < read.Length; i++)
            Assert.Equal(noise[700 + i], read[i], 0.01f);
    }

    [Fact]
    public void WhatIsNotHeldIsSilence()
    {
        var ring = new SampleRing(1_024);
        ring.Write(Signals.Noise(5_000, -20, 1));
        float[] read = new float[480];
        var reader = new FractionalReader(480);

        reader.Read(ring, -1_000, 1, read);
        Assert.All(read, sample => Assert.Equal(0, sample));
        reader.Read(ring, 6_000, 1, read);
        Assert.All(read, sample => Assert.Equal(0, sample));
    }
}
