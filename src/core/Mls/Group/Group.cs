using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>
/// A group as one of its members takes part in it (RFC 9420). Messages come in by <see cref="Receive"/>; a commit is staged, looked at,
/// and then merged or dropped. One caller at a time.
/// </summary>
/// <remarks>
/// What is refused leaves nothing behind, except that the key of an authentic private message is spent.
/// A group is never stored: a member that lost its state joins again.
/// </remarks>
public sealed partial class Group : IDisposable
{
    private readonly GroupSettings _settings;
    private readonly IPreSharedKeys? _preSharedKeys;
    private readonly LinkedList<(Epoch Epoch, Instant Until)> _past = [];
    private readonly SortedDictionary<ulong, Secret> _resumption = [];

    // Of the present epoch: proposals that a commit may cover, and the private keys of our own updates among them.
    private readonly Dictionary<ByteString, QueuedProposal> _proposals = [];
    private readonly Dictionary<ByteString, KemPrivateKey> _updateKeys = [];

    private Epoch _epoch;
    private bool _closed;

    // The ReInit that closed this group; and the group that this one continues.
    private ReInitProposal? _reInit;
    private Group? _former;

    internal Group(Epoch epoch, GroupSettings settings, IPreSharedKeys? preSharedKeys)
    {
        _epoch = epoch;
        _settings = settings;
        _preSharedKeys = preSharedKeys;
        KeepResumptionKey();
    }

    /// <summary>The group's id.</summary>
    public ByteString GroupId => _epoch.State.Context.GroupId;

    /// <summary>The number of the present epoch.</summary>
    public ulong Epoch => _epoch.Number;

    /// <summary>What all members agree on.</summary>
    public GroupContext Context => _epoch.State.Context;

    /// <summary>Our own leaf.</summary>
    public LeafIndex Self => _epoch.Self;

    /// <summary>Members, we included.</summary>
    public int MemberCount => (int)_epoch.State.Tree.Members;

    /// <summary>The members from the left, we included.</summary>
    public IEnumerable<(LeafIndex Index, LeafNode Leaf)> Members => _epoch.State.Tree.EnumerateMembers();

    /// <summary>The member at a leaf: <see langword="null"/> when it is blank or outside the tree.</summary>
    public LeafNode? MemberAt(LeafIndex index) => _epoch.State.Tree[index];

    /// <summary>The secret by which members can compare whether they are in the same state (section 8.7).</summary>
    public ReadOnlySpan<byte> EpochAuthenticator => _epoch.Secrets.EpochAuthenticator.Bytes;

    /// <summary>The proposals of this epoch that a commit may cover.</summary>
    public IEnumerable<ProposalMessage> Proposals =>
        _proposals.Select(entry => new ProposalMessage(entry.Key, entry.Value.Proposal, entry.Value.Sender, default));

    /// <summary>Whether the group was closed by a ReInit, or we are no longer in it.</summary>
    public bool IsClosed => _closed;

    /// <summary>Founds a group of which we are the only member (section 11).</summary>
    /// <param name="client">Who we are.</param>
    /// <param name="groupId">An id that no other group of ours has had.</param>
    /// <param name="extensions">Extensions of the group context.</param>
    /// <param name="settings">How the group behaves.</param>
    /// <param name="time">The present.</param>
    /// <param name="preSharedKeys">Where pre-shared keys are found.</param>
    /// <param name="group">The group.</param>
    public static Refusal? Create(
        MlsClient client,
        ByteString groupId,
        IReadOnlyList<Extension> extensions,
        GroupSettings settings,
        GroupTime time,
        IPreSharedKeys? preSharedKeys,
        out Group? group)
    {
        group = null;
        CipherSuite suite = client.Suite;
        if (extensions.HasDuplicates())
            return Rules.ExtensionTwice;

        KemPrivateKey leafKey = suite.Hpke.GenerateKeyPair(client.Random);
        LeafNode leaf = client.SignLeaf(ByteString.CopyOf(leafKey.PublicKey), LeafNodeSource.KeyPackage, new Lifetime(0, ulong.MaxValue), default, null);
        Refusal? refusal = LeafRules.Check(suite, leaf, LeafNodeSource.KeyPackage, null, client.Identities, IdentityRole.Joiner, time.Date, out ByteString identity);
        MemberIndex index = refusal is null ? MemberIndex.Empty.With(default, leaf, identity) : MemberIndex.Empty;
        refusal ??= ProposalList.CheckCapabilities(index, extensions, extensionsChanged: true, client.Identities, time.Date, [leaf]);
        if (refusal is not null)
        {
            leafKey.Dispose();
            return refusal;
        }

        var tree = RatchetTree.Of(suite, leaf);
        var context = new GroupContext(suite.Id, groupId, 0, tree.Hash, default, extensions);
        using Secret epochSecret = Secret.Generate(client.Random, suite.HashSize);
        EpochSecrets secrets = EpochSecrets.FromEpochSecret(suite, epochSecret);
        ByteString confirmationTag = Mls.Epoch.ConfirmationTag(suite, secrets, default);
        var state = new GroupState(suite, context, tree, index, Transcript.Interim(suite, default, confirmationTag), confirmationTag);
        group = new Group(new Epoch(state, secrets, PrivateTree.Of(default, leafKey), client, settings.Window), settings, preSharedKeys);
        return null;
    }

    /// <summary>Derives a secret of the epoch for the application (section 8.5).</summary>
    /// <param name="label">What it is for.</param>
    /// <param name="context">For what more exactly.</param>
    /// <param name="output">Filled.</param>
    public void Export(ReadOnlySpan<byte> label, ReadOnlySpan<byte> context, Span<byte> output) => _epoch.Secrets.Export(label, context, output);

    /// <summary>A copy of the resumption key of an epoch that is still kept: <see langword="null"/> when it is not.</summary>
    public Secret? ResumptionKey(ulong epoch) => _resumption.TryGetValue(epoch, out Secret? key) ? Secret.CopyOf(key.Bytes) : null;

    /// <summary>Encrypts data of the application for the members of this epoch.</summary>
    /// <param name="data">The data.</param>
    /// <param name="authenticatedData">Data that travels in the open and is authentic.</param>
    /// <exception cref="InvalidOperationException">The group is closed.</exception>
    public MlsMessage Protect(ReadOnlySpan<byte> data, ReadOnlySpan<byte> authenticatedData = default)
    {
        ThrowIfClosed();
        var content = new FramedContent(GroupId, Epoch, Sender.Member(Self), ByteString.CopyOf(authenticatedData), ContentType.Application, ByteString.CopyOf(data));
        return Encrypt(AuthenticatedContent.Sign(_epoch.State.Suite, WireFormat.PrivateMessage, content, _epoch.Client.SigningKey, Context));
    }

    /// <summary>Forgets the past epochs at once, as one does when somebody was put out.</summary>
    public void ForgetPastEpochs()
    {
        foreach ((Epoch epoch, _) in _past)
            epoch.Dispose();
        _past.Clear();
    }

    /// <summary>
    /// Forgets the past epochs whose time is over. Receiving and merging do it too; in a group that is silent somebody has to call this.
    /// </summary>
    public void ExpirePastEpochs(Instant now)
    {
        while (_past.First is { } oldest && (_past.Count > _settings.PastEpochs || oldest.Value.Until <= now))
        {
            oldest.Value.Epoch.Dispose();
            _past.RemoveFirst();
        }
    }

    /// <summary>Merges a commit that was staged on the present epoch.</summary>
    /// <param name="staged">The commit; it is used up.</param>
    /// <param name="now">The present, from which the past epoch's time counts.</param>
    /// <returns>A refusal when it was staged on another epoch, or merged or dropped before.</returns>
    public Refusal? Merge(StagedCommit staged, Instant now)
    {
        if (staged.Before != _epoch || staged.Merged || _closed)
            return Rules.StaleCommit;

        staged.Merged = true;
        ClearProposals(keep: staged.Next?.Keys);
        if (staged.Next is not { } next)
        {
            Close();
            return null;
        }

        Epoch past = _epoch;
        _epoch = next;
        past.Keys.DisposeExcept(next.Keys.Contains);
        past.Retire();
        _past.AddLast((past, now + _settings.PastEpochLifetime));
        ExpirePastEpochs(now);
        KeepResumptionKey();
        _reInit = staged.ReInit;
        _closed = _reInit is not null;
        return null;
    }

    /// <summary>Zeroes all secrets.</summary>
    public void Dispose()
    {
        Close();
        foreach (Secret key in _resumption.Values)
            key.Dispose();
        _resumption.Clear();
    }

    private void Close()
    {
        _closed = true;
        ClearProposals(keep: null);
        ForgetPastEpochs();
        _epoch.Keys.DisposeExcept(_ => false);
        _epoch.Dispose();
    }

    private void ClearProposals(PrivateTree? keep)
    {
        _proposals.Clear();
        foreach (KemPrivateKey key in _updateKeys.Values)
        {
            if (keep is null || !keep.Contains(key))
                key.Dispose();
        }

        _updateKeys.Clear();
    }

    private bool IsInUse(KemPrivateKey key) => _updateKeys.ContainsValue(key) || _epoch.Keys.Contains(key);

    private void KeepResumptionKey()
    {
        _resumption[Epoch] = Secret.CopyOf(_epoch.Secrets.ResumptionPsk.Bytes);
        while (_resumption.Count > _settings.ResumptionEpochs)
        {
            ulong oldest = _resumption.Keys.First();
            _resumption.Remove(oldest, out Secret? key);
            key!.Dispose();
        }
    }

    private MlsMessage Encrypt(AuthenticatedContent content)
    {
        int length = content.Encode().Length;
        int padding = _settings.PaddingBlock > 1 ? (_settings.PaddingBlock - (length % _settings.PaddingBlock)) % _settings.PaddingBlock : 0;
        return MlsMessage.Of(MessageProtection.Protect(_epoch.State.Suite, _epoch.Secrets.SenderDataSecret, _epoch.Messages, content, padding, _epoch.Client.Random));
    }

    private void ThrowIfClosed()
    {
        if (_closed)
            throw new InvalidOperationException(Rules.GroupClosed.Text);
    }
}
