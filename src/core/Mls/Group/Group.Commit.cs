using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What a commit shall do.</summary>
public sealed record CommitOptions
{
    /// <summary>Proposals that the commit carries itself.</summary>
    public IReadOnlyList<Proposal> Proposals { get; init; } = [];

    /// <summary>Whether it covers the proposals that came before. Those that cannot be covered are left out.</summary>
    public bool CoverReceived { get; init; } = true;

    /// <summary>Gives it new keys even when it need not have them.</summary>
    public bool ForcePath { get; init; }

    /// <summary>Gives it new keys when at least this share of the nodes above our leaf is blank: an update then fills them for everyone. None by default.</summary>
    public double? PathWhenBlank { get; init; }

    /// <summary>Puts the tree into the Welcome; otherwise it travels apart.</summary>
    public bool TreeInWelcome { get; init; } = true;

    /// <summary>Data that travels with it and is authentic.</summary>
    public ByteString AuthenticatedData { get; init; }

    /// <summary>Who we are from the next epoch on: a new signature key or credential. Means a path.</summary>
    public MlsClient? NewClient { get; init; }

    /// <summary>The first commit of a group that replaces another or branches off it.</summary>
    internal bool IsRestart { get; init; }
}

public sealed partial class Group
{
    private const int MaxTries = 256;

    /// <summary>Makes a commit. The group does not change: it waits in <paramref name="pending"/> to be merged or dropped.</summary>
    /// <param name="options">What it shall do.</param>
    /// <param name="time">The present.</param>
    /// <param name="pending">The commit.</param>
    public Refusal? Commit(CommitOptions options, GroupTime time, out PendingCommit? pending)
    {
        pending = null;
        if (_closed)
            return Rules.GroupClosed;

        var sender = Sender.Member(Self);
        QueuedProposal[] own = [.. options.Proposals.Select(p => new QueuedProposal(p, sender, default))];
        if (SelectProposals(own, options, sender, time, out IReadOnlyList<QueuedProposal> proposals, out AppliedProposals? applied) is { } badProposals)
            return badProposals;

        var builder = new CommitBuilder(_epoch.State, options.NewClient ?? _epoch.Client, _settings, time, FindPsk)
        {
            Sender = sender,
            AuthenticatedData = options.AuthenticatedData,
            InitSecret = _epoch.Secrets.InitSecret,
            Keys = _epoch.Keys,
            ForcePath = options.ForcePath || options.NewClient is not null || (options.PathWhenBlank is { } share && BlankShare() >= share),
            WireFormat = _settings.EncryptHandshakes ? WireFormat.PrivateMessage : WireFormat.PublicMessage,
            TreeInWelcome = options.TreeInWelcome,
            OldSigningKey = _epoch.Client.SigningKey,
        };
        if (builder.Build(proposals, applied!, out BuiltCommit? built) is { } refusal)
            return refusal;

        var staged = new StagedCommit(built!.Commit, _epoch, built.Next) { IsInUse = IsInUse };
        pending = new PendingCommit(Send(built.Message), built.Welcome, staged);
        return null;
    }

    /// <summary>Makes a proposal and keeps it for a commit to cover.</summary>
    /// <param name="proposal">The proposal; an update is made by <see cref="ProposeUpdate"/>.</param>
    /// <param name="authenticatedData">Data that travels with it and is authentic.</param>
    /// <exception cref="InvalidOperationException">The group is closed.</exception>
    public MlsMessage Propose(Proposal proposal, ReadOnlySpan<byte> authenticatedData = default) => Propose(proposal, authenticatedData, out _);

    private MlsMessage Propose(Proposal proposal, ReadOnlySpan<byte> authenticatedData, out ByteString reference)
    {
        ThrowIfClosed();
        var framed = new FramedContent(GroupId, Epoch, Sender.Member(Self), ByteString.CopyOf(authenticatedData), ContentType.Proposal, proposal);
        WireFormat wireFormat = _settings.EncryptHandshakes ? WireFormat.PrivateMessage : WireFormat.PublicMessage;
        AuthenticatedContent content = AuthenticatedContent.Sign(_epoch.State.Suite, wireFormat, framed, _epoch.Client.SigningKey, Context);
        reference = content.Reference(_epoch.State.Suite);
        _proposals[reference] = new QueuedProposal(proposal, framed.Sender, reference);
        return Send(content);
    }

    /// <summary>Proposes a new encryption key for our own leaf, for another member to commit.</summary>
    /// <exception cref="InvalidOperationException">The group is closed.</exception>
    public MlsMessage ProposeUpdate()
    {
        ThrowIfClosed();
        KemPrivateKey key = _epoch.State.Suite.Hpke.GenerateKeyPair(_epoch.Client.Random);
        LeafNode leaf = _epoch.Client.SignLeaf(ByteString.CopyOf(key.PublicKey), LeafNodeSource.Update, default, default, new LeafPlace(GroupId, Self));
        MlsMessage message = Propose(new UpdateProposal(leaf), default, out ByteString reference);
        _updateKeys.Add(reference, key);
        return message;
    }

    /// <summary>Names a pre-shared key for one use, with a new nonce.</summary>
    public PreSharedKeyId NewPskId(ByteString externalId) => PreSharedKeyId.External(externalId, NewNonce());

    /// <summary>Names the resumption key of an epoch of this group for one use, with a new nonce.</summary>
    public PreSharedKeyId NewResumptionPskId(ulong epoch) =>
        PreSharedKeyId.Resumption(ResumptionPskUsage.Application, GroupId, epoch, NewNonce());

    /// <summary>Presents the present epoch to those who want to join by themselves.</summary>
    /// <param name="withTree">Whether the tree is in it.</param>
    public GroupInfo CreateGroupInfo(bool withTree = true) => CommitBuilder.SignGroupInfo(_epoch, withTree);

    /// <summary>The tree of the present epoch, as joiners need it.</summary>
    public ByteString EncodeTree() => _epoch.State.Tree.Encode();

    private ByteString NewNonce()
    {
        byte[] nonce = new byte[_epoch.State.Suite.HashSize];
        _epoch.Client.Random.Fill(nonce);
        return ByteString.Owning(nonce);
    }

    private MlsMessage Send(AuthenticatedContent content)
    {
        if (content.WireFormat == WireFormat.PrivateMessage)
            return Encrypt(content);

        ByteString tag = content.MembershipTag(_epoch.State.Suite, _epoch.Secrets.MembershipKey.Bytes, Context);
        return MlsMessage.Of(new PublicMessage(content, tag));
    }

    // One that sends leaves bad proposals of others out, where one that receives refuses the whole commit. All at once first: mostly all are good.
    private Refusal? SelectProposals(
        QueuedProposal[] own,
        CommitOptions options,
        Sender self,
        GroupTime time,
        out IReadOnlyList<QueuedProposal> selected,
        out AppliedProposals? applied)
    {
        Refusal? apply(IReadOnlyList<QueuedProposal> list, out AppliedProposals? effect) =>
            ProposalList.Apply(_epoch.State, list, self, options.IsRestart, _epoch.Client.Identities, time.Date, out effect);

        QueuedProposal[] received = options.CoverReceived ? [.. _proposals.Values.Where(queued => queued.Proposal is not UpdateProposal || queued.Sender != self)] : [];
        selected = [.. received, .. own];
        if (apply(selected, out applied) is null)
            return null;

        selected = own;
        if (apply(selected, out applied) is { } refusal)
            return refusal;

        // By halves: one that is bad among thousands costs some tries and not thousands. Who floods the group with them has the rest left out.
        var open = new Stack<ArraySegment<QueuedProposal>>([received]);
        for (int tries = 0; tries < MaxTries && open.TryPop(out ArraySegment<QueuedProposal> some); tries++)
        {
            QueuedProposal[] with = [.. some, .. selected];
            if (apply(with, out AppliedProposals? effect) is null)
            {
                (selected, applied) = (with, effect);
            }
            else if (some.Count > 1)
            {
                open.Push(some[(some.Count / 2)..]);
                open.Push(some[..(some.Count / 2)]);
            }
        }

        return null;
    }

    private double BlankShare()
    {
        IReadOnlyList<(TreeNode Node, TreeNode Copath)> path = _epoch.State.Tree.FilteredDirectPath(Self);
        return path.Count == 0 ? 0 : path.Count(entry => entry.Node.IsBlank) / (double)path.Count;
    }
}
