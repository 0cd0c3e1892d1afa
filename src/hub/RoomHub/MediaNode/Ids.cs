namespace RoomAgent.Hub.MediaNode;

/// <summary>One participant's leg: what it sends to this node and gets from it. The hub names it.</summary>
/// <param name="Value">Any number that no other leg of the node has.</param>
public readonly record struct LegId(Guid Value);

/// <summary>One meeting on this node: those of its legs hear each other. The hub names it.</summary>
/// <param name="Value">Any number that no other meeting of the node has.</param>
public readonly record struct ConferenceId(Guid Value);

/// <summary>What a stream is for. The node treats kinds differently, and knows nothing else of what it forwards.</summary>
public enum StreamKind
{
    /// <summary>A voice: small packets with an audio level.</summary>
    Voice,

    /// <summary>A camera: forwarded to those who see the last speakers.</summary>
    Camera,

    /// <summary>The picture of shared content: forwarded to everyone.</summary>
    Content,

    /// <summary>The sound of shared content: forwarded to everyone.</summary>
    ContentAudio,
}
