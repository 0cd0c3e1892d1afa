using RoomAgent.Meetings;

namespace RoomAgent.Hub.Meetings;

/// <summary>How much a connection may do, and how long things wait.</summary>
internal sealed record SignallingSettings
{
    /// <summary>Bytes of a message that still go through the connection; larger ones go by HTTP beside it.</summary>
    public const int LongestInline = 24 * 1024;

    /// <summary>Messages a second that are taken from a connection; a large one counts for several. Who sends more waits.</summary>
    public double SaysPerSecond { get; init; } = 50;

    /// <summary>The same at once.</summary>
    public int SaysAtOnce { get; init; } = 200;

    /// <summary>Entries and offers a second of a connection.</summary>
    public double EntriesPerSecond { get; init; } = 1;

    /// <summary>The same at once.</summary>
    public int EntriesAtOnce { get; init; } = 10;

    /// <summary>Messages that may wait for a client that is slow to take them. Then its connection is closed.</summary>
    public int MostWaiting { get; init; } = 1_024;

    /// <summary>The same in bytes, bodies that it was to fetch included.</summary>
    public int MostWaitingBytes { get; init; } = 24 << 20;

    /// <summary>Connections of one device or person; the oldest goes.</summary>
    public int ConnectionsOfSubject { get; init; } = 4;

    /// <summary>Connections of this hub. Guests have half of them: the rest is for devices and people.</summary>
    public int MostConnections { get; init; } = 10_000;

    /// <summary>Connections by one link for guests: whoever has it makes as many names as he likes.</summary>
    public int ConnectionsOfLink { get; init; } = 100;

    /// <summary>How long a body waits for whoever is to fetch it, or to say it.</summary>
    public TimeSpan BodyLife { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a desk stays open when everybody is gone.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often the legs of media are renewed: three times in a lease.</summary>
    public TimeSpan LegRenewal { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>After what time a connection looks its account up again, beside being told.</summary>
    public TimeSpan Recheck { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long another hub may take to answer.</summary>
    public TimeSpan LinkTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long another hub that lives may not be reached before its meetings are taken over all the same.</summary>
    public TimeSpan UnreachableFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The times of the protocol.</summary>
    public MeetingTimes Times { get; init; } = new();

    /// <summary>Messages between members that one member may send in a second.</summary>
    public int RelayedPerSecond { get; init; } = 20;
}
