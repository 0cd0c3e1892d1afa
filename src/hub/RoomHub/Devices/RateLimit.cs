using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>Fills at a rate up to a limit. Not safe for several threads at once.</summary>
internal sealed class TokenBucket(double perSecond, double limit)
{
    private readonly double _limit = limit;
    private double _level = limit;
    private Instant? _at;

    /// <summary>When something was asked for last; never at first.</summary>
    public Instant? LastUse => _at;

    /// <summary>Takes one.</summary>
    /// <param name="now">The present.</param>
    /// <param name="wait">When there is none: after what time there will be.</param>
    public bool TryTake(Instant now, out TimeSpan wait)
    {
        if (_at is { } before)
            _level = Math.Min(_limit, _level + ((now - before).TotalSeconds * perSecond));
        _at = now;

        wait = TimeSpan.Zero;
        if (_level >= 1)
        {
            _level--;
            return true;
        }

        wait = TimeSpan.FromSeconds((1 - _level) / perSecond);
        return false;
    }

    /// <summary>Puts one back.</summary>
    public void GiveBack() => _level = Math.Min(_limit, _level + 1);
}

/// <summary>How often a source, and all together, may ask for something. Kept in memory, for each hub by itself; bounded.</summary>
internal sealed class RateLimit(TimeProvider clock, double perSecond, int burst, double perSecondForAll, int burstForAll)
{
    private const int MostSources = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TokenBucket> _sources = [];
    private readonly TokenBucket _all = new(perSecondForAll, burstForAll);

    /// <summary>Takes one for a source.</summary>
    public bool TryTake(string source, out TimeSpan wait)
    {
        Instant now = clock.Monotonic();
        lock (_lock)
        {
            if (!_sources.TryGetValue(source, out TokenBucket? bucket))
            {
                if (_sources.Count >= MostSources)
                    ForgetTheFull(now);
                _sources.Add(source, bucket = new TokenBucket(perSecond, burst));
            }

            // The source first: one that asks too often takes nothing from the others.
            return bucket.TryTake(now, out wait) && _all.TryTake(now, out wait);
        }
    }

    // Those that had time to fill up are as good as new; when there are none, everyone starts anew.
    private void ForgetTheFull(Instant now)
    {
        TimeSpan full = TimeSpan.FromSeconds(burst / perSecond);
        foreach (string source in _sources.Where(other => other.Value.LastUse is { } used && now - used >= full).Select(other => other.Key).ToList())
            _sources.Remove(source);
        if (_sources.Count >= MostSources)
            _sources.Clear();
    }
}
