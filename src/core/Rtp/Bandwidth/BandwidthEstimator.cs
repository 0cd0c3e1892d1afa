using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>What the estimate does (draft-ietf-rmcat-gcc-02 section 5.5).</summary>
public enum BandwidthState
{
    /// <summary>It stays, until the queue is empty.</summary>
    Hold,

    /// <summary>It grows.</summary>
    Increase,

    /// <summary>It has just been cut.</summary>
    Decrease,
}

/// <summary>The limits of a <see cref="BandwidthEstimator"/>, in bit/s.</summary>
public sealed record BandwidthSettings
{
    /// <summary>The estimate is never lower.</summary>
    public int Least { get; init; } = 50_000;

    /// <summary>The estimate before anything is known.</summary>
    public int Start { get; init; } = 300_000;

    /// <summary>The estimate is never higher.</summary>
    public int Most { get; init; } = 4_000_000;
}

/// <summary>Estimates at the sender how much the network carries, from transport-wide feedback, in the manner of draft-ietf-rmcat-gcc-02.</summary>
/// <remarks>
/// <para>The estimate is the lesser of two. One follows the delays: it is cut to 0.85 of what arrives when a queue grows, held while the queue drains, and grows else.
/// The other follows losses: up to a tenth may get lost, as on a bad radio link, before it counts as congestion.</para>
/// <para>Until the first queue grows, the estimate may double each second; afterwards it grows by 8 % a second, faster the longer nothing happens,
/// and by small steps near the rate at which queues grew. It never grows beyond 1.5 times what really arrives: what was not tried is not known.</para>
/// </remarks>
public sealed class BandwidthEstimator
{
    private const double Cut = 0.85;
    private const double BeyondDelivered = 1.5;
    private const double BeyondDeliveredBits = 10_000;
    private const double StartGrowth = 1.0;
    private const double SlowestGrowth = 0.08;
    private const double FastestGrowth = 0.30;
    private const double GrowthRamp = 0.05;
    private const double NearCapacity = 1.1;
    private const double CapacitySmoothing = 0.2;
    private const double PacketBits = 9_600;
    private const double SecondsToRise = 0.5;
    private static readonly TimeSpan s_calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestCutInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_feedbackMissing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_missingInterval = TimeSpan.FromMilliseconds(500);
    private const double CutWithoutFeedback = 0.7;

    private readonly BandwidthSettings _settings;
    private readonly DelayDetector _detector = new();
    private readonly DeliveredRate _delivered = new();
    private readonly LossBound _loss;
    private TimeSpan _roundTrip = TimeSpan.FromMilliseconds(100);

    private double _rate;
    private double _target;
    private bool _starting = true;
    private double? _capacity;
    private bool _updated;
    private Instant _updatedAt;
    private Instant _cutAt = new(long.MinValue);
    private Instant _unansweredAt = Instant.Never;

    /// <summary>Starts at <see cref="BandwidthSettings.Start"/>.</summary>
    /// <exception cref="ArgumentException">The limits are not in their order.</exception>
    public BandwidthEstimator(BandwidthSettings? settings = null)
    {
        _settings = settings ?? new BandwidthSettings();
        if (_settings.Least <= 0 || _settings.Start < _settings.Least || _settings.Most < _settings.Start)
            throw new ArgumentException("0 < Least <= Start <= Most must hold.", nameof(settings));

        _loss = new LossBound(_settings.Least);
        _rate = _target = _settings.Start;
    }

    /// <summary>Bit/s that all streams of the transport together may send: falls at once, rises smoothly.</summary>
    public int Target => (int)Math.Clamp(_target, _settings.Least, _settings.Most);

    /// <summary>What the estimate does.</summary>
    public BandwidthState State { get; private set; }

    /// <summary>What the delays say.</summary>
    public BandwidthUsage Usage => _detector.Usage;

    /// <summary>Bit/s that arrived over the last half second; 0 before that is known.</summary>
    public int Delivered => (int)Math.Min(_delivered.BitRate ?? 0, int.MaxValue);

    /// <summary>The share of packets lost of late: 0 to 1.</summary>
    public double Loss => _loss.Share;

    /// <summary>When to call <see cref="HandleTimeout"/>.</summary>
    public Instant PollTimeout => _unansweredAt == Instant.Never ? Instant.Never : _unansweredAt + s_feedbackMissing;

    /// <summary>Takes the round-trip time.</summary>
    public void HandleRoundTrip(TimeSpan roundTrip) => _roundTrip = new TimeSpan(Math.Clamp(roundTrip.Ticks, 0, TimeSpan.TicksPerSecond));

    /// <summary>Takes that a packet is being sent, so that missing feedback is noticed.</summary>
    public void HandleSent(Instant now) => _unansweredAt = Instant.Min(_unansweredAt, now);

    /// <summary>Takes what <see cref="SentPackets.Handle"/> made of a feedback message.</summary>
    public void HandleFeedback(ReadOnlySpan<PacketResult> results, Instant now)
    {
        _unansweredAt = Instant.Never;
        if (results.IsEmpty)
            return;

        foreach (ref readonly PacketResult result in results)
        {
            _loss.Handle(result);
            if (!result.Received)
                continue;

            _delivered.Handle(result.Arrival, result.Size);
            _detector.Handle(result.SentAt, result.Arrival);
        }

        double elapsed = _updated ? Math.Clamp((now - _updatedAt).TotalSeconds, 0, 1) : 0;
        _updated = true;
        _updatedAt = now;

        Control(elapsed, now);
        if (_loss.Update(_rate, now))
            _starting = false;
        SetTarget(elapsed);
    }

    /// <summary>Cuts the estimate when packets were sent and nothing has been heard of them for a second.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now < PollTimeout)
            return;

        _unansweredAt = now - s_feedbackMissing + s_missingInterval;
        _starting = false;
        _rate = Math.Max(_settings.Least, _rate * CutWithoutFeedback);
        State = BandwidthState.Decrease;
        SetTarget(0);
    }

    private void Control(double elapsed, Instant now)
    {
        switch (_detector.Usage)
        {
            case BandwidthUsage.Over:
                if (MayCut(now))
                    CutRate(now);
                else
                    State = BandwidthState.Hold;
                break;
            case BandwidthUsage.Under:
                State = BandwidthState.Hold;
                break;
            default:
                State = BandwidthState.Increase;
                Grow(elapsed, now);
                break;
        }
    }

    // One round trip must pass before a cut can show in the feedback.
    private bool MayCut(Instant now) =>
        now - _cutAt >= (_roundTrip < s_longestCutInterval ? _roundTrip : s_longestCutInterval)
        || _delivered.LatestBitRate < _rate / 2;

    private void CutRate(Instant now)
    {
        State = BandwidthState.Decrease;
        _starting = false;
        _cutAt = now;
        if (_delivered.LatestBitRate is not { } delivered)
        {
            _rate = Math.Max(_settings.Least, _rate * Cut);
            return;
        }

        bool other = _capacity is null || delivered < _capacity / NearCapacity || delivered > _capacity * NearCapacity;
        _capacity = other ? delivered : _capacity + (CapacitySmoothing * (delivered - _capacity));
        _rate = Math.Max(_settings.Least, Math.Min(_rate, Cut * delivered));
    }

    private void Grow(double elapsed, Instant now)
    {
        if (_delivered.BitRate is not { } delivered)
            return;

        if (delivered > _capacity * NearCapacity)
            _capacity = null;

        double limit = (BeyondDelivered * delivered) + BeyondDeliveredBits;
        double grown = _rate + (elapsed * GrowthPerSecond(now));
        _rate = Math.Min(_settings.Most, Math.Max(_rate, Math.Min(grown, limit)));
    }

    private double GrowthPerSecond(Instant now)
    {
        if (_starting)
            return StartGrowth * _rate;

        // One packet more for each time that it takes to hear of one.
        if (_rate < _capacity * NearCapacity && _rate > _capacity / (NearCapacity * NearCapacity))
            return PacketBits / (_roundTrip.TotalSeconds + 0.1);

        double calm = Math.Clamp((now - _cutAt - s_calm).TotalSeconds, 0, 60);
        return _rate * Math.Min(FastestGrowth, SlowestGrowth + (GrowthRamp * calm));
    }

    private void SetTarget(double elapsed)
    {
        double estimate = Math.Min(_rate, _loss.BitRate);
        _target = estimate < _target ? estimate : _target + ((estimate - _target) * Math.Min(1, elapsed / SecondsToRise));
    }
}
