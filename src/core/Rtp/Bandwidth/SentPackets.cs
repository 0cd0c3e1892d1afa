using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>What became of a packet that was sent.</summary>
/// <param name="Sequence">Its transport-wide number.</param>
/// <param name="SentAt">When it was sent.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Received">Whether it has come.</param>
/// <param name="Arrival">When it came, on the receiver's clock with an unknown zero; zero for one that has not come.</param>
/// <param name="WasLost">Whether an earlier result called it lost: it was only late.</param>
public readonly record struct PacketResult(SequenceNumber Sequence, Instant SentAt, int Size, bool Received, TimeSpan Arrival, bool WasLost);

/// <summary>Gives the packets of a transport their transport-wide numbers, and remembers them until feedback speaks of them.</summary>
public sealed class SentPackets
{
    private const long TicksPerArrival = 250 * TimeSpan.TicksPerMicrosecond;

    private readonly Sent[] _packets;
    private readonly PacketResult[] _results;
    private long _next;
    private bool _hasReference;
    private long _reference;

    /// <summary>Starts a transport.</summary>
    /// <param name="first">The number of the first packet.</param>
    /// <param name="packets">How many are remembered: a power of two up to 32,768. The default is 8 s of 500 packets/s.</param>
    /// <exception cref="ArgumentException">Another number of packets.</exception>
    public SentPackets(SequenceNumber first, int packets = 4_096)
    {
        if (!int.IsPow2(packets) || packets > 32_768)
            throw new ArgumentException("The number of packets must be a power of two up to 32,768.", nameof(packets));

        _next = 65_536L + first.Value;
        _packets = new Sent[packets];
        _results = new PacketResult[packets];
    }

    /// <summary>Packets that feedback spoke of and which are not known here: sent too long ago, or never.</summary>
    public long Unknown { get; private set; }

    /// <summary>The number that the next packet gets.</summary>
    public SequenceNumber Next => new((ushort)_next);

    /// <summary>Takes a packet that is being sent now.</summary>
    /// <param name="size">Its bytes on the wire.</param>
    /// <param name="now">The time.</param>
    /// <returns>The number to put into its header extension.</returns>
    public SequenceNumber Add(int size, Instant now)
    {
        SlotOf(_next) = new Sent { Sequence = _next, At = now, Size = size };
        return new SequenceNumber((ushort)_next++);
    }

    /// <summary>Takes feedback and tells what is new in it, each packet received once and called lost once at most.</summary>
    /// <returns>The results in the order of sending, valid until the next call.</returns>
    public ReadOnlySpan<PacketResult> Handle(TransportWideFeedback feedback)
    {
        // More than is remembered teaches nothing, and walking through it costs far more than its few bytes.
        if (feedback.Count > _packets.Length)
            return [];

        long newest = _next - 1;
        long sequence = newest + (feedback.First - new SequenceNumber((ushort)newest));
        long shift = ShiftOf(feedback.ReferenceTime);
        int count = 0;
        foreach (PacketStatus status in feedback)
        {
            ref Sent packet = ref SlotOf(sequence);
            bool known = packet.Sequence == sequence;
            sequence++;
            if (!known)
            {
                Unknown++;
                continue;
            }

            bool wasLost = packet.Lost;
            if (packet.Received || (wasLost && !status.Received))
                continue;

            packet.Received = status.Received;
            packet.Lost = !status.Received;
            var arrival = new TimeSpan(status.Received ? unchecked((status.Arrival + shift) * TicksPerArrival) : 0);
            _results[count++] = new PacketResult(status.Sequence, packet.At, packet.Size, status.Received, arrival, wasLost);
        }

        return _results.AsSpan(0, count);
    }

    private ref Sent SlotOf(long sequence) => ref _packets[sequence & (_packets.Length - 1)];

    // The reference time has 24 bits and wraps around after 12 days: counts it on.
    private long ShiftOf(int referenceTime)
    {
        int step = (int)((referenceTime - _reference) << 8) >> 8;
        _reference = _hasReference ? _reference + step : referenceTime;
        _hasReference = true;
        return (_reference - referenceTime) * TransportWideFeedback.ArrivalsPerReference;
    }

    private struct Sent
    {
        public long Sequence;
        public Instant At;
        public int Size;
        public bool Received;
        public bool Lost;
    }
}
