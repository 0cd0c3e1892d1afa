using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Bandwidth;

/// <summary>One direction of a network: a bottleneck with a queue, then a way of some length. Every run with the same seed is the same.</summary>
/// <typeparam name="T">What it carries.</typeparam>
internal sealed class SimulatedLink<T>(int seed)
{
    private readonly Random _random = new(seed);
    private readonly PriorityQueue<T, (long At, long Order)> _underway = new();
    private Instant _busyUntil = new(0);
    private long _order;

    public double BitRate { get; set; } = double.PositiveInfinity;

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(25);

    /// <summary>Packets that would wait longer in the queue are dropped.</summary>
    public TimeSpan LongestQueue { get; set; } = TimeSpan.FromMilliseconds(300);

    public double Loss { get; set; }

    public double Duplication { get; set; }

    /// <summary>Each packet is late by up to so much, evenly distributed; they overtake each other.</summary>
    public TimeSpan Jitter { get; set; }

    public TimeSpan Queue(Instant now) => _busyUntil > now ? _busyUntil - now : TimeSpan.Zero;

    public void Send(T content, int size, Instant now)
    {
        if (Queue(now) > LongestQueue)
            return;

        _busyUntil = now + Queue(now) + TimeSpan.FromSeconds(8 * size / BitRate);
        if (_random.NextDouble() < Loss)
            return;

        Deliver(content);
        if (_random.NextDouble() < Duplication)
            Deliver(content);
    }

    public Instant NextArrival => _underway.TryPeek(out _, out (long At, long Order) next) ? new Instant(next.At) : Instant.Never;

    public bool TryReceive(Instant now, out T content)
    {
        content = default!;
        return NextArrival <= now && _underway.TryDequeue(out content!, out _);
    }

    private void Deliver(T content) =>
        _underway.Enqueue(content, ((_busyUntil + Delay + (_random.NextDouble() * Jitter)).Ticks, _order++));
}

/// <summary>A clock that jumps to whatever is next and does not let a simulation stand still.</summary>
internal sealed class VirtualTime
{
    private int _stepsWithoutTime;

    public Instant Now { get; private set; } = new(1_000 * TimeSpan.TicksPerSecond);

    public void JumpTo(Instant next)
    {
        Assert.NotEqual(Instant.Never, next);
        _stepsWithoutTime = next > Now ? 0 : _stepsWithoutTime + 1;
        Assert.True(_stepsWithoutTime < 1_000, "Time stands still.");
        Now = next > Now ? next : Now;
    }
}
