namespace RoomAgent.Hub.Devices;

/// <summary>
/// Counts wrong guesses at codes: a few for each who guesses, who is then locked out for a while, and a rate for all together.
/// A right one counts for nothing. Kept in memory, for each hub by itself; bounded.
/// </summary>
/// <remarks>A guess counts from its beginning, so that many at the same time are no way around the limit.</remarks>
internal sealed class Guesses(TimeProvider clock, int tries, TimeSpan lockout, double perSecond)
{
    // Who has guessed wrong, at most; then the oldest is forgotten. The rate for all bounds what that is worth.
    private const int MostGuessers = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (int Wrong, DateTimeOffset Since)> _guessers = [];
    private readonly TokenBucket _all = new(perSecond, Math.Max(1, perSecond));

    /// <summary>Begins a guess.</summary>
    /// <param name="guesser">Who guesses.</param>
    /// <param name="wait">When not: after what time it may be tried again.</param>
    /// <returns>Whether it may be looked at.</returns>
    public bool TryBegin(string guesser, out TimeSpan wait)
    {
        DateTimeOffset now = clock.GetUtcNow();
        lock (_lock)
        {
            (int wrong, DateTimeOffset since) = _guessers.GetValueOrDefault(guesser);
            if (wrong > 0 && now >= since + lockout)
                wrong = 0;
            if (wrong >= tries)
            {
                wait = since + lockout - now;
                return false;
            }

            if (!_all.TryTake(now, out wait))
                return false;

            if (wrong == 0 && _guessers.Count >= MostGuessers && !_guessers.ContainsKey(guesser))
                _guessers.Remove(_guessers.MinBy(other => other.Value.Since).Key);
            _guessers[guesser] = (wrong + 1, now);
            return true;
        }
    }

    /// <summary>The guess was right: it is taken back.</summary>
    public void WasRight(string guesser)
    {
        lock (_lock)
        {
            _all.GiveBack();
            (int wrong, DateTimeOffset since) = _guessers.GetValueOrDefault(guesser);
            if (wrong <= 1)
                _guessers.Remove(guesser);
            else
                _guessers[guesser] = (wrong - 1, since);
        }
    }
}

/// <summary>Fills at a rate up to a limit. Not safe for several threads at once.</summary>
internal sealed class TokenBucket(double perSecond, double limit)
{
    private readonly double _limit = limit;
    private double _level = limit;
    private DateTimeOffset _at = DateTimeOffset.MinValue;

    /// <summary>When something was taken last.</summary>
    public DateTimeOffset LastUse => _at;

    /// <summary>Takes one.</summary>
    /// <param name="now">The present; a step back counts as none.</param>
    /// <param name="wait">When there is none: after what time there will be.</param>
    public bool TryTake(DateTimeOffset now, out TimeSpan wait)
    {
        if (now > _at)
        {
            _level = Math.Min(_limit, _level + ((now - _at).TotalSeconds * perSecond));
            _at = now;
        }

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
        DateTimeOffset now = clock.GetUtcNow();
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
    private void ForgetTheFull(DateTimeOffset now)
    {
        TimeSpan full = TimeSpan.FromSeconds(burst / perSecond);
        foreach (string source in _sources.Where(other => other.Value.LastUse + full <= now).Select(other => other.Key).ToList())
            _sources.Remove(source);
        if (_sources.Count >= MostSources)
            _sources.Clear();
    }
}
