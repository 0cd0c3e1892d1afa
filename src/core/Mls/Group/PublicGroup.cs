using System.Collections.Immutable;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// A group as one follows it who has none of its secrets: from the tree, a GroupInfo and the public handshakes. A value: each message gives another one.
/// </summary>
/// <remarks>
/// It checks all that can be checked without secrets. It cannot check membership tags, confirmation tags and path secrets, so a member may
/// refuse what is accepted here; and it must be told handshakes in the open, since it cannot read encrypted ones.
/// </remarks>
public sealed class PublicGroup
{
    private const int MaxProposals = 4_096;

    private readonly GroupState _state;
    private readonly IIdentityProvider _identities;
    private readonly ImmutableDictionary<ByteString, QueuedProposal> _proposals;

    private PublicGroup(GroupState state, IIdentityProvider identities, ImmutableDictionary<ByteString, QueuedProposal> proposals)
    {
        _state = state;
        _identities = identities;
        _proposals = proposals;
    }

    /// <summary>What all members agree on.</summary>
    public GroupContext Context => _state.Context;

    /// <summary>The number of the epoch.</summary>
    public ulong Epoch => _state.Context.Epoch;

    /// <summary>How many members there are.</summary>
    public int MemberCount => (int)_state.Tree.Members;

    /// <summary>Leaves of the tree, blank ones included.</summary>
    public uint LeafCount => _state.Tree.Leaves;

    /// <summary>The members from the left.</summary>
    public IEnumerable<(LeafIndex Index, LeafNode Leaf)> Members => _state.Tree.EnumerateMembers();

    /// <summary>The member at a leaf: <see langword="null"/> when it is blank or outside the tree.</summary>
    public LeafNode? MemberAt(LeafIndex index) => _state.Tree[index];

    /// <summary>The leaf of a signature key: <see langword="null"/> when no member has it.</summary>
    public LeafIndex? Find(ByteString signatureKey) => _state.Tree.FindSignatureKey(signatureKey);

    /// <summary>The tree, as joiners need it.</summary>
    public ByteString EncodeTree() => _state.Tree.Encode();

    /// <summary>Whether a GroupInfo presents this epoch: the context and confirmation tag are these, and the signature is that of the member it names.</summary>
    public bool IsPresentedBy(GroupInfo info) =>
        ((IStructure)info.GroupContext).Encode() == ((IStructure)Context).Encode()
        && info.ConfirmationTag == _state.ConfirmationTag
        && _state.Tree[info.Signer]?.ImportSignatureKey(_state.Suite) is { } signer
        && info.VerifySignature(signer);

    /// <summary>Begins with the epoch that a member presents.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="info">The epoch.</param>
    /// <param name="tree">The tree, when it came apart. Else empty.</param>
    /// <param name="identities">Who decides on credentials.</param>
    /// <param name="date">The present.</param>
    /// <param name="group">The group.</param>
    public static Refusal? Follow(CipherSuite suite, GroupInfo info, ReadOnlySpan<byte> tree, IIdentityProvider identities, DateTimeOffset date, out PublicGroup? group)
    {
        group = null;
        if (GroupInfoRules.Check(suite, info, tree, identities, date, out GroupState? state) is { } refusal)
            return refusal;

        group = new PublicGroup(state!, identities, ImmutableDictionary<ByteString, QueuedProposal>.Empty);
        return null;
    }

    /// <summary>Takes a handshake of the group.</summary>
    /// <param name="message">A public message that was decoded.</param>
    /// <param name="date">The present.</param>
    /// <param name="followed">What it turned out to be, and the group after it.</param>
    public Refusal? Receive(MlsMessage message, DateTimeOffset date, out Followed? followed)
    {
        followed = null;
        if (message.PublicMessage is not { Content: var content })
            return Rules.MessageKind;
        if (message.GroupId != Context.GroupId)
            return Rules.GroupOther;
        if (content.Content.Epoch != Epoch)
            return Rules.EpochOther;
        if (content.Content.ContentType == ContentType.Application)
            return Rules.ApplicationInPublic;
        if (SenderRules.VerifySignature(_state, content) is { } forged)
            return forged;

        if (content.Content.Content is Proposal proposal)
        {
            ByteString reference = content.Reference(_state.Suite);
            if (!_proposals.ContainsKey(reference) && !ProposalList.HasRoom(_proposals, content.Content.Sender, MaxProposals))
                return Rules.TooManyProposals;

            ImmutableDictionary<ByteString, QueuedProposal> proposals = _proposals.SetItem(reference, new QueuedProposal(proposal, content.Content.Sender, reference));
            followed = new FollowedProposal(new PublicGroup(_state, _identities, proposals), reference, proposal, content.Content.Sender);
            return null;
        }

        if (PublicCommit.Evaluate(_state, content, _proposals, isRestart: false, _identities, date, out PublicCommit? commit) is { } refusal)
            return refusal;

        var next = new PublicGroup(commit!.NextState(_state.Suite), _identities, ImmutableDictionary<ByteString, QueuedProposal>.Empty);
        followed = new FollowedCommit(next, new PublicCommitSummary(commit));
        return null;
    }
}

/// <summary>What a handshake turned out to be to one who follows.</summary>
/// <param name="Next">The group after it, to go on with or to drop.</param>
public abstract record Followed(PublicGroup Next);

/// <summary>A proposal, which a commit may cover.</summary>
/// <param name="Next">The group that knows it.</param>
/// <param name="Reference">By which a commit names it.</param>
/// <param name="Proposal">What it asks for.</param>
/// <param name="Sender">Who made it.</param>
public sealed record FollowedProposal(PublicGroup Next, ByteString Reference, Proposal Proposal, Sender Sender) : Followed(Next);

/// <summary>A commit.</summary>
/// <param name="Next">The next epoch.</param>
/// <param name="Commit">What it does.</param>
public sealed record FollowedCommit(PublicGroup Next, PublicCommitSummary Commit) : Followed(Next);

/// <summary>What a commit does that was checked without secrets.</summary>
public sealed class PublicCommitSummary : CommitSummary
{
    internal PublicCommitSummary(PublicCommit commit)
        : base(commit)
    {
    }
}
