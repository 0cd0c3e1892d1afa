namespace RoomAgent.Hal.Media.Audio;

/// <summary>From where the sound comes.</summary>
/// <remarks>
/// Steered response power with phase transform (DiBiase 2000): for each of 72 directions, how well the channels agree when what differs by that direction is undone,
/// every frequency having one vote; averaged over a third of a second. A linear array is asked for one half of the circle only, since its other half is the same.
/// </remarks>
internal sealed class DirectionFinder
{
    /// <summary>Degrees from one direction to the next.</summary>
    public const double Step = 5;

    private const int Size = 1_024;
    private const float Memory = 0.87f;

    // Below, an array of some centimetres hears no difference; above, two directions look the same.
    private const int LowestBin = 300 * Size / Sound.SampleRate;
    private const int MostBins = 170;

    private readonly MicrophoneArray _array;
    private readonly Fourier _fourier = new(Size);
    private readonly int _bins;
    private readonly float[] _window = new float[Size];
    private readonly float[][] _real;
    private readonly float[][] _imaginary;

    // The phases that undo a direction: [direction, microphone, bin], cosines and sines.
    private readonly float[] _cosines;
    private readonly float[] _sines;
    private readonly float[] _sumReal;
    private readonly float[] _sumImaginary;
    private readonly float[] _powers;

    public DirectionFinder(MicrophoneArray array)
    {
        _array = array;
        double widest = array.Positions.Max(a => array.Positions.Max(b => Math.Sqrt(Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2))));
        int highest = (int)(Math.Clamp(2 * MicrophoneArray.SpeedOfSound / widest, 2_000, 8_000) * Size / Sound.SampleRate);
        _bins = Math.Min(MostBins, highest - LowestBin);

        for (int i = 0; i < Size; i++)
            _window[i] = (float)(0.5 - (0.5 * Math.Cos(2 * Math.PI * i / Size)));
        _real = [.. Enumerable.Range(0, array.Count).Select(_ => new float[Size])];
        _imaginary = [.. Enumerable.Range(0, array.Count).Select(_ => new float[Size])];
        _sumReal = new float[_bins];
        _sumImaginary = new float[_bins];

        Directions = (int)((array.IsLinear ? 180 : 360) / Step) + (array.IsLinear ? 1 : 0);
        _powers = new float[Directions];
        _cosines = new float[Directions * array.Count * _bins];
        _sines = new float[Directions * array.Count * _bins];
        for (int at = 0; at < _cosines.Length; at++)
        {
            int bin = LowestBin + (at % _bins);
            double lead = array.LeadOf(at / _bins % array.Count, DegreesOf(at / _bins / array.Count));
            (double sine, double cosine) = Math.SinCos(-2 * Math.PI * bin * lead / Size);
            (_sines[at], _cosines[at]) = ((float)sine, (float)cosine);
        }
    }

    private int Directions { get; }

    /// <summary>The direction found last, in degrees.</summary>
    public double Degrees { get; private set; }

    /// <summary>How well the channels agree about it: 0 for noise, 1 for one source without a room.</summary>
    public double Clarity { get; private set; }

    /// <summary>Looks at the last 21 ms.</summary>
    /// <param name="channels">The latest samples of each microphone.</param>
    public void Look(SampleRing[] channels)
    {
        for (int i = 0; i < channels.Length; i++)
        {
            channels[i].CopyTo(channels[i].Written - Size, _real[i]);
            for (int n = 0; n < Size; n++)
                _real[i][n] *= _window[n];
            Array.Clear(_imaginary[i]);
            _fourier.Forward(_real[i], _imaginary[i]);
            for (int k = LowestBin; k < LowestBin + _bins; k++)
            {
                float scale = 1 / (MathF.Sqrt((_real[i][k] * _real[i][k]) + (_imaginary[i][k] * _imaginary[i][k])) + 1);
                _real[i][k] *= scale;
                _imaginary[i][k] *= scale;
            }
        }

        for (int direction = 0; direction < Directions; direction++)
            _powers[direction] = (Memory * _powers[direction]) + ((1 - Memory) * PowerFrom(direction));
        FindPeak();
    }

    private float PowerFrom(int direction)
    {
        Array.Clear(_sumReal);
        Array.Clear(_sumImaginary);
        for (int i = 0; i < _array.Count; i++)
        {
            int table = ((direction * _array.Count) + i) * _bins;
            ReadOnlySpan<float> cosines = _cosines.AsSpan(table, _bins);
            ReadOnlySpan<float> sines = _sines.AsSpan(table, _bins);
            ReadOnlySpan<float> real = _real[i].AsSpan(LowestBin, _bins);
            ReadOnlySpan<float> imaginary = _imaginary[i].AsSpan(LowestBin, _bins);
            for (int k = 0; k < _bins; k++)
            {
                _sumReal[k] += (real[k] * cosines[k]) - (imaginary[k] * sines[k]);
                _sumImaginary[k] += (real[k] * sines[k]) + (imaginary[k] * cosines[k]);
            }
        }

        float power = 0;
        for (int k = 0; k < _bins; k++)
            power += (_sumReal[k] * _sumReal[k]) + (_sumImaginary[k] * _sumImaginary[k]);

        // Independent channels give as many as they are; channels that agree, the square.
        return ((power / _bins) - _array.Count) / (_array.Count * (_array.Count - 1));
    }

    private void FindPeak()
    {
        int peak = 0;
        for (int direction = 1; direction < Directions; direction++)
        {
            if (_powers[direction] > _powers[peak])
                peak = direction;
        }

        Clarity = Math.Max(0, _powers[peak]);
        double fraction = 0;
        if (!_array.IsLinear || (peak > 0 && peak < Directions - 1))
        {
            double left = _powers[(peak + Directions - 1) % Directions], right = _powers[(peak + 1) % Directions];
            double bend = left - (2 * _powers[peak]) + right;
            fraction = bend < 0 ? Math.Clamp(0.5 * (left - right) / bend, -0.5, 0.5) : 0;
        }

        Degrees = (DegreesOf(peak) + (fraction * Step) + 360) % 360;
    }

    private static double DegreesOf(int direction) => direction * Step;
}
