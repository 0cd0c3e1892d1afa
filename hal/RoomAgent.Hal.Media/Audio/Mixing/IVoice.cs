namespace RoomAgent.Hal.Media.Audio;

/// <summary>At which pace a piece of sound should be played, so that the delay of its stream comes to its target.</summary>
public enum VoicePace
{
    /// <summary>As it is.</summary>
    Even,

    /// <summary>A little faster: more waits than need be.</summary>
    Faster,

    /// <summary>A little slower: less waits than should.</summary>
    Slower,
}

/// <summary>A remote voice: whoever decodes it, and makes up what is missing of it.</summary>
public interface IVoice
{
    /// <summary>Gives the next piece of sound, when the mixer needs one.</summary>
    /// <param name="now">When it will be mixed, on the clock that <see cref="VoiceMixer.Mix"/> is told.</param>
    /// <param name="destination">Room for 20 ms: 960 samples of one channel at 48 kHz.</param>
    /// <param name="pace">At which pace it should be played.</param>
    /// <returns>How many samples there are, or zero if nothing is said; then the voice fades out, and is asked again 10 ms later.</returns>
    int Pull(TimeSpan now, Span<short> destination, out VoicePace pace);
}
