using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

/// <summary>lab</summary>
public sealed class EchoFigureTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0.03, 0, 0)]
    [InlineData(0.15, 0, 0)]
    [InlineData(0.15, 200, 0)]
    [InlineData(0.15, -200, 0)]
    [InlineData(0.40, 200, 0)]
    [InlineData(0.15, 200, 0.1)]
    [InlineData(0.30, -200, -0.1)]
    public void Lab(double delay, double drift, double jump)
    {
        float[] far = Programs.Speech("en-us", 40, -24);
        var television = new Television(far, drift) { Delay = t => t < 20 ? delay : delay + jump };
        using var canceller = new EchoCanceller();
        using var suppressor = new NoiseSuppressor(canceller);
        float[] hiss = Signals.Noise(48_000, -75, 3);
        double e = 0, r = 0, r2 = 0;
        output.WriteLine($"delay {delay} drift {drift} jump {jump}");
        for (int block = 0; block < television.Blocks; block++)
        {
            television.Play(block, canceller.HandlePlayed);
            float[] heard = television.Hear(block);
            short[] samples = Signals.ToSamples(Signals.Sum(heard, hiss.AsSpan(block % 100 * 480, 480).ToArray()));
            e += Signals.Power(heard);
            canceller.Process(samples);
            r += Signals.Power(Signals.ToFloats(samples));
            suppressor.Process(samples);
            r2 += Signals.Power(Signals.ToFloats(samples));
            if (block % 100 == 99)
            {
                output.WriteLine($"{(block + 1) / 100,3} s  linear {Signals.Decibels(e / r),5:F1} dB  all {Signals.Decibels(e / r2),5:F1} dB   {canceller.State}");
                output.WriteLine("DBG " + canceller.Debug);
                e = r = r2 = 0;
            }
        }
    }
}
