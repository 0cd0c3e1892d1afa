using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>What a timestamp means for the clock of its stream.</summary>
internal enum Placement
{
    /// <summary>It fits.</summary>
    Placed,

    /// <summary>It lies far away from the stream: it may be a stray.</summary>
    Refused,

    /// <summary>The stream's clock has jumped; the clock begins anew with this timestamp.</summary>
    Jumped,
}

/// <summary>Knows the clock of a stream and how long to hold what arrives.</summary>
/// <remarks>
/// <para>
/// Transit is arrival minus media time, off by an unknown constant. Its floor, the least of the last 10 seconds, stands for a packet that waited nowhere;
/// it follows a clock that drifts. What a packet needs beyond the floor is its relative delay, and those go into a histogram that forgets.
/// The target is the delay that covers the wanted share of them. It grows at once, also for a single late packet, and shrinks slowly.
/// </para>
/// <para>All times here are in units of 100 ns; media time counts from the first timestamp.</para>
/// </remarks>
internal sealed class PlayoutDelay
{
    private const long Millisecond = TimeSpan.TicksPerMillisecond;
    private const long Second = TimeSpan.TicksPerSecond;

    private const long BucketWidth = 5 * Millisecond;
    private const int Buckets = 401;
    private const int FloorSeconds = 10;
    private const double Forgetting = 0.9993;

    // Media time that comes so much too early, or too late beyond the longest delay, is another clock.
    private const long EarlyJump = Second;
    private const long LateJump = 3 * Second;
    private const long Silence = Second;
    private const int LateInARow = 5;

    private const long SlowestShrink = 10 * Millisecond;
    private const double ShrinkPerSecond = 0.2;

    // A stream with more gaps than one in a hundred packets or frames is worth waiting for repairs; one alone stops the picture for a moment.
    private const double LossWorthWaiting = 0.01;
    private const double LossSmoothing = 1 / 256.0;
    private const long RepairSlack = 10 * Millisecond;

    private readonly int _clockRate;
    private readonly double[] _weights = new double[Buckets];
    private readonly long[] _floors = new long[FloorSeconds];
    private double _weight = 1;
    private double _total;

    private DelayProfile _profile;
    private long _target;
    private long _counted;
    private bool _adapted;
    private Instant _adaptedAt;

    private bool _started;
    private RtpTimestamp _newest;
    private long _newestClock;
    private Instant _handledAt;
    private int _lateInARow;
    private long _floor;
    private long _floorSecond;

    private long _roundTrip = 100 * Millisecond;
    private double _loss;

    public PlayoutDelay(int clockRate, DelayProfile profile)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clockRate);

        _clockRate = clockRate;
        _profile = profile;
        _target = _counted = profile.Start.Ticks;
    }

    /// <summary>The limits; other ones count from now on.</summary>
    public DelayProfile Profile
    {
        get => _profile;
        set
        {
            _profile = value;
            SetTarget(Math.Clamp(Math.Max(_target, Math.Min(value.Start.Ticks, Wanted())), value.Shortest.Ticks, value.Longest.Ticks));
        }
    }

    /// <summary>What is added to the target, for lip synchronisation.</summary>
    public long Extra { get; set; }

    /// <summary>How long the floor's packet is held: target, wait for repairs, and extra.</summary>
    public long Hold => Math.Min(_target + (_loss > LossWorthWaiting ? RepairWait : 0), _profile.Longest.Ticks) + Extra;

    /// <summary>How long a repair takes from the packet that shows the gap; zero when waiting would not help.</summary>
    public long RepairWait => RepairWaitFor(requests: 1);

    /// <summary>How long a gap is waited for: for a second request too, when there is time for it, and always for a packet that was only overtaken.</summary>
    public long LongestRepairWait => Math.Max(Math.Max(RepairSlack, RepairWait), RepairWaitFor(requests: 2));

    /// <summary>How often the target changed by 5 ms or more.</summary>
    public long Adaptations { get; private set; }

    public void HandleRoundTrip(TimeSpan roundTrip) => _roundTrip = Math.Clamp(roundTrip.Ticks, 0, 10 * Second);

    /// <summary>Counts a gap: packets were missing when the next one came.</summary>
    public void HandleGap() => _loss += (1 - _loss) * LossSmoothing;

    /// <summary>Finds the media time of a packet.</summary>
    public Placement Place(RtpTimestamp timestamp, Instant now, out long media)
    {
        if (!_started)
        {
            Restart(timestamp, now);
            media = 0;
            return Placement.Placed;
        }

        bool afterSilence = (now - _handledAt).Ticks > Silence;
        _handledAt = now;

        long clock = _newestClock + (timestamp - _newest);
        media = ToTicks(clock);
        long late = now.Ticks - media - _floor;
        bool tooEarly = late < -EarlyJump;
        bool tooLate = late > _profile.Longest.Ticks + LateJump;
        if (tooLate && !afterSilence && ++_lateInARow < LateInARow)
            return Placement.Refused;

        if (tooEarly || tooLate)
        {
            Restart(timestamp, now);
            media = 0;
            return Placement.Jumped;
        }

        _lateInARow = 0;
        if (clock > _newestClock)
        {
            _newestClock = clock;
            _newest = timestamp;
        }

        return Placement.Placed;
    }

    /// <summary>Learns from what has come whole now: an audio packet or the last packet of a frame. Repaired ones teach nothing.</summary>
    public void Observe(long media, Instant now)
    {
        long transit = now.Ticks - media;
        UpdateFloor(transit, now);
        _loss *= 1 - LossSmoothing;

        long delay = Math.Max(0, transit - _floor);
        _weights[Math.Min(delay / BucketWidth, Buckets - 1)] += _weight;
        _total += _weight;
        _weight /= Forgetting;
        if (_weight > 1e100)
            Rescale();

        Adapt(delay, now);
    }

    /// <summary>When a frame shall be played; never later than the longest delay after it came, whatever its timestamp says.</summary>
    public Instant Due(long media, Instant arrival) =>
        Instant.Min(new Instant(_floor + media + Hold), arrival + new TimeSpan(_profile.Longest.Ticks + Extra));

    /// <summary>How long after its earliest possible arrival a frame is played when it is played now.</summary>
    public long DelayAt(Instant now, long media) => now.Ticks - _floor - media;

    /// <summary>Forgets the clock; the delays stay, being those of the network.</summary>
    public void Restart() => _started = false;

    private void Restart(RtpTimestamp timestamp, Instant now)
    {
        _started = true;
        _handledAt = now;
        _lateInARow = 0;
        _newest = timestamp;
        _newestClock = 0;
        _floor = now.Ticks;
        _floorSecond = now.Ticks / Second;
        Array.Fill(_floors, long.MaxValue);
    }

    private void UpdateFloor(long transit, Instant now)
    {
        long second = now.Ticks / Second;
        for (long next = Math.Max(_floorSecond + 1, second - FloorSeconds + 1); next <= second; next++)
            _floors[Index(next)] = long.MaxValue;
        _floorSecond = Math.Max(_floorSecond, second);

        ref long least = ref _floors[Index(_floorSecond)];
        least = Math.Min(least, transit);
        _floor = long.MaxValue;
        foreach (long floor in _floors)
            _floor = Math.Min(_floor, floor);
    }

    private long RepairWaitFor(int requests)
    {
        long wait = (requests * (_roundTrip + RepairSlack)) + (_roundTrip / 4) + RepairSlack;
        return wait <= _profile.LongestRepair.Ticks ? wait : 0;
    }

    private static int Index(long second) => (int)((ulong)second % FloorSeconds);

    private void Adapt(long delay, Instant now)
    {
        long wanted = Wanted();
        long longest = _profile.Longest.Ticks;
        double elapsed = _adapted ? Math.Clamp((now - _adaptedAt).TotalSeconds, 0, 1) : 0;
        _adapted = true;
        _adaptedAt = now;

        if (wanted > _target || delay > _target)
        {
            SetTarget(Math.Min(longest, Math.Max(wanted, delay + BucketWidth)));
            return;
        }

        double step = Math.Max(SlowestShrink, (_target - wanted) * ShrinkPerSecond) * elapsed;
        SetTarget(Math.Max(wanted, _target - (long)step));
    }

    private void SetTarget(long target)
    {
        _target = target;
        if (Math.Abs(_target - _counted) < BucketWidth)
            return;

        _counted = _target;
        Adaptations++;
    }

    // The upper edge of the bucket that completes the wanted share, and the margin.
    private long Wanted()
    {
        double enough = _total * _profile.Coverage;
        double sum = 0;
        int bucket = 0;
        while (bucket < Buckets - 1 && (sum += _weights[bucket]) < enough)
            bucket++;

        return Math.Clamp(((bucket + 1) * BucketWidth) + _profile.Margin.Ticks, _profile.Shortest.Ticks, _profile.Longest.Ticks);
    }

    private void Rescale()
    {
        foreach (ref double weight in _weights.AsSpan())
            weight /= _weight;
        _total /= _weight;
        _weight = 1;
    }

    // In two steps: the product would overflow after some weeks.
    private long ToTicks(long clock)
    {
        (long seconds, long rest) = Math.DivRem(clock, _clockRate);
        return (seconds * Second) + (rest * Second / _clockRate);
    }
}
