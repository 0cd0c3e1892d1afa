using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

public sealed partial class Group
{
    /// <summary>Joins by a Welcome (section 12.4.3.1).</summary>
    /// <param name="client">Who we are.</param>
    /// <param name="welcome">The Welcome.</param>
    /// <param name="keyPackage">Our key package that it names. When the group exists, it owns the leaf's private key.</param>
    /// <param name="tree">The tree, when it came apart: the data of a ratchet_tree extension. Else empty.</param>
    /// <param name="settings">How the group behaves.</param>
    /// <param name="time">The present.</param>
    /// <param name="preSharedKeys">Where pre-shared keys are found.</param>
    /// <param name="group">The group.</param>
    /// <param name="former">The group that this one says it continues.</param>
    /// <remarks>
    /// The most that it can cost: one decryption, however many entries the Welcome has; a verification for the GroupInfo and for each leaf, and
    /// two imported keys for each leaf; a multiplication with a private key for each node above us; and 64 bytes of memory for each byte and 256 KiB.
    /// </remarks>
    public static Refusal? Join(
        MlsClient client,
        Welcome welcome,
        OwnKeyPackage keyPackage,
        ReadOnlySpan<byte> tree,
        GroupSettings settings,
        GroupTime time,
        IPreSharedKeys? preSharedKeys,
        out Group? group,
        Group? former = null)
    {
        group = null;
        CipherSuite suite = client.Suite;
        if (welcome.CipherSuite != suite.Id)
            return Rules.WelcomeSuite;

        ByteString reference = keyPackage.KeyPackage.Reference(suite);
        if (welcome.Secrets.FirstOrDefault(entry => entry.NewMember == reference) is not { } ours)
            return Rules.WelcomeNotForUs;

        using Secret? plaintext = suite.DecryptWithLabel(keyPackage.InitKey, "Welcome"u8, welcome.EncryptedGroupInfo, ours.Ciphertext);
        if (plaintext is null)
            return Rules.WelcomeDecryption;

        using GroupSecrets? secrets = Structure.Decode(plaintext.Bytes, GroupSecrets.Read);
        if (secrets is null)
            return Rules.WelcomeEncoding;
        if (CheckPsks(suite, secrets.Psks, out PreSharedKeyId? restart) is { } badPsk)
            return badPsk;
        if (restart is not null && former is null)
            return Rules.RestartFormerMissing;
        if (PreSharedKeys.Collect(suite, secrets.Psks, id => former?.FindResumptionKey(id) ?? preSharedKeys?.Find(id), out Secret? pskSecret) is { } unknownPsk)
            return unknownPsk;

        using (pskSecret)
        {
            if (WelcomeCrypto.Decrypt(suite, secrets.JoinerSecret, pskSecret!, welcome.EncryptedGroupInfo, out GroupInfo? info) is { } undecryptable)
                return undecryptable;
            if (GroupInfoRules.Check(suite, info!, tree, client.Identities, time.Date, out GroupState? state) is { } badInfo)
                return badInfo;

            if (restart is not null && former!.CheckRestart(restart, state!, client.Identities) is { } badRestart)
                return badRestart;

            LeafNode leaf = keyPackage.KeyPackage.LeafNode;
            if (state!.Tree.FindSignatureKey(leaf.SignatureKey) is not { } self || state.Tree[self]!.Encoded != leaf.Encoded)
                return Rules.OwnLeafMissing;
            if (!leaf.Capabilities.SupportAll(info!.GroupContext.Extensions))
                return Rules.ExtensionNotSupportedByAll;

            PrivateTree keys = PrivateTree.Of(self, keyPackage.LeafKeyFor(suite));
            if (secrets.PathSecret is not null && DerivePath(state, keys, info.Signer, secrets.PathSecret, out keys) is { } badPath)
            {
                keys.DisposeExcept(key => key == keyPackage.LeafKey);
                return badPath;
            }


            EpochSecrets epochSecrets = EpochSecrets.FromJoinerSecret(suite, secrets.JoinerSecret, pskSecret!, info.GroupContext.Encode());
            if (!suite.VerifyMac(epochSecrets.ConfirmationKey.Bytes, info.GroupContext.ConfirmedTranscriptHash, info.ConfirmationTag))
            {
                epochSecrets.Dispose();
                keys.DisposeExcept(key => key == keyPackage.LeafKey);
                return Rules.ConfirmationTag;
            }

            keyPackage.LeafKeyTaken = true;
            group = new Group(new Epoch(state, epochSecrets, keys, client, settings.Window), settings, preSharedKeys);
            return null;
        }
    }

    /// <summary>Joins by a commit of our own (section 12.4.3.2), or comes back in the place of a leaf whose state was lost.</summary>
    /// <param name="client">Who we are.</param>
    /// <param name="info">The group as a member presents it, with the key for external commits.</param>
    /// <param name="tree">The tree, when it came apart. Else empty.</param>
    /// <param name="replaced">Our former leaf, which the commit removes.</param>
    /// <param name="settings">How the group behaves.</param>
    /// <param name="time">The present.</param>
    /// <param name="preSharedKeys">Where pre-shared keys are found.</param>
    /// <param name="authenticatedData">Data that travels with the commit and is authentic.</param>
    /// <param name="joined">The group as it is if the commit is accepted, and the commit.</param>
    public static Refusal? JoinExternally(
        MlsClient client,
        GroupInfo info,
        ReadOnlySpan<byte> tree,
        LeafIndex? replaced,
        GroupSettings settings,
        GroupTime time,
        IPreSharedKeys? preSharedKeys,
        ReadOnlySpan<byte> authenticatedData,
        out ExternalJoin? joined)
    {
        joined = null;
        CipherSuite suite = client.Suite;
        if (info.GroupContext.CipherSuite != suite.Id)
            return Rules.WelcomeSuite;
        if (GroupInfoRules.Check(suite, info, tree, client.Identities, time.Date, out GroupState? state) is { } badInfo)
            return badInfo;
        if (!info.Extensions.TryFind(ExtensionType.ExternalPub, out Extension? extension) || DecodeExternalPub(extension) is not { } externalPub)
            return Rules.ExternalPubMissing;
        if (ExternalInit.Send(suite, externalPub, client.Random, out ByteString kemOutput, out Secret? initSecret) is { } degenerate)
            return degenerate;

        using (initSecret)
        {
            List<Proposal> proposals = [new ExternalInitProposal(kemOutput)];
            if (replaced is { } leaf)
                proposals.Add(new RemoveProposal(leaf));

            var builder = new CommitBuilder(state!, client, settings, time, id => preSharedKeys?.Find(id))
            {
                Sender = new Sender(SenderType.NewMemberCommit, 0),
                AuthenticatedData = ByteString.CopyOf(authenticatedData),
                InitSecret = initSecret!,
                ForcePath = true,
            };
            QueuedProposal[] own = [.. proposals.Select(p => new QueuedProposal(p, builder.Sender, default))];
            if (ProposalList.Apply(state!, own, builder.Sender, isRestart: false, client.Identities, time.Date, out AppliedProposals? applied) is { } badProposals)
                return badProposals;
            if (builder.Build(own, applied!, out BuiltCommit? built) is { } refusal)
                return refusal;

            var group = new Group(built!.Next, settings, preSharedKeys);
            MlsMessage message = MlsMessage.Of(new PublicMessage(built.Message, default));
            joined = new ExternalJoin(group, message);
            return null;
        }
    }

    // Rules of section 12.1.4 that a Welcome must keep too
    private static Refusal? CheckPsks(CipherSuite suite, IReadOnlyList<PreSharedKeyId> psks, out PreSharedKeyId? restart)
    {
        restart = null;
        if (psks.Count > ushort.MaxValue)
            return Rules.TooManyPsks;

        var seen = new HashSet<PreSharedKeyId>(psks.Count);
        foreach (PreSharedKeyId psk in psks)
        {
            if (psk.Nonce.Length != suite.HashSize)
                return Rules.PskNonce;
            if (!seen.Add(psk.WithoutNonce))
                return Rules.PskTwice;
            if (psk.Type != PskType.Resumption || psk.Usage == ResumptionPskUsage.Application)
                continue;
            if (restart is not null)
                return Rules.PskUsage;

            restart = psk;
        }

        return null;
    }

    // The secret of the lowest node above both us and the committer, and of all nodes of the committer's path above that.
    private static Refusal? DerivePath(GroupState state, PrivateTree own, LeafIndex committer, Secret pathSecret, out PrivateTree keys)
    {
        keys = own;
        var nodes = new List<(uint, ByteString)>();
        foreach ((TreeNode node, _) in state.Tree.FilteredDirectPath(committer))
        {
            if (!node.Contains(own.Self.Value))
                continue;
            if (node.Parent is null)
                return Rules.PathPublicKey;

            nodes.Add((node.Index, node.Parent.EncryptionKey.Bytes));
        }

        Refusal? refusal = TreeKem.Derive(state.Suite, own, Secret.CopyOf(pathSecret.Bytes), nodes, out keys, out Secret? unused);
        unused?.Dispose();
        return refusal;
    }

    private static ByteString? DecodeExternalPub(Extension extension)
    {
        var reader = new WireReader(extension.Data);
        ByteString key = reader.ReadBytes();
        return reader.Complete ? key : null;
    }
}

/// <summary>A join by our own commit that nobody has accepted yet.</summary>
/// <param name="Group">The group as it is if the commit is accepted; disposed of otherwise.</param>
/// <param name="Message">The commit to send.</param>
public sealed record ExternalJoin(Group Group, MlsMessage Message)
{
    /// <summary>The new epoch for others to join, signed when it is asked for.</summary>
    public GroupInfo GroupInfo => Group.CreateGroupInfo();

    /// <summary>The new epoch's tree.</summary>
    public ByteString Tree => Group.EncodeTree();

    /// <summary>Says which group, without asking for what is made on demand.</summary>
    public override string ToString() => $"join of {Group.GroupId} at epoch {Group.Epoch}";
}

/// <summary>What one checks of a GroupInfo and its tree before believing them (sections 12.4.3.1 and 12.4.3.2).</summary>
internal static class GroupInfoRules
{
    public static Refusal? Check(CipherSuite suite, GroupInfo info, ReadOnlySpan<byte> apart, IIdentityProvider identities, DateTimeOffset date, out GroupState? state)
    {
        state = null;
        GroupContext context = info.GroupContext;
        if (context.CipherSuite != suite.Id)
            return Rules.WelcomeSuite;
        if (context.Extensions.HasDuplicates() || info.Extensions.HasDuplicates())
            return Rules.ExtensionTwice;

        ReadOnlySpan<byte> encodedTree = info.Extensions.TryFind(ExtensionType.RatchetTree, out Extension? inline) ? inline.Data : apart;
        if (encodedTree.IsEmpty)
            return Rules.TreeMissing;
        if (RatchetTree.Decode(suite, encodedTree, out RatchetTree? tree) is { } badTree)
            return badTree;

        // Cheap before dear: the hash binds the tree to what the signature covers, the leaves cost a verification each.
        if (tree!.Hash != context.TreeHash)
            return Rules.TreeHash;
        if (tree[info.Signer]?.ImportSignatureKey(suite) is not { } signer)
            return Rules.GroupInfoSigner;
        if (!info.VerifySignature(signer))
            return Rules.GroupInfoSignature;
        if (tree.ValidateParents() is { } badParents)
            return badParents;

        MemberIndex index = MemberIndex.Empty;
        foreach ((LeafIndex place, LeafNode leaf) in tree.EnumerateMembers())
        {
            if (LeafRules.Check(suite, leaf, null, new LeafPlace(context.GroupId, place), identities, IdentityRole.Member, date, out ByteString identity) is { } badLeaf)
                return badLeaf;
            if (index.Find(identity) is not null)
                return Rules.IdentityTwice;

            index = index.With(place, leaf, identity);
        }

        if (ProposalList.CheckCapabilities(index, context.Extensions, extensionsChanged: true, identities, date, [.. tree.EnumerateMembers().Select(member => member.Leaf)]) is { } incapable)
            return incapable;

        state = new GroupState(
            suite,
            context,
            tree,
            index,
            Transcript.Interim(suite, context.ConfirmedTranscriptHash, info.ConfirmationTag),
            info.ConfirmationTag);
        return null;
    }
}

/// <summary>The encryption of a GroupInfo to those who have the joiner secret (section 12.4.3.1).</summary>
internal static class WelcomeCrypto
{
    public static ByteString Encrypt(CipherSuite suite, Secret joinerSecret, Secret pskSecret, GroupInfo info)
    {
        using MessageKey key = KeyOf(suite, joinerSecret, pskSecret);
        using Aead aead = suite.Crypto.CreateAead(suite.Aead, key.Key)!;
        var plaintext = WireWriter.Growing();
        ((IStructure)info).Write(ref plaintext);
        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        aead.Seal(key.Nonce, [], plaintext.Written, ciphertext);
        plaintext.Dispose();
        return ByteString.Owning(ciphertext);
    }

    public static Refusal? Decrypt(CipherSuite suite, Secret joinerSecret, Secret pskSecret, ByteString ciphertext, out GroupInfo? info)
    {
        info = null;
        using MessageKey key = KeyOf(suite, joinerSecret, pskSecret);
        using Aead aead = suite.Crypto.CreateAead(suite.Aead, key.Key)!;
        byte[] plaintext = new byte[Math.Max(0, ciphertext.Length - Sizes.AeadTag)];
        if (!aead.TryOpen(key.Nonce, [], ciphertext, plaintext))
            return Rules.WelcomeDecryption;

        info = Structure.Decode(plaintext, GroupInfo.Read);
        return info is null ? Rules.WelcomeEncoding : null;
    }

    private static MessageKey KeyOf(CipherSuite suite, Secret joinerSecret, Secret pskSecret)
    {
        using Secret welcomeSecret = EpochSecrets.WelcomeSecret(suite, joinerSecret, pskSecret);
        var key = new Secret(suite.Aead.Key());
        var nonce = new Secret(Sizes.AeadNonce);
        suite.ExpandWithLabel(welcomeSecret.Bytes, "key"u8, [], key.Buffer);
        suite.ExpandWithLabel(welcomeSecret.Bytes, "nonce"u8, [], nonce.Buffer);
        return new MessageKey(key, nonce);
    }
}
