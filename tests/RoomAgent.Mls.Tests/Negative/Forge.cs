using System.Runtime.CompilerServices;
using RoomAgent.Crypto;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>
/// Makes what the library would not make: messages of a member that holds all its keys and keeps no rule. Everything here is signed, tagged
/// and encrypted as it should be, so that a test breaks exactly the one rule that it is about.
/// </summary>
internal static class Forge
{
    private static readonly SeededRandom s_random = new(4711);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_epoch")]
    private static extern ref Epoch EpochOf(Group group);

    /// <summary>The secrets of a group's present epoch.</summary>
    public static Epoch Secrets(this Group group) => EpochOf(group);

    public static FramedContent Framed(Member forger, object content, Sender? sender = null) => new(
        forger.Group.GroupId,
        forger.Group.Epoch,
        sender ?? Sender.Member(forger.Leaf),
        default,
        content switch { Proposal => ContentType.Proposal, Mls.Commit => ContentType.Commit, _ => ContentType.Application },
        content);

    /// <summary>A public message with a right signature and membership tag.</summary>
    public static MlsMessage Public(Member forger, FramedContent framed, ByteString confirmationTag = default, SigningKey? key = null)
    {
        AuthenticatedContent content = AuthenticatedContent.Sign(forger.Client.Suite, WireFormat.PublicMessage, framed, key ?? forger.Client.SigningKey, forger.Group.Context)
            with { ConfirmationTag = confirmationTag };
        return MlsMessage.Of(Tag(forger, content));
    }

    public static PublicMessage Tag(Member forger, AuthenticatedContent content) =>
        new(content, content.MembershipTag(forger.Client.Suite, forger.Group.Secrets().Secrets.MembershipKey.Bytes, forger.Group.Context));

    /// <summary>A private message of any leaf and generation, with a plaintext that need not be a content.</summary>
    public static PrivateMessage Private(Member forger, LeafIndex sender, uint generation, ContentType type, byte[] plaintext, int reuseGuard = 0)
    {
        CipherSuite suite = forger.Client.Suite;
        Epoch epoch = forger.Group.Secrets();
        using Ratchet? ratchet = sender.Value < epoch.State.Tree.Leaves ? CopyRatchet(suite, epoch.Messages, sender, type) : null;
        using TakenKey? taken = ratchet?.Take(generation);

        var aad = WireWriter.Growing();
        aad.WriteVector(forger.Group.GroupId);
        aad.WriteUInt64(forger.Group.Epoch);
        aad.WriteUInt8((byte)type);
        byte[] senderAad = aad.ToArray();
        aad.WriteVector([]);

        // The reuse guard stands in the first four bytes of the nonce.
        byte[] nonce = taken is null ? new byte[Sizes.AeadNonce] : taken.Key.Nonce.ToArray();
        nonce[3] ^= (byte)reuseGuard;
        byte[] ciphertext = Seal(suite, taken is null ? new byte[suite.Aead.Key()] : taken.Key.Key, nonce, aad.Written, plaintext);
        aad.Dispose();

        var data = WireWriter.Growing();
        data.WriteUInt32(sender.Value);
        data.WriteUInt32(generation);
        data.WriteUInt32((uint)reuseGuard);
        using MessageKey senderKey = MessageProtection.SenderDataKey(suite, epoch.Secrets.SenderDataSecret, ciphertext);
        byte[] senderData = Seal(suite, senderKey.Key, senderKey.Nonce, senderAad, data.Written);
        data.Dispose();
        return new PrivateMessage(forger.Group.GroupId, forger.Group.Epoch, type, default, ByteString.Owning(senderData), ByteString.Owning(ciphertext));
    }

    // The epoch has no encryption_secret any more, but what its tree has leads to all keys that were not used.
    private static Ratchet CopyRatchet(CipherSuite suite, SecretTree tree, LeafIndex leaf, ContentType type)
    {
        Ratchet ratchet = RatchetOf(tree, leaf, type);
        var copy = new Ratchet(suite, Secret.CopyOf(SecretOf(ratchet).Bytes), new RatchetWindow(1, uint.MaxValue));
        SetGeneration(copy, ratchet.Generation);
        return copy;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "RatchetOf")]
    private static extern Ratchet RatchetOf(SecretTree tree, LeafIndex leaf, ContentType type);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_secret")]
    private static extern ref Secret SecretOf(Ratchet ratchet);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_Generation")]
    private static extern void SetGeneration(Ratchet ratchet, uint generation);

    /// <summary>The plaintext of a private message that is right in all things.</summary>
    public static byte[] Plaintext(Member forger, object body, Sender? sender = null, SigningKey? key = null)
    {
        FramedContent framed = Framed(forger, body, sender);
        AuthenticatedContent content = AuthenticatedContent.Sign(forger.Client.Suite, WireFormat.PrivateMessage, framed, key ?? forger.Client.SigningKey, forger.Group.Context);
        var writer = WireWriter.Growing();
        framed.WriteContent(ref writer);
        content.WriteAuth(ref writer);
        byte[] plaintext = writer.ToArray();
        writer.Dispose();
        return plaintext;
    }

    /// <summary>A commit of the forger, changed after it was made, then signed and tagged again.</summary>
    public static MlsMessage Commit(Member forger, Func<Commit, Commit> change, CommitOptions? options = null)
    {
        Assert.Null(forger.Group.Commit(options ?? new CommitOptions { ForcePath = true, CoverReceived = false }, Time, out PendingCommit? pending));
        using (pending)
        {
            AuthenticatedContent genuine = pending!.Message.PublicMessage!.Content;
            FramedContent framed = genuine.Content with { Content = change((Commit)genuine.Content.Content) };
            return Public(forger, framed, genuine.ConfirmationTag);
        }
    }

    /// <summary>A commit of these proposals by value, with a path that was made for none of them.</summary>
    public static MlsMessage CommitOf(Member forger, params Proposal[] proposals) =>
        Commit(forger, commit => commit with { Proposals = [.. proposals.Select(p => new ProposalOrRef(p, default))] });

    /// <summary>A commit of proposals by reference.</summary>
    public static MlsMessage CommitOf(Member forger, params ByteString[] references) =>
        Commit(forger, commit => commit with { Proposals = [.. references.Select(r => new ProposalOrRef(null, r))] });

    /// <summary>A commit with another leaf in its path, signed for its place.</summary>
    public static MlsMessage CommitWithLeaf(Member forger, Func<LeafNode.Content, LeafNode.Content> change, SigningKey? key = null, LeafPlace? place = null) =>
        Commit(forger, commit => commit with
        {
            Path = commit.Path! with { LeafNode = Sign(forger.Client, change(ContentOf(commit.Path.LeafNode)), key, place ?? new LeafPlace(forger.Group.GroupId, forger.Leaf)) },
        });

    /// <summary>A commit whose path is as it should be except for the public keys that it claims.</summary>
    public static MlsMessage CommitWithKeys(Member forger, Func<IReadOnlyList<ByteString>, IReadOnlyList<ByteString>> change)
    {
        CipherSuite suite = forger.Client.Suite;
        Epoch epoch = forger.Group.Secrets();
        RatchetTree tree = epoch.State.Tree;
        var place = new LeafPlace(forger.Group.GroupId, forger.Leaf);
        IReadOnlyList<(TreeNode Node, TreeNode Copath)> filteredPath = tree.FilteredDirectPath(forger.Leaf);
        Secret[] pathSecrets = [.. filteredPath.Select(_ => Secret.Generate(s_random, suite.HashSize))];
        for (int i = 1; i < pathSecrets.Length; i++)
            pathSecrets[i] = suite.DeriveSecret(pathSecrets[i - 1].Bytes, "path"u8);

        IReadOnlyList<ByteString> keys = change([.. pathSecrets.Select(secret =>
        {
            using KemPrivateKey key = suite.Hpke.DeriveKeyPair(suite.DeriveSecret(secret.Bytes, "node"u8).Bytes);
            return ByteString.CopyOf(key.PublicKey);
        })]);
        (ByteString parentHash, var values) = tree.HashPath(filteredPath, keys);
        LeafNode leaf = forger.Client.SignLeaf(NewPublicKey(suite), LeafNodeSource.Commit, default, parentHash, place);
        RatchetTree after = tree.WithPath(forger.Leaf, leaf, values);

        using var path = new TreeKem.NewPath(after, leaf, filteredPath, keys, pathSecrets, new Dictionary<uint, KemPrivateKey>(), new Secret(0));
        GroupContext provisional = epoch.State.Context with { Epoch = epoch.Number + 1, TreeHash = after.Hash };
        return Commit(forger, commit => commit with { Path = path.Encrypt(provisional.Encode(), new HashSet<LeafIndex>(), s_random) });
    }

    /// <summary>An external commit, changed after it was made and signed again.</summary>
    public static MlsMessage ExternalCommit(MlsClient client, Member presenter, Func<Commit, Commit> change, LeafIndex? replaced = null)
    {
        Assert.Null(Group.JoinExternally(client, presenter.Group.CreateGroupInfo(), default, replaced, new GroupSettings(), Time, null, default, out ExternalJoin? joined));
        using Group group = joined!.Group;
        AuthenticatedContent genuine = joined.Message.PublicMessage!.Content;
        FramedContent framed = genuine.Content with { Content = change((Commit)genuine.Content.Content) };
        AuthenticatedContent changed = AuthenticatedContent.Sign(client.Suite, WireFormat.PublicMessage, framed, client.SigningKey, presenter.Group.Context);
        return MlsMessage.Of(new PublicMessage(changed with { ConfirmationTag = genuine.ConfirmationTag }, default));
    }

    public static LeafNode.Content ContentOf(LeafNode leaf) =>
        new(leaf.EncryptionKey, leaf.SignatureKey, leaf.Credential, leaf.Capabilities, leaf.Source, leaf.Lifetime, leaf.ParentHash, leaf.Extensions);

    public static LeafNode Sign(MlsClient client, LeafNode.Content content, SigningKey? key = null, LeafPlace? place = null) =>
        LeafNode.Sign(client.Suite, content, key ?? client.SigningKey, place);

    /// <summary>A leaf for a key package, changed before it is signed.</summary>
    public static LeafNode Leaf(MlsClient client, Func<LeafNode.Content, LeafNode.Content>? change = null, SigningKey? key = null, LeafPlace? place = null)
    {
        var content = new LeafNode.Content(
            NewPublicKey(client.Suite),
            ByteString.CopyOf(client.SigningKey.PublicKey),
            client.Credential,
            client.Capabilities,
            LeafNodeSource.KeyPackage,
            Valid,
            default,
            client.LeafExtensions);
        return Sign(client, change is null ? content : change(content), key, place);
    }

    public static KeyPackage KeyPackage(MlsClient client, Func<LeafNode.Content, LeafNode.Content> change) => KeyPackage(client, Leaf(client, change));

    public static KeyPackage KeyPackage(MlsClient client, LeafNode? leaf = null, ByteString? initKey = null, IReadOnlyList<Extension>? extensions = null, SigningKey? key = null) =>
        Mls.KeyPackage.Sign(client.Suite, initKey ?? NewPublicKey(client.Suite), leaf ?? Leaf(client), extensions ?? [], key ?? client.SigningKey);

    public static ByteString NewPublicKey(CipherSuite suite)
    {
        using KemPrivateKey key = suite.Hpke.GenerateKeyPair(s_random);
        return ByteString.CopyOf(key.PublicKey);
    }

    /// <summary>A GroupInfo of the forger's present epoch with another tree, whose hash it names, and signed.</summary>
    public static GroupInfo GroupInfo(Member forger, ByteString tree) => GroupInfo(forger, info => info with
    {
        GroupContext = info.GroupContext with { TreeHash = HashOf(forger.Client.Suite, tree) ?? info.GroupContext.TreeHash },
        Extensions = [.. info.Extensions.Where(e => e.Type != ExtensionType.RatchetTree), new Extension(ExtensionType.RatchetTree, tree)],
    });

    public static GroupInfo GroupInfo(Member forger, Func<GroupInfo, GroupInfo> change, SigningKey? key = null) =>
        Mls.GroupInfo.Sign(forger.Client.Suite, change(forger.Group.CreateGroupInfo()), key ?? forger.Client.SigningKey);

    /// <summary>The nodes of a tree from the left: a <see cref="LeafNode"/>, a <see cref="ParentNode"/> or nothing at each place.</summary>
    public static List<IStructure?> Nodes(Member member)
    {
        static IEnumerable<IStructure?> inOrder(TreeNode node) => node.IsLeaf ? [node.Leaf] : [.. inOrder(node.Left), node.Parent, .. inOrder(node.Right)];
        List<IStructure?> nodes = [.. inOrder(member.Group.Secrets().State.Tree.Root)];
        while (nodes[^1] is null)
            nodes.RemoveAt(nodes.Count - 1);
        return nodes;
    }

    /// <summary>The encoding of such nodes, whatever they are.</summary>
    public static ByteString Encode(IReadOnlyList<IStructure?> nodes)
    {
        var writer = WireWriter.Growing();
        int start = writer.BeginVector();
        foreach (IStructure? node in nodes)
        {
            writer.WriteUInt8(node is null ? (byte)0 : (byte)1);
            if (node is not null)
                writer.WriteUInt8(node is LeafNode ? NodeType.Leaf : NodeType.Parent);
            node?.Write(ref writer);
        }

        writer.EndVector(start);
        var encoded = ByteString.Owning(writer.ToArray());
        writer.Dispose();
        return encoded;
    }

    /// <summary>A Welcome whose two encrypted parts are changed and encrypted again, which its true maker could do.</summary>
    public static Welcome Welcome(Member forger, OwnKeyPackage joiner, Welcome genuine, Func<GroupSecrets, GroupSecrets>? secrets = null, Func<GroupInfo, GroupInfo>? info = null, IReadOnlyList<(PreSharedKeyId, Secret)>? psks = null)
    {
        CipherSuite suite = forger.Client.Suite;
        using GroupSecrets known = Open(suite, joiner, genuine);
        using Secret pskSecret = PskSecret.Compute(suite, psks ?? []);
        Assert.Null(WelcomeCrypto.Decrypt(suite, known.JoinerSecret, pskSecret, genuine.EncryptedGroupInfo, out GroupInfo? groupInfo));
        if (info is not null)
            groupInfo = Mls.GroupInfo.Sign(suite, info(groupInfo!), forger.Client.SigningKey);

        GroupSecrets changed = secrets is null ? known : secrets(known);
        return Welcome(suite, joiner, changed.Encode(), WelcomeCrypto.Encrypt(suite, changed.JoinerSecret, pskSecret, groupInfo!));
    }

    public static Welcome Welcome(CipherSuite suite, OwnKeyPackage joiner, ByteString groupSecrets, ByteString encryptedInfo)
    {
        using KemPublicKey initKey = suite.Crypto.ImportKemPublicKey(suite.Hpke.Kem, joiner.KeyPackage.InitKey)!;
        HpkeCiphertext ciphertext = suite.EncryptWithLabel(initKey, "Welcome"u8, encryptedInfo, groupSecrets, s_random)!;
        return new Welcome(suite.Id, [new EncryptedGroupSecrets(joiner.KeyPackage.Reference(suite), ciphertext)], encryptedInfo);
    }

    public static GroupSecrets Open(CipherSuite suite, OwnKeyPackage joiner, Welcome welcome)
    {
        ByteString reference = joiner.KeyPackage.Reference(suite);
        EncryptedGroupSecrets ours = welcome.Secrets.Single(entry => entry.NewMember == reference);
        using Secret plaintext = suite.DecryptWithLabel(joiner.InitKey, "Welcome"u8, welcome.EncryptedGroupInfo, ours.Ciphertext)!;
        return Structure.Decode(plaintext.Bytes, GroupSecrets.Read)!;
    }

    private static ByteString? HashOf(CipherSuite suite, ByteString tree) => RatchetTree.Decode(suite, tree, out RatchetTree? decoded) is null ? decoded!.Hash : null;

    private static byte[] Seal(CipherSuite suite, ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        using Aead aead = suite.Crypto.CreateAead(suite.Aead, key)!;
        aead.Seal(nonce, aad, plaintext, ciphertext);
        return ciphertext;
    }
}
