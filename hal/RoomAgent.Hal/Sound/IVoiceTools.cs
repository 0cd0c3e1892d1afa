namespace RoomAgent.Hal;

/// <summary>Whose voices the microphones are for (REQUIREMENTS N02).</summary>
public enum VoicePickup
{
    /// <summary>Everybody in the room: the beam goes quickly to whoever speaks, and distant voices are raised.</summary>
    AllVoices,

    /// <summary>The one who speaks most: the beam stays for two seconds, and distant voices stay distant.</summary>
    MyVoice,
}

/// <summary>What is done to the microphones' sound (REQUIREMENTS N01..N03).</summary>
public sealed record MicrophoneSettings
{
    /// <summary>Whether steady noise is taken out.</summary>
    public bool NoiseSuppression { get; init; } = true;

    /// <summary>Whether voices are brought to one loudness.</summary>
    public bool AutomaticGain { get; init; } = true;

    /// <summary>Whether the echo of what the room plays is taken out. In music mode by the linear filter alone, without suppressing what it leaves.</summary>
    public bool EchoCancellation { get; init; } = true;

    /// <summary>Whether the sound is left as it is, over its whole band: no suppression and no gain, whatever is set above.</summary>
    public bool MusicMode { get; init; }

    /// <summary>Whose voices it is for.</summary>
    public VoicePickup Pickup { get; init; } = VoicePickup.AllVoices;
}

/// <summary>How loud a piece of sound is and whether somebody speaks in it, as RFC 6464 sends it.</summary>
/// <param name="Level">The level below overload in dB: 0 is the loudest, 127 is silence (-dBov, RFC 6464, section 3).</param>
/// <param name="Voice">Whether it is thought to contain speech (the bit V).</param>
public readonly record struct SoundLevel(byte Level, bool Voice);

/// <summary>
/// All that lies between the microphones and the encoder: one voice of what one or several microphones hear, without the echo of the speaker, without
/// noise, at an even loudness. Works on 10 ms at a time (480 samples of each channel). One thread calls.
/// </summary>
public interface IMicrophonePath : IDisposable
{
    /// <summary>What is done to the sound. A change makes no click.</summary>
    MicrophoneSettings Settings { get; set; }

    /// <summary>From where the sound comes, in degrees; <see langword="null"/> when that is unknown.</summary>
    double? Direction { get; }

    /// <summary>By how much later the sound leaves than it came, in samples.</summary>
    int Delay { get; }

    /// <summary>Takes 10 ms of what is given to the speaker; to be called once before each <see cref="Process"/>, with silence when nothing is.</summary>
    /// <param name="samples">One channel.</param>
    void HandlePlayed(ReadOnlySpan<short> samples);

    /// <summary>Processes 10 ms.</summary>
    /// <param name="interleaved">480 samples of each channel.</param>
    /// <param name="destination">Gets 480 samples.</param>
    /// <returns>The level of what is in <paramref name="destination"/>.</returns>
    SoundLevel Process(ReadOnlySpan<short> interleaved, Span<short> destination);
}

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
    /// <param name="now">When it will be mixed, on the clock that <see cref="IVoiceMixer.Mix"/> is told.</param>
    /// <param name="destination">Room for 20 ms: 960 samples of one channel at 48 kHz.</param>
    /// <param name="pace">At which pace it should be played.</param>
    /// <returns>How many samples there are, or zero if nothing is said; then the voice fades out, and is asked again 10 ms later.</returns>
    int Pull(TimeSpan now, Span<short> destination, out VoicePace pace);
}

/// <summary>All that lies between the decoders and the speaker: mixes the voices of a meeting and follows the speaker's clock. One thread calls.</summary>
public interface IVoiceMixer
{
    /// <summary>How many voices there may be at most.</summary>
    int MostVoices { get; }

    /// <summary>How many samples <see cref="Mix"/> gives at most.</summary>
    int MostSamples { get; }

    /// <summary>Adds a voice. It fades in.</summary>
    /// <exception cref="InvalidOperationException">There are <see cref="MostVoices"/> already.</exception>
    void Add(IVoice voice);

    /// <summary>Takes a voice out: it is not pulled again, plays what it has given, fades out and is gone. One that is not there is ignored.</summary>
    void Remove(IVoice voice);

    /// <summary>Mixes 10 ms.</summary>
    /// <param name="destination">Room for <see cref="MostSamples"/>: one channel.</param>
    /// <param name="queued">How much sound waits in the speaker's queue before this.</param>
    /// <param name="now">The time, told to the voices as it is.</param>
    /// <returns>How many samples there are for the speaker: 480, or at times one more or less.</returns>
    int Mix(Span<short> destination, TimeSpan queued, TimeSpan now);
}

/// <summary>Makes what stands between voices and devices.</summary>
public interface IVoiceTools
{
    /// <summary>Makes what stands between microphones and encoder.</summary>
    /// <param name="channels">How many microphones, 1 to 8.</param>
    /// <param name="positions">Where they are, as <see cref="IMicrophoneArray.Positions"/> says; when that is unknown the first is listened to.</param>
    IMicrophonePath OpenPath(int channels, IReadOnlyList<(float X, float Y)> positions);

    /// <summary>Makes a mixer.</summary>
    IVoiceMixer OpenMixer();
}
