using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>What a jitter buffer keeps of each packet.</summary>
internal struct HeldPacket
{
    public long Sequence;
    public long Media;
    public Instant Arrival;
    public RtpTimestamp Timestamp;
    public int Length;
    public bool Held;
    public bool Starts;
    public bool Ends;
    public bool Repaired;
    public bool? KeyFrame;
}

/// <summary>Packets by extended sequence number in a fixed memory. Each has a slot, the next packet for the slot takes its place.</summary>
internal sealed class PacketRing
{
    private readonly HeldPacket[] _packets;
    private readonly byte[] _payloads;

    public PacketRing(int packets, int largestPayload)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(packets);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largestPayload);
        if (!int.IsPow2(packets))
            throw new ArgumentException("The number of packets must be a power of two.", nameof(packets));

        _packets = new HeldPacket[packets];
        LargestPayload = largestPayload;
        _payloads = new byte[packets * largestPayload];
        Clear();
    }

    public int Capacity => _packets.Length;

    public int LargestPayload { get; }

    /// <summary>How many are held.</summary>
    public int Count { get; private set; }

    public bool Holds(long sequence) => this[sequence].Held && this[sequence].Sequence == sequence;

    /// <summary>Whether the slot last served this packet, be it held or given out.</summary>
    public bool Knows(long sequence) => this[sequence].Sequence == sequence;

    public ref readonly HeldPacket this[long sequence] => ref _packets[SlotOf(sequence)];

    public ReadOnlySpan<byte> PayloadOf(long sequence) =>
        _payloads.AsSpan(SlotOf(sequence) * LargestPayload, this[sequence].Length);

    public void Store(in HeldPacket packet, ReadOnlySpan<byte> payload)
    {
        ref HeldPacket slot = ref _packets[SlotOf(packet.Sequence)];
        Count += slot.Held ? 0 : 1;
        slot = packet;
        slot.Held = true;
        slot.Length = payload.Length;
        payload.CopyTo(_payloads.AsSpan(SlotOf(packet.Sequence) * LargestPayload));
    }

    /// <summary>Lets go of a packet; its payload stays readable until another takes the slot.</summary>
    public bool Release(long sequence)
    {
        if (!Holds(sequence))
            return false;

        _packets[SlotOf(sequence)].Held = false;
        Count--;
        return true;
    }

    public void Clear()
    {
        foreach (ref HeldPacket packet in _packets.AsSpan())
            packet = new HeldPacket { Sequence = -1 };
        Count = 0;
    }

    /// <summary>The first held packet from <paramref name="start"/> up to <paramref name="end"/>; -1 when there is none.</summary>
    public long FirstHeld(long start, long end)
    {
        for (long sequence = start; Count > 0 && sequence <= end; sequence++)
        {
            if (Holds(sequence))
                return sequence;
        }

        return -1;
    }

    /// <summary>The whole frame that starts with a packet, when all of it is held.</summary>
    public bool TryFrameAt(long start, out VideoFrame frame)
    {
        frame = default;
        if (!Holds(start) || !this[start].Starts)
            return false;

        ref readonly HeldPacket first = ref this[start];
        int length = 0;
        bool repaired = false;
        Instant arrival = first.Arrival;
        for (long sequence = start; Holds(sequence); sequence++)
        {
            ref readonly HeldPacket packet = ref this[sequence];
            if (sequence > start && !Continues(sequence, first.Timestamp))
                return false;

            length += packet.Length;
            repaired |= packet.Repaired;
            arrival = packet.Arrival > arrival ? packet.Arrival : arrival;
            if (!packet.Ends)
                continue;

            frame = new VideoFrame
            {
                Start = start, Packets = (int)(sequence - start) + 1, Timestamp = first.Timestamp, Media = first.Media,
                Arrival = arrival, Length = length, KeyFrame = first.KeyFrame, Repaired = repaired,
            };
            return true;
        }

        return false;
    }

    /// <summary>Whether a packet may belong to the frame with this timestamp, which started before it.</summary>
    public bool Continues(long sequence, RtpTimestamp timestamp) =>
        !this[sequence].Starts && this[sequence].Timestamp == timestamp;

    private int SlotOf(long sequence) => (int)(sequence & (_packets.Length - 1));
}
