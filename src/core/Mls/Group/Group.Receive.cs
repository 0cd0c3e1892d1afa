using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

public sealed partial class Group
{
    /// <summary>Takes a message of the group.</summary>
    /// <param name="message">A message that was decoded.</param>
    /// <param name="time">The present.</param>
    /// <param name="received">What it turned out to be.</param>
    /// <remarks>
    /// The most that a message can cost, with the proposals that it refers to: a verification for itself and for each leaf and key package;
    /// three imported keys for each key package, two for any other leaf, one for each node of the path; a multiplication with a private key for
    /// each node of the path and three more; three derivations for each step that a private message is ahead; and 64 bytes of memory for
    /// each byte and 256 KiB.
    /// </remarks>
    public Refusal? Receive(MlsMessage message, GroupTime time, out Received? received)
    {
        received = null;
        if (message.PublicMessage is null && message.PrivateMessage is null)
            return Rules.MessageKind;
        if (_closed)
            return Rules.GroupClosed;
        if (message.GroupId != GroupId)
            return Rules.GroupOther;

        ExpirePastEpochs(time.Now);
        return message.PublicMessage is { } open ? ReceivePublic(open, time, out received) : ReceivePrivate(message.PrivateMessage!, time, out received);
    }

    private Refusal? ReceivePublic(PublicMessage message, GroupTime time, out Received? received)
    {
        received = null;
        AuthenticatedContent content = message.Content;
        FramedContent framed = content.Content;
        if (framed.Epoch != Epoch)
            return Rules.EpochOther;
        if (framed.ContentType == ContentType.Application)
            return Rules.ApplicationInPublic;

        if (framed.Sender.Type == SenderType.Member
            && !content.VerifyMembershipTag(_epoch.State.Suite, _epoch.Secrets.MembershipKey.Bytes, Context, message.MembershipTag))
        {
            return Rules.MembershipTag;
        }

        // Our own messages too: the membership key is everybody's, and who takes a forged echo for its commit's would merge that alone.
        if (SenderRules.VerifySignature(_epoch.State, content) is { } forged)
            return forged;

        if (framed.Sender == Sender.Member(Self))
        {
            received = new OwnMessage(framed.ContentType);
            return null;
        }

        return ReceiveHandshake(content, time, out received);
    }

    private Refusal? ReceivePrivate(PrivateMessage message, GroupTime time, out Received? received)
    {
        received = null;
        Epoch? epoch = message.Epoch == Epoch ? _epoch : _past.Select(past => past.Epoch).FirstOrDefault(past => past.Number == message.Epoch);
        if (epoch is null || (epoch != _epoch && message.ContentType != ContentType.Application))
            return Rules.EpochOther;

        CipherSuite suite = epoch.State.Suite;
        Refusal? refusal = MessageProtection.Unprotect(suite, epoch.Secrets.SenderDataSecret, epoch.Messages, epoch.Self, message, out AuthenticatedContent? content, out TakenKey? taken);
        if (refusal == Rules.OwnMessage)
        {
            received = new OwnMessage(message.ContentType);
            return null;
        }

        if (refusal is not null)
            return refusal;

        // Verified by the tree of the message's own epoch, not by today's.
        using (taken)
        {
            if (SenderRules.VerifySignature(epoch.State, content!) is { } forged)
                return forged;

            taken!.Use();
        }

        FramedContent framed = content!.Content;
        if (framed.ContentType != ContentType.Application)
            return ReceiveHandshake(content, time, out received);

        received = new ApplicationMessage(
            epoch.Number,
            framed.Sender.Leaf,
            epoch.State.Tree[framed.Sender.Leaf]!,
            (ByteString)framed.Content,
            framed.AuthenticatedData);
        return null;
    }

    private Refusal? ReceiveHandshake(AuthenticatedContent content, GroupTime time, out Received? received)
    {
        received = null;
        FramedContent framed = content.Content;
        if (framed.Content is Proposal proposal)
        {
            ByteString reference = content.Reference(_epoch.State.Suite);
            if (!_proposals.ContainsKey(reference) && !ProposalList.HasRoom(_proposals, framed.Sender, _settings.MaxProposals))
                return Rules.TooManyProposals;

            _proposals[reference] = new QueuedProposal(proposal, framed.Sender, reference);
            received = new ProposalMessage(reference, proposal, framed.Sender, framed.AuthenticatedData);
            return null;
        }

        if (Stage(content, time, out StagedCommit? staged) is { } refusal)
            return refusal;

        received = new CommitMessage(staged!);
        return null;
    }

    // Section 12.4.2, from the point where the signature was verified
    private Refusal? Stage(AuthenticatedContent message, GroupTime time, out StagedCommit? staged)
    {
        staged = null;
        CipherSuite suite = _epoch.State.Suite;
        if (PublicCommit.Evaluate(_epoch.State, message, _proposals, isRestart: false, _epoch.Client.Identities, time.Date, out PublicCommit? commit) is { } refusal)
            return refusal;

        AppliedProposals proposals = commit!.Proposals;
        if (proposals.Removed.Any(removed => removed.Index == Self))
        {
            staged = new StagedCommit(commit, _epoch, null);
            return null;
        }

        PrivateTree keys = _epoch.Keys;
        foreach ((LeafIndex index, _, LeafNode after) in proposals.Updated)
        {
            if (index == Self && _updateKeys.Values.FirstOrDefault(key => key.PublicKey.SequenceEqual(after.EncryptionKey)) is { } updateKey)
                keys = keys.WithLeafKey(updateKey);
        }

        keys = keys.Within(proposals.Tree);
        PrivateTree before = keys;
        Secret? commitSecret = null;
        if (commit.Commit.Path is { } path)
        {
            RatchetTree tree = commit.IsExternal ? proposals.Tree.WithPlace().Tree : proposals.Tree;
            if (TreeKem.Decrypt(tree, keys, commit.Committer, path, proposals.NewLeaves, commit.ProvisionalContext.Encode(), out keys, out commitSecret) is { } undecryptable)
                return undecryptable;

            keys = keys.Within(commit.Tree);
        }

        Refusal? failed = DeriveSecrets(commit, commitSecret, out EpochSecrets? secrets);
        commitSecret?.Dispose();
        if (failed is null && !suite.VerifyMac(secrets!.ConfirmationKey.Bytes, commit.Context.ConfirmedTranscriptHash, message.ConfirmationTag))
            failed = Rules.ConfirmationTag;

        if (failed is not null)
        {
            secrets?.Dispose();
            keys.DisposeExcept(before.Contains);
            return failed;
        }

        staged = new StagedCommit(commit, _epoch, new Epoch(commit.NextState(suite), secrets!, keys, _epoch.Client, _settings.Window))
        {
            IsInUse = IsInUse,
        };
        return null;
    }

    private Refusal? DeriveSecrets(PublicCommit commit, Secret? commitSecret, out EpochSecrets? secrets)
    {
        secrets = null;
        CipherSuite suite = _epoch.State.Suite;
        if (CollectPsks(suite, commit.Proposals.Psks, out Secret? pskSecret) is { } unknown)
            return unknown;

        using (pskSecret)
        {
            Secret? externalInit = null;
            if (commit.Proposals.ExternalInit is { } init && ExternalInit.Receive(suite, _epoch.Secrets, init.KemOutput, out externalInit) is { } refusal)
                return refusal;

            ByteString context = commit.Context.Encode();
            using var none = new Secret(suite.HashSize);
            using Secret joinerSecret = EpochSecrets.JoinerSecret(suite, externalInit ?? _epoch.Secrets.InitSecret, (commitSecret ?? none).Bytes, context);
            externalInit?.Dispose();
            secrets = EpochSecrets.FromJoinerSecret(suite, joinerSecret, pskSecret!, context);
            return null;
        }
    }

    private Refusal? CollectPsks(CipherSuite suite, IReadOnlyList<PreSharedKeyId> ids, out Secret? pskSecret) =>
        PreSharedKeys.Collect(suite, ids, FindPsk, out pskSecret);

    private Secret? FindPsk(PreSharedKeyId id) => FindResumptionKey(id) ?? _former?.FindResumptionKey(id) ?? _preSharedKeys?.Find(id);

    private Secret? FindResumptionKey(PreSharedKeyId id) => id.Type == PskType.Resumption && id.GroupId == GroupId ? ResumptionKey(id.Epoch) : null;
}

/// <summary>The senders of messages and their keys (section 6.1).</summary>
internal static class SenderRules
{
    public static Refusal? VerifySignature(GroupState state, AuthenticatedContent content)
    {
        FramedContent framed = content.Content;
        VerifyingKey? key;
        switch (framed.Sender.Type)
        {
            case SenderType.Member:
                key = state.Tree[framed.Sender.Leaf]?.ImportSignatureKey(state.Suite);
                break;

            case SenderType.External when framed.ContentType == ContentType.Proposal:
                IReadOnlyList<ExternalSender> senders = state.ExternalSenders;
                key = framed.Sender.Index < senders.Count
                    ? state.Suite.Crypto.ImportVerifyingKey(state.Suite.Signature, senders[(int)framed.Sender.Index].SignatureKey)
                    : null;
                break;

            case SenderType.NewMemberProposal when framed.Content is AddProposal add:
                key = add.KeyPackage.LeafNode.ImportSignatureKey(state.Suite);
                break;

            case SenderType.NewMemberCommit when framed.Content is Commit { Path: { } path }:
                key = path.LeafNode.ImportSignatureKey(state.Suite);
                break;

            default:
                return Rules.ContentSender;
        }

        if (key is null)
            return Rules.SenderUnknown;

        return content.VerifySignature(key, state.Context) ? null : Rules.MessageSignature;
    }
}

/// <summary>Pre-shared keys of a commit or Welcome.</summary>
internal static class PreSharedKeys
{
    public static Refusal? Collect(CipherSuite suite, IReadOnlyList<PreSharedKeyId> ids, Func<PreSharedKeyId, Secret?> find, out Secret? pskSecret)
    {
        pskSecret = null;
        var found = new List<(PreSharedKeyId, Secret)>(ids.Count);
        bool complete = true;
        foreach (PreSharedKeyId id in ids)
        {
            if (find(id) is { } value)
                found.Add((id, value));
            else
                complete = false;
        }

        if (complete)
            pskSecret = PskSecret.Compute(suite, found);

        foreach ((_, Secret value) in found)
            value.Dispose();
        return complete ? null : Rules.PskUnknown;
    }
}

/// <summary>The init secret of an external commit (section 8.3).</summary>
internal static class ExternalInit
{
    private static ReadOnlySpan<byte> Label => "MLS 1.0 external init secret"u8;

    public static Refusal? Receive(CipherSuite suite, EpochSecrets secrets, ByteString kemOutput, out Secret? initSecret)
    {
        using KemPrivateKey key = secrets.ExternalKeyPair();
        using HpkeContext? context = suite.Hpke.SetupRecipient(kemOutput, key, []);
        initSecret = Export(suite, context);
        return initSecret is null ? Rules.NothingRandom : null;
    }

    public static Refusal? Send(CipherSuite suite, ReadOnlySpan<byte> externalPub, IRandom random, out ByteString kemOutput, out Secret? initSecret)
    {
        kemOutput = default;
        initSecret = null;
        using KemPublicKey? key = suite.Crypto.ImportKemPublicKey(suite.Hpke.Kem, externalPub);
        if (key is null)
            return Rules.PublicKey;

        byte[] output = new byte[suite.Hpke.EncapsulatedKeySize];
        using HpkeContext? context = suite.Hpke.SetupSender(key, [], random, output);
        kemOutput = ByteString.Owning(output);
        initSecret = Export(suite, context);
        return initSecret is null ? Rules.NothingRandom : null;
    }

    private static Secret? Export(CipherSuite suite, HpkeContext? context)
    {
        if (context is null)
            return null;

        var secret = new Secret(suite.HashSize);
        context.Export(Label, secret.Buffer);
        return secret;
    }
}
