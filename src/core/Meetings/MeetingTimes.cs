namespace RoomAgent.Meetings;

/// <summary>The times of the protocol. They are settings; these are the defaults.</summary>
public sealed record MeetingTimes
{
    /// <summary>How long requests to join are collected for one commit, from the first on.</summary>
    public TimeSpan JoinWindow { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The same at the most, when more and more arrive.</summary>
    public TimeSpan LongestJoinWindow { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After this long without a join the first one is not kept waiting.</summary>
    public TimeSpan QuietBeforeJoin { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long leaves and losses are collected. An eject does not wait.</summary>
    public TimeSpan RemovalWindow { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>From how long after its delivery on a removal may not be left out by a commit.</summary>
    public TimeSpan RemovalDue { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the one has to found the group who was asked to.</summary>
    public TimeSpan CreateLease { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long each rank waits longer than the one before it until it commits.</summary>
    public TimeSpan RankStep { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How much longer at the most, by chance.</summary>
    public TimeSpan RankJitter { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often a client says that it lives.</summary>
    public TimeSpan Ping { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Who is silent for this long counts as disconnected: two missed pings.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From how long after its connection closed on a member does not count as connected.</summary>
    public TimeSpan Suspect { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long after its connection closed a member is removed.</summary>
    public TimeSpan Lost { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long a joiner has to say that it is ready.</summary>
    public TimeSpan JoinerReady { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A sender that has heard nothing from the service for this long stops sending.</summary>
    public TimeSpan ServiceSilence { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client waits for an answer before it asks again.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How often a member tells the others in which state it is.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A member not heard in this epoch for this long is shown as not confirmed.</summary>
    public TimeSpan Unconfirmed { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>And for this long raises an alarm.</summary>
    public TimeSpan UnconfirmedAlarm { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often somebody is asked for new keys, in turn.</summary>
    public TimeSpan PathUpdate { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Over what time those are spread who fill a sparse tree.</summary>
    public TimeSpan SparseUpdates { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many leaves of a sparse tree there are for each of them.</summary>
    public int LeavesPerSparseUpdate { get; init; } = 16;

    /// <summary>How long a request to join or to update is open before it is withdrawn.</summary>
    public TimeSpan RequestDeadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Between two external commits for the same leaf.</summary>
    public TimeSpan BetweenResyncs { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Epochs that the service lets begin within a second.</summary>
    public int EpochsPerSecond { get; init; } = 20;

    /// <summary>An epoch must last this long before its code is worked out.</summary>
    public TimeSpan CodeStable { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>When the next epoch is on its way for this long, the code of the last one is marked as changing.</summary>
    public TimeSpan CodeChanging { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a code is held so that people can read it out.</summary>
    public TimeSpan CodeFrozen { get; init; } = TimeSpan.FromSeconds(60);
}
