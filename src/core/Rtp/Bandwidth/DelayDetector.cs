using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>What the delays say about the bottleneck (draft-ietf-rmcat-gcc-02 section 5).</summary>
public enum BandwidthUsage
{
    /// <summary>Its queue neither grows nor shrinks.</summary>
    Normal,

    /// <summary>Its queue grows.</summary>
    Over,

    /// <summary>Its queue drains.</summary>
    Under,
}

/// <summary>Finds out from sending and arrival times whether a queue grows.</summary>
/// <remarks>
/// Packets sent within 5 ms make a group. By how much longer one group took than the group before is summed up and smoothed;
/// the slope of a line through the last 20 sums, amplified, is compared with a threshold which adapts so that
/// neither noise nor the competition of TCP decides (the threshold of gcc-02 section 5.4, the slope in place of its Kalman filter).
/// </remarks>
internal sealed class DelayDetector
{
    private const int Window = 20;
    private const int LargestCount = 60;
    private const double Smoothing = 0.1;
    private const double Gain = 4;
    private const double OveruseMs = 10;

    private const double FirstThreshold = 12.5;
    private const double LeastThreshold = 6;
    private const double MostThreshold = 600;
    private const double ThresholdUp = 0.0087;
    private const double ThresholdDown = 0.039;
    private const double LargestExcess = 15;
    private const double LongestStepMs = 100;

    private const double GroupMs = 5;
    private const double LongestBurstMs = 100;
    private const double ClockJumpMs = 3_000;
    private const int ReorderedInARow = 3;

    private readonly double[] _times = new double[Window];
    private readonly double[] _delays = new double[Window];
    private int _count;
    private double _sum;
    private double _smoothed;
    private double _slopeBefore;
    private double _threshold = FirstThreshold;
    private double _overMs = -1;
    private int _overCount;

    private bool _hasGroup;
    private bool _hasGroupBefore;
    private Group _group;
    private Group _groupBefore;
    private int _reordered;

    public BandwidthUsage Usage { get; private set; }

    /// <summary>Takes a packet that has come, in the order of sending.</summary>
    public void Handle(Instant sentAt, TimeSpan arrival)
    {
        double sent = sentAt.Ticks / (double)TimeSpan.TicksPerMillisecond;
        double came = arrival.TotalMilliseconds;
        if (!_hasGroup)
        {
            _hasGroup = true;
            _group = new Group(sent, came);
            return;
        }

        if (sent < _group.FirstSent)
            return;

        if (_group.Takes(sent, came))
        {
            _group.Add(sent, came);
            return;
        }

        Compare();
        _groupBefore = _group;
        _hasGroupBefore = true;
        _group = new Group(sent, came);
    }

    private void Compare()
    {
        if (!_hasGroupBefore)
            return;

        double sending = _group.LastSent - _groupBefore.LastSent;
        double arriving = _group.LastCame - _groupBefore.LastCame;
        if (Math.Abs(arriving - sending) > ClockJumpMs || (arriving < 0 && ++_reordered >= ReorderedInARow))
        {
            Reset();
            return;
        }

        if (arriving < 0)
            return;

        _reordered = 0;
        Add(arriving - sending, sending, arriving);
    }

    private void Add(double variation, double sending, double arriving)
    {
        int slot = _count++ % Window;
        _sum += variation;
        _smoothed += Smoothing * (_sum - _smoothed);
        _times[slot] = _group.LastCame;
        _delays[slot] = _smoothed;
        if (_count < Window)
            return;

        double slope = Slope();
        double trend = Math.Min(_count, LargestCount) * slope * Gain;
        Detect(trend, slope, sending);
        Adapt(Math.Abs(trend), arriving);
        _slopeBefore = slope;
        if (_count >= 1_000 * Window)
            _count -= 900 * Window;
    }

    private double Slope()
    {
        double time = 0;
        double delay = 0;
        for (int i = 0; i < Window; i++)
        {
            time += _times[i] / Window;
            delay += _delays[i] / Window;
        }

        double numerator = 0;
        double denominator = 0;
        for (int i = 0; i < Window; i++)
        {
            numerator += (_times[i] - time) * (_delays[i] - delay);
            denominator += (_times[i] - time) * (_times[i] - time);
        }

        return denominator > 0 ? numerator / denominator : 0;
    }

    private void Detect(double trend, double slope, double sending)
    {
        if (trend <= _threshold)
        {
            _overMs = -1;
            _overCount = 0;
            Usage = trend < -_threshold ? BandwidthUsage.Under : BandwidthUsage.Normal;
            return;
        }

        _overMs = _overMs < 0 ? sending / 2 : _overMs + sending;
        _overCount++;
        if (_overMs <= OveruseMs || _overCount < 2 || slope < _slopeBefore)
            return;

        _overMs = 0;
        _overCount = 0;
        Usage = BandwidthUsage.Over;
    }

    private void Adapt(double trend, double elapsed)
    {
        if (trend > _threshold + LargestExcess)
            return;

        double speed = trend < _threshold ? ThresholdDown : ThresholdUp;
        double step = speed * (trend - _threshold) * Math.Min(elapsed, LongestStepMs);
        _threshold = Math.Clamp(_threshold + step, LeastThreshold, MostThreshold);
    }

    private void Reset()
    {
        _hasGroup = false;
        _hasGroupBefore = false;
        _reordered = 0;
        _count = 0;
        _sum = 0;
        _smoothed = 0;
        _slopeBefore = 0;
        _overMs = -1;
        _overCount = 0;
        Usage = BandwidthUsage.Normal;
    }

    private struct Group(double sent, double came)
    {
        public readonly double FirstSent = sent;
        public double LastSent = sent;
        public double LastCame = came;
        private readonly double _firstCame = came;

        // Packets that a link let wait and then sends off in one go belong together too.
        public readonly bool Takes(double sent, double came)
        {
            double arriving = came - LastCame;
            double variation = arriving - (sent - LastSent);
            bool burst = variation < 0 && arriving <= GroupMs && came - _firstCame < LongestBurstMs;
            return sent - FirstSent <= GroupMs || burst;
        }

        public void Add(double sent, double came)
        {
            LastSent = Math.Max(LastSent, sent);
            LastCame = Math.Max(LastCame, came);
        }
    }
}
