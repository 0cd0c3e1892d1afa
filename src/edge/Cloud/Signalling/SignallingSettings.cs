namespace RoomAgent.Cloud;

/// <summary>How the signalling waits and what it bears.</summary>
public sealed record SignallingSettings
{
    /// <summary>How long the first wait after a lost connection is at the most. Each further one is up to as much longer. All are random.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a meeting that is busy is left alone.</summary>
    public TimeSpan BusyWait { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long to connect may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one call or one body may take.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A connection on which nothing came for so long is taken for lost; the hub says something every 5 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(12);
}
