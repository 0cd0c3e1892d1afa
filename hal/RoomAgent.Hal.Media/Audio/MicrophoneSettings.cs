namespace RoomAgent.Hal.Media.Audio;

/// <summary>Whose voices the microphone is for.</summary>
public enum VoicePickup
{
    /// <summary>Everybody in the room: the beam goes quickly to whoever speaks, and distant voices are raised.</summary>
    AllVoices,

    /// <summary>The one who speaks most: the beam stays for two seconds, and distant voices stay distant.</summary>
    MyVoice,
}

/// <summary>What is done to the microphone's sound.</summary>
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
