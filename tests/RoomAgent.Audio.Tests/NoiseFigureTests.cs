using RoomAgent.Audio.Tests.Simulated;
using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests;

/// <summary>How much noise is taken out of espeak-ng's speech, and how little of the speech.</summary>
/// <remarks>
/// Measured by the method of Hagerman and Olofsson (2004): the same speech is processed twice, the second time with the noise upside down. Half the sum of what comes
/// out is what became of the speech, half the difference what became of the noise, both while they were together. So speech that is taken away with the noise
/// does not count as a gain. Two figures: by how much the noise that one hears, between the words, is lower against the speech, which is the signal-to-noise ratio
/// of a noisy recording as it is usually measured; and by how much all noise is, with that below the loudest parts of the speech, which nobody hears and which
/// cannot be taken out without harming the speech. Pink noise has most of its power where speech has: of the second figure a lower floor, a window of twice the
/// length and a second pass after the first each gain less than 1 dB, and take as much of the speech along or cost 10 ms.
/// </remarks>
[Trait("Category", "Peer")]
public sealed class NoiseFigureTests(ITestOutputHelper output)
{
    private const double Seconds = 20;

    // The noise has to be learnt first.
    private const int Learnt = 3 * 48_000;

    [Theory]
    [InlineData("white", 5, "en-us", 10)]
    [InlineData("white", 5, "en-gb+f3", 10)]
    [InlineData("white", 10, "en-us", 9)]
    [InlineData("white", 10, "en-gb+f3", 9)]
    [InlineData("pink", 5, "en-us", 7)]
    [InlineData("pink", 5, "en-gb+f3", 7)]
    [InlineData("pink", 10, "en-us", 6)]
    [InlineData("pink", 10, "en-gb+f3", 6)]
    [InlineData("brown", 5, "en-us", 10)]
    [InlineData("brown", 5, "en-gb+f3", 10)]
    [InlineData("brown", 10, "en-us", 10)]
    [InlineData("brown", 10, "en-gb+f3", 10)]
    public void NoiseBetweenTheWordsIsLoweredByTwelveDecibelsAndTheSpeechIsLeft(string kind, double ratio, string voice, double atLeast)
    {
        float[] speech = Programs.Speech(voice, Seconds, -26);
        float[] noise = Programs.Noise(kind, Seconds, -26 - ratio);

        float[] one = Suppress(Signals.Sum(speech, noise));
        float[] other = Suppress(Signals.Sum(speech, [.. noise.Select(sample => -sample)]));

        float[] speechOut = [.. one.Zip(other, (a, b) => (a + b) / 2).Skip(Learnt)];
        float[] noiseOut = [.. one.Zip(other, (a, b) => (a - b) / 2).Skip(Learnt)];
        float[] speechIn = speech[Learnt..(Learnt + speechOut.Length)];
        float[] noiseIn = noise[Learnt..(Learnt + noiseOut.Length)];
        double all = Ratio(speechOut, noiseOut) - Ratio(speechIn, noiseIn);
        bool[] pauses = PausesOf(speechIn);
        double between = Ratio(speechOut, Where(noiseOut, pauses)) - Ratio(speechIn, Where(noiseIn, pauses));
        (double gain, double fit) = Signals.Project(speechOut, Signals.WithoutRumble(speech).AsSpan(Learnt, speechOut.Length));
        double loss = -20 * Math.Log10(gain);
        output.WriteLine($"{kind} noise, {Ratio(speechIn, noiseIn):F1} dB: the noise between the words is {between:F1} dB lower against the speech, all of it, that below the speech as well, {all:F1} dB; the speech loses {loss:F1} dB and stands {fit:F1} dB above what is changed of it");
        Assert.True(between >= 12);
        Assert.True(all >= atLeast);
        Assert.InRange(loss, -1, 1);
        Assert.True(fit > 12);
    }

    private static double Ratio(float[] speech, float[] noise) => Signals.Decibels(Signals.Power(speech) / Signals.Power(noise));

    private static float[] Where(float[] sound, bool[] which) => [.. sound.Where((_, i) => which[i])];

    // Where for 30 ms the speech itself is nothing.
    private static bool[] PausesOf(float[] speech)
    {
        bool[] pauses = new bool[speech.Length];
        for (int i = 480; i + 960 <= speech.Length; i += 480)
            pauses.AsSpan(i, 480).Fill(Signals.Power(speech.AsSpan(i - 480, 1_440)) < 9);
        Assert.True(pauses.Count(pause => pause) > 48_000);
        return pauses;
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
