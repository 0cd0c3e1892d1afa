using RoomAgent.Hal.Media.Audio;

namespace RoomAgent.Audio.Tests.Simulated;

/// <summary>Sounds that need no program, and what one measures of them. All are the same in every run.</summary>
internal static class Signals
{
    /// <summary>The sample value of a level in dB below overload, as the root mean square.</summary>
    public static double AtLevel(double decibels) => 32_767 * Math.Pow(10, decibels / 20);

    public static float[] Noise(int samples, double level, int seed)
    {
        var random = new Random(seed);
        float[] noise = new float[samples];
        for (int i = 0; i < samples; i++)
            noise[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2);
        return Scale(noise, level);
    }

    public static float[] Sine(int samples, double frequency, double amplitude, double phase = 0)
    {
        float[] sine = new float[samples];
        for (int i = 0; i < samples; i++)
            sine[i] = (float)(amplitude * Math.Sin((2 * Math.PI * frequency * i / 48_000) + phase));
        return sine;
    }

    /// <summary>Something like a voice: harmonics of a pitch that wanders and hisses between them, in syllables with pauses.</summary>
    public static float[] Voice(int samples, double level, int seed, double pitch = 120)
    {
        var random = new Random(seed);
        float[] voice = new float[samples];
        double phase = 0;
        int position = 0;
        float previous = 0;
        while (position < samples)
        {
            int syllable = (int)(48_000 * (0.08 + (0.2 * random.NextDouble())));
            double loudness = random.Next(6) == 0 ? 0 : 0.3 + (0.7 * random.NextDouble());
            bool hisses = random.Next(4) == 0;
            double first = 300 + (500 * random.NextDouble());
            double second = 1_000 + (1_500 * random.NextDouble());
            double bend = 0.9 + (0.2 * random.NextDouble());
            double[] gains = [.. Enumerable.Range(1, (int)(4_000 / pitch)).Select(harmonic => harmonic * pitch * bend).Select(frequency =>
                (1 / (1 + Math.Pow((frequency - first) / 120, 2))) + (0.5 / (1 + Math.Pow((frequency - second) / 180, 2))) + 0.01)];
            for (int i = 0; i < syllable && position < samples; i++, position++)
            {
                double shape = loudness * Math.Sin(Math.PI * i / syllable);
                double hiss = (random.NextDouble() * 2) - 1;
                if (hisses)
                {
                    voice[position] = (float)(0.3 * shape * (hiss - previous));
                    previous = (float)hiss;
                    continue;
                }

                phase += 2 * Math.PI * pitch * bend / 48_000;
                double sum = 0.02 * hiss;

                // sin(nx) = 2 cos(x) sin((n - 1)x) - sin((n - 2)x)
                (double sine, double cosine) = Math.SinCos(phase);
                double before = 0;
                foreach (double gain in gains)
                {
                    sum += gain * sine;
                    (before, sine) = (sine, (2 * cosine * sine) - before);
                }

                voice[position] = (float)(shape * sum);
            }
        }

        return Scale(voice, level);
    }

    public static float[] Scale(float[] samples, double level)
    {
        double factor = AtLevel(level) / Math.Sqrt(Power(samples));
        return [.. samples.Select(sample => (float)(sample * factor))];
    }

    public static float[] Sum(params float[][] sounds)
    {
        float[] sum = new float[sounds.Min(sound => sound.Length)];
        foreach (float[] sound in sounds)
        {
            for (int i = 0; i < sum.Length; i++)
                sum[i] += sound[i];
        }

        return sum;
    }

    public static short[] ToSamples(ReadOnlySpan<float> sound)
    {
        short[] samples = new short[sound.Length];
        for (int i = 0; i < sound.Length; i++)
            samples[i] = (short)Math.Clamp(MathF.Round(sound[i]), short.MinValue, short.MaxValue);
        return samples;
    }

    public static float[] ToFloats(ReadOnlySpan<short> samples)
    {
        float[] sound = new float[samples.Length];
        for (int i = 0; i < samples.Length; i++)
            sound[i] = samples[i];
        return sound;
    }

    public static double Power(ReadOnlySpan<float> sound)
    {
        double sum = 0;
        foreach (float sample in sound)
            sum += (double)sample * sample;
        return (sum / Math.Max(1, sound.Length)) + 1e-9;
    }

    public static double Decibels(double ratio) => 10 * Math.Log10(ratio);

    /// <summary>How much of <paramref name="wanted"/> is in <paramref name="sound"/>: the factor of the best fit, and in dB how far it stands above the rest.</summary>
    public static (double Gain, double Fit) Project(ReadOnlySpan<float> sound, ReadOnlySpan<float> wanted)
    {
        double cross = 0, own = 0, all = 0;
        for (int i = 0; i < sound.Length; i++)
        {
            cross += (double)sound[i] * wanted[i];
            own += (double)wanted[i] * wanted[i];
            all += (double)sound[i] * sound[i];
        }

        double gain = cross / (own + 1e-9);
        double part = gain * gain * own;
        return (gain, Decibels((part + 1e-9) / (Math.Max(0, all - part) + 1e-9)));
    }

    /// <summary>What the suppressor's high pass leaves of a sound: to compare with, since its phase is not heard but measured.</summary>
    public static float[] WithoutRumble(float[] sound)
    {
        short[] samples = ToSamples(sound);
        new RumbleFilter().Process(samples);
        return ToFloats(samples);
    }
}
