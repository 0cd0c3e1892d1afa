using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Benchmarks.Mls;

/// <summary>What the tree of a group has gone through.</summary>
internal enum TreeKind
{
    /// <summary>Leaf i has committed, with a path, that leaf i+1 comes in: every parent has a key.</summary>
    Full,

    /// <summary>The founder has added everyone by one commit: every parent is blank, as when a meeting starts.</summary>
    Sparse,
}

/// <summary>
/// A group in which everybody can be any member. It is built on the tree itself, without a message or a join for each step:
/// led by members who join and verify everything, a thousand of them would take minutes to get together.
/// </summary>
internal sealed class BuiltGroup
{
    private readonly GroupState _state;
    private readonly byte[] _epochSecret = new byte[32];
    private readonly List<MlsClient> _clients = [];
    private readonly Dictionary<uint, KemPrivateKey> _keys = [];

    public BuiltGroup(int members, TreeKind kind)
    {
        RatchetTree tree = RatchetTree.Of(Suite, NewLeaf(0));
        for (uint i = 1; i < members; i++)
        {
            tree = tree.WithAdded(NewLeaf(i)).Tree;
            if (kind == TreeKind.Full)
                tree = Commit(tree, new LeafIndex(i - 1));
        }

        MemberIndex index = MemberIndex.Empty;
        foreach ((LeafIndex place, LeafNode leaf) in tree.EnumerateMembers())
            index = index.With(place, leaf, leaf.Credential.Identity);

        var context = new GroupContext(Suite.Id, GroupId, (ulong)members, tree.Hash, Suite.HashOf("transcript"u8), []);
        using EpochSecrets secrets = NewEpochSecrets();
        ByteString tag = Epoch.ConfirmationTag(Suite, secrets, context.ConfirmedTranscriptHash);
        _state = new GroupState(Suite, context, tree, index, Transcript.Interim(Suite, context.ConfirmedTranscriptHash, tag), tag);
    }

    public static CipherSuite Suite { get; } = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;

    /// <summary>As key packages and the clock of another implementation want it.</summary>
    public static GroupTime Time { get; } = new(new Instant(1_000), DateTimeOffset.UtcNow);

    public static Lifetime Lifetime { get; } =
        new((ulong)Time.Date.AddHours(-1).ToUnixTimeSeconds(), (ulong)Time.Date.AddDays(1).ToUnixTimeSeconds());

    private static ByteString GroupId { get; } = ByteString.CopyOf("built"u8);

    /// <summary>The group as the member at its end has it.</summary>
    public Group LastMember => Member(_clients.Count - 1);

    /// <summary>The group as the member at <paramref name="leaf"/> has it. Do not dispose of it: the private keys are those of all members.</summary>
    public Group Member(int leaf)
    {
        // Decoded anew: what one member has learned about the others' keys is not known to the next.
        RatchetTree.Decode(Suite, _state.Tree.Encode(), out RatchetTree? tree);
        foreach ((_, LeafNode other) in tree!.EnumerateMembers())
        {
            other.ImportSignatureKey(Suite);
            other.ImportEncryptionKey(Suite);
        }

        var self = new LeafIndex((uint)leaf);
        TreeNode node = tree.Root;
        List<KeyValuePair<uint, KemPrivateKey>> keys = [new(TreeMath.Node(self), _keys[TreeMath.Node(self)])];
        for (; !node.IsLeaf; node = node.ChildrenFor(self.Value).Towards)
        {
            if (node.Parent is not null)
                keys.Add(new(node.Index, _keys[node.Index]));
        }

        var epoch = new Epoch(_state with { Tree = tree }, NewEpochSecrets(), PrivateTree.Empty(self).With(keys), _clients[leaf], RatchetWindow.Default);
        return new Group(epoch, new GroupSettings(), preSharedKeys: null);
    }

    public static MlsClient NewClient(string name)
    {
        using Secret key = SignatureKeys.Generate(Suite.Crypto, OpenSslRandom.Instance, Suite.Signature);
        return new MlsClient(
            Suite,
            TrustEveryone.Instance,
            OpenSslRandom.Instance,
            Suite.Crypto.ImportSigningKey(Suite.Signature, key.Bytes)!,
            Credential.Basic(System.Text.Encoding.UTF8.GetBytes(name)));
    }

    private LeafNode NewLeaf(uint place)
    {
        MlsClient client = NewClient($"member {place}");
        KemPrivateKey key = Suite.Hpke.GenerateKeyPair(OpenSslRandom.Instance);
        _clients.Add(client);
        _keys[2 * place] = key;
        return client.SignLeaf(ByteString.CopyOf(key.PublicKey), LeafNodeSource.KeyPackage, Lifetime, default, null);
    }

    private RatchetTree Commit(RatchetTree tree, LeafIndex committer)
    {
        MlsClient client = _clients[(int)committer.Value];
        var place = new LeafPlace(GroupId, committer);
        using TreeKem.NewPath path = TreeKem.Create(
            tree,
            committer,
            (key, parentHash) => client.SignLeaf(key, LeafNodeSource.Commit, default, parentHash, place),
            OpenSslRandom.Instance);
        foreach ((uint node, KemPrivateKey key) in path.PrivateKeys)
            _keys[node] = key;

        return path.Tree;
    }

    private EpochSecrets NewEpochSecrets()
    {
        using var secret = Secret.CopyOf(_epochSecret);
        return EpochSecrets.FromEpochSecret(Suite, secret);
    }

    private sealed class TrustEveryone : IIdentityProvider
    {
        public static TrustEveryone Instance { get; } = new();

        public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => true;

        public ByteString? IdentityOf(Credential credential) => credential.Identity;

        public bool IsSuccessor(Credential before, Credential after) => before == after;
    }
}
