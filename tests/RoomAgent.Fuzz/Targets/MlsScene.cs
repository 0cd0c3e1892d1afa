using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

/// <summary>Alice and Bob in a group, and Carol whom Bob adds.</summary>
internal sealed class MlsScene
{
    private readonly Epoch _bobsEpoch;
    private readonly TakenKey _bobsFirstKey;

    public MlsScene()
    {
        CipherSuite suite = AliceClient.Suite;
        GroupTime time = Time;
        Require(Group.Create(AliceClient, ByteString.CopyOf("fuzz"u8), [Senders], Settings, time, null, out Group? alice));
        Alice = alice!;
        using OwnKeyPackage bobs = BobClient.CreateKeyPackage(Always);
        Require(Alice.Commit(new CommitOptions { Proposals = [new AddProposal(bobs.KeyPackage)], ForcePath = true }, time, out PendingCommit? first));
        Require(Alice.Merge(first!.Staged, time.Now));
        Require(Group.Join(BobClient, first.Welcome!, bobs, default, Settings, time, null, out Group? bob));
        Bob = bob!;
        Require(Bob.Commit(new CommitOptions { ForcePath = true }, time, out PendingCommit? second));
        Require(Alice.Receive(second!.Message, time, out Received? received));
        Require(Alice.Merge(((CommitMessage)received!).Staged, time.Now));
        _bobsEpoch = second.Staged.Next!;
        _bobsFirstKey = _bobsEpoch.Messages.Take(_bobsEpoch.Self, ContentType.Application, 0)!;
        Require(Bob.Merge(second.Staged, time.Now));

        CarolsKeyPackage = CarolClient.CreateKeyPackage(Always);
        KeyPackage = DaveClient.CreateKeyPackage(Always, isLastResort: true);
        Require(Bob.Commit(new CommitOptions { Proposals = [new AddProposal(CarolsKeyPackage.KeyPackage)], ForcePath = true }, time, out PendingCommit? pending));
        Pending = pending!;
        AuthenticatedContent commit = Pending.Message.PublicMessage!.Content;
        CommitContent = (Commit)commit.Content.Content;
        CommitTag = commit.ConfirmationTag;

        EncryptedGroupSecrets ours = Pending.Welcome!.Secrets[0];
        using Secret plaintext = suite.DecryptWithLabel(CarolsKeyPackage.InitKey, "Welcome"u8, Pending.Welcome.EncryptedGroupInfo, ours.Ciphertext)!;
        Secrets = Structure.Decode(plaintext.Bytes, GroupSecrets.Read)!;

        LeafNode update = BobClient.SignLeaf(CarolsKeyPackage.KeyPackage.InitKey, LeafNodeSource.Update, default, default, new LeafPlace(Bob.GroupId, Bob.Self));
        Proposals =
        [
            new AddProposal(KeyPackage.KeyPackage),
            new UpdateProposal(update),
            new RemoveProposal(Alice.Self),
            new PreSharedKeyProposal(Bob.NewPskId(ByteString.CopyOf("psk"u8))),
            new PreSharedKeyProposal(Bob.NewResumptionPskId(1)),
            new ReInitProposal(ByteString.CopyOf("new"u8), 1, suite.Id, [Senders]),
            new ExternalInitProposal(CarolsKeyPackage.KeyPackage.InitKey),
            new GroupContextExtensionsProposal([Senders, new RequiredCapabilities([], [], [1]).ToExtension()]),
        ];
        Handshakes =
        [
            commit.Content,
            .. Proposals.Select(p => new FramedContent(Bob.GroupId, Bob.Epoch, Sender.Member(Bob.Self), default, ContentType.Proposal, p)),
            .. Proposals.Select(p => commit.Content with { Content = CommitContent with { Proposals = [new ProposalOrRef(p, default)] } }),
            new FramedContent(Bob.GroupId, Bob.Epoch, new Sender(SenderType.External, 0), default, ContentType.Proposal, Proposals[2]),
        ];
        Messages =
        [
            Pending.Message,
            Bob.Propose(new RemoveProposal(default), "aad"u8),
            Bob.Protect("hello"u8, "aad"u8),
            MlsMessage.Of(Pending.Welcome),
            MlsMessage.Of(Bob.CreateGroupInfo()),
            MlsMessage.Of(KeyPackage.KeyPackage),
        ];

        var data = new FramedContent(Bob.GroupId, Bob.Epoch, Sender.Member(Bob.Self), default, ContentType.Application, ByteString.CopyOf("hello"u8));
        AuthenticatedContent signed = AuthenticatedContent.Sign(suite, WireFormat.PrivateMessage, data, BobClient.SigningKey, Bob.Context);
        var writer = WireWriter.Growing();
        data.WriteContent(ref writer);
        signed.WriteAuth(ref writer);
        Plaintext = [.. writer.Written, 0, 0, 0];
        Plaintext[^4] ^= 1;
        writer.Dispose();
    }

    public MlsClient AliceClient { get; } = Client("alice", 1);

    public MlsClient BobClient { get; } = Client("bob", 2);

    public MlsClient CarolClient { get; } = Client("carol", 3);

    public MlsClient DaveClient { get; } = Client("dave", 4);

    public Extension Senders => ExternalSender.ToExtension([new ExternalSender(ByteString.CopyOf(BobClient.SigningKey.PublicKey), Credential.Basic("service"u8))]);

    public Group Alice { get; }

    public Group Bob { get; }

    public OwnKeyPackage KeyPackage { get; }

    public OwnKeyPackage CarolsKeyPackage { get; }

    /// <summary>Bob's commit that adds Carol, which nobody merges.</summary>
    public PendingCommit Pending { get; }

    public Commit CommitContent { get; }

    public ByteString CommitTag { get; }

    public GroupSecrets Secrets { get; }

    public IReadOnlyList<Proposal> Proposals { get; }

    public IReadOnlyList<FramedContent> Handshakes { get; }

    public IReadOnlyList<MlsMessage> Messages { get; }

    /// <summary>The plaintext of a private message, but for its signature: an authentic one would use up the key that all others are tried with.</summary>
    public byte[] Plaintext { get; }

    public ReadOnlySpan<byte> MembershipKey => _bobsEpoch.Secrets.MembershipKey.Bytes;

    /// <summary>Encrypts with the first key of Bob's leaf, again and again: what is refused does not use it up.</summary>
    public PrivateMessage Encrypt(ReadOnlySpan<byte> plaintext)
    {
        CipherSuite suite = BobClient.Suite;
        var aad = WireWriter.Growing();
        aad.WriteVector(Bob.GroupId);
        aad.WriteUInt64(Bob.Epoch);
        aad.WriteUInt8((byte)ContentType.Application);
        byte[] senderAad = aad.ToArray();
        aad.WriteVector([]);
        byte[] ciphertext = Seal(suite, _bobsFirstKey.Key, aad.Written, plaintext);
        aad.Dispose();

        using MessageKey senderKey = MessageProtection.SenderDataKey(suite, _bobsEpoch.Secrets.SenderDataSecret, ciphertext);
        byte[] senderData = Seal(suite, senderKey, senderAad, [0, 0, 0, (byte)Bob.Self.Value, 0, 0, 0, 0, 0, 0, 0, 0]);
        return new PrivateMessage(Bob.GroupId, Bob.Epoch, ContentType.Application, default, ByteString.Owning(senderData), ByteString.Owning(ciphertext));
    }

    private static GroupSettings Settings { get; } = new() { MaxProposals = 16 };

    private static Lifetime Always { get; } = new(0, ulong.MaxValue);

    private static GroupTime Time { get; } = new(new Instant(1), new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));

    private static byte[] Seal(CipherSuite suite, MessageKey key, ReadOnlySpan<byte> aad, ReadOnlySpan<byte> plaintext)
    {
        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        using Aead aead = suite.Crypto.CreateAead(suite.Aead, key.Key)!;
        aead.Seal(key.Nonce, aad, plaintext, ciphertext);
        return ciphertext;
    }

    private static MlsClient Client(string name, int seed)
    {
        CipherSuite suite = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.X25519Aes128GcmSha256Ed25519)!;
        var random = new SeededRandom(seed);
        using Secret key = SignatureKeys.Generate(suite.Crypto, random, suite.Signature);
        return new MlsClient(suite, MlsEveryone.Instance, random, suite.Crypto.ImportSigningKey(suite.Signature, key.Bytes)!, Credential.Basic(System.Text.Encoding.UTF8.GetBytes(name)));
    }

    private static void Require(Refusal? refusal)
    {
        if (refusal is not null)
            throw new InvalidOperationException(refusal.ToString());
    }
}

/// <summary>Accepts every credential.</summary>
internal sealed class MlsEveryone : IIdentityProvider
{
    public static MlsEveryone Instance { get; } = new();

    public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => true;

    public ByteString? IdentityOf(Credential credential) => credential.Type == CredentialType.Basic ? credential.Identity : null;

    public bool IsSuccessor(Credential before, Credential after) => before == after;
}
