namespace RoomAgent.Hal.Media.Audio;

/// <summary>The discrete Fourier transform of complex numbers, in place. Two real signals are transformed at once as the parts of one.</summary>
/// <remarks>It measures delays and directions, some times a second; the filters that sound passes are libspeexdsp's, whose own transform is not exported.</remarks>
internal sealed class Fourier
{
    private readonly float[] _cosines;
    private readonly float[] _sines;
    private readonly int[] _reversed;

    /// <param name="size">A power of two.</param>
    public Fourier(int size)
    {
        if (!int.IsPow2(size) || size < 2)
            throw new ArgumentOutOfRangeException(nameof(size), size, "Not a power of two.");

        Size = size;
        _cosines = new float[size / 2];
        _sines = new float[size / 2];
        for (int i = 0; i < size / 2; i++)
            (_sines[i], _cosines[i]) = ((float)Math.Sin(-2 * Math.PI * i / size), (float)Math.Cos(2 * Math.PI * i / size));

        _reversed = new int[size];
        for (int i = 1; i < size; i++)
            _reversed[i] = (_reversed[i >> 1] >> 1) | ((i & 1) * (size >> 1));
    }

    public int Size { get; }

    /// <summary>From samples to a spectrum.</summary>
    public void Forward(Span<float> real, Span<float> imaginary)
    {
        for (int i = 0; i < Size; i++)
        {
            int j = _reversed[i];
            if (i >= j)
                continue;
            (real[i], real[j]) = (real[j], real[i]);
            (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
        }

        for (int half = 1; half < Size; half *= 2)
        {
            int stride = Size / (2 * half);
            for (int start = 0; start < Size; start += 2 * half)
                Butterflies(real.Slice(start, 2 * half), imaginary.Slice(start, 2 * half), half, stride);
        }
    }

    /// <summary>From a spectrum to samples, <see cref="Size"/> times too large.</summary>
    public void Inverse(Span<float> real, Span<float> imaginary) => Forward(imaginary, real);

    private void Butterflies(Span<float> real, Span<float> imaginary, int half, int stride)
    {
        for (int i = 0; i < half; i++)
        {
            float cosine = _cosines[i * stride];
            float sine = _sines[i * stride];
            float a = (real[i + half] * cosine) - (imaginary[i + half] * sine);
            float b = (real[i + half] * sine) + (imaginary[i + half] * cosine);
            real[i + half] = real[i] - a;
            imaginary[i + half] = imaginary[i] - b;
            real[i] += a;
            imaginary[i] += b;
        }
    }
}
