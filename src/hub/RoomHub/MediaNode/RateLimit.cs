using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>A token bucket: so much a second, and a second's worth at once.</summary>
internal struct RateLimit
{
    private readonly double _perSecond;
    private double _tokens;
    private Instant _filled;

    public RateLimit(double perSecond) => (_perSecond, _tokens) = (perSecond, perSecond);

    /// <summary>Takes <paramref name="amount"/> if there is as much.</summary>
    public bool TryTake(double amount, Instant now)
    {
        double elapsed = Math.Clamp((now - _filled).TotalSeconds, 0, 1);
        _filled = now;
        _tokens = Math.Min(_perSecond, _tokens + (elapsed * _perSecond));
        if (_tokens < amount)
            return false;

        _tokens -= amount;
        return true;
    }
}
