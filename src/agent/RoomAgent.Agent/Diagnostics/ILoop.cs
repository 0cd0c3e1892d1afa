namespace RoomAgent.Agent.Diagnostics;

/// <summary>
/// Something that runs as long as the daemon does, owns its state, and is reached only through its mailbox. One that
/// ends by itself takes the daemon down with it; one that no longer answers starves the watchdog.
/// </summary>
public interface ILoop
{
    /// <summary>What messages call it.</summary>
    string Name { get; }

    /// <summary>The life of the loop. Ends soon after <paramref name="stopping"/> is cancelled, and never before.</summary>
    Task RunAsync(CancellationToken stopping);

    /// <summary>Completes when the loop has worked through all that lay in its mailbox before this.</summary>
    Task PingAsync();
}
