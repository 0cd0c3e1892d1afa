using RoomAgent.Wire;

namespace RoomAgent.Net;

/// <summary>How far an attempt has come.</summary>
internal enum AttemptPhase
{
    /// <summary>Its socket is being opened.</summary>
    Opening,

    /// <summary>It is open and was asked.</summary>
    Asked,

    /// <summary>It has answered.</summary>
    Alive,

    /// <summary>Another is in use instead; it only receives what is under way.</summary>
    Lingering,
}

/// <summary>One transport that was opened, or is about to be, as the ladder sees it.</summary>
internal sealed class LadderAttempt(int id, int candidate, int generation, Instant started)
{
    internal int Id => id;

    internal int Candidate => candidate;

    /// <summary>Which set of own addresses it belongs to.</summary>
    internal int Generation { get; set; } = generation;

    internal Instant Started { get; } = started;

    internal AttemptPhase Phase { get; set; }

    internal bool IsRunning => Phase is AttemptPhase.Opening or AttemptPhase.Asked;

    internal int Answers { get; set; }

    internal TimeSpan RoundTrip { get; set; }

    internal Instant LastHeard { get; set; } = started;

    /// <summary>Whether it was asked since it was heard last.</summary>
    internal bool Questioned { get; set; }

    /// <summary>When it is asked next, while it waits to be used.</summary>
    internal Instant NextAsk { get; set; } = Instant.Never;

    internal Instant CloseAt { get; set; } = Instant.Never;
}
