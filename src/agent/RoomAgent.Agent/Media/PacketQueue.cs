namespace RoomAgent.Agent.Media;

/// <summary>Packets that wait to be sent, first in, first out, in memory that is taken once.</summary>
internal sealed class PacketQueue(int packets, int largest)
{
    private readonly byte[] _bytes = new byte[packets * largest];
    private readonly Entry[] _entries = new Entry[packets];
    private int _first;

    /// <summary>What kind of packet waits.</summary>
    public enum Kind : byte
    {
        /// <summary>RTP, still to be numbered for its transport and protected.</summary>
        Rtp,

        /// <summary>RTCP, still to be protected.</summary>
        Rtcp,
    }

    public int Count { get; private set; }

    public int Free => packets - Count;

    /// <summary>Bytes that wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Room for the next packet; <see cref="Free"/> is not 0.</summary>
    public Span<byte> Reserve() => Slot(Last(Count));

    public void Commit(Kind kind, int length)
    {
        _entries[Last(Count)] = new Entry(kind, length);
        Count++;
        Waiting += length;
    }

    /// <summary>The packet that has waited longest, valid until it is taken away and the queue is full again.</summary>
    public ReadOnlySpan<byte> Peek(out Kind kind)
    {
        kind = _entries[_first].Kind;
        return Slot(_first)[.._entries[_first].Length];
    }

    public void Take()
    {
        Waiting -= _entries[_first].Length;
        _first = (_first + 1) % packets;
        Count--;
    }

    public void Clear()
    {
        Count = 0;
        Waiting = 0;
    }

    private int Last(int count) => (_first + count) % packets;

    private Span<byte> Slot(int index) => _bytes.AsSpan(index * largest, largest);

    private readonly record struct Entry(Kind Kind, int Length);
}
