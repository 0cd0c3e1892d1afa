namespace RoomAgent.Meetings;

/// <summary>How large things of the protocol may be. Who sends more is refused.</summary>
public static class Limits
{
    /// <summary>Bytes of a meeting's id.</summary>
    public const int MeetingId = 255;

    /// <summary>Bytes of the id of an occurrence: exactly.</summary>
    public const int Instance = 16;

    /// <summary>Bytes of a SHA-256 digest: exactly.</summary>
    public const int Digest = 32;

    /// <summary>Bytes of a participant's name.</summary>
    public const int Name = 320;

    /// <summary>Hosts of a meeting.</summary>
    public const int Hosts = 64;

    /// <summary>Anchors of a meeting.</summary>
    public const int Anchors = 64;

    /// <summary>Those put out of a meeting. When there are more, the host locks it.</summary>
    public const int Ejected = 1_024;

    /// <summary>Host actions in one message.</summary>
    public const int HostActions = 256;

    /// <summary>Bytes of a signature.</summary>
    public const int Signature = 256;

    /// <summary>Bytes of a key package.</summary>
    public const int KeyPackage = 64 * 1024;

    /// <summary>Key packages that the service keeps for one participant.</summary>
    public const int KeyPackages = 8;

    /// <summary>Bytes of a handshake, Welcome, GroupInfo or tree: that of 1,000 members is below half of it.</summary>
    public const int Handshake = 1024 * 1024;

    /// <summary>Bytes of a message between members.</summary>
    public const int Relayed = 4 * 1024;

    /// <summary>Requests that are open at once.</summary>
    public const int Requests = 1_024;

    /// <summary>Entries in the lobby.</summary>
    public const int Lobby = 256;

    /// <summary>Members named as the next to commit.</summary>
    public const int Committers = 8;

    /// <summary>Bytes of a message between a client and the service.</summary>
    public const int Message = 4 * 1024 * 1024;

    /// <summary>The leaf index from which on the service adds nobody: the KID has 10 bits for it.</summary>
    public const int Leaves = 1_024;
}
