using RoomAgent.Mls;

namespace RoomAgent.Meetings;

/// <summary>What one looks at before one uses a group that somebody else presents: after a Welcome, or before coming back by an external commit.</summary>
public static class JoinRules
{
    /// <summary>Checks the context of a group.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="context">The context, authenticated.</param>
    /// <param name="invitation">What we were invited to.</param>
    /// <param name="former">The policy of the newest generation that we were in or know of.</param>
    /// <param name="identities">With what the chains of the members were checked.</param>
    /// <param name="policy">The policy of the group.</param>
    /// <param name="differences">In what it differs from the invitation, to be shown.</param>
    public static Refusal? Check(
        CipherSuite suite,
        GroupContext context,
        Invitation invitation,
        RoomPolicy? former,
        IMeetingIdentities identities,
        out RoomPolicy? policy,
        out PolicyDifferences differences)
    {
        differences = PolicyDifferences.None;
        if (CheckContext(suite, context, out policy) is { } refusal)
            return refusal;

        differences = invitation.Compare(policy!);
        if (differences.HasFlag(PolicyDifferences.Name))
            return MeetingRules.Name;
        if (!invitation.AllowsEncrypted && policy!.Class != MeetingClass.EndToEnd)
            return MeetingRules.Class;
        if (invitation.IsTrusted && differences != PolicyDifferences.None)
            return MeetingRules.Invitation;
        if (!identities.Anchors.ToHashSet().SetEquals(policy!.Anchors))
            return MeetingRules.Anchors;

        return former is null ? null : CheckSuccessor(former, policy);
    }

    /// <summary>Checks what any group of a meeting must be, whoever looks at it.</summary>
    public static Refusal? CheckContext(CipherSuite suite, GroupContext context, out RoomPolicy? policy)
    {
        policy = RoomPolicy.Find(context.Extensions);
        if (policy is null || !policy.Name.IsValid)
            return MeetingRules.Policy;

        // Nothing but the policy and that all must understand it: no external senders above all.
        if (!context.Extensions.SequenceEqual(policy.ToExtensions()))
            return MeetingRules.Policy;

        return context.GroupId == policy.Name.ComputeGroupId(suite.Crypto) ? null : MeetingRules.Name;
    }

    /// <summary>Checks that a generation continues the one before: what protects the meeting is not dropped on the way.</summary>
    /// <param name="former">The policy at the end of a generation, or of the same one earlier.</param>
    /// <param name="next">The policy now.</param>
    public static Refusal? CheckSuccessor(RoomPolicy former, RoomPolicy next)
    {
        if (next.Name.Generation < former.Name.Generation)
            return MeetingRules.Generation;

        bool same = next.Name.MeetingId == former.Name.MeetingId && next.Name.Instance == former.Name.Instance
            && next.Class == former.Class && next.FrameSuite == former.FrameSuite && next.IsStrict == former.IsStrict
            && next.Hosts.ToHashSet().SetEquals(former.Hosts) && next.Anchors.ToHashSet().SetEquals(former.Anchors);
        if (!same)
            return MeetingRules.Generation;

        // In the same generation a host may have unlocked; what it put out stays put out in any case.
        if (next.Name.Generation > former.Name.Generation && former.IsLocked && !next.IsLocked)
            return MeetingRules.Generation;

        // Epochs of different generations do not compare: in a new one the entries count from epoch 0 on, as they are listed.
        bool drops = former.Ejected.Any(ejected => !next.Ejected.Any(kept => kept.Who == ejected.Who && kept.Epoch >= MinimumEpoch(ejected, former, next)));
        return drops ? MeetingRules.Generation : null;
    }

    /// <summary>The policy with which a new generation is founded. Who was put out stays so until a host admits again, in a later epoch than the first.</summary>
    public static RoomPolicy NextGeneration(RoomPolicy former, uint generation) =>
        former.ForGeneration(generation) with { Ejected = [.. former.Ejected.Select(ejected => ejected with { Epoch = 0 })] };

    /// <summary>Checks that a host has let us in, where that is needed: by one of the actions that came with the Welcome.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="context">The context of the epoch that we joined.</param>
    /// <param name="policy">Its policy.</param>
    /// <param name="self">Who we are.</param>
    /// <param name="actions">The actions.</param>
    /// <param name="identities">Who decides on the hosts' chains.</param>
    public static Refusal? CheckAdmission(
        CipherSuite suite,
        GroupContext context,
        RoomPolicy policy,
        Participant self,
        IReadOnlyList<SignedHostAction> actions,
        IMeetingIdentities identities)
    {
        if (!policy.IsStrict)
            return null;

        foreach (SignedHostAction signed in actions)
        {
            if (signed.Admits(self, policy) && signed.Action.SignedEpoch < context.Epoch && signed.Verify(suite, context.GroupId, policy, identities) is null)
                return null;
        }

        return MeetingRules.NotAdmitted;
    }

    private static ulong MinimumEpoch(EjectedParticipant ejected, RoomPolicy former, RoomPolicy next) =>
        next.Name.Generation == former.Name.Generation ? ejected.Epoch : 0;
}
