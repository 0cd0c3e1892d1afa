using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>Brings sound and picture of one sender together by delaying the one that is ahead.</summary>
/// <remarks>
/// Told when what was captured when is played, it compares the ways of both from capture to playout; what the clocks of sender and player differ by falls out.
/// Sound within 20 ms of its picture is right (ITU-R BT.1359 finds 45 ms early or 125 ms late just detectable). The delays go to
/// <see cref="AudioJitterBuffer.SynchronisationDelay"/> and <see cref="VideoJitterBuffer.SynchronisationDelay"/>, one of them being zero.
/// </remarks>
public sealed class LipSync
{
    private const double Smoothing = 1 / 8.0;
    private static readonly long s_deadZone = TimeSpan.FromMilliseconds(5).Ticks;
    private static readonly long s_jump = TimeSpan.FromSeconds(5).Ticks;
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_stale = TimeSpan.FromSeconds(2);

    private readonly long _stepPerSecond;
    private readonly long _longest;
    private Way _audio;
    private Way _video;
    private bool _updated;
    private Instant _updatedAt;

    // Above zero the sound is delayed, below zero the picture.
    private long _delay;

    /// <summary>Starts without delays.</summary>
    /// <param name="stepPerSecond">How fast a delay may change, so that nobody hears or sees it; 80 ms a second unless told.</param>
    /// <param name="longest">The longest delay; 500 ms unless told.</param>
    public LipSync(TimeSpan? stepPerSecond = null, TimeSpan? longest = null)
    {
        _stepPerSecond = (stepPerSecond ?? TimeSpan.FromMilliseconds(80)).Ticks;
        _longest = (longest ?? TimeSpan.FromMilliseconds(500)).Ticks;
    }

    /// <summary>How long to delay the sound.</summary>
    public TimeSpan AudioDelay => new(Math.Max(0, _delay));

    /// <summary>How long to delay the picture.</summary>
    public TimeSpan VideoDelay => new(Math.Max(0, -_delay));

    /// <summary>How much later than the sound the picture is shown, with the delays as they are; below zero the sound is behind.</summary>
    public TimeSpan Skew => _audio.Known && _video.Known ? new TimeSpan(_video.Length - _audio.Length) : TimeSpan.Zero;

    /// <summary>Takes a moment of sound that is heard.</summary>
    /// <param name="capture">When it was captured, from the stream's <see cref="StreamClock"/>.</param>
    /// <param name="playedAt">When it is heard.</param>
    public void HandleAudio(TimeSpan capture, Instant playedAt) => _audio.Handle(capture, playedAt);

    /// <summary>Takes a picture that is shown.</summary>
    /// <param name="capture">When it was captured, from the stream's <see cref="StreamClock"/>.</param>
    /// <param name="playedAt">When it is shown.</param>
    public void HandleVideo(TimeSpan capture, Instant playedAt) => _video.Handle(capture, playedAt);

    /// <summary>Adjusts the delays, four times a second at most.</summary>
    /// <returns>Whether they have changed.</returns>
    public bool Update(Instant now)
    {
        if (_updated && now - _updatedAt < s_interval)
            return false;

        double elapsed = _updated ? Math.Min((now - _updatedAt).TotalSeconds, 1) : s_interval.TotalSeconds;
        _updated = true;
        _updatedAt = now;

        long skew = Skew.Ticks;
        if (_audio.IsStale(now) || _video.IsStale(now) || Math.Abs(skew) <= s_deadZone || Math.Abs(skew) > s_jump)
            return false;

        long step = (long)(_stepPerSecond * elapsed);
        long before = _delay;
        _delay = Math.Clamp(_delay + Math.Clamp(skew / 2, -step, step), -_longest, _longest);
        return _delay != before;
    }

    private struct Way
    {
        public bool Known;
        public long Length;
        private Instant _at;

        public readonly bool IsStale(Instant now) => !Known || now - _at > s_stale;

        public void Handle(TimeSpan capture, Instant playedAt)
        {
            long length = unchecked(playedAt.Ticks - capture.Ticks);
            bool jumped = Math.Abs(length - Length) > TimeSpan.TicksPerSecond;
            Length = !Known || jumped ? length : Length + (long)((length - Length) * Smoothing);
            Known = true;
            _at = playedAt;
        }
    }
}
