using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A proposal and who made it.</summary>
internal sealed record QueuedProposal(Proposal Proposal, Sender Sender, ByteString Reference);

/// <summary>What a list of proposals does to a group, before the path of the commit.</summary>
internal sealed record AppliedProposals(
    RatchetTree Tree,
    MemberIndex Index,
    IReadOnlyList<Extension> Extensions,
    IReadOnlyList<(LeafIndex Index, KeyPackage KeyPackage)> Added,
    IReadOnlyList<(LeafIndex Index, LeafNode Leaf)> Removed,
    IReadOnlyList<(LeafIndex Index, LeafNode Before, LeafNode After)> Updated,
    IReadOnlyList<PreSharedKeyId> Psks,
    ReInitProposal? ReInit,
    ExternalInitProposal? ExternalInit)
{
    public IReadOnlySet<LeafIndex> NewLeaves { get; init; } = new HashSet<LeafIndex>();
}

/// <summary>The rules for the proposals of one commit, and their effect (RFC 9420 sections 12.1 to 12.3).</summary>
internal static class ProposalList
{
    /// <summary>Whether a commit with these proposals must have a path (section 12.4).</summary>
    public static bool NeedsPath(IReadOnlyList<QueuedProposal> proposals) =>
        proposals.Count == 0
        || proposals.Any(p => p.Proposal.Type is ProposalType.Update or ProposalType.Remove or ProposalType.ExternalInit or ProposalType.GroupContextExtensions);

    /// <summary>Whether one more proposal is kept. Anyone can ask to join, under any key: those get half the room, so that members have the other half.</summary>
    public static bool HasRoom(IReadOnlyDictionary<ByteString, QueuedProposal> kept, Sender sender, int most) =>
        kept.Count < most
        && (sender.Type != SenderType.NewMemberProposal || kept.Values.Count(queued => queued.Sender.Type == SenderType.NewMemberProposal) < most / 2);

    /// <summary>Checks the list as a whole and each proposal in it, and applies them: extensions, updates, removes, adds.</summary>
    /// <param name="state">The epoch that the commit ends.</param>
    /// <param name="proposals">The proposals in the commit's order.</param>
    /// <param name="committer">Who commits.</param>
    /// <param name="isRestart">Whether this is the first commit of a group that replaces another or branches off it.</param>
    /// <param name="identities">Who decides on credentials.</param>
    /// <param name="date">The present.</param>
    /// <param name="applied">The effect.</param>
    public static Refusal? Apply(
        GroupState state,
        IReadOnlyList<QueuedProposal> proposals,
        Sender committer,
        bool isRestart,
        IIdentityProvider identities,
        DateTimeOffset date,
        out AppliedProposals? applied)
    {
        applied = null;
        if (CheckAsAWhole(state, proposals, committer, isRestart) is { } refusal)
            return refusal;

        RatchetTree tree = state.Tree;
        MemberIndex index = state.Index;
        CipherSuite suite = state.Suite;

        IReadOnlyList<Extension> extensions = state.Context.Extensions;
        bool extensionsChanged = false;
        foreach (GroupContextExtensionsProposal proposal in Of<GroupContextExtensionsProposal>(proposals))
        {
            extensions = proposal.Extensions;
            extensionsChanged = true;
        }

        // Updates and removes first take their leaves out of the index, so that what they free can be used again in the same commit.
        List<(LeafIndex, LeafNode, LeafNode)> updated = [];
        foreach (QueuedProposal queued in proposals)
        {
            if (queued.Proposal is not UpdateProposal update)
                continue;

            LeafIndex place = queued.Sender.Leaf;
            LeafNode before = tree[place]!;
            if (LeafRules.Check(suite, update.LeafNode, LeafNodeSource.Update, new LeafPlace(state.Context.GroupId, place), identities, IdentityRole.Member, date, out ByteString identity) is { } bad)
                return bad;
            if (!identities.IsSuccessor(before.Credential, update.LeafNode.Credential))
                return Rules.Successor;

            index = index.Without(before, identities.IdentityOf(before.Credential)!.Value);
            if (CheckUnique(tree, index, update.LeafNode, place, identity) is { } twice)
                return twice;

            tree = tree.WithUpdated(place, update.LeafNode);
            index = index.With(place, update.LeafNode, identity);
            updated.Add((place, before, update.LeafNode));
        }

        List<(LeafIndex, LeafNode)> removed = [];
        foreach (RemoveProposal remove in Of<RemoveProposal>(proposals))
        {
            LeafNode leaf = tree[remove.Removed]!;
            tree = tree.WithRemoved(remove.Removed);
            index = index.Without(leaf, identities.IdentityOf(leaf.Credential)!.Value);
            removed.Add((remove.Removed, leaf));
        }

        List<(LeafIndex, KeyPackage)> added = [];
        foreach (AddProposal add in Of<AddProposal>(proposals))
        {
            LeafNode leaf = add.KeyPackage.LeafNode;
            if (LeafRules.Check(suite, add.KeyPackage, identities, date, out ByteString identity) is { } bad)
                return bad;
            if (CheckUnique(tree, index, leaf, null, identity) is { } twice)
                return twice;
            if (tree.Members >= TreeMath.MaxLeaves)
                return Rules.TreeSize;

            (tree, LeafIndex place) = tree.WithAdded(leaf);
            index = index.With(place, leaf, identity);
            added.Add((place, add.KeyPackage));
        }

        if (CheckCapabilities(index, extensions, extensionsChanged, identities, date, [.. updated.Select(u => u.Item3), .. added.Select(a => a.Item2.LeafNode)]) is { } incapable)
            return incapable;

        applied = new AppliedProposals(
            tree,
            index,
            extensions,
            added,
            removed,
            updated,
            [.. Of<PreSharedKeyProposal>(proposals).Select(p => p.Psk)],
            Of<ReInitProposal>(proposals).FirstOrDefault(),
            Of<ExternalInitProposal>(proposals).FirstOrDefault())
        {
            NewLeaves = added.Select(a => a.Item1).ToHashSet(),
        };
        return null;
    }

    /// <summary>Checks that a leaf's keys and identity stand nowhere else.</summary>
    public static Refusal? CheckUnique(RatchetTree tree, MemberIndex index, LeafNode leaf, LeafIndex? place, ByteString identity)
    {
        if (tree.FindEncryptionKey(leaf.EncryptionKey) is not null)
            return Rules.EncryptionKeyTwice;
        if (tree.FindSignatureKey(leaf.SignatureKey) is { } other && other != place)
            return Rules.SignatureKeyTwice;

        return index.Find(identity) is null ? null : Rules.IdentityTwice;
    }

    /// <summary>Checks that everyone understands everyone and what the group demands.</summary>
    public static Refusal? CheckCapabilities(
        MemberIndex index,
        IReadOnlyList<Extension> extensions,
        bool extensionsChanged,
        IIdentityProvider identities,
        DateTimeOffset date,
        IReadOnlyList<LeafNode> newcomers)
    {
        if (!newcomers.All(index.IsCompatible))
            return Rules.CredentialNotSupportedByAll;

        if (extensions.TryFind(ExtensionType.RequiredCapabilities, out Extension? required))
        {
            if (Structure.Decode(required.Data, RequiredCapabilities.Read) is not { } capabilities)
                return Rules.ExtensionEncoding;
            if ((extensionsChanged || newcomers.Count > 0) && !index.Satisfies(capabilities))
                return Rules.RequiredCapabilitiesMissing;
        }

        if (extensionsChanged || newcomers.Count > 0)
        {
            if (!extensions.All(extension => index.IsSupportedByAll(extension.Type)))
                return Rules.ExtensionNotSupportedByAll;
        }

        if (extensionsChanged && extensions.TryFind(ExtensionType.ExternalSenders, out Extension? senders))
        {
            if (ExternalSender.Decode(senders.Data) is not { } list)
                return Rules.ExtensionEncoding;
            if (!list.All(sender => identities.IsValid(sender.Credential, sender.SignatureKey, IdentityRole.ExternalSender, date)))
                return Rules.Credential;
        }

        return null;
    }

    // Section 12.2
    private static Refusal? CheckAsAWhole(GroupState state, IReadOnlyList<QueuedProposal> proposals, Sender committer, bool isRestart)
    {
        bool external = committer.Type == SenderType.NewMemberCommit;
        int count(ProposalType type) => proposals.Count(p => p.Proposal.Type == type);

        if (external)
        {
            if (count(ProposalType.ExternalInit) != 1 || count(ProposalType.Remove) > 1)
                return Rules.ExternalCommitProposals;
            if (proposals.Any(p => p.Proposal.Type is not (ProposalType.ExternalInit or ProposalType.Remove or ProposalType.PreSharedKey)))
                return Rules.ExternalCommitProposals;
        }
        else if (count(ProposalType.ExternalInit) > 0)
        {
            return Rules.ExternalInitInside;
        }

        if (count(ProposalType.GroupContextExtensions) > 1)
            return Rules.ExtensionsProposalTwice;
        if (count(ProposalType.ReInit) > 0 && proposals.Count > 1)
            return Rules.ReInitNotAlone;

        if (count(ProposalType.PreSharedKey) > ushort.MaxValue)
            return Rules.TooManyPsks;

        var touched = new HashSet<LeafIndex>();
        var psks = new HashSet<PreSharedKeyId>();
        foreach (QueuedProposal queued in proposals)
        {
            if (!MayPropose(queued.Sender.Type, queued.Proposal.Type, external))
                return Rules.ProposalSender;

            switch (queued.Proposal)
            {
                case UpdateProposal:
                    if (!external && queued.Sender == committer)
                        return Rules.CommitterUpdates;
                    if (state.Tree[queued.Sender.Leaf] is null)
                        return Rules.LeafUnknown;
                    if (!touched.Add(queued.Sender.Leaf))
                        return Rules.LeafTouchedTwice;
                    break;

                case RemoveProposal remove:
                    if (!external && remove.Removed == committer.Leaf)
                        return Rules.CommitterRemoved;
                    if (state.Tree[remove.Removed] is null)
                        return Rules.LeafUnknown;
                    if (!touched.Add(remove.Removed))
                        return Rules.LeafTouchedTwice;
                    break;

                case PreSharedKeyProposal { Psk: var psk }:
                    if (psk.Nonce.Length != state.Suite.HashSize)
                        return Rules.PskNonce;
                    if (psk.Type == PskType.Resumption && psk.Usage != ResumptionPskUsage.Application && !isRestart)
                        return Rules.PskUsage;
                    if (!psks.Add(psk.WithoutNonce))
                        return Rules.PskTwice;
                    break;

                case ReInitProposal reInit:
                    if (reInit.Version < ProtocolVersion.Mls10)
                        return Rules.ReInitVersion;
                    if (reInit.Extensions.HasDuplicates())
                        return Rules.ExtensionTwice;
                    break;

                case GroupContextExtensionsProposal change:
                    if (change.Extensions.HasDuplicates())
                        return Rules.ExtensionTwice;
                    break;
            }
        }

        return null;
    }

    // Table of section 12.1.8 and, inside an external commit, of its own maker
    private static bool MayPropose(SenderType sender, ProposalType type, bool inExternalCommit) => sender switch
    {
        SenderType.Member => type != ProposalType.ExternalInit,
        SenderType.External => type is ProposalType.Add or ProposalType.Remove or ProposalType.PreSharedKey or ProposalType.ReInit or ProposalType.GroupContextExtensions,
        SenderType.NewMemberProposal => type == ProposalType.Add,
        _ => inExternalCommit,
    };

    private static IEnumerable<T> Of<T>(IReadOnlyList<QueuedProposal> proposals)
        where T : Proposal => proposals.Select(p => p.Proposal).OfType<T>();
}
