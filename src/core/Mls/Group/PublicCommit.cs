using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A commit with all that can be said about it without secrets. What is left to check are path secrets and confirmation tag.</summary>
internal sealed record PublicCommit(
    AuthenticatedContent Message,
    Commit Commit,
    LeafIndex Committer,
    AppliedProposals Proposals,
    RatchetTree Tree,
    MemberIndex Index,
    GroupContext ProvisionalContext,
    GroupContext Context)
{
    /// <summary>Whether the committer joins by this commit.</summary>
    public bool IsExternal => Message.Content.Sender.Type == SenderType.NewMemberCommit;

    /// <summary>The state after the commit.</summary>
    public GroupState NextState(CipherSuite suite) => new(
        suite,
        Context,
        Tree,
        Index,
        Transcript.Interim(suite, Context.ConfirmedTranscriptHash, Message.ConfirmationTag),
        Message.ConfirmationTag);

    /// <summary>Checks a commit whose signature was verified, and works out what it does (section 12.4.2).</summary>
    /// <param name="state">The epoch that it ends.</param>
    /// <param name="message">The message.</param>
    /// <param name="queue">Proposals that came before, by reference.</param>
    /// <param name="isRestart">Whether this is the first commit of a group that replaces another or branches off it.</param>
    /// <param name="identities">Who decides on credentials.</param>
    /// <param name="date">The present.</param>
    /// <param name="evaluated">The result.</param>
    public static Refusal? Evaluate(
        GroupState state,
        AuthenticatedContent message,
        IReadOnlyDictionary<ByteString, QueuedProposal> queue,
        bool isRestart,
        IIdentityProvider identities,
        DateTimeOffset date,
        out PublicCommit? evaluated)
    {
        evaluated = null;
        Sender sender = message.Content.Sender;
        var commit = (Commit)message.Content.Content;

        var proposals = new List<QueuedProposal>(commit.Proposals.Count);
        foreach (ProposalOrRef entry in commit.Proposals)
        {
            if (entry.Proposal is not null)
                proposals.Add(new QueuedProposal(entry.Proposal, sender, default));
            else if (sender.Type == SenderType.Member && queue.TryGetValue(entry.Reference, out QueuedProposal? queued))
                proposals.Add(queued);
            else
                return sender.Type == SenderType.Member ? Rules.ProposalUnknown : Rules.ExternalCommitProposals;
        }

        if (ProposalList.NeedsPath(proposals) && commit.Path is null)
            return Rules.PathMissing;
        if (ProposalList.Apply(state, proposals, sender, isRestart, identities, date, out AppliedProposals? applied) is { } refusal)
            return refusal;

        return Evaluate(state, message, applied!, identities, date, out evaluated);
    }

    /// <summary>Works out what a commit does whose proposals were applied.</summary>
    public static Refusal? Evaluate(
        GroupState state,
        AuthenticatedContent message,
        AppliedProposals applied,
        IIdentityProvider identities,
        DateTimeOffset date,
        out PublicCommit? evaluated)
    {
        evaluated = null;
        if (state.Context.Epoch == ulong.MaxValue)
            return Rules.LastEpoch;

        var commit = (Commit)message.Content.Content;
        if (ApplyPath(state, applied, message.Content.Sender, commit.Path, identities, date, out RatchetTree? tree, out MemberIndex? index, out LeafIndex committer) is { } badPath)
            return badPath;

        GroupContext provisional = state.Context with { Epoch = state.Context.Epoch + 1, TreeHash = tree!.Hash, Extensions = applied.Extensions };
        ByteString confirmed = Transcript.Confirmed(state.Suite, state.InterimTranscriptHash, message);
        evaluated = new PublicCommit(message, commit, committer, applied, tree, index!, provisional, provisional with { ConfirmedTranscriptHash = confirmed });
        return null;
    }

    private static Refusal? ApplyPath(
        GroupState state,
        AppliedProposals applied,
        Sender sender,
        UpdatePath? path,
        IIdentityProvider identities,
        DateTimeOffset date,
        out RatchetTree? tree,
        out MemberIndex? index,
        out LeafIndex committer)
    {
        tree = applied.Tree;
        index = applied.Index;
        committer = sender.Leaf;
        if (path is null)
            return null;

        // One who joins takes the leftmost free place after the proposals.
        LeafNode? before = null;
        if (sender.Type == SenderType.NewMemberCommit)
        {
            if (tree.Members >= TreeMath.MaxLeaves)
                return Rules.TreeSize;

            (tree, committer) = tree.WithPlace();
            before = applied.Removed.Select(removed => removed.Leaf).FirstOrDefault();
        }
        else
        {
            before = tree[committer];
            if (before is null)
                return Rules.LeafUnknown;

            index = index.Without(before, identities.IdentityOf(before.Credential)!.Value);
        }

        LeafNode leaf = path.LeafNode;
        var place = new LeafPlace(state.Context.GroupId, committer);
        IdentityRole role = sender.Type == SenderType.Member ? IdentityRole.Member : IdentityRole.Joiner;
        if (LeafRules.Check(state.Suite, leaf, LeafNodeSource.Commit, place, identities, role, date, out ByteString identity) is { } badLeaf)
            return badLeaf;
        if (before is not null && !identities.IsSuccessor(before.Credential, leaf.Credential))
            return Rules.Successor;
        if (ProposalList.CheckUnique(tree, index, leaf, committer, identity) is { } twice)
            return twice;
        if (TreeKem.Apply(tree, committer, path, applied.NewLeaves, out RatchetTree after) is { } badPath)
            return badPath;

        tree = after;
        index = index.With(committer, leaf, identity);
        return ProposalList.CheckCapabilities(index, applied.Extensions, extensionsChanged: false, identities, date, [leaf]);
    }
}
