namespace RoomAgent.Net;

/// <summary>The times of a <see cref="TransportLadder"/>.</summary>
public sealed record LadderSettings
{
    /// <summary>In a race: how long after one transport the next one is started. 250 ms.</summary>
    public TimeSpan RaceStep { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>In a race: how long a better transport may still answer, from its start, when a worse one has. 500 ms.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a transport may take to open and answer. 4 s.</summary>
    public TimeSpan TryLimit { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>After that much silence the current transport is asked. 700 ms.</summary>
    public TimeSpan AskAfter { get; init; } = TimeSpan.FromMilliseconds(700);

    /// <summary>After that much silence, asked in vain, the others are started beside it. 1 s; longer where two round trips after the question are longer.</summary>
    public TimeSpan WarmAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After that much silence, asked in vain, a transport is dead. 1.5 s; longer where three round trips after the question are longer.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>So much longer than the time of a death we send media, of which nothing shows that it arrives, until the way out is given up. 500 ms.</summary>
    public TimeSpan UnheardMargin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What counts of a round trip at the most, so that a late answer does not make the next death late. 600 ms: dead after 2.5 s at the latest.</summary>
    public TimeSpan LongestRoundTrip { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>How long one that failed rests while there is none at all. 1 s.</summary>
    public TimeSpan RetryWhileDown { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often the better transports are tried while on a worse one. 10 s.</summary>
    public TimeSpan UpgradeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What the interval grows to, doubling, when a better transport dies again soon. 2 min.</summary>
    public TimeSpan LongestUpgradeInterval { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What soon is. 1 min.</summary>
    public TimeSpan FlapWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a transport that waits is asked. 500 ms.</summary>
    public TimeSpan ConfirmEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How many answers a better transport must give before it is used again. 3.</summary>
    public int Confirmations { get; init; } = 3;

    /// <summary>How long a transport that was left alive still receives what is under way. 1 s.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Why the transport in use changed.</summary>
public enum PathCause
{
    /// <summary>The path begins.</summary>
    Started,

    /// <summary>The one before gave no sign of life.</summary>
    Died,

    /// <summary>The one before ended with an error, or the other side closed it.</summary>
    Failed,

    /// <summary>The own addresses changed.</summary>
    AddressChanged,

    /// <summary>A better one works again.</summary>
    BetterAgain,
}

/// <summary>What a <see cref="TransportLadder"/> wants done.</summary>
public enum LadderActionKind
{
    /// <summary>Open a transport, on a new socket.</summary>
    Open,

    /// <summary>Send a binding request over it, unless one waits for its answer already.</summary>
    Ask,

    /// <summary>Send media over it from now on.</summary>
    Use,

    /// <summary>Close it. If it was in use, none is.</summary>
    Close,
}

/// <summary>One thing to do.</summary>
/// <param name="Kind">What.</param>
/// <param name="Attempt">Names the transport: a new number with each <see cref="LadderActionKind.Open"/>.</param>
/// <param name="Candidate">Which of the candidates it is, 0 the best.</param>
/// <param name="Cause">Why, for <see cref="LadderActionKind.Use"/> and when the one in use is closed.</param>
public readonly record struct LadderAction(LadderActionKind Kind, int Attempt, int Candidate, PathCause Cause);
