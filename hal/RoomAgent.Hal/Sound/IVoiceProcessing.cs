namespace RoomAgent.Hal;

/// <summary>What is done to what microphones hear (REQUIREMENTS N01..N03).</summary>
public sealed record VoiceProcessing
{
    /// <summary>Whether noise is taken out.</summary>
    public bool SuppressesNoise { get; init; } = true;

    /// <summary>Whether quiet voices are made louder and loud ones quieter.</summary>
    public bool ControlsGain { get; init; } = true;

    /// <summary>Whether what the speaker plays is taken out of what the microphones hear.</summary>
    public bool CancelsEcho { get; init; } = true;

    /// <summary>Whether the whole band is left as it is: neither noise is taken out nor gain controlled, whatever the switches say.</summary>
    public bool IsMusic { get; init; }

    /// <summary>Whether an array listens to where one speaks; else to the whole room alike.</summary>
    public bool FormsBeam { get; init; } = true;
}

/// <summary>How loud a piece of sound is.</summary>
/// <param name="Level">Decibels below the loudest possible, 0 to 127 (RFC 6464).</param>
/// <param name="IsVoice">Whether somebody speaks.</param>
public readonly record struct VoiceLevel(byte Level, bool IsVoice)
{
    /// <summary>Nothing at all.</summary>
    public static VoiceLevel Silence => new(127, false);
}

/// <summary>
/// Makes one voice of what one or several microphones hear: without the echo of the speaker, without noise, at an even loudness.
/// Works on 10 ms at a time (480 samples of each channel). One thread calls.
/// </summary>
public interface IVoiceProcessor : IDisposable
{
    /// <summary>What is done. A change makes no click.</summary>
    VoiceProcessing Processing { get; set; }

    /// <summary>Where the loudest voice comes from, in degrees clockwise from straight ahead, -180 to 180; <see langword="null"/> when that is unknown.</summary>
    double? Direction { get; }

    /// <summary>Takes 10 ms of what the speaker plays; to be called once before each <see cref="Process"/>, with silence when it plays nothing.</summary>
    /// <param name="played">One channel.</param>
    void HandlePlayed(ReadOnlySpan<short> played);

    /// <summary>Makes 10 ms of voice.</summary>
    /// <param name="captured">All channels, interleaved.</param>
    /// <param name="voice">Gets one channel.</param>
    VoiceLevel Process(ReadOnlySpan<short> captured, Span<short> voice);
}

/// <summary>Gives the samples of one remote voice to a mixer that needs them.</summary>
public interface IVoiceSource
{
    /// <summary>The next samples.</summary>
    /// <param name="samples">Gets one channel; all of it is filled, or nothing.</param>
    /// <returns><see langword="false"/> when there is nothing to be heard.</returns>
    bool TryPull(Span<short> samples);
}

/// <summary>
/// Makes one sound of many remote voices, 10 ms at a time, at the pace of the speaker, whose clock is not that of the machine. One thread calls.
/// </summary>
public interface IVoiceMixer : IDisposable
{
    /// <summary>Lets a voice be heard. It fades in.</summary>
    void Add(IVoiceSource source);

    /// <summary>Lets a voice no longer be heard. It fades out in what was pulled already: the source is not used any more.</summary>
    void Remove(IVoiceSource source);

    /// <summary>Makes the next 10 ms.</summary>
    /// <param name="sound">Gets one channel: 480 samples.</param>
    void Mix(Span<short> sound);
}

/// <summary>Makes what stands between voices and devices.</summary>
public interface IVoiceTools
{
    /// <summary>Makes a processor.</summary>
    /// <param name="channels">How many microphones, 1 to 8.</param>
    /// <param name="positions">Where they are, as <see cref="IMicrophoneArray.Positions"/> says.</param>
    /// <param name="processing">What is done at first.</param>
    IVoiceProcessor OpenProcessor(int channels, IReadOnlyList<(float X, float Y)> positions, VoiceProcessing processing);

    /// <summary>Makes a mixer.</summary>
    IVoiceMixer OpenMixer();
}
