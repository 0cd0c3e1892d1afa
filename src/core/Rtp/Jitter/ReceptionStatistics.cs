using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>What a report block says about one source (RFC 3550 section 6.4.1), each value as it travels.</summary>
/// <param name="FractionLost">Packets lost since the report before, in 1/256 of those expected.</param>
/// <param name="CumulativeLost">Packets lost since the beginning: -2^23 to 2^23 - 1, negative when more came twice than got lost.</param>
/// <param name="HighestSequence">The highest number received, extended by the count of its cycles.</param>
/// <param name="Jitter">The interarrival jitter in ticks of the media clock.</param>
/// <param name="LastSenderReport">LSR: the middle 32 bits of the NTP time in the last sender report; 0 before the first.</param>
/// <param name="DelaySinceLastSenderReport">DLSR: how long ago that report came, in 1/65,536 s; 0 before the first.</param>
public readonly record struct ReceptionReport(
    byte FractionLost, int CumulativeLost, uint HighestSequence, uint Jitter, uint LastSenderReport, uint DelaySinceLastSenderReport);

/// <summary>Counts what arrives from one source, by RFC 3550 appendices A.1, A.3 and A.8.</summary>
/// <remarks>Retransmissions (RFC 4588) belong to a stream of their own and are not given here.</remarks>
/// <param name="clockRate">Ticks of the media clock in a second: 48,000 for Opus, 90,000 for video.</param>
public sealed class ReceptionStatistics(int clockRate)
{
    // MIN_SEQUENTIAL: so many in a row make a source valid.
    private const int Probation = 2;
    private const int LargestCumulativeLoss = (1 << 23) - 1;

    private SourceSequence _sequence = new(SourceSequence.LargestMisorder);
    private int _probation = Probation;
    private SequenceNumber _before;
    private long _first;
    private long _received;
    private long _expectedBefore;
    private long _receivedBefore;

    private bool _hasTransit;
    private uint _transit;
    private long _jitterTimes16;

    private uint _lastReport;
    private Instant _lastReportAt;

    /// <summary>Whether two packets in a row have come, so that there is something to report.</summary>
    public bool IsValid => _probation == 0;

    /// <summary>Packets counted since the beginning or the last restart, duplicates too.</summary>
    public long Received => _received;

    /// <summary>How often the source began anew with other numbers. The counts then begin anew too.</summary>
    public int Restarts { get; private set; }

    /// <summary>Packets whose number lay far away from the stream.</summary>
    public long Strays { get; private set; }

    /// <summary>Takes a packet that has come and is authentic.</summary>
    /// <returns><see langword="false"/> for a packet of a source on probation and for one whose number lies far away: those are not counted.</returns>
    public bool Handle(SequenceNumber sequence, RtpTimestamp timestamp, Instant now)
    {
        if (!IsValid && !PassesProbation(sequence))
            return false;

        switch (_sequence.Handle(sequence, out long extended))
        {
            case SequenceVerdict.Suspect:
                Strays++;
                return false;
            case SequenceVerdict.Restarted:
                Restarts++;
                BeginAt(extended);
                break;
        }

        _received++;
        MeasureJitter(timestamp, now);
        return true;
    }

    /// <summary>Takes the NTP time of a sender report of the source (RFC 3550 section 6.4.1).</summary>
    /// <param name="ntpTime">Seconds since 1900 in 1/2^32.</param>
    /// <param name="now">When it came.</param>
    public void HandleSenderReport(ulong ntpTime, Instant now)
    {
        _lastReport = MiddleOf(ntpTime);
        _lastReportAt = now;
    }

    /// <summary>The values of the next report block. The fraction lost counts from one call to the next.</summary>
    /// <returns><see langword="false"/> while the source is not valid.</returns>
    public bool TryReport(Instant now, out ReceptionReport report)
    {
        report = default;
        if (!IsValid)
            return false;

        // Appendix A.3.
        long expected = _sequence.Newest - _first + 1;
        long expectedInterval = expected - _expectedBefore;
        long lostInterval = expectedInterval - (_received - _receivedBefore);
        _expectedBefore = expected;
        _receivedBefore = _received;

        uint delay = _lastReport == 0 ? 0 : (uint)Math.Clamp((now - _lastReportAt).Ticks / (double)TimeSpan.TicksPerSecond * 65_536, 0, uint.MaxValue);
        report = new ReceptionReport(
            expectedInterval <= 0 || lostInterval <= 0 ? (byte)0 : (byte)Math.Min((lostInterval << 8) / expectedInterval, 255),
            (int)Math.Clamp(expected - _received, -LargestCumulativeLoss - 1, LargestCumulativeLoss),
            (uint)(_sequence.Newest - (_first & ~0xffffL)),
            (uint)Math.Min(_jitterTimes16 >> 4, uint.MaxValue),
            _lastReport,
            delay);
        return true;
    }

    /// <summary>The round-trip time that a report block about a stream of ours shows (RFC 3550 section 6.4.1).</summary>
    /// <param name="lastSenderReport">LSR of the block.</param>
    /// <param name="delaySinceLastSenderReport">DLSR of the block.</param>
    /// <param name="ntpNow">The time now on the clock of our own sender reports.</param>
    /// <param name="roundTrip">The time, at least zero.</param>
    /// <returns><see langword="false"/> when the other side has seen no report of ours, or when its numbers give a negative or an absurd time.</returns>
    public static bool TryRoundTrip(uint lastSenderReport, uint delaySinceLastSenderReport, ulong ntpNow, out TimeSpan roundTrip)
    {
        // Both sides round to 1/65,536 s, so that a short trip may come out a little below nothing.
        const int Rounding = 65_536 / 100;
        const int Longest = 60 * 65_536;

        int units = (int)(MiddleOf(ntpNow) - lastSenderReport - delaySinceLastSenderReport);
        roundTrip = new TimeSpan(Math.Max(0, units) * TimeSpan.TicksPerSecond / 65_536);
        return lastSenderReport != 0 && units is >= -Rounding and <= Longest;
    }

    private static uint MiddleOf(ulong ntpTime) => (uint)(ntpTime >> 16);

    private bool PassesProbation(SequenceNumber sequence)
    {
        bool follows = _probation < Probation && sequence == _before.Next;
        _before = sequence;
        _probation = follows ? _probation - 1 : Probation - 1;
        if (_probation > 0)
            return false;

        BeginAt(65_536L + sequence.Value);
        return true;
    }

    private void BeginAt(long extended)
    {
        _first = extended;
        _received = 0;
        _expectedBefore = 0;
        _receivedBefore = 0;
        _hasTransit = false;
    }

    // Appendix A.8: in ticks of the media clock, with the jitter kept times 16.
    private void MeasureJitter(RtpTimestamp timestamp, Instant now)
    {
        (long seconds, long ticks) = Math.DivRem(now.Ticks, TimeSpan.TicksPerSecond);
        uint arrival = unchecked((uint)((seconds * clockRate) + (ticks * clockRate / TimeSpan.TicksPerSecond)));
        uint transit = arrival - timestamp.Value;
        long difference = Math.Abs((long)(int)(transit - _transit));
        if (_hasTransit)
            _jitterTimes16 += difference - ((_jitterTimes16 + 8) >> 4);

        _hasTransit = true;
        _transit = transit;
    }
}
