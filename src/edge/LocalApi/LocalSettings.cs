using System.Net;

namespace RoomAgent.LocalApi;

/// <summary>Where the local interface is, and what it bears.</summary>
public sealed record LocalSettings
{
    /// <summary>The socket for people in the room. Whoever may open it is the owner of the daemon, or root.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Where those on this machine may look at the room; <see langword="null"/> for nowhere. An address of loopback.</summary>
    public IPEndPoint? Page { get; init; }

    /// <summary>Connections at one time by the socket.</summary>
    public int MostCallers { get; init; } = 32;

    /// <summary>Connections at one time by the page, which cannot take those of the socket away.</summary>
    public int MostOnlookers { get; init; } = 24;

    /// <summary>Requests a second, of those in the room and of those who look; four seconds' worth at once.</summary>
    public int RequestsPerSecond { get; init; } = 100;

    /// <summary>The largest body of a call.</summary>
    public int LargestBody { get; init; } = 16 * 1024;

    /// <summary>How long somebody may wait for a change at most.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the picture of the display is made at most; who asks sooner gets the one before.</summary>
    public TimeSpan SnapshotEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often the page asks for itself again.</summary>
    public TimeSpan PageEvery { get; init; } = TimeSpan.FromSeconds(2);
}
