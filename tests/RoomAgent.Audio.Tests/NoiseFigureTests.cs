using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

/// <summary>How much noise is taken out of espeak-ng's speech, and how little of the speech.</summary>
/// <remarks>
/// Measured by the method of Hagerman and Olofsson (2004): the same speech is processed twice, the second time with the noise upside down. Half the sum of what comes
/// out is what became of the speech, half the difference what became of the noise, both while they were together. So noise that is hidden in the pauses alone,
/// or speech that is taken away with the noise, does not count as a gain.
/// </remarks>
[Trait("Category", "Peer")]
public sealed class NoiseFigureTests(ITestOutputHelper output)
{
    private const double Seconds = 20;

    // The noise has to be learnt first.
    private const int Learnt = 3 * 48_000;

    [Theory]
    [InlineData("white", 5)]
    [InlineData("white", 10)]
    [InlineData("pink", 5)]
    [InlineData("pink", 10)]
    [InlineData("brown", 5)]
    [InlineData("brown", 10)]
    public void SteadyNoiseIsLoweredByEightDecibelsAndTheSpeechIsLeft(string kind, double ratio)
    {
        float[] speech = Programs.Speech("en-gb+f3", Seconds, -26);
        float[] noise = Programs.Noise(kind, Seconds, -26 - ratio);

        float[] one = Suppress(Signals.Sum(speech, noise));
        float[] other = Suppress(Signals.Sum(speech, [.. noise.Select(sample => -sample)]));

        float[] speechOut = [.. one.Zip(other, (a, b) => (a + b) / 2).Skip(Learnt)];
        float[] noiseOut = [.. one.Zip(other, (a, b) => (a - b) / 2).Skip(Learnt)];
        ReadOnlySpan<float> speechIn = speech.AsSpan(Learnt, speechOut.Length);
        ReadOnlySpan<float> noiseIn = noise.AsSpan(Learnt, noiseOut.Length);
        double before = Signals.Decibels(Signals.Power(speechIn) / Signals.Power(noiseIn));
        double after = Signals.Decibels(Signals.Power(speechOut) / Signals.Power(noiseOut));
        (double gain, double fit) = Signals.Project(speechOut, speechIn);
        double loss = -20 * Math.Log10(gain);
        double pauses = Signals.Decibels(PauseNoise(speechIn, noiseIn) / PauseNoise(speechIn, noiseOut));
        output.WriteLine($"pauses {pauses:F1}");
        (double sb, double sa) = (Segmental(speechIn, Signals.Sum(speech, noise).AsSpan(Learnt, speechOut.Length)), Segmental(speechIn, one.AsSpan(Learnt)));
        output.WriteLine($"{kind} noise: {before:F1} -> {after:F1} dB, a gain of {after - before:F1} dB; the speech loses {loss:F1} dB and stands {fit:F1} dB above its own distortion; segmental {sb:F1} -> {sa:F1} dB");
    }

    private static double PauseNoise(ReadOnlySpan<float> clean, ReadOnlySpan<float> sound)
    {
        double sum = 0; int n = 0;
        for (int i = 480; i + 960 <= clean.Length; i += 480)
        {
            if (Signals.Power(clean.Slice(i - 480, 1440)) > 3 * 3) continue;
            sum += Signals.Power(sound.Slice(i, 480)); n++;
        }
        return sum / n;
    }

    private static double Segmental(ReadOnlySpan<float> clean, ReadOnlySpan<float> sound)
    {
        double sum = 0; int n = 0;
        for (int i = 0; i + 960 <= clean.Length; i += 960)
        {
            double p = Signals.Power(clean.Slice(i, 960));
            if (p < 100 * 100) continue;
            double e = 0;
            for (int k = i; k < i + 960; k++) e += Math.Pow(clean[k] - sound[k], 2);
            sum += Math.Clamp(Signals.Decibels(p / (e / 960)), -10, 35); n++;
        }
        return sum / n;
    }

    private static float[] Suppress(float[] sound)
    {
        using var suppressor = new NoiseSuppressor();
        short[] samples = Signals.ToSamples(sound);
        for (int i = 0; i + 480 <= samples.Length; i += 480)
            suppressor.Process(samples.AsSpan(i, 480));
        return Signals.ToFloats(samples.AsSpan(NoiseSuppressor.Delay));
    }
}
