namespace RoomAgent.Hal.Media.Audio;

/// <summary>Follows the delay of the echo and the difference of the two clocks, by a Kalman filter over the delays that are found.</summary>
/// <remarks>
/// The filter has two states, by how much the delay is off and how fast it changes. Its uncertainty decides by itself how much a finding counts: the first ones
/// much, later ones little. A finding far from what is expected is an error or a jump: if three in a row say the same, it was a jump.
/// </remarks>
internal sealed class EchoClock
{
    /// <summary>The largest difference of clocks that is believed: 500 ppm, in samples a second.</summary>
    private const double MostDrift = 500e-6 * Sound.SampleRate;

    private const double Clear = 14;

    // Two findings of one delay differ by less than 0.6 ms.
    private const double Near = 30;
    private const int InARow = 3;

    // Further off the canceller's filter would not reach.
    private const double MostOffset = 120;
    private const double OffsetWander = 0.001;
    private const double DriftWander = 0.0001;

    // As so many findings in a row share most of what they look at, each counts for less.
    private const double Alike = 4;

    // So sure of the drift one must be (some 4 ppm) that the offset is held where it is by then.
    private const double Settled = 0.2 * 0.2;
    private static readonly double s_step = DelayFinder.Period * Sound.Block.TotalSeconds;
    private static readonly double s_age = s_step * DelayFinder.Memory / (1 - DelayFinder.Memory);

    // What was corrected in the last periods.
    private readonly double[] _corrections = new double[8];
    private int _periods = 8;

    // Of the delay against Delay, of its change, and how unsure both are.
    private double _offset;
    private double _averageOffset;
    private double _restingOffset;
    private double _noise = 4;
    private double _drift;
    private double _offsetVariance;
    private double _driftVariance = MostDrift * MostDrift;
    private double _covariance;

    private double _candidate;
    private int _agreeing;

    /// <summary>Whether the delay is known.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>The delay at which the canceller reads, in whole samples.</summary>
    public int Delay { get; private set; }

    /// <summary>How much slower than the microphone's clock the played sound must be taken, in samples a second.</summary>
    public double Correction { get; private set; }

    /// <summary>By how much the delay grows, in samples a second, were it not corrected.</summary>
    public double Drift => _drift;

    /// <summary>How often the delay has jumped.</summary>
    public int Jumps { get; private set; }

    /// <summary>Takes the time that passes between two looks for the delay.</summary>
    public void HandlePeriod()
    {
        if (!IsLocked)
            return;

        // offset += (drift - correction) * step, and the uncertainty grows with it.
        _offset += (_drift - CorrectionHeard()) * s_step;
        _offsetVariance += (2 * s_step * _covariance) + (s_step * s_step * _driftVariance) + OffsetWander;
        _covariance += s_step * _driftVariance;
        _driftVariance += DriftWander * s_step;
        Correct();
    }

    /// <summary>Takes a delay that was found, and how clear it was.</summary>
    public void HandleDelay(double delay, double clarity)
    {
        // What is found is an average over a second, and is compared with the same average of what was expected.
        _averageOffset += (1 - DelayFinder.Memory) * (_offset - _averageOffset);
        if (clarity < Clear)
            return;

        double surprise = delay - Delay - _averageOffset;
        if (IsLocked && Math.Abs(surprise) < Near)
        {
            _agreeing = 0;
            Learn(surprise);
            return;
        }

        _agreeing = _agreeing > 0 && Math.Abs(delay - _candidate) < Near ? _agreeing + 1 : 1;
        _candidate = delay;
        if (_agreeing >= InARow)
            Jump(delay);
    }

    // What is heard now was corrected when it was played, and what is looked at was heard half a window ago.
    private double CorrectionHeard()
    {
        _corrections[_periods++ % _corrections.Length] = Correction;
        double ago = (((double)Delay / Sound.SampleRate) + DelayFinder.Lateness) / s_step;
        int whole = Math.Min((int)ago, _corrections.Length - 2);
        double newer = _corrections[(_periods - 1 - whole + _corrections.Length) % _corrections.Length];
        double older = _corrections[(_periods - 2 - whole + _corrections.Length) % _corrections.Length];
        return newer + ((ago - whole) * (older - newer));
    }

    private void Learn(double surprise)
    {
        _noise = Math.Max(0.02, _noise + (0.1 * ((surprise * surprise) - _noise)));

        // What is found is the offset of a moment ago, which is the present one less what the drift has added since.
        double offsetPart = _offsetVariance - (s_age * _covariance);
        double driftPart = _covariance - (s_age * _driftVariance);
        double total = offsetPart - (s_age * driftPart) + (Alike * _noise);
        double offsetGain = offsetPart / total;
        double driftGain = driftPart / total;
        _offset += offsetGain * surprise;
        _averageOffset += (offsetGain - (s_age * driftGain)) * surprise;
        _drift = Math.Clamp(_drift + (driftGain * surprise), -MostDrift, MostDrift);
        _offsetVariance -= offsetGain * offsetPart;
        _covariance -= offsetGain * driftPart;
        _driftVariance -= driftGain * driftPart;
        if (Math.Abs(_offset) > MostOffset)
            Move((int)Math.Round(_offset));
        Correct();
    }

    // A clock that is further off than is believed.
    private void Move(int offset)
    {
        Delay += offset;
        _offset -= offset;
        _averageOffset -= offset;
        _restingOffset -= offset;
    }

    // The canceller's filter learns any offset, but loses what it knows when it changes: so it is held, not brought to zero, and held gently.
    private void Correct()
    {
        if (_driftVariance > Settled)
            _restingOffset = _offset;
        Correction = Math.Clamp(_drift + Math.Clamp((_offset - _restingOffset) / 10, -0.15, 0.15), -MostDrift, MostDrift);
    }

    // The clocks are the same as before, and so is what the filter knows: only where we are has to be learnt again.
    private void Jump(double delay)
    {
        if (IsLocked)
            Jumps++;
        IsLocked = true;
        Delay = (int)Math.Round(delay - _offset);
        _offset = _averageOffset = delay - Delay;
        _offsetVariance = _noise;
        _covariance = 0;
        _agreeing = 0;
        Correct();
    }
}
