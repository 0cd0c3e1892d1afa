using RoomAgent.Meetings;

namespace RoomAgent.Hub.Meetings;

/// <summary>How a desk runs one occurrence of a meeting.</summary>
public sealed record DeskSettings
{
    /// <summary>The policy of generation 0, as the calendar has it.</summary>
    public required RoomPolicy Policy { get; init; }

    /// <summary>Whether those who are invited wait until a host is there, who alone founds the group.</summary>
    public bool WaitsForHost { get; init; }

    /// <summary>The times of the protocol.</summary>
    public MeetingTimes Times { get; init; } = new();

    /// <summary>How long the store is left alone after it failed.</summary>
    public TimeSpan StoreRetry { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Entries between two snapshots.</summary>
    public int SnapshotEvery { get; init; } = 64;

    /// <summary>Entries that are kept to be replayed. Who missed more comes back by an external commit.</summary>
    public int Replay { get; init; } = 256;

    /// <summary>Answers to one client that are remembered.</summary>
    public int RememberedAnswers { get; init; } = 16;

    /// <summary>Clients that may be connected.</summary>
    public int Seats { get; init; } = 2_048;

    /// <summary>Messages that a member may send to the others in a second.</summary>
    public int RelayedPerSecond { get; init; } = 20;

    /// <summary>Between two times that a client leaves key packages.</summary>
    public TimeSpan BetweenPublishings { get; init; } = TimeSpan.FromMilliseconds(500);
}

/// <summary>What a desk tells the hub around it.</summary>
public abstract record DeskEvent;

/// <summary>Somebody was put out: its media is to be cut at once, before anybody has committed anything.</summary>
/// <param name="Identity">Who.</param>
public sealed record MediaCut(Wire.ByteString Identity) : DeskEvent;

/// <summary>An epoch began.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Members">Members in it.</param>
public sealed record EpochBegan(uint Generation, ulong Epoch, int Members) : DeskEvent;

/// <summary>The group was given up; a new generation is to be founded.</summary>
/// <param name="Generation">The new one.</param>
public sealed record GroupGivenUp(uint Generation) : DeskEvent;
