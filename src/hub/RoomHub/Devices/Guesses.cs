using RoomAgent.Wire;

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
    private readonly Dictionary<string, (int Wrong, Instant Since)> _guessers = [];
    private readonly TokenBucket _all = new(perSecond, Math.Max(1, perSecond));

    /// <summary>Begins a guess.</summary>
    /// <param name="guesser">Who guesses.</param>
    /// <param name="wait">When not: after what time it may be tried again.</param>
    /// <returns>Whether it may be looked at.</returns>
    public bool TryBegin(string guesser, out TimeSpan wait)
    {
        Instant now = clock.Monotonic();
        lock (_lock)
        {
            (int wrong, Instant since) = _guessers.GetValueOrDefault(guesser);
            if (wrong > 0 && now - since >= lockout)
                wrong = 0;
            if (wrong >= tries)
            {
                wait = lockout - (now - since);
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
            (int wrong, Instant since) = _guessers.GetValueOrDefault(guesser);
            if (wrong <= 1)
                _guessers.Remove(guesser);
            else
                _guessers[guesser] = (wrong - 1, since);
        }
    }
}
