namespace RoomAgent.Hal.Media.Audio;

/// <summary>How much later than the played sound its echo is heard, found again six times a second.</summary>
/// <remarks>
/// <para>
/// The generalized cross-correlation with phase transform (Knapp and Carter 1976) of the last 0.4 s of the microphone with the last second of what was played:
/// every frequency has one vote, so that the pitch of a voice makes no false peaks, and the votes of about a second are added up.
/// What is said in the room is not in what was played and votes at random.
/// </para>
/// <para>Nothing is concluded while little is played.</para>
/// </remarks>
internal sealed class DelayFinder
{
    /// <summary>Blocks between two findings.</summary>
    public const int Period = 16;

    /// <summary>The longest delay that is found, in samples at 48 kHz: 640 ms.</summary>
    public const int MostDelay = MostLag * Decimator.Factor;

    /// <summary>How much of the votes of one finding is left at the next.</summary>
    public const float Memory = 0.75f;

    /// <summary>Seconds from the middle of what is looked at until now.</summary>
    public const double Lateness = Heard / 2.0 / 8_000;

    private const int Size = 8_192;
    private const int Heard = 3_072;
    private const int MostLag = Size - Heard;

    // 64 ms at each end are faded.
    private const int Ramp = 512;
    private static readonly float[] s_ramp = [.. Enumerable.Range(0, Ramp).Select(i => (float)(0.5 - (0.5 * Math.Cos(Math.PI * (i + 0.5) / Ramp))))];

    // A peak is as wide as 3 ms, and another one that is nearly as high makes it one of many, as of a tone.
    private const int PeakWidth = 24;
    private const double Unique = 0.7;

    // From 200 Hz to 3.4 kHz.
    private const int LowestBin = 200 * Size / 8_000;
    private const int HighestBin = 3_400 * Size / 8_000;

    private readonly Fourier _fourier = new(Size);
    private readonly Decimator _playedDecimator = new();
    private readonly Decimator _heardDecimator = new();
    private readonly SampleRing _played = new(Size);
    private readonly SampleRing _heard = new(4_096);
    private readonly float[] _real = new float[Size];
    private readonly float[] _imaginary = new float[Size];
    private readonly float[] _crossReal = new float[Size / 2];
    private readonly float[] _crossImaginary = new float[Size / 2];
    private readonly float[] _decimated = new float[Decimator.BlockSamples];
    private int _blocks;

    /// <summary>The delay found last, in samples at 48 kHz, with a fraction.</summary>
    public double Delay { get; private set; }

    /// <summary>How far the peak stands out, as a multiple of the root mean square of all delays: 4 to 8 by chance, 15 to 40 of an echo; 0 if there are several.</summary>
    public double Clarity { get; private set; }

    /// <summary>Takes what was played and what was heard in one block.</summary>
    /// <returns>Whether a delay was looked for.</returns>
    public bool Handle(ReadOnlySpan<float> played, ReadOnlySpan<float> heard)
    {
        _playedDecimator.Process(played, _decimated);
        _played.Write(_decimated);
        _heardDecimator.Process(heard, _decimated);
        _heard.Write(_decimated);
        if (++_blocks < Period)
            return false;

        _blocks = 0;
        return Correlate();
    }

    private bool Correlate()
    {
        // What was heard stands at the end of its half, so that it finds the whole of each delay before it.
        _played.CopyTo(_played.Written - Size, _real);
        _imaginary.AsSpan(0, MostLag).Clear();
        _heard.CopyTo(_heard.Written - Heard, _imaginary.AsSpan(MostLag));
        Taper(_real);
        Taper(_imaginary.AsSpan(MostLag));
        if (PowerOf(_real.AsSpan(MostLag / 2)) < 100 || PowerOf(_imaginary.AsSpan(MostLag)) < 1)
            return false;

        _fourier.Forward(_real, _imaginary);
        Vote();
        _fourier.Inverse(_real, _imaginary);
        FindPeak();
        return true;
    }

    // Cut off hard, the two ends would be alike in both.
    private static void Taper(Span<float> samples)
    {
        for (int i = 0; i < Ramp; i++)
        {
            samples[i] *= s_ramp[i];
            samples[^(i + 1)] *= s_ramp[i];
        }
    }

    // The two real signals lie in one spectrum: its even part is the one's, its odd part the other's.
    private void Vote()
    {
        for (int k = LowestBin; k <= HighestBin; k++)
        {
            float playedReal = _real[k] + _real[Size - k];
            float playedImaginary = _imaginary[k] - _imaginary[Size - k];
            float heardReal = _imaginary[k] + _imaginary[Size - k];
            float heardImaginary = _real[Size - k] - _real[k];

            float real = (heardReal * playedReal) + (heardImaginary * playedImaginary);
            float imaginary = (heardImaginary * playedReal) - (heardReal * playedImaginary);
            float scale = (1 - Memory) / (MathF.Sqrt((real * real) + (imaginary * imaginary)) + 1);
            _crossReal[k] = (Memory * _crossReal[k]) + (scale * real);
            _crossImaginary[k] = (Memory * _crossImaginary[k]) + (scale * imaginary);
        }

        Array.Clear(_real);
        Array.Clear(_imaginary);
        for (int k = LowestBin; k <= HighestBin; k++)
        {
            _real[k] = _real[Size - k] = _crossReal[k];
            _imaginary[k] = _crossImaginary[k];
            _imaginary[Size - k] = -_crossImaginary[k];
        }
    }

    private void FindPeak()
    {
        int peak = 1;
        double power = 0;
        for (int lag = 0; lag < MostLag - 1; lag++)
        {
            power += (double)_real[lag] * _real[lag];
            if (lag > 0 && Math.Abs(_real[lag]) > Math.Abs(_real[peak]))
                peak = lag;
        }

        Clarity = IsUnique(peak) ? Math.Abs(_real[peak]) / (Math.Sqrt(power / (MostLag - 1)) + 1e-9) : 0;
        Delay = Refine(peak) * Decimator.Factor;
    }

    private bool IsUnique(int peak)
    {
        float limit = (float)(Unique * Math.Abs(_real[peak]));
        for (int lag = 0; lag < MostLag - 1; lag++)
        {
            if (Math.Abs(lag - peak) > PeakWidth && Math.Abs(_real[lag]) > limit)
                return false;
        }

        return true;
    }

    // Between the lags, by three of Newton's steps towards the top of the sum of all cosines. A parabola through three lags would be drawn to them.
    private double Refine(int peak)
    {
        double lag = peak;
        for (int step = 0; step < 3; step++)
        {
            double slope = 0, bend = 0;
            (double turnSine, double turnCosine) = Math.SinCos(2 * Math.PI * lag / Size);
            (double sine, double cosine) = Math.SinCos(2 * Math.PI * lag * LowestBin / Size);
            for (int k = LowestBin; k <= HighestBin; k++)
            {
                slope -= k * ((_crossReal[k] * sine) + (_crossImaginary[k] * cosine));
                bend -= (double)k * k * ((_crossReal[k] * cosine) - (_crossImaginary[k] * sine));
                (sine, cosine) = ((sine * turnCosine) + (cosine * turnSine), (cosine * turnCosine) - (sine * turnSine));
            }

            double move = slope / bend * Size / (2 * Math.PI);
            if (!(Math.Abs(move) < 1))
                break;
            lag -= move;
        }

        return Math.Clamp(lag, peak - 1, peak + 1);
    }

    private static double PowerOf(ReadOnlySpan<float> samples)
    {
        double sum = 0;
        foreach (float sample in samples)
            sum += sample * sample;
        return sum / samples.Length;
    }
}
