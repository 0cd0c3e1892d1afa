namespace RoomAgent.Control;

/// <summary>With which code the program ends (sysexits(3), where it has one).</summary>
internal static class ExitStatus
{
    /// <summary>Done.</summary>
    public const int Good = 0;

    /// <summary>The room did not do it, and said why.</summary>
    public const int Refused = 1;

    /// <summary>The words make no sense: EX_USAGE.</summary>
    public const int Usage = 64;

    /// <summary>No daemon answers: EX_UNAVAILABLE.</summary>
    public const int NoDaemon = 69;

    /// <summary>The answer makes no sense: EX_PROTOCOL.</summary>
    public const int Confused = 76;

    /// <summary>Only the owner of the daemon and root may: EX_NOPERM.</summary>
    public const int NotPermitted = 77;
}
