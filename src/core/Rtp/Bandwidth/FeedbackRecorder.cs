using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>Writes down when packets with transport-wide numbers arrive, and reports it to their sender every 50 to 100 ms.</summary>
/// <remarks>All streams of a transport share the numbers. A packet that comes after it was reported missing is reported again, with those behind it.</remarks>
public sealed class FeedbackRecorder
{
    private const int Misorder = 2_000;
    private const long TicksPerArrival = 250 * TimeSpan.TicksPerMicrosecond;

    // The reports shall take a twentieth of what they report on.
    private const double Share = 0.05;
    private const int BitsOfReport = 8 * 68;
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromMilliseconds(100);

    private readonly (long Sequence, long Arrival)[] _packets;
    private readonly long[] _arrivals;
    private SourceSequence _sequence = new(Misorder);
    private bool _pending;
    private long _start;
    private byte _feedbackCount;

    private Instant _reportAt = Instant.Never;
    private TimeSpan _interval = s_longestInterval;
    private long _bytes;
    private Instant _bytesSince;

    /// <summary>Starts with no packet.</summary>
    /// <param name="packets">How many packets one report may speak of and how late one may come: a power of two. The default is 8 s of 500 packets/s.</param>
    /// <exception cref="ArgumentException">Another number of packets.</exception>
    public FeedbackRecorder(int packets = 4_096)
    {
        if (!int.IsPow2(packets))
            throw new ArgumentException("The number of packets must be a power of two.", nameof(packets));

        _packets = new (long, long)[packets];
        _arrivals = new long[packets];
        Array.Fill(_packets, (-1, 0));
    }

    /// <summary>Packets taken, those that came twice not.</summary>
    public long Received { get; private set; }

    /// <summary>Packets whose number lay far away, or which came too late to be reported.</summary>
    public long Strays { get; private set; }

    /// <summary>How long from one report to the next: 50 to 100 ms.</summary>
    public TimeSpan Interval => _interval;

    /// <summary>Takes a packet that has come and is authentic.</summary>
    /// <param name="sequence">Its transport-wide number.</param>
    /// <param name="size">Bytes of the packet.</param>
    /// <param name="now">When it came.</param>
    public void Handle(SequenceNumber sequence, int size, Instant now)
    {
        bool first = _sequence.Newest < 0;
        SequenceVerdict verdict = _sequence.Handle(sequence, out long extended);
        if (verdict == SequenceVerdict.Suspect || extended <= _sequence.Newest - _packets.Length)
        {
            Strays++;
            return;
        }

        ref (long Sequence, long Arrival) slot = ref SlotOf(extended);
        if (slot.Sequence == extended)
            return;

        slot = (extended, now.Ticks / TicksPerArrival);
        Received++;
        _bytes += size;
        if (first || verdict == SequenceVerdict.Restarted || extended < _start)
            _start = extended;

        _start = Math.Max(_start, _sequence.Newest - _packets.Length + 1);
        if (_pending)
            return;

        _pending = true;
        if (first)
            _bytesSince = now;
        if (_reportAt == Instant.Never || _reportAt < now)
            _reportAt = first ? now + _interval : now;
    }

    /// <summary>When the next report is due.</summary>
    public Instant PollTimeout => _pending ? _reportAt : Instant.Never;

    /// <summary>The next report, when one is due. Poll again while there is one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="information">Takes the feedback control information for an RTPFB packet with the format <see cref="TransportWideFeedback.Format"/>.</param>
    /// <param name="length">Bytes of it.</param>
    /// <exception cref="ArgumentException"><paramref name="information"/> has fewer bytes than <see cref="TransportWideFeedbackWriter.ShortestLength"/>.</exception>
    public bool TryPoll(Instant now, Span<byte> information, out int length)
    {
        length = 0;
        if (now < PollTimeout)
            return false;

        int told = Write(information, out length);
        _start += told;
        if (_start > _sequence.Newest)
        {
            _pending = false;
            Schedule(now);
        }

        _feedbackCount++;
        return true;
    }

    private int Write(Span<byte> information, out int length)
    {
        int count = 0;
        for (long sequence = _start; sequence <= _sequence.Newest; sequence++)
        {
            (long holder, long arrival) = SlotOf(sequence);
            _arrivals[count++] = holder == sequence ? arrival : TransportWideFeedbackWriter.NotReceived;
        }

        ReadOnlySpan<long> arrivals = _arrivals.AsSpan(0, count);
        int told = TransportWideFeedbackWriter.Write(new SequenceNumber((ushort)_start), arrivals, _feedbackCount, information, out length);
        if (told > 0)
            return told;

        // More are missing than fit: their sender will see from the first number that nobody speaks of them any more.
        int missing = arrivals.IndexOfAnyExcept(TransportWideFeedbackWriter.NotReceived);
        return missing + TransportWideFeedbackWriter.Write(
            new SequenceNumber((ushort)(_start + missing)), arrivals[missing..], _feedbackCount, information, out length);
    }

    private ref (long Sequence, long Arrival) SlotOf(long sequence) => ref _packets[sequence & (_packets.Length - 1)];

    private void Schedule(Instant now)
    {
        double seconds = (now - _bytesSince).TotalSeconds;
        double bitRate = seconds > 0 ? 8 * _bytes / seconds : 0;
        double wanted = BitsOfReport / Math.Max(1, Share * bitRate);
        _interval = TimeSpan.FromSeconds(Math.Clamp(wanted, s_shortestInterval.TotalSeconds, s_longestInterval.TotalSeconds));
        _reportAt = now + _interval;
        _bytes = 0;
        _bytesSince = now;
    }
}
