namespace RoomAgent.Host;

/// <summary>
/// With which code the process ends. Good is only an end that was asked for and went well: after any other,
/// systemd is to start the daemon again.
/// </summary>
internal sealed class ExitStatus
{
    /// <summary>All went well.</summary>
    public const int Good = 0;

    /// <summary>Something broke; starting again may help.</summary>
    public const int Failure = 1;

    /// <summary>The command line makes no sense: EX_USAGE of sysexits(3).</summary>
    public const int Usage = 64;

    /// <summary>The configuration is bad, and starting again will not mend it: EX_CONFIG of sysexits(3).</summary>
    public const int Configuration = 78;

    private volatile bool _asked;
    private volatile bool _failed;

    /// <summary>The code as things stand.</summary>
    public int Code => _asked && !_failed ? Good : Failure;

    /// <summary>Somebody wants the daemon to end.</summary>
    public void StopWasAsked() => _asked = true;

    /// <summary>Something broke.</summary>
    public void Failed() => _failed = true;
}
