using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Meetings;

/// <summary>A commit that keeps the rules of a meeting.</summary>
/// <param name="Policy">The policy of the epoch that it begins.</param>
/// <param name="Actions">The host actions that it rests on, verified.</param>
/// <param name="IsResync">Whether a member only comes back to its own place by it.</param>
public sealed record AdmissibleCommit(RoomPolicy Policy, IReadOnlyList<SignedHostAction> Actions, bool IsResync);

/// <summary>Which commits are admissible in a meeting, beside the rules of MLS, which have been checked. Service and members use it alike.</summary>
public static class CommitRules
{
    /// <summary>Checks a commit.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="commit">The commit, staged by a member or followed by the service.</param>
    /// <param name="before">The context of the epoch that it ends.</param>
    /// <param name="members">The members of that epoch.</param>
    /// <param name="identities">Who decides on chains; with the anchors of the policy.</param>
    /// <param name="admissible">What it comes to.</param>
    public static Refusal? Check(
        CipherSuite suite,
        CommitSummary commit,
        GroupContext before,
        IEnumerable<(LeafIndex Index, LeafNode Leaf)> members,
        IMeetingIdentities identities,
        out AdmissibleCommit? admissible)
    {
        admissible = null;
        if (RoomPolicy.Find(before.Extensions) is not { } policy)
            return MeetingRules.Policy;
        if (commit.PreSharedKeys.Count > 0 || commit.ReInit is not null)
            return MeetingRules.Proposals;

        if (commit.IsExternal)
        {
            if (!IsResync(commit, before))
                return MeetingRules.ExternalCommit;

            admissible = new AdmissibleCommit(policy, [], IsResync: true);
            return null;
        }

        if (SignedHostAction.DecodeList(commit.AuthenticatedData) is not { } actions)
            return MeetingRules.Actions;
        foreach (SignedHostAction action in actions)
        {
            if (action.Verify(suite, before.GroupId, policy, identities) is { } forged)
                return forged;
        }

        if (CheckEpochs(actions, commit.Epoch) is { } untimely)
            return untimely;
        if (CheckAdds(suite, commit, policy, actions) is { } notAdmitted)
            return notAdmitted;
        if (CheckEjects(suite, commit, members, actions) is { } remains)
            return remains;

        RoomPolicy after = PolicyAfter(policy, actions, commit.Epoch);
        if (CheckPolicy(before, commit.Context, policy, after) is { } changed)
            return changed;

        admissible = new AdmissibleCommit(after, actions, IsResync: false);
        return null;
    }

    /// <summary>Whether somebody may be added: by itself, or because of one of the actions.</summary>
    /// <param name="who">The one to be added.</param>
    /// <param name="policy">The policy of the epoch that ends.</param>
    /// <param name="actions">Verified actions.</param>
    public static bool MayEnter(Participant who, RoomPolicy policy, IEnumerable<SignedHostAction> actions) =>
        !NeedsAdmission(who, policy) || actions.Any(action => action.Admits(who, policy));

    /// <summary>Whether somebody enters only with a host's signature.</summary>
    public static bool NeedsAdmission(Participant who, RoomPolicy policy) => policy.IsStrict || policy.IsLocked || policy.EjectedAt(who) is not null;

    /// <summary>The policy that actions lead to.</summary>
    /// <param name="policy">The policy before.</param>
    /// <param name="actions">Verified actions, in their order.</param>
    /// <param name="epoch">The epoch that ends.</param>
    public static RoomPolicy PolicyAfter(RoomPolicy policy, IReadOnlyList<SignedHostAction> actions, ulong epoch)
    {
        foreach (SignedHostAction signed in actions)
        {
            policy = signed.Action.Kind switch
            {
                HostActionKind.Eject => policy.WithEjected(signed.Action.Target!.Value, epoch),
                HostActionKind.Lock => policy with { IsLocked = true },
                HostActionKind.Unlock => policy with { IsLocked = false },
                _ => policy,
            };
        }

        return policy;
    }

    // The leaf that comes has the name and the key of the one that goes, and nothing else happens.
    private static bool IsResync(CommitSummary commit, GroupContext before)
    {
        if (commit.Removed is not [(_, var gone)] || commit.Added.Count > 0 || commit.Updated.Count > 0 || commit.CommitterLeaf is not { } come)
            return false;
        if (!commit.AuthenticatedData.IsEmpty || !commit.Context.Extensions.SequenceEqual(before.Extensions))
            return false;

        return gone.SignatureKey == come.SignatureKey && ParticipantName.Of(gone.Credential) is { } name && ParticipantName.Of(come.Credential) == name;
    }

    private static Refusal? CheckEpochs(IReadOnlyList<SignedHostAction> actions, ulong epoch)
    {
        foreach (SignedHostAction signed in actions)
        {
            bool timely = signed.Action.Kind == HostActionKind.Admit ? signed.Action.SignedEpoch <= epoch : signed.Action.SignedEpoch == epoch;
            if (!timely)
                return MeetingRules.ActionEpoch;
        }

        return null;
    }

    private static Refusal? CheckAdds(CipherSuite suite, CommitSummary commit, RoomPolicy policy, IReadOnlyList<SignedHostAction> actions)
    {
        var rested = new HashSet<ByteString>();
        foreach ((_, KeyPackage keyPackage) in commit.Added)
        {
            if (Participant.Of(suite.Crypto, keyPackage.LeafNode) is not { } who)
                return MeetingRules.NotAdmitted;
            if (!MayEnter(who, policy, actions))
                return MeetingRules.NotAdmitted;

            rested.Add(who.KeyHash);
            foreach ((_, LeafNode gone) in commit.Removed)
            {
                if (ParticipantName.Of(gone.Credential) == who.Name && gone.SignatureKey != keyPackage.LeafNode.SignatureKey)
                    return MeetingRules.KeyChange;
            }
        }

        // An admission that admits nobody here would be carried along for ever, and prove nothing to those who look for theirs.
        foreach (SignedHostAction signed in actions)
        {
            if (signed.Action.Kind == HostActionKind.Admit && !rested.Contains(signed.Action.Target!.Value.KeyHash))
                return MeetingRules.ActionUnused;
        }

        return null;
    }

    private static Refusal? CheckEjects(CipherSuite suite, CommitSummary commit, IEnumerable<(LeafIndex Index, LeafNode Leaf)> members, IReadOnlyList<SignedHostAction> actions)
    {
        Participant[] ejected = [.. actions.Where(signed => signed.Action.Kind == HostActionKind.Eject).Select(signed => signed.Action.Target!.Value)];
        if (ejected.Length == 0)
            return null;
        if (!ejected.AreDistinct())
            return MeetingRules.ActionUnused;

        HashSet<LeafIndex> gone = [.. commit.Removed.Select(removed => removed.Index)];
        IEnumerable<LeafNode> remaining = members.Where(member => !gone.Contains(member.Index)).Select(member => member.Leaf)
            .Concat(commit.Added.Select(added => added.KeyPackage.LeafNode));
        foreach (LeafNode leaf in remaining)
        {
            if (Participant.Of(suite.Crypto, leaf) is not { } who)
                continue;

            foreach (Participant target in ejected)
            {
                if (target.KeyHash == who.KeyHash || target.Name == who.Name)
                    return MeetingRules.EjectedRemains;
            }
        }

        return null;
    }

    // The context is that of before, but for a policy that is exactly what the actions make of it.
    private static Refusal? CheckPolicy(GroupContext before, GroupContext next, RoomPolicy policy, RoomPolicy after)
    {
        ByteString expected = after.Encode();
        bool changes = expected != policy.Encode();
        if (!changes)
            return next.Extensions.SequenceEqual(before.Extensions) ? null : MeetingRules.PolicyChange;
        if (after.Ejected.Count > Limits.Ejected)
            return MeetingRules.PolicyChange;

        IEnumerable<Extension> wanted = before.Extensions.Select(extension => extension.Type == RoomPolicy.ExtensionType ? extension with { Data = expected } : extension);
        return next.Extensions.SequenceEqual(wanted) ? null : MeetingRules.PolicyChange;
    }
}
