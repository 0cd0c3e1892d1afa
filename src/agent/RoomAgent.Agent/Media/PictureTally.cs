using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>Counts the pictures of a member and knows how long people looked at one of them: the longest pause between two in the last seconds. From any thread.</summary>
public sealed class PictureTally
{
    private static readonly TimeSpan s_half = TimeSpan.FromSeconds(2.5);

    private readonly Lock _turn = new();
    private Instant _last = Instant.Never;
    private Instant _halfEnds = Instant.Never;
    private TimeSpan _longest;
    private TimeSpan _longestBefore;

    /// <summary>Pictures so far.</summary>
    public long Count { get; private set; }

    /// <summary>A picture was decoded.</summary>
    /// <param name="now">When.</param>
    /// <returns>Whether it is the first.</returns>
    public bool Add(Instant now)
    {
        lock (_turn)
        {
            Turn(now);
            if (Count++ == 0)
            {
                (_last, _halfEnds) = (now, now + s_half);
                return true;
            }

            TimeSpan pause = now - _last;
            _longest = pause > _longest ? pause : _longest;
            _last = now;
            return false;
        }
    }

    /// <summary>The longest pause between two pictures that ended in the last 2.5 to 5 seconds; zero when there was none.</summary>
    /// <param name="now">The time.</param>
    public TimeSpan LongestPause(Instant now)
    {
        lock (_turn)
        {
            Turn(now);
            return _longest > _longestBefore ? _longest : _longestBefore;
        }
    }

    private void Turn(Instant now)
    {
        if (now < _halfEnds)
            return;

        _longestBefore = now < _halfEnds + s_half ? _longest : TimeSpan.Zero;
        _longest = TimeSpan.Zero;
        _halfEnds = now + s_half;
    }
}
