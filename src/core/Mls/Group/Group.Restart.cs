using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A group that was founded as the continuation of another, with the commit that brings the others in.</summary>
/// <param name="Group">The new group at epoch 0.</param>
/// <param name="Commit">Its first commit. The Welcome in it goes to the others; it is merged like any other.</param>
public sealed record RestartedGroup(Group Group, PendingCommit Commit);

public sealed partial class Group
{
    /// <summary>Branches a group of some of the members off this one (section 11.3).</summary>
    /// <param name="groupId">The id of the new group.</param>
    /// <param name="others">New key packages of the other members of the new group, each a member of this one.</param>
    /// <param name="time">The present.</param>
    /// <param name="branched">The new group.</param>
    public Refusal? Branch(ByteString groupId, IReadOnlyList<KeyPackage> others, GroupTime time, out RestartedGroup? branched)
    {
        branched = null;
        return _closed
            ? Rules.GroupClosed
            : Restart(_epoch.Client, groupId, [], others, ResumptionPskUsage.Branch, time, out branched);
    }

    /// <summary>Founds the group that a ReInit announced, with all members of this one (section 11.2).</summary>
    /// <param name="client">Who we are there: of the announced suite.</param>
    /// <param name="others">New key packages of all other members.</param>
    /// <param name="time">The present.</param>
    /// <param name="restarted">The new group.</param>
    public Refusal? ReInitialize(MlsClient client, IReadOnlyList<KeyPackage> others, GroupTime time, out RestartedGroup? restarted)
    {
        restarted = null;
        if (_reInit is not { } announced)
            return Rules.RestartNotAnnounced;
        if (client.Suite.Id != announced.CipherSuite)
            return Rules.RestartParameters;

        return Restart(client, announced.GroupId, announced.Extensions, others, ResumptionPskUsage.ReInit, time, out restarted);
    }

    private Refusal? Restart(
        MlsClient client,
        ByteString groupId,
        IReadOnlyList<Extension> extensions,
        IReadOnlyList<KeyPackage> others,
        ResumptionPskUsage usage,
        GroupTime time,
        out RestartedGroup? restarted)
    {
        restarted = null;
        if (Create(client, groupId, extensions, _settings, time, _preSharedKeys, out Group? group) is { } refusal)
            return refusal;

        group!._former = this;
        byte[] nonce = new byte[client.Suite.HashSize];
        client.Random.Fill(nonce);
        var options = new CommitOptions
        {
            Proposals = [.. others.Select(keyPackage => new AddProposal(keyPackage)), new PreSharedKeyProposal(PreSharedKeyId.Resumption(usage, GroupId, Epoch, ByteString.Owning(nonce)))],
            IsRestart = true,
        };
        refusal = group.Commit(options, time, out PendingCommit? pending);
        refusal ??= CheckRestartMembers(usage, client.Identities, pending!.Staged.Commit.Tree);
        if (refusal is not null)
        {
            pending?.Dispose();
            group.Dispose();
            return refusal;
        }

        restarted = new RestartedGroup(group, pending!);
        return null;
    }

    // What a joiner checks of a group that says it continues one that the joiner knows.
    private Refusal? CheckRestart(PreSharedKeyId psk, GroupState state, IIdentityProvider identities)
    {
        GroupContext context = state.Context;
        if (context.Epoch != 1 || psk.GroupId != GroupId || psk.Epoch != Epoch)
            return Rules.RestartParameters;

        if (psk.Usage == ResumptionPskUsage.ReInit)
        {
            if (_reInit is not { } announced)
                return Rules.RestartNotAnnounced;
            if (context.GroupId != announced.GroupId || context.CipherSuite != announced.CipherSuite || !context.Extensions.SequenceEqual(announced.Extensions))
                return Rules.RestartParameters;
        }
        else if (context.CipherSuite != Context.CipherSuite)
        {
            return Rules.RestartParameters;
        }

        return CheckRestartMembers(psk.Usage, identities, state.Tree);
    }

    // A branch has members of this group, a re-initialisation has them all.
    private Refusal? CheckRestartMembers(ResumptionPskUsage usage, IIdentityProvider identities, RatchetTree tree)
    {
        if (usage == ResumptionPskUsage.ReInit && tree.Members != _epoch.State.Tree.Members)
            return Rules.RestartMembers;

        foreach ((_, LeafNode leaf) in tree.EnumerateMembers())
        {
            if (identities.IdentityOf(leaf.Credential) is not { } identity || _epoch.State.Index.Find(identity) is null)
                return Rules.RestartMembers;
        }

        return null;
    }
}
