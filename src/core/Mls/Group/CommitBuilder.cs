using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>A commit that was built, and the epoch it leads to.</summary>
internal sealed record BuiltCommit(AuthenticatedContent Message, PublicCommit Commit, Epoch Next, Welcome? Welcome);

/// <summary>Builds commits, of members and of those who join by one (sections 12.4.1 and 12.4.3.2).</summary>
internal sealed class CommitBuilder(GroupState state, MlsClient client, GroupSettings settings, GroupTime time, Func<PreSharedKeyId, Secret?> findPsk)
{
    public required Sender Sender { get; init; }

    public ByteString AuthenticatedData { get; init; }

    /// <summary>The init secret of the epoch that ends, or of the external init.</summary>
    public required Secret InitSecret { get; init; }

    /// <summary>Our private keys; none when we join.</summary>
    public PrivateTree? Keys { get; init; }

    /// <summary>Gives the path a commit that would not need one.</summary>
    public bool ForcePath { get; init; }

    public WireFormat WireFormat { get; init; } = WireFormat.PublicMessage;

    /// <summary>Puts the tree into the Welcome.</summary>
    public bool TreeInWelcome { get; init; } = true;

    /// <summary>The key that signs the commit, when the path brings a new one, which signs the leaf and the GroupInfo.</summary>
    public SigningKey? OldSigningKey { get; init; }

    // 1. make the path        2. sign the commit with the old context    3. see what it does, as everyone else will
    // 4. derive the new secrets     5. confirm                           6. welcome those who come in
    public Refusal? Build(IReadOnlyList<QueuedProposal> proposals, AppliedProposals applied, out BuiltCommit? built)
    {
        built = null;
        CipherSuite suite = state.Suite;
        bool external = Sender.Type == SenderType.NewMemberCommit;
        (RatchetTree tree, LeafIndex self) = external ? applied.Tree.WithPlace() : (applied.Tree, Sender.Leaf);
        var place = new LeafPlace(state.Context.GroupId, self);
        bool withPath = ForcePath || ProposalList.NeedsPath(proposals);
        using TreeKem.NewPath? path = withPath
            ? TreeKem.Create(tree, self, (key, parentHash) => client.SignLeaf(key, LeafNodeSource.Commit, default, parentHash, place), client.Random)
            : null;

        GroupContext provisional = state.Context with { Epoch = state.Context.Epoch + 1, TreeHash = (path?.Tree ?? tree).Hash, Extensions = applied.Extensions };
        UpdatePath? updatePath = path?.Encrypt(provisional.Encode(), applied.NewLeaves, client.Random);
        if (withPath && updatePath is null)
            return Abandon(path, Rules.NothingRandom);

        var commit = new Commit([.. proposals.Select(p => p.Reference.IsEmpty ? new ProposalOrRef(p.Proposal, default) : new ProposalOrRef(null, p.Reference))], updatePath);
        var framed = new FramedContent(state.Context.GroupId, state.Context.Epoch, Sender, AuthenticatedData, ContentType.Commit, commit);
        AuthenticatedContent message = AuthenticatedContent.Sign(suite, WireFormat, framed, OldSigningKey ?? client.SigningKey, state.Context);

        if (PublicCommit.Evaluate(state, message, applied, client.Identities, time.Date, out PublicCommit? evaluated) is { } bad)
            return Abandon(path, bad);
        if (PreSharedKeys.Collect(suite, applied.Psks, findPsk, out Secret? pskSecret) is { } unknown)
            return Abandon(path, unknown);

        using (pskSecret)
        {
            ByteString context = evaluated!.Context.Encode();
            using var none = new Secret(suite.HashSize);
            using Secret joinerSecret = EpochSecrets.JoinerSecret(suite, InitSecret, (path?.CommitSecret ?? none).Bytes, context);
            EpochSecrets secrets = EpochSecrets.FromJoinerSecret(suite, joinerSecret, pskSecret!, context);
            message = message with { ConfirmationTag = Epoch.ConfirmationTag(suite, secrets, evaluated.Context.ConfirmedTranscriptHash) };
            evaluated = evaluated with { Message = message };

            PrivateTree keys = (Keys ?? PrivateTree.Empty(self)).Within(applied.Tree);
            if (path is not null)
                keys = keys.With(path.PrivateKeys).Within(evaluated.Tree);

            var next = new Epoch(evaluated.NextState(suite), secrets, keys, client, settings.Window);
            Welcome? welcome = null;
            if (applied.Added.Count > 0 && Welcome(next, applied, path, joinerSecret, pskSecret!, out welcome) is { } unwelcome)
            {
                next.Dispose();
                return Abandon(path, unwelcome);
            }

            path?.CommitSecret.Dispose();
            built = new BuiltCommit(message, evaluated, next, welcome);
            return null;
        }
    }

    public static GroupInfo SignGroupInfo(Epoch epoch, bool withTree)
    {
        GroupState state = epoch.State;
        using KemPrivateKey external = epoch.Secrets.ExternalKeyPair();
        var writer = new WireWriter(stackalloc byte[Sizes.LargestPublicKey + Varint.LargestSize]);
        writer.WriteVector(external.PublicKey);

        List<Extension> extensions = [new Extension(ExtensionType.ExternalPub, ByteString.CopyOf(writer.Written))];
        if (withTree)
            extensions.Add(new Extension(ExtensionType.RatchetTree, state.Tree.Encode()));

        return GroupInfo.Sign(state.Suite, new GroupInfo(state.Context, extensions, state.ConfirmationTag, epoch.Self, default), epoch.Client.SigningKey);
    }

    private Refusal? Welcome(Epoch next, AppliedProposals applied, TreeKem.NewPath? path, Secret joinerSecret, Secret pskSecret, out Welcome? welcome)
    {
        welcome = null;
        CipherSuite suite = state.Suite;
        ByteString encryptedInfo = WelcomeCrypto.Encrypt(suite, joinerSecret, pskSecret, SignGroupInfo(next, TreeInWelcome));
        HpkeInfo context = suite.EncryptContext("Welcome"u8, encryptedInfo);
        var secrets = new List<EncryptedGroupSecrets>(applied.Added.Count);
        foreach ((LeafIndex index, KeyPackage keyPackage) in applied.Added)
        {
            // Not disposed of: it borrows secrets that have owners.
            var groupSecrets = new GroupSecrets(joinerSecret, path?.PathSecretFor(index), applied.Psks);
            using Secret plaintext = EncodeSecret(groupSecrets);
            if (keyPackage.ImportInitKey(suite) is not { } initKey)
                return Rules.PublicKey;
            if (suite.Encrypt(initKey, context, plaintext.Bytes, client.Random) is not { } ciphertext)
                return Rules.NothingRandom;

            secrets.Add(new EncryptedGroupSecrets(keyPackage.Reference(suite), ciphertext));
        }

        welcome = new Welcome(suite.Id, secrets, encryptedInfo);
        return null;
    }

    private static Secret EncodeSecret(GroupSecrets secrets)
    {
        var writer = WireWriter.Growing();
        secrets.Write(ref writer);
        var encoded = Secret.CopyOf(writer.Written);
        writer.Dispose();
        return encoded;
    }

    private static Refusal Abandon(TreeKem.NewPath? path, Refusal refusal)
    {
        path?.CommitSecret.Dispose();
        foreach (KemPrivateKey key in path?.PrivateKeys.Values ?? [])
            key.Dispose();
        return refusal;
    }
}
