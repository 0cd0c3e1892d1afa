using System.Numerics;
using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Audio;

/// <summary>Reads a stream between its samples, at any speed near its own: what delays by part of a sample, and what follows another clock.</summary>
/// <remarks>
/// A windowed sinc of 32 taps: flat to 20 kHz, images below -80 dB. libspeexdsp has a resampler, too, but it computes its filters anew
/// whenever the ratio changes, and here the ratio changes a little all the time.
/// </remarks>
internal sealed class FractionalReader
{
    private const int Taps = 32;
    private const int Phases = 256;

    /// <summary>How many samples behind the position are needed.</summary>
    public const int Ahead = Taps / 2;

    // One phase more than there are, so that between any two can be interpolated.
    private static readonly float[] s_kernels = MakeKernels();

    private readonly float[] _kernel = new float[Taps];
    private readonly float[] _span;

    /// <param name="mostSamples">How many samples are read at once, at most.</param>
    public FractionalReader(int mostSamples) => _span = new float[mostSamples + (mostSamples / 64) + Taps + 2];

    /// <summary>Reads from a position on.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="position">The number of the first sample, with a fraction.</param>
    /// <param name="step">How far it is to the next: from 0.99 to 1.01.</param>
    /// <param name="destination">What is filled.</param>
    public void Read(SampleRing source, double position, double step, Span<float> destination)
    {
        long first = (long)Math.Floor(position);
        double at = position - first;
        Span<float> span = _span.AsSpan(0, (int)(at + (step * destination.Length)) + Taps + 1);
        source.CopyTo(first - (Taps / 2) + 1, span);

        double fraction = -1;
        for (int i = 0; i < destination.Length; i++)
        {
            double now = at + (step * i);
            int whole = (int)now;
            if (now - whole != fraction)
                Shape(fraction = now - whole);
            destination[i] = Dot(span.Slice(whole, Taps));
        }
    }

    private void Shape(double fraction)
    {
        double phase = fraction * Phases;
        int below = (int)phase;
        var weight = new Vector<float>((float)(phase - below));
        ReadOnlySpan<Vector<float>> low = MemoryMarshal.Cast<float, Vector<float>>(s_kernels.AsSpan(below * Taps, Taps));
        ReadOnlySpan<Vector<float>> high = MemoryMarshal.Cast<float, Vector<float>>(s_kernels.AsSpan((below + 1) * Taps, Taps));
        Span<Vector<float>> kernel = MemoryMarshal.Cast<float, Vector<float>>(_kernel.AsSpan());
        for (int i = 0; i < kernel.Length; i++)
            kernel[i] = low[i] + (weight * (high[i] - low[i]));
    }

    private float Dot(ReadOnlySpan<float> samples)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(samples);
        ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(_kernel.AsSpan());
        Vector<float> sum = Vector<float>.Zero;
        for (int i = 0; i < right.Length; i++)
            sum += left[i] * right[i];
        return Vector.Sum(sum);
    }

    private static float[] MakeKernels()
    {
        const double Beta = 8;
        float[] kernels = new float[(Phases + 1) * Taps];
        for (int phase = 0; phase <= Phases; phase++)
        {
            Span<float> kernel = kernels.AsSpan(phase * Taps, Taps);
            double sum = 0;
            for (int tap = 0; tap < Taps; tap++)
            {
                double x = tap - (Taps / 2) + 1 - ((double)phase / Phases);
                double edge = x / (Taps / 2);
                double window = Math.Abs(edge) >= 1 ? 0 : Bessel(Beta * Math.Sqrt(1 - (edge * edge))) / Bessel(Beta);
                double sinc = x == 0 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
                kernel[tap] = (float)(sinc * window);
                sum += kernel[tap];
            }

            foreach (ref float tap in kernel)
                tap = (float)(tap / sum);
        }

        return kernels;
    }

    // The modified Bessel function of order zero, of Kaiser's window.
    private static double Bessel(double x)
    {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-12; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
