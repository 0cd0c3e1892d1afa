using RoomAgent.Wire;

namespace RoomAgent.Media.Tests.Simulated;

/// <summary>What a network does to datagrams that go one way.</summary>
internal sealed record LinkQuality
{
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Up to so much more, evenly drawn: enough of it brings packets out of order.</summary>
    public TimeSpan Jitter { get; init; }

    public double Loss { get; init; }

    public double Duplicates { get; init; }

    /// <summary>Bits a second, with a queue of 300 ms; 0 for as many as come.</summary>
    public int BitRate { get; init; }
}

/// <summary>One direction of a network.</summary>
internal sealed class Link(VirtualTime time, Random random, LinkQuality quality, Action<byte[]> deliver)
{
    private static readonly TimeSpan s_queue = TimeSpan.FromMilliseconds(300);
    private Instant _free;

    public LinkQuality Quality { get; set; } = quality;

    public long Lost { get; private set; }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        Instant sent = time.Now;
        if (Quality.BitRate > 0)
        {
            Instant start = _free > time.Now ? _free : time.Now;
            if (start - time.Now > s_queue)
            {
                Lost++;
                return;
            }

            sent = _free = start + TimeSpan.FromSeconds((datagram.Length + 28) * 8.0 / Quality.BitRate);
        }

        if (random.NextDouble() < Quality.Loss)
        {
            Lost++;
            return;
        }

        byte[] copy = datagram.ToArray();
        Deliver(copy, sent);
        if (random.NextDouble() < Quality.Duplicates)
            Deliver(copy, sent);
    }

    private void Deliver(byte[] datagram, Instant sent) =>
        time.At(sent + Quality.Delay + (Quality.Jitter * random.NextDouble()), () => deliver((byte[])datagram.Clone()));
}
