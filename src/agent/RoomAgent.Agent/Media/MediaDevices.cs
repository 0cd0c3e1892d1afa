using RoomAgent.Agent.Devices;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Media;

/// <summary>The devices of a meeting. They belong to who made them, and live longer than the loop.</summary>
public sealed record MediaDevices
{
    /// <summary>The camera; <see langword="null"/> for a room without.</summary>
    public CameraLoop? Camera { get; init; }

    /// <summary>The microphones; <see langword="null"/> for a room without.</summary>
    public MicrophoneLoop? Microphones { get; init; }

    /// <summary>The speaker; <see langword="null"/> for a room without.</summary>
    public SpeakerLoop? Speaker { get; init; }

    /// <summary>Decodes pictures.</summary>
    public required IVideoCodecs Pictures { get; init; }

    /// <summary>Decodes voices.</summary>
    public required IVoiceCodecs Voices { get; init; }

    /// <summary>Mixes voices.</summary>
    public required IVoiceTools VoiceTools { get; init; }

    /// <summary>Threads that decode pictures.</summary>
    public int Decoders { get; init; } = 2;
}
