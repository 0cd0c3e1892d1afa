namespace RoomAgent.Meetings;

/// <summary>In what a group's policy differs from what one was invited to.</summary>
[Flags]
public enum PolicyDifferences
{
    /// <summary>In nothing.</summary>
    None = 0,

    /// <summary>The meeting or the occurrence is another.</summary>
    Name = 1,

    /// <summary>The class is another.</summary>
    Class = 2,

    /// <summary>The SFrame suite is another.</summary>
    FrameSuite = 4,

    /// <summary>One is strict and the other is not.</summary>
    Strict = 8,

    /// <summary>The hosts are others.</summary>
    Hosts = 16,

    /// <summary>The anchors are others.</summary>
    Anchors = 32,
}

/// <summary>What a participant knows of a meeting before it joins.</summary>
public sealed record Invitation
{
    /// <summary>The policy of generation 0 as one was told it.</summary>
    public required RoomPolicy Policy { get; init; }

    /// <summary>
    /// Whether hosts and anchors were installed locally, or came in an invitation that the organiser signed. Only then can the service not choose who is
    /// host, and only then may a group not differ in what protects from the service.
    /// </summary>
    public bool IsTrusted { get; init; }

    /// <summary>Whether a local setting allows meetings that the service can read.</summary>
    public bool AllowsEncrypted { get; init; }

    /// <summary>In what a group's policy differs, to be shown.</summary>
    public PolicyDifferences Compare(RoomPolicy policy)
    {
        PolicyDifferences differences = PolicyDifferences.None;
        if (policy.Name.MeetingId != Policy.Name.MeetingId || policy.Name.Instance != Policy.Name.Instance)
            differences |= PolicyDifferences.Name;
        if (policy.Class != Policy.Class)
            differences |= PolicyDifferences.Class;
        if (policy.FrameSuite != Policy.FrameSuite)
            differences |= PolicyDifferences.FrameSuite;
        if (policy.IsStrict != Policy.IsStrict)
            differences |= PolicyDifferences.Strict;
        if (!policy.Hosts.ToHashSet().SetEquals(Policy.Hosts))
            differences |= PolicyDifferences.Hosts;
        if (!policy.Anchors.ToHashSet().SetEquals(Policy.Anchors))
            differences |= PolicyDifferences.Anchors;
        return differences;
    }
}
