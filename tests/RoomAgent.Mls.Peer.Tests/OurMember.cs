using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Peer.Tests;

/// <summary>A member by the library under test.</summary>
internal sealed class OurMember : Member, IPreSharedKeys, IDisposable
{
    private readonly MlsClient _client;
    private readonly GroupSettings _settings;
    private readonly Dictionary<ByteString, byte[]> _psks = [];
    private OwnKeyPackage? _keyPackage;
    private Group? _group;

    public OurMember(string name, int suite, Form form, Credential credential)
        : base(name, Side.Ours)
    {
        CipherSuite found = CipherSuite.Find(OpenSslCrypto.Instance, (CipherSuiteId)suite)!;
        using Secret key = SignatureKeys.Generate(found.Crypto, OpenSslRandom.Instance, found.Signature);
        SigningKey signingKey = found.Crypto.ImportSigningKey(found.Signature, key.Bytes)!;
        _client = new MlsClient(found, TrustEveryone.Instance, OpenSslRandom.Instance, signingKey, credential);
        _settings = new GroupSettings { EncryptHandshakes = form == Form.PrivateMessage };
    }

    public override bool IsMember => !Group.IsClosed;

    private Group Group => _group ?? throw new InvalidOperationException($"{this} is in no group.");

    private static GroupTime Now => new(new Instant(1_000), DateTimeOffset.UtcNow);

    public override byte[] NewKeyPackage()
    {
        _keyPackage?.Dispose();
        _keyPackage = _client.CreateKeyPackage(new Lifetime((ulong)Now.Date.AddHours(-1).ToUnixTimeSeconds(), (ulong)Now.Date.AddDays(1).ToUnixTimeSeconds()));
        return MlsMessage.Of(_keyPackage.KeyPackage).Encode();
    }

    public override void Found(byte[] groupId)
    {
        Accepted(Group.Create(_client, ByteString.CopyOf(groupId), [], _settings, Now, this, out Group? group));
        Enter(group!);
    }

    public override void Join(byte[] welcome, byte[]? tree)
    {
        Accepted(Group.Join(_client, Decode(welcome).Welcome!, _keyPackage!, tree, _settings, Now, this, out Group? group));
        Enter(group!);
    }

    public override byte[] JoinByCommit(byte[] groupInfo, byte[]? tree) => JoinByCommit(groupInfo, tree, replaced: null);

    public override byte[] Resync(byte[] groupInfo, byte[]? tree) => JoinByCommit(groupInfo, tree, Group.Self);

    public override byte[] Present(bool withTree) => MlsMessage.Of(Group.CreateGroupInfo(withTree)).Encode();

    public override byte[] Tree() => Group.EncodeTree().ToArray();

    public override void Learn(string pskId, byte[] key) => _psks[Id(pskId)] = key;

    public override Commitment Commit(bool treeInWelcome, params IReadOnlyList<Change> changes)
    {
        var options = new CommitOptions { Proposals = [.. changes.Select(ProposalOf)], TreeInWelcome = treeInWelcome };
        Accepted(Group.Commit(options, Now, out PendingCommit? pending));
        byte[] message = pending!.Message.Encode();

        // The service has echoed it.
        Accepted(Group.Receive(MlsMessage.Decode(message)!, Now, out Received? echo));
        Assert.Equal(new OwnMessage(ContentType.Commit), echo);
        Accepted(Group.Merge(pending.Staged, Now.Now));
        return new Commitment(message, pending.Welcome is { } welcome ? MlsMessage.Of(welcome).Encode() : null);
    }

    public override byte[] Propose(Change change) => Group.Propose(ProposalOf(change)).Encode();

    public override byte[] ProposeUpdate() => Group.ProposeUpdate().Encode();

    public override void Receive(byte[] handshake)
    {
        Accepted(Group.Receive(Decode(handshake), Now, out Received? received));
        if (received is CommitMessage commit)
            Accepted(Group.Merge(commit.Staged, Now.Now));
        else
            Assert.IsType<ProposalMessage>(received);
    }

    /// <summary>Takes a handshake that must not be accepted.</summary>
    /// <returns>Why it was not.</returns>
    public Refusal Refuse(byte[] handshake)
    {
        Refusal? refusal = Group.Receive(Decode(handshake), Now, out _);
        Assert.NotNull(refusal);
        return refusal;
    }

    /// <summary>Tries a change that must not be accepted.</summary>
    /// <returns>Why it was not.</returns>
    public Refusal RefuseToCommit(Change change)
    {
        Refusal? refusal = Group.Commit(new CommitOptions { Proposals = [ProposalOf(change)] }, Now, out _);
        Assert.NotNull(refusal);
        return refusal;
    }

    /// <summary>Tries a GroupInfo that must not be accepted.</summary>
    /// <returns>Why it was not.</returns>
    public Refusal RefuseToJoinByCommit(byte[] groupInfo)
    {
        Refusal? refusal = Group.JoinExternally(_client, Decode(groupInfo).GroupInfo!, [], null, _settings, Now, this, default, out _);
        Assert.NotNull(refusal);
        return refusal;
    }

    public override byte[] Say(string text) => Group.Protect(Encoding.UTF8.GetBytes(text)).Encode();

    public override string Hear(byte[] message)
    {
        Accepted(Group.Receive(Decode(message), Now, out Received? received));
        return Encoding.UTF8.GetString(Assert.IsType<ApplicationMessage>(received).Data);
    }

    public override View Look()
    {
        byte[] exported = new byte[ExporterLength];
        Group.Export(Encoding.UTF8.GetBytes(ExporterLabel), Group.GroupId, exported);
        return new View(Group.Epoch, Group.Self.Value, ByteString.CopyOf(Group.EpochAuthenticator), ByteString.Owning(exported));
    }

    public Credential CredentialOf(uint leaf) => Group.MemberAt(new LeafIndex(leaf))!.Credential;

    public void Dispose()
    {
        _group?.Dispose();
        _keyPackage?.Dispose();
        _client.SigningKey.Dispose();
    }

    Secret? IPreSharedKeys.Find(PreSharedKeyId id) => _psks.TryGetValue(id.ExternalId, out byte[]? key) ? Secret.CopyOf(key) : null;

    private byte[] JoinByCommit(byte[] groupInfo, byte[]? tree, LeafIndex? replaced)
    {
        Accepted(Group.JoinExternally(_client, Decode(groupInfo).GroupInfo!, tree, replaced, _settings, Now, this, default, out ExternalJoin? joined));
        Enter(joined!.Group);
        return joined.Message.Encode();
    }

    private void Enter(Group group)
    {
        _group?.Dispose();
        _group = group;
    }

    private Proposal ProposalOf(Change change) => change switch
    {
        Change.Add add => new AddProposal(Decode(add.KeyPackage).KeyPackage!),
        Change.Remove remove => new RemoveProposal(new LeafIndex(remove.Leaf)),
        Change.Psk psk => new PreSharedKeyProposal(Group.NewPskId(Id(psk.Id))),
        Change.Extensions all => new GroupContextExtensionsProposal([.. all.All.Select(e => new Extension((ExtensionType)e.Type, ByteString.CopyOf(e.Data)))]),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private static ByteString Id(string pskId) => ByteString.CopyOf(Encoding.UTF8.GetBytes(pskId));

    private static MlsMessage Decode(byte[] message)
    {
        var decoded = MlsMessage.Decode(message);
        Assert.NotNull(decoded);
        Assert.Equal(message, decoded.Encode());
        return decoded;
    }

    private void Accepted(Refusal? refusal) => Assert.True(refusal is null, $"{this}: {refusal}");
}

/// <summary>Accepts every credential, for tests alone. Whoever presents the same credential again is the same one.</summary>
internal sealed class TrustEveryone : IIdentityProvider
{
    public static TrustEveryone Instance { get; } = new();

    public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => true;

    public ByteString? IdentityOf(Credential credential) =>
        credential.Type == CredentialType.Basic ? credential.Identity : credential.Certificates is [var own, ..] ? own : null;

    public bool IsSuccessor(Credential before, Credential after) => IdentityOf(before) == IdentityOf(after);
}
