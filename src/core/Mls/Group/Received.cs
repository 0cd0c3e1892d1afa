using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What a message turned out to be.</summary>
public abstract record Received
{
    private protected Received()
    {
    }
}

/// <summary>Data of the application, from a member of the epoch it was sent in.</summary>
/// <param name="Epoch">That epoch.</param>
/// <param name="Sender">The member's leaf in it.</param>
/// <param name="Leaf">The member as it was in it.</param>
/// <param name="Data">The data.</param>
/// <param name="AuthenticatedData">Data that travelled in the open and is authentic.</param>
public sealed record ApplicationMessage(ulong Epoch, LeafIndex Sender, LeafNode Leaf, ByteString Data, ByteString AuthenticatedData) : Received;

/// <summary>A proposal that is now kept for a commit to cover. Whether it may be covered shows then.</summary>
/// <param name="Reference">By which a commit names it.</param>
/// <param name="Proposal">What it asks for.</param>
/// <param name="Sender">Who made it.</param>
/// <param name="AuthenticatedData">Data that travelled with it and is authentic.</param>
public sealed record ProposalMessage(ByteString Reference, Proposal Proposal, Sender Sender, ByteString AuthenticatedData) : Received;

/// <summary>A commit that was checked whole and changes nothing until it is merged.</summary>
/// <param name="Staged">The commit.</param>
public sealed record CommitMessage(StagedCommit Staged) : Received;

/// <summary>Our own message, come back. Nothing is to be done, except to merge our own commit if this is it.</summary>
/// <remarks>
/// In a public message our signature was verified. A private one only says that it is ours, which any member can make it say:
/// compare its bytes with those that were sent.
/// </remarks>
/// <param name="ContentType">What kind of message it was.</param>
public sealed record OwnMessage(ContentType ContentType) : Received;

/// <summary>What a commit does, as anyone can see who sees it.</summary>
public abstract class CommitSummary
{
    private protected CommitSummary(PublicCommit commit) => Commit = commit;

    /// <summary>The epoch that it ends.</summary>
    public ulong Epoch => Commit.Message.Content.Epoch;

    /// <summary>Who made it: the leaf of a member, or the one that a joiner takes.</summary>
    public LeafIndex Committer => Commit.Committer;

    /// <summary>Whether its maker joins by it.</summary>
    public bool IsExternal => Commit.IsExternal;

    /// <summary>Data that travelled with it and is authentic.</summary>
    public ByteString AuthenticatedData => Commit.Message.Content.AuthenticatedData;

    /// <summary>Who comes in by proposals.</summary>
    public IReadOnlyList<(LeafIndex Index, KeyPackage KeyPackage)> Added => Commit.Proposals.Added;

    /// <summary>Who goes.</summary>
    public IReadOnlyList<(LeafIndex Index, LeafNode Leaf)> Removed => Commit.Proposals.Removed;

    /// <summary>Whose leaf changes by a proposal.</summary>
    public IReadOnlyList<(LeafIndex Index, LeafNode Before, LeafNode After)> Updated => Commit.Proposals.Updated;

    /// <summary>The committer's new leaf, when the commit has a path.</summary>
    public LeafNode? CommitterLeaf => Commit.Commit.Path?.LeafNode;

    /// <summary>The pre-shared keys that are mixed in.</summary>
    public IReadOnlyList<PreSharedKeyId> PreSharedKeys => Commit.Proposals.Psks;

    /// <summary>The successor that the group is closed in favour of.</summary>
    public ReInitProposal? ReInit => Commit.Proposals.ReInit;

    /// <summary>The context of the next epoch.</summary>
    public GroupContext Context => Commit.Context;

    internal PublicCommit Commit { get; }
}

/// <summary>
/// The next epoch, ready to be looked at and then merged into its group or dropped. Dropping it by <see cref="Dispose"/> leaves the group as it was.
/// </summary>
public sealed class StagedCommit : CommitSummary, IDisposable
{
    internal StagedCommit(PublicCommit commit, Epoch before, Epoch? next)
        : base(commit)
    {
        Before = before;
        Next = next;
    }

    /// <summary>Whether we are put out by it. Merging it then ends our part in the group.</summary>
    public bool RemovesUs => Next is null;

    internal Epoch Before { get; }

    internal Epoch? Next { get; }

    internal bool Merged { get; set; }

    /// <summary>Whether the group has this key now, in a proposed update or after another commit that covered it.</summary>
    internal Func<Crypto.KemPrivateKey, bool> IsInUse { get; init; } = _ => false;

    /// <summary>Drops the commit and zeroes its secrets. After a merge it does nothing.</summary>
    public void Dispose()
    {
        if (Merged || Next is null)
            return;

        Merged = true;
        Next.Keys.DisposeExcept(key => Before.Keys.Contains(key) || IsInUse(key));
        Next.Dispose();
    }
}

/// <summary>A commit of our own that nobody has accepted yet. It is merged when the service has echoed it, or dropped.</summary>
/// <param name="Message">To send to the group.</param>
/// <param name="Welcome">To send to those who were added.</param>
/// <param name="Staged">To merge.</param>
public sealed record PendingCommit(MlsMessage Message, Welcome? Welcome, StagedCommit Staged) : IDisposable
{
    /// <summary>
    /// The next epoch for others to join, with the tree and the key for external commits. Signed when it is asked for, which must be
    /// before the commit is dropped or the epoch that it leads to has ended: its secrets are zeroed then.
    /// </summary>
    /// <exception cref="ObjectDisposedException">They are.</exception>
    public GroupInfo GroupInfo => CreateGroupInfo(withTree: true);

    /// <summary>The next epoch's tree, for joiners whose Welcome does not have it.</summary>
    public ByteString Tree => Staged.Next!.State.Tree.Encode();

    /// <summary>The same as <see cref="GroupInfo"/>, with the tree or without.</summary>
    /// <exception cref="ObjectDisposedException">Its secrets are zeroed.</exception>
    public GroupInfo CreateGroupInfo(bool withTree) => CommitBuilder.SignGroupInfo(Staged.Next!, withTree);

    /// <summary>Says which epoch, without asking for what is made on demand.</summary>
    public override string ToString() => $"commit on epoch {Staged.Epoch}";

    /// <summary>Drops the commit.</summary>
    public void Dispose() => Staged.Dispose();
}
