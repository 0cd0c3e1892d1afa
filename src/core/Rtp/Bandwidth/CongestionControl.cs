using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>
/// One end of one transport: numbers what goes out, reports what comes in, and learns from the other end's reports how much the way out bears.
/// </summary>
/// <remarks>All streams of a transport share one. Allocates nothing per packet. One caller at a time.</remarks>
public sealed class CongestionControl
{
    /// <summary>Bytes of the largest packet that <see cref="WriteFeedback"/> appends.</summary>
    public const int LargestFeedbackPacket = 12 + LargestFeedback;

    // Smaller than a datagram together with the reports before it; a longer history goes into the next one.
    private const int LargestFeedback = 512;

    // At 20 Mbit/s half a second; what is reported later teaches nothing any more.
    private const int RememberedPackets = 1_024;

    private readonly SentPackets _sent = new(new SequenceNumber(1), RememberedPackets);
    private readonly FeedbackRecorder _arrivals = new(RememberedPackets);
    private readonly BandwidthSettings _settings;
    private BandwidthEstimator _estimator;

    /// <summary>Begins with nothing sent or received.</summary>
    /// <param name="settings">The limits of the estimate.</param>
    public CongestionControl(BandwidthSettings settings)
    {
        _settings = settings;
        _estimator = new BandwidthEstimator(settings);
    }

    /// <summary>Bits a second that the way out bears.</summary>
    public int Estimate => _estimator.Target;

    /// <summary>Whether the estimate rises, holds or falls.</summary>
    public BandwidthState State => _estimator.State;

    /// <summary>The part of the packets sent lately that did not arrive: 0 to 1.</summary>
    public double Loss => _estimator.Loss;

    /// <summary>The number that the next packet carries. It is used up by <see cref="HandleSent"/>, so that a packet that is not sent after all does not seem lost.</summary>
    public SequenceNumber Next => _sent.Next;

    /// <summary>When the newest of the packets that the other end has reported as arrived was sent; the beginning of time before the first.</summary>
    public Instant NewestArrived { get; private set; } = new(long.MinValue);

    /// <summary>Takes notice of a packet that is being sent.</summary>
    /// <param name="length">Bytes of the whole datagram.</param>
    /// <param name="now">The time.</param>
    /// <returns>The number that it carries.</returns>
    public SequenceNumber HandleSent(int length, Instant now)
    {
        _estimator.HandleSent(now);
        return _sent.Add(length, now);
    }

    /// <summary>Takes notice of a packet that arrived with <paramref name="number"/>, <paramref name="length"/> bytes long.</summary>
    public void HandleArrival(SequenceNumber number, int length, Instant now) => _arrivals.Handle(number, length, now);

    /// <summary>What goes out takes another way from now on: what was learned of the one before does not hold for it, and the estimate begins anew.</summary>
    public void HandleNewPath() => _estimator = new BandwidthEstimator(_settings);

    /// <summary>Takes the time to the other end and back.</summary>
    public void HandleRoundTrip(TimeSpan roundTrip) => _estimator.HandleRoundTrip(roundTrip);

    /// <summary>Takes a report of the other end: the FCI of an RTPFB packet of format 15.</summary>
    /// <returns><see langword="false"/> when it cannot be read; nothing has changed then.</returns>
    public bool HandleFeedback(ReadOnlySpan<byte> control, Instant now)
    {
        if (!TransportWideFeedback.TryRead(control, out TransportWideFeedback feedback))
            return false;

        ReadOnlySpan<PacketResult> results = _sent.Handle(feedback);
        foreach (PacketResult result in results)
        {
            if (result.Received && result.SentAt > NewestArrived)
                NewestArrived = result.SentAt;
        }

        _estimator.HandleFeedback(results, now);
        return true;
    }

    /// <summary>Does what is due when the other end falls silent. A few times a second is enough.</summary>
    public void HandleTimeout(Instant now) => _estimator.HandleTimeout(now);

    /// <summary>Adds the report that is due, if one is.</summary>
    /// <param name="self">Who reports.</param>
    /// <param name="now">The time.</param>
    /// <param name="writer">The compound packet. Where less than <see cref="LargestFeedbackPacket"/> is free, a report may be lost.</param>
    public void WriteFeedback(Ssrc self, Instant now, ref RtcpWriter writer)
    {
        Span<byte> control = stackalloc byte[LargestFeedback];
        if (_arrivals.TryPoll(now, control, out int length))
            writer.WriteTransportFeedback(self, default, control[..length]);
    }
}
