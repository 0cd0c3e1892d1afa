namespace RoomAgent.Hal.Media.Audio;

/// <summary>From 48 to 8 kHz: what lies above 3.6 kHz says nothing about a delay that the rest does not.</summary>
internal sealed class Decimator
{
    public const int Factor = 6;
    public const int BlockSamples = Sound.BlockSamples / Factor;

    private const int Taps = 96;
    private static readonly float[] s_filter = MakeFilter();

    private readonly float[] _samples = new float[Taps + Sound.BlockSamples];

    /// <summary>Takes one block of 480 samples and gives 80.</summary>
    public void Process(ReadOnlySpan<float> block, Span<float> destination)
    {
        block.CopyTo(_samples.AsSpan(Taps));
        for (int i = 0; i < BlockSamples; i++)
        {
            ReadOnlySpan<float> samples = _samples.AsSpan((i + 1) * Factor, Taps);
            float sum = 0;
            for (int tap = 0; tap < Taps; tap++)
                sum += samples[tap] * s_filter[tap];
            destination[i] = sum;
        }

        _samples.AsSpan(Sound.BlockSamples).CopyTo(_samples);
    }

    private static float[] MakeFilter()
    {
        const double Cutoff = 3_500.0 / Sound.SampleRate;
        float[] filter = new float[Taps];
        for (int tap = 0; tap < Taps; tap++)
        {
            double x = tap - ((Taps - 1) / 2.0);
            double hamming = 0.54 + (0.46 * Math.Cos(2 * Math.PI * x / Taps));
            filter[tap] = (float)(Math.Sin(2 * Math.PI * Cutoff * x) / (Math.PI * x) * hamming);
        }

        return filter;
    }
}
