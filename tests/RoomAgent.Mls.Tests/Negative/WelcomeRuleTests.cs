using RoomAgent.Crypto;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>Rules of those who join (RFC 9420 sections 12.4.3 and 11.2 to 11.3), broken by the member that welcomes or presents the group.</summary>
public sealed class WelcomeRuleTests : IDisposable
{
    private readonly Room _room = Room.Of("alice", "bob", "carol");
    private readonly MlsClient _dave = Client(Suite(1), "dave");
    private readonly OwnKeyPackage _keyPackage;
    private readonly PendingCommit _pending;
    private readonly OwnKeyPackage _bobsKeyPackage;

    public WelcomeRuleTests()
    {
        _keyPackage = _dave.CreateKeyPackage(Valid);
        _pending = Room.Make(Alice, new CommitOptions { Proposals = [new AddProposal(_keyPackage.KeyPackage)], ForcePath = true });
        _room.Accept(Alice, _pending);
        _bobsKeyPackage = _room[1].Client.CreateKeyPackage(Valid);
    }

    private Member Alice => _room[0];

    private Welcome Genuine => _pending.Welcome!;

    [Fact]
    public void AWelcomeNamesOurKeyPackage()
    {
        using OwnKeyPackage other = _dave.CreateKeyPackage(Valid);

        Assert.Same(Rules.WelcomeNotForUs, Group.Join(_dave, Genuine, other, default, new GroupSettings(), Time, null, out _));
        AssertRefused(Rules.WelcomeNotForUs, new Welcome(_room.Suite.Id, [], Genuine.EncryptedGroupInfo));
    }

    [Fact]
    public void AWelcomeDecrypts()
    {
        EncryptedGroupSecrets ours = Genuine.Secrets[0];
        AssertRefused(Rules.WelcomeDecryption, new Welcome(_room.Suite.Id, [ours with { Ciphertext = ours.Ciphertext with { Ciphertext = Flip(ours.Ciphertext.Ciphertext) } }], Genuine.EncryptedGroupInfo));
        AssertRefused(Rules.WelcomeDecryption, new Welcome(_room.Suite.Id, [ours with { Ciphertext = ours.Ciphertext with { KemOutput = ByteString.Empty } }], Genuine.EncryptedGroupInfo));
        AssertRefused(Rules.WelcomeDecryption, new Welcome(_room.Suite.Id, [ours], Flip(Genuine.EncryptedGroupInfo)));

        // The secrets decrypt, the GroupInfo does not: changed, cut to nothing, or of another joiner secret.
        ByteString secrets = Forge.Open(_room.Suite, _keyPackage, Genuine).Encode();
        AssertRefused(Rules.WelcomeDecryption, Forge.Welcome(_room.Suite, _keyPackage, secrets, Flip(Genuine.EncryptedGroupInfo)));
        AssertRefused(Rules.WelcomeDecryption, Forge.Welcome(_room.Suite, _keyPackage, secrets, ByteString.Empty));
        AssertRefused(Rules.WelcomeDecryption, Forge.Welcome(_room.Suite, _keyPackage, new GroupSecrets(new Secret(32), null, []).Encode(), Genuine.EncryptedGroupInfo));
    }

    [Fact]
    public void AWelcomeContainsWhatItShould()
    {
        using GroupSecrets secrets = Forge.Open(_room.Suite, _keyPackage, Genuine);
        byte[] encoded = secrets.Encode().ToArray();

        AssertRefused(Rules.WelcomeEncoding, Forge.Welcome(_room.Suite, _keyPackage, ByteString.Empty, Genuine.EncryptedGroupInfo));
        AssertRefused(Rules.WelcomeEncoding, Forge.Welcome(_room.Suite, _keyPackage, ByteString.CopyOf([.. encoded, 0]), Genuine.EncryptedGroupInfo));
        AssertRefused(Rules.WelcomeEncoding, Forge.Welcome(_room.Suite, _keyPackage, ByteString.CopyOf(encoded.AsSpan(0, encoded.Length - 1)), Genuine.EncryptedGroupInfo));
        AssertRefused(Rules.WelcomeEncoding, Forge.Welcome(_room.Suite, _keyPackage, secrets.Encode(), EncryptInfo(secrets, [1, 2, 3])));
    }

    [Fact]
    public void WelcomeAndGroupInfoHaveTheSuiteOfTheKeyPackage()
    {
        AssertRefused(Rules.WelcomeSuite, new Welcome(CipherSuiteId.X25519ChaCha20Poly1305Sha256Ed25519, Genuine.Secrets, Genuine.EncryptedGroupInfo));
        AssertInfoRefused(Rules.WelcomeSuite, info => info with { GroupContext = info.GroupContext with { CipherSuite = CipherSuiteId.X25519ChaCha20Poly1305Sha256Ed25519 } });
    }

    [Fact]
    public void TheTreeComesInsideOrApart()
    {
        AssertInfoRefused(Rules.TreeMissing, info => info with { Extensions = [.. info.Extensions.Where(e => e.Type != ExtensionType.RatchetTree)] });

        Welcome without = Forge.Welcome(Alice, _keyPackage, Genuine, info: info => info with { Extensions = [] });
        Assert.Null(Group.Join(_dave, without, _keyPackage, Alice.Group.EncodeTree(), new GroupSettings(), Time, null, out Group? group));
        Assert.Equal(Alice.Snapshot(), new Member(_dave, group!).Snapshot());
        group!.Dispose();
    }

    [Fact]
    public void NoExtensionOfAGroupInfoStandsTwice()
    {
        var unknown = new Extension((ExtensionType)0xf001, default);

        AssertInfoRefused(Rules.ExtensionTwice, info => info with { Extensions = [.. info.Extensions, unknown, unknown] });
        AssertInfoRefused(Rules.ExtensionTwice, info => info with { GroupContext = info.GroupContext with { Extensions = [unknown, unknown] } });
    }

    [Fact]
    public void TheTreeIsTheOneOfTheContext()
    {
        AssertInfoRefused(Rules.TreeHash, info => info with { GroupContext = info.GroupContext with { TreeHash = Flip(info.GroupContext.TreeHash) } });
        AssertInfoRefused(Rules.TreeHash, info => info with { GroupContext = info.GroupContext with { TreeHash = ByteString.Empty } });
    }

    [Theory]
    [InlineData(4u)]
    [InlineData(7u)]
    [InlineData(uint.MaxValue)]
    public void TheSignerOfAGroupInfoIsAMember(uint signer) => AssertInfoRefused(Rules.GroupInfoSigner, info => info with { Signer = new LeafIndex(signer) });

    [Fact]
    public void TheSignerSignedTheGroupInfo()
    {
        AssertInfoRefused(Rules.GroupInfoSignature, info => info with { Signer = new LeafIndex(1) });

        GroupInfo foreign = Forge.GroupInfo(Alice, info => info, _room[1].Client.SigningKey);
        Assert.Same(Rules.GroupInfoSignature, JoinExternally(foreign));
        Assert.Same(Rules.GroupInfoSignature, JoinExternally(foreign with { Signature = default }));
        Assert.Null(JoinExternally(Forge.GroupInfo(Alice, info => info)));
    }

    [Fact]
    public void OneThatChangesItsKeySignsTheGroupInfoWithTheNewOneAndTheCommitWithTheOld()
    {
        MlsClient renewed = Client(_room.Suite, "alice", seed: 2);
        MlsClient erin = Client(_room.Suite, "erin");
        using OwnKeyPackage keyPackage = erin.CreateKeyPackage(Valid);
        PendingCommit pending = Room.Make(Alice, new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)], NewClient = renewed });
        AuthenticatedContent commit = pending.Message.PublicMessage!.Content;
        MlsMessage signedByNew = Forge.Public(Alice, commit.Content, commit.ConfirmationTag, renewed.SigningKey);

        Assert.NotNull(((Commit)commit.Content.Content).Path);
        _room.Refuses(Rules.MessageSignature, Alice, signedByNew);
        foreach (Member member in _room.Members.Skip(1).ToArray())
            _room.Merge(member, pending.Message);
        Assert.Null(Alice.Group.Merge(pending.Staged, Time.Now));

        Welcome signedByOld = Forge.Welcome(Alice, keyPackage, pending.Welcome!, info: info => info);
        Assert.Same(Rules.GroupInfoSignature, Group.Join(erin, signedByOld, keyPackage, default, new GroupSettings(), Time, null, out _));
        _room.Join(erin, keyPackage, pending.Welcome!);
        _room.AssertAgreement();
    }

    [Fact]
    public void OurLeafIsInTheTreeAsWeMadeIt()
    {
        using OwnKeyPackage second = (_dave with { Random = Client(_room.Suite, "another").Random }).CreateKeyPackage(Valid);
        using GroupSecrets secrets = Forge.Open(_room.Suite, _keyPackage, Genuine);
        using Secret pskSecret = PskSecret.Compute(_room.Suite, []);
        ByteString info = WelcomeCrypto.Encrypt(_room.Suite, secrets.JoinerSecret, pskSecret, Alice.Group.CreateGroupInfo());

        // The same client with the same signature key, by a key package that was not the one added.
        Assert.Same(Rules.OwnLeafMissing, Group.Join(_dave, Forge.Welcome(_room.Suite, second, secrets.Encode(), info), second, default, new GroupSettings(), Time, null, out _));

        MlsClient erin = Client(_room.Suite, "erin");
        using OwnKeyPackage never = erin.CreateKeyPackage(Valid);
        Assert.Same(Rules.OwnLeafMissing, Group.Join(erin, Forge.Welcome(_room.Suite, never, secrets.Encode(), info), never, default, new GroupSettings(), Time, null, out _));
    }

    [Fact]
    public void AJoinerSupportsWhatItsGroupHas()
    {
        Extension special = new((ExtensionType)0xf001, default);
        using Room room = Room.Of(_room.Suite, ["alice", "bob"], [special], with: client => client with { SupportedExtensions = [0xf001] });

        Assert.Same(Rules.ExtensionNotSupportedByAll, Group.JoinExternally(_dave, room[0].Group.CreateGroupInfo(), default, null, new GroupSettings(), Time, null, default, out _));
    }

    [Fact]
    public void TheConfirmationTagOfAGroupInfoFits()
    {
        AssertRefused(Rules.ConfirmationTag, Forge.Welcome(Alice, _keyPackage, Genuine, info: info => info with { ConfirmationTag = Flip(info.ConfirmationTag) }));
        AssertRefused(Rules.ConfirmationTag, Forge.Welcome(Alice, _keyPackage, Genuine, info: info => info with { ConfirmationTag = ByteString.Empty }));
        AssertRefused(Rules.ConfirmationTag, Forge.Welcome(Alice, _keyPackage, Genuine, info: info => info with { GroupContext = info.GroupContext with { Epoch = info.GroupContext.Epoch + 1 } }));
    }

    [Fact]
    public void ThePathSecretOfAWelcomeGivesTheKeysOfTheTree()
    {
        AssertRefused(Rules.PathPublicKey, Forge.Welcome(Alice, _keyPackage, Genuine, secrets => new GroupSecrets(secrets.JoinerSecret, Secret.CopyOf(new byte[32]), [])));
        AssertRefused(Rules.PathPublicKey, Forge.Welcome(Alice, _keyPackage, Genuine, secrets => new GroupSecrets(secrets.JoinerSecret, Secret.CopyOf([]), [])));

        // A path secret where there is no path: the node above both is blank.
        using Room room = Room.Of("alice", "bob");
        using OwnKeyPackage joiner = _dave.CreateKeyPackage(Valid);
        PendingCommit withoutPath = Room.Make(room[0], new CommitOptions { Proposals = [new AddProposal(joiner.KeyPackage)] });
        room.Accept(room[0], withoutPath);
        Welcome forged = Forge.Welcome(room[0], joiner, withoutPath.Welcome!, secrets => new GroupSecrets(secrets.JoinerSecret, Secret.CopyOf(new byte[32]), []));
        Assert.Same(Rules.PathPublicKey, Group.Join(_dave, forged, joiner, default, new GroupSettings(), Time, null, out _));
        room.Join(_dave, joiner, withoutPath.Welcome!);
        room.AssertAgreement();
    }

    [Fact]
    public void PreSharedKeysOfAWelcomeKeepTheirRules()
    {
        ByteString nonce = ByteString.CopyOf(new byte[32]);
        ByteString key = ByteString.CopyOf("key"u8);

        Refused(Rules.PskNonce, PreSharedKeyId.External(key, ByteString.CopyOf(new byte[31])));
        Refused(Rules.PskTwice, PreSharedKeyId.External(key, nonce), PreSharedKeyId.External(key, nonce));
        Refused(Rules.PskUsage, PreSharedKeyId.Resumption(ResumptionPskUsage.Branch, key, 1, nonce), PreSharedKeyId.Resumption(ResumptionPskUsage.ReInit, key, 1, nonce));
        Refused(Rules.PskUnknown, PreSharedKeyId.External(key, nonce));
        Refused(Rules.RestartFormerMissing, PreSharedKeyId.Resumption(ResumptionPskUsage.Branch, key, 1, nonce));

        void Refused(Refusal rule, params PreSharedKeyId[] psks) =>
            AssertRefused(rule, Forge.Welcome(Alice, _keyPackage, Genuine, secrets => new GroupSecrets(secrets.JoinerSecret, null, psks)));
    }

    [Fact]
    public void AGroupInfoForExternalCommitsHasTheirKey()
    {
        static GroupInfo with(GroupInfo info, params Extension[] externalPub) => info with { Extensions = [.. info.Extensions.Where(e => e.Type != ExtensionType.ExternalPub), .. externalPub] };

        Assert.Same(Rules.ExternalPubMissing, JoinExternally(Forge.GroupInfo(Alice, info => with(info))));
        Assert.Same(Rules.ExternalPubMissing, JoinExternally(Forge.GroupInfo(Alice, info => with(info, new Extension(ExtensionType.ExternalPub, ByteString.CopyOf([32]))))));
        Assert.Same(Rules.PublicKey, JoinExternally(Forge.GroupInfo(Alice, info => with(info, new Extension(ExtensionType.ExternalPub, ByteString.CopyOf([1, 2]))))));
        Assert.Same(Rules.NothingRandom, JoinExternally(Forge.GroupInfo(Alice, info => with(info, new Extension(ExtensionType.ExternalPub, ByteString.CopyOf([32, .. new byte[32]]))))));
    }

    [Fact]
    public void AGroupIsReinitialisedAfterItWasAnnounced()
    {
        Assert.Same(Rules.RestartNotAnnounced, Alice.Group.ReInitialize(Alice.Client, [], Time, out RestartedGroup? restarted));
        Assert.Null(restarted);

        // A member that says it continues a group which goes on.
        using Group alone = Alone("new"u8);
        Welcome welcome = Restart(alone, ResumptionPskUsage.ReInit, Alice.Group.Epoch);
        Assert.Same(Rules.RestartNotAnnounced, JoinAsBob(welcome));
    }

    [Fact]
    public void AGroupIsContinuedWithItsParameters()
    {
        using Group alone = Alone("new"u8);
        Assert.Same(Rules.RestartParameters, JoinAsBob(Restart(alone, ResumptionPskUsage.Branch, Alice.Group.Epoch - 1)));

        var announced = new ReInitProposal(ByteString.CopyOf("new"u8), 1, _room.Suite.Id, []);
        _room.Commit(Alice, new CommitOptions { Proposals = [announced] });
        using Group elsewhere = Alone("other"u8);
        Assert.Same(Rules.RestartParameters, JoinAsBob(Restart(elsewhere, ResumptionPskUsage.ReInit, Alice.Group.Epoch)));
        MlsClient otherSuite = Client(Suite(3), "alice");
        Assert.Same(Rules.RestartParameters, Alice.Group.ReInitialize(otherSuite, [], Time, out _));
    }

    [Fact]
    public void AGroupIsContinuedByItsMembers()
    {
        MlsClient erin = Client(_room.Suite, "erin");
        using OwnKeyPackage stranger = erin.CreateKeyPackage(Valid);
        Assert.Same(Rules.RestartMembers, Alice.Group.Branch(ByteString.CopyOf("branch"u8), [stranger.KeyPackage], Time, out RestartedGroup? branched));
        Assert.Null(branched);

        // One that brings a stranger in, and one that leaves members out.
        using Group alone = Alone("new"u8);
        Assert.Same(Rules.RestartMembers, JoinAsBob(Restart(alone, ResumptionPskUsage.Branch, Alice.Group.Epoch, stranger.KeyPackage)));

        _room.Commit(Alice, new CommitOptions { Proposals = [new ReInitProposal(ByteString.CopyOf("new"u8), 1, _room.Suite.Id, [])] });
        Assert.Same(Rules.RestartMembers, Alice.Group.ReInitialize(Alice.Client, [], Time, out _));
        using Group smaller = Alone("new"u8);
        Assert.Same(Rules.RestartMembers, JoinAsBob(Restart(smaller, ResumptionPskUsage.ReInit, Alice.Group.Epoch)));
    }

    public void Dispose()
    {
        _keyPackage.Dispose();
        _bobsKeyPackage.Dispose();
        _room.Dispose();
    }

    private static ByteString Flip(ByteString bytes)
    {
        byte[] changed = bytes.ToArray();
        changed[^1] ^= 1;
        return ByteString.Owning(changed);
    }

    // Refused, and afterwards the genuine Welcome is taken by the same key package.
    private void AssertRefused(Refusal rule, Welcome forged)
    {
        Assert.Same(rule, Group.Join(_dave, forged, _keyPackage, default, new GroupSettings(), Time, null, out Group? none));
        Assert.Null(none);
        Assert.False(_keyPackage.LeafKeyTaken);

        Assert.Null(Group.Join(_dave, Genuine, _keyPackage, default, new GroupSettings(), Time, null, out Group? group));
        Assert.Equal(Alice.Snapshot(), new Member(_dave, group!).Snapshot());
        _keyPackage.LeafKeyTaken = false;
    }

    // Both who are welcomed and who join by themselves refuse the GroupInfo.
    private void AssertInfoRefused(Refusal rule, Func<GroupInfo, GroupInfo> change)
    {
        AssertRefused(rule, Forge.Welcome(Alice, _keyPackage, Genuine, info: change));
        Assert.Same(rule, JoinExternally(Forge.GroupInfo(Alice, change)));
    }

    // A group of Alice's own, which knows the resumption keys of the room.
    private Group Alone(ReadOnlySpan<byte> groupId)
    {
        Assert.Null(Group.Create(Alice.Client, ByteString.CopyOf(groupId), [], new GroupSettings(), Time, new ResumptionKeysOf(Alice.Group), out Group? group));
        return group!;
    }

    // The Welcome of its first commit, which brings Bob in.
    private Welcome Restart(Group group, ResumptionPskUsage usage, ulong epoch, params KeyPackage[] others)
    {
        var psk = PreSharedKeyId.Resumption(usage, Room.GroupId, epoch, ByteString.CopyOf(new byte[32]));
        Proposal[] proposals = [new AddProposal(_bobsKeyPackage.KeyPackage), .. others.Select(keyPackage => new AddProposal(keyPackage)), new PreSharedKeyProposal(psk)];
        Assert.Null(group.Commit(new CommitOptions { Proposals = proposals, IsRestart = true }, Time, out PendingCommit? pending));
        using (pending)
            return pending!.Welcome!;
    }

    private Refusal? JoinAsBob(Welcome welcome)
    {
        Refusal? refusal = Group.Join(_room[1].Client, welcome, _bobsKeyPackage, default, new GroupSettings(), Time, null, out Group? group, former: _room[1].Group);
        Assert.True(refusal is null || group is null);
        return refusal;
    }

    private Refusal? JoinExternally(GroupInfo info)
    {
        Refusal? refusal = Group.JoinExternally(Client(_room.Suite, "erin"), info, default, null, new GroupSettings(), Time, null, default, out ExternalJoin? joined);
        joined?.Group.Dispose();
        return refusal;
    }

    private ByteString EncryptInfo(GroupSecrets secrets, byte[] plaintext)
    {
        using Secret pskSecret = PskSecret.Compute(_room.Suite, []);
        using Secret welcome = EpochSecrets.WelcomeSecret(_room.Suite, secrets.JoinerSecret, pskSecret);
        byte[] key = new byte[_room.Suite.Aead.Key()];
        byte[] nonce = new byte[Sizes.AeadNonce];
        _room.Suite.ExpandWithLabel(welcome.Bytes, "key"u8, [], key);
        _room.Suite.ExpandWithLabel(welcome.Bytes, "nonce"u8, [], nonce);
        byte[] ciphertext = new byte[plaintext.Length + Sizes.AeadTag];
        using Aead aead = _room.Suite.Crypto.CreateAead(_room.Suite.Aead, key)!;
        aead.Seal(nonce, [], plaintext, ciphertext);
        return ByteString.Owning(ciphertext);
    }

    private sealed class ResumptionKeysOf(Group group) : IPreSharedKeys
    {
        public Secret? Find(PreSharedKeyId id) => id.Type == PskType.Resumption ? group.ResumptionKey(id.Epoch) : null;
    }
}
