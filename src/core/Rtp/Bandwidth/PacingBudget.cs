using RoomAgent.Wire;

namespace RoomAgent.Rtp.Bandwidth;

/// <summary>Spreads the packets of a large frame, so that they do not fill the bottleneck's queue in one go: sends at 2.5 times the target rate.</summary>
/// <param name="bitRate">The target at the start, in bit/s.</param>
public sealed class PacingBudget(int bitRate)
{
    private const double Factor = 2.5;
    private static readonly TimeSpan s_burst = TimeSpan.FromMilliseconds(5);

    private double _bytesPerTick = BytesPerTick(bitRate);

    // When all that was sent will have left at the paced rate.
    private Instant _emptyAt = new(long.MinValue);

    /// <summary>Takes a new target in bit/s.</summary>
    public void HandleTarget(int bitRate) => _bytesPerTick = BytesPerTick(bitRate);

    /// <summary>Whether the next packet may be sent now.</summary>
    public bool MaySend(Instant now) => now >= NextSend;

    /// <summary>When the next packet may be sent; a moment that may have passed.</summary>
    public Instant NextSend => _emptyAt - s_burst;

    /// <summary>Takes a packet that is being sent.</summary>
    /// <param name="size">Its bytes.</param>
    /// <param name="now">The time.</param>
    public void HandleSent(int size, Instant now)
    {
        Instant start = _emptyAt < now ? now : _emptyAt;
        _emptyAt = start + new TimeSpan((long)(size / _bytesPerTick));
    }

    private static double BytesPerTick(int bitRate) => Factor * Math.Max(1, bitRate) / 8 / TimeSpan.TicksPerSecond;
}
