using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>When missing packets are asked for.</summary>
public sealed record NackSettings
{
    /// <summary>So many packets behind a missing one show that it is lost and not only overtaken.</summary>
    public int Reordering { get; init; } = 3;

    /// <summary>So long after a gap was seen the missing packet counts as lost, however few came behind it.</summary>
    public TimeSpan ReorderingWait { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How often one packet is asked for at most.</summary>
    public int Tries { get; init; } = 10;

    /// <summary>A packet that could come only later than this after its gap was seen is not asked for any more.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many packets may be missing at a time; the oldest are given up.</summary>
    public int Capacity { get; init; } = 500;
}

/// <summary>Decides which packets of one stream to ask for again by a generic NACK (RFC 4585 section 6.2.1), and when.</summary>
/// <remarks>Tell it of every packet, of retransmissions by their original number too; then poll.</remarks>
public sealed class NackGenerator
{
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestRoundTrip = TimeSpan.FromSeconds(10);

    private readonly NackSettings _settings;
    private readonly Missing[] _missing;
    private int _count;
    private SourceSequence _sequence = new(SourceSequence.LargestDropout);
    private TimeSpan _roundTrip = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts with nothing missing and a round-trip time of 100 ms.</summary>
    public NackGenerator(NackSettings? settings = null)
    {
        _settings = settings ?? new NackSettings();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_settings.Capacity, nameof(settings));
        _missing = new Missing[_settings.Capacity];
    }

    /// <summary>Packets missing now.</summary>
    public int Count => _count;

    /// <summary>Requests made, each for one packet.</summary>
    public long Requested { get; private set; }

    /// <summary>Packets that came after they were asked for.</summary>
    public long Repaired { get; private set; }

    /// <summary>Packets that came late without being asked for.</summary>
    public long Reordered { get; private set; }

    /// <summary>Packets given up: asked for too often, too old, too many, or useless since a key frame came.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Takes the number of a packet that has come.</summary>
    public void Handle(SequenceNumber sequence, Instant now)
    {
        bool first = _sequence.Newest < 0;
        long newest = _sequence.Newest;
        switch (_sequence.Handle(sequence, out long extended))
        {
            case SequenceVerdict.Suspect:
                return;
            case SequenceVerdict.Restarted:
                GiveUp(_count);
                return;
        }

        if (extended > newest)
            Note(first ? extended : newest + 1, extended, now);
        else
            Arrive(extended);
    }

    /// <summary>Takes the round-trip time, which is the time between two requests for the same packet.</summary>
    public void HandleRoundTrip(TimeSpan roundTrip) =>
        _roundTrip = new TimeSpan(Math.Clamp(roundTrip.Ticks, 0, s_longestRoundTrip.Ticks));

    /// <summary>Gives up all packets before <paramref name="sequence"/>: a key frame begins there, or they are past their playout.</summary>
    public void ForgetBefore(SequenceNumber sequence)
    {
        if (_sequence.Newest < 0)
            return;

        long limit = _sequence.Extend(sequence);
        int useless = 0;
        while (useless < _count && _missing[useless].Sequence < limit)
            useless++;
        GiveUp(useless);
    }

    /// <summary>The packets to ask for now, in their order. Poll again while it gives some.</summary>
    /// <param name="now">The time.</param>
    /// <param name="sequences">Takes the numbers, as many as fit.</param>
    /// <param name="count">How many there are.</param>
    public bool TryPoll(Instant now, Span<SequenceNumber> sequences, out int count)
    {
        count = 0;
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            ref Missing missing = ref _missing[i];
            if (IsHopeless(missing, now))
            {
                GivenUp++;
                continue;
            }

            if (count < sequences.Length && now >= DueAt(missing))
            {
                sequences[count++] = new SequenceNumber((ushort)missing.Sequence);
                missing.Tries++;
                missing.NextAt = now + Interval;
                Requested++;
            }

            _missing[kept++] = missing;
        }

        _count = kept;
        return count > 0;
    }

    /// <summary>When the next request is due; a moment that may have passed.</summary>
    public Instant PollTimeout
    {
        get
        {
            Instant next = Instant.Never;
            for (int i = 0; i < _count; i++)
                next = Instant.Min(next, DueAt(_missing[i]));
            return next;
        }
    }

    private TimeSpan Interval => TimeSpan.FromTicks(Math.Max((_roundTrip + _settings.ReorderingWait).Ticks, s_shortestInterval.Ticks));

    private Instant DueAt(in Missing missing) =>
        missing.Tries == 0 && _sequence.Newest - missing.Sequence >= _settings.Reordering ? missing.SeenAt : missing.NextAt;

    // Whoever asks now gets an answer one round trip later. A packet that was asked for often enough is waited for as long.
    private bool IsHopeless(in Missing missing, Instant now)
    {
        Instant last = missing.SeenAt + _settings.LongestWait;
        return now > last
            || (now >= DueAt(missing) && (missing.Tries >= _settings.Tries || (missing.Tries > 0 && now + _roundTrip > last)));
    }

    private void Note(long start, long end, Instant now)
    {
        long gap = end - start;
        if (gap > _missing.Length)
        {
            // So wide a gap only a key frame can bridge.
            GiveUp(_count);
            GivenUp += gap;
            return;
        }

        GiveUp((int)Math.Max(0, _count + gap - _missing.Length));
        for (long sequence = start; sequence < end; sequence++)
            _missing[_count++] = new Missing { Sequence = sequence, SeenAt = now, NextAt = now + _settings.ReorderingWait };
    }

    private void Arrive(long sequence)
    {
        int index = Find(sequence);
        if (index < 0)
            return;

        if (_missing[index].Tries > 0)
            Repaired++;
        else
            Reordered++;

        _count--;
        Array.Copy(_missing, index + 1, _missing, index, _count - index);
    }

    private int Find(long sequence)
    {
        int low = 0;
        int high = _count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            long found = _missing[middle].Sequence;
            if (found == sequence)
                return middle;

            if (found < sequence)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return -1;
    }

    private void GiveUp(int oldest)
    {
        GivenUp += oldest;
        _count -= oldest;
        Array.Copy(_missing, oldest, _missing, 0, _count);
    }

    private struct Missing
    {
        public long Sequence;
        public Instant SeenAt;
        public Instant NextAt;
        public int Tries;
    }
}
