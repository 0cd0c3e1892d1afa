using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests.Negative;

/// <summary>Rules of proposals and of their lists (RFC 9420 sections 12.1 and 12.2), broken by a committer or by one who proposes.</summary>
public sealed class ProposalRuleTests : IDisposable
{
    private readonly Room _room = Room.Of("alice", "bob", "carol");

    private Member Alice => _room[0];

    private Member Bob => _room[1];

    private Member Carol => _room[2];

    private CipherSuite Suite => _room.Suite;

    private MlsClient Dave { get; } = Client(TestClients.Suite(1), "dave");

    [Fact]
    public void AProposalThatNobodySawIsNotCovered()
    {
        AssertRefused(Rules.ProposalUnknown, Forge.CommitOf(Alice, ByteString.CopyOf(new byte[32])));
        AssertRefused(Rules.ProposalUnknown, Forge.CommitOf(Alice, ByteString.Empty));
    }

    [Fact]
    public void AProposalOfAPastEpochIsNotCovered()
    {
        ByteString reference = _room.Propose(Bob, Bob.Group.Propose(new RemoveProposal(Carol.Leaf)));
        _room.Commit(Carol, new CommitOptions { CoverReceived = false, ForcePath = true });

        Room.Refuses(Rules.ProposalUnknown, Forge.CommitOf(Alice, reference), Carol);
    }

    [Fact]
    public void ACommitThatNeedsAPathHasOne()
    {
        ByteString update = _room.Propose(Bob, Bob.Group.ProposeUpdate());

        Room.Refuses(Rules.PathMissing, Forge.Commit(Alice, _ => new Commit([], null)), Carol);
        Room.Refuses(Rules.PathMissing, Forge.Commit(Alice, _ => new Commit([new ProposalOrRef(new RemoveProposal(Bob.Leaf), default)], null)), Carol);
        Room.Refuses(Rules.PathMissing, Forge.Commit(Alice, _ => new Commit([new ProposalOrRef(new GroupContextExtensionsProposal([]), default)], null)), Carol);
        Room.Refuses(Rules.PathMissing, Forge.Commit(Alice, _ => new Commit([new ProposalOrRef(null, update)], null)), Carol);
    }

    [Fact]
    public void NobodyIsAddedTwice()
    {
        MlsClient otherBob = Client(Suite, "bob", seed: 2);
        KeyPackage one = Forge.KeyPackage(Dave);
        KeyPackage other = Forge.KeyPackage(Client(Suite, "dave", seed: 2));

        AssertRefused(Rules.IdentityTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(otherBob))));
        AssertRefused(Rules.IdentityTwice, Forge.CommitOf(Alice, new AddProposal(one), new AddProposal(other)));
        _room.Commit(Alice, new CommitOptions { Proposals = [new AddProposal(Forge.KeyPackage(otherBob)), new RemoveProposal(Bob.Leaf)] });
    }

    [Fact]
    public void ASignatureKeyStandsInOneLeaf()
    {
        MlsClient withKeyOfBob = Dave with { SigningKey = Bob.Client.SigningKey };
        MlsClient erin = Client(Suite, "erin") with { SigningKey = Dave.SigningKey };

        AssertRefused(Rules.SignatureKeyTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(withKeyOfBob))));
        AssertRefused(Rules.SignatureKeyTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave)), new AddProposal(Forge.KeyPackage(erin))));
        AssertRefused(Rules.SignatureKeyTwice, Forge.CommitWithLeaf(Alice, leaf => leaf with { SignatureKey = ByteString.CopyOf(Bob.Client.SigningKey.PublicKey) }, Bob.Client.SigningKey));
    }

    [Fact]
    public void AnEncryptionKeyStandsInOneNode()
    {
        ByteString ofBob = Carol.Group.MemberAt(Bob.Leaf)!.EncryptionKey;
        AssertRefused(Rules.EncryptionKeyTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { EncryptionKey = ofBob }))));

        ByteString ofRoot = Carol.Group.Secrets().State.Tree.Root.Parent!.EncryptionKey.Bytes;
        AssertRefused(Rules.EncryptionKeyTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { EncryptionKey = ofRoot }))));
    }

    [Fact]
    public void AnUpdateHasANewEncryptionKey()
    {
        ByteString same = Carol.Group.MemberAt(Bob.Leaf)!.EncryptionKey;

        AssertUpdateRefused(Rules.EncryptionKeyTwice, leaf => leaf with { EncryptionKey = same });
        AssertUpdateRefused(Rules.EncryptionKeyTwice, leaf => leaf with { EncryptionKey = Carol.Group.MemberAt(Carol.Leaf)!.EncryptionKey });
    }

    [Fact]
    public void AKeyPackageIsOfTheGroupsVersionAndSuite()
    {
        // Suite 3 has the same kinds of keys.
        MlsClient other = Dave with { Suite = TestClients.Suite(3) };
        AssertRefused(Rules.KeyPackageSuite, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(other))));

        byte[] version = Forge.KeyPackage(Dave).Encoded.ToArray();
        version[1] = 2;
        AssertRefused(Rules.KeyPackageSuite, Forge.CommitOf(Alice, new AddProposal(Structure.Decode(version, KeyPackage.Read)!)));
    }

    [Fact]
    public void AnInitKeyIsNotTheLeafsKey()
    {
        LeafNode leaf = Forge.Leaf(Dave);

        AssertRefused(Rules.KeyPackageInitKey, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf, initKey: leaf.EncryptionKey))));
    }

    [Fact]
    public void AKeyPackageIsSignedByItsLeaf() =>
        AssertRefused(Rules.KeyPackageSignature, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, key: Bob.Client.SigningKey))));

    [Theory]
    [InlineData(0, -1)]
    [InlineData(1, 1_000)]
    [InlineData(1, -1)]
    public void AKeyPackageIsUsedWithinItsLifetime(int notBefore, int notAfter)
    {
        ulong now = (ulong)Time.Date.ToUnixTimeSeconds();
        var lifetime = new Lifetime(now + (ulong)notBefore, now + (ulong)notAfter);

        AssertRefused(Rules.Lifetime, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { Lifetime = lifetime }))));
    }

    [Fact]
    public void AKeyPackageIsUsedInTheFirstAndLastSecondOfItsLifetime()
    {
        ulong now = (ulong)Time.Date.ToUnixTimeSeconds();

        _room.Commit(Alice, new CommitOptions { Proposals = [new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { Lifetime = new Lifetime(now, now) }))] });
    }

    [Fact]
    public void ALeafComesFromWhereItIsUsed()
    {
        var place = new LeafPlace(Alice.Group.GroupId, Alice.Leaf);
        LeafNode ofUpdate = Forge.Leaf(Dave, leaf => leaf with { Source = LeafNodeSource.Update }, place: place);
        LeafNode ofCommit = Forge.Leaf(Dave, leaf => leaf with { Source = LeafNodeSource.Commit }, place: place);

        AssertRefused(Rules.LeafSource, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, ofUpdate))));
        AssertRefused(Rules.LeafSource, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, ofCommit))));
        AssertUpdateRefused(Rules.LeafSource, leaf => leaf with { Source = LeafNodeSource.KeyPackage });
        AssertUpdateRefused(Rules.LeafSource, leaf => leaf with { Source = LeafNodeSource.Commit });
        AssertRefused(Rules.LeafSource, Forge.CommitWithLeaf(Alice, leaf => leaf with { Source = LeafNodeSource.KeyPackage }));
        AssertRefused(Rules.LeafSource, Forge.CommitWithLeaf(Alice, leaf => leaf with { Source = LeafNodeSource.Update }));
    }

    [Fact]
    public void ALeafSupportsItsOwnExtensions()
    {
        Extension unsupported = new((ExtensionType)0xf123, default);

        AssertRefused(Rules.LeafExtensionNotSupported, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { Extensions = [unsupported] }))));
        AssertUpdateRefused(Rules.LeafExtensionNotSupported, leaf => leaf with { Extensions = [unsupported] });
        AssertRefused(Rules.LeafExtensionNotSupported, Forge.CommitWithLeaf(Alice, leaf => leaf with { Extensions = [unsupported] }));
    }

    [Fact]
    public void ALeafSupportsItsOwnCredential()
    {
        static LeafNode.Content withoutBasic(LeafNode.Content leaf) => leaf with { Capabilities = leaf.Capabilities with { Credentials = [(ushort)CredentialType.X509] } };

        AssertRefused(Rules.LeafCredentialNotSupported, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, withoutBasic))));
        AssertUpdateRefused(Rules.LeafCredentialNotSupported, withoutBasic);
        AssertRefused(Rules.LeafCredentialNotSupported, Forge.CommitWithLeaf(Alice, withoutBasic));
    }

    [Fact]
    public void ALeafSupportsTheGroupsVersionAndSuite()
    {
        static LeafNode.Content withoutSuite(LeafNode.Content leaf) => leaf with { Capabilities = leaf.Capabilities with { CipherSuites = [2, 3] } };
        static LeafNode.Content withoutVersion(LeafNode.Content leaf) => leaf with { Capabilities = leaf.Capabilities with { Versions = [] } };

        AssertRefused(Rules.LeafSuiteNotSupported, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, withoutSuite))));
        AssertRefused(Rules.LeafSuiteNotSupported, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, withoutVersion))));
        AssertUpdateRefused(Rules.LeafSuiteNotSupported, withoutSuite);
        AssertRefused(Rules.LeafSuiteNotSupported, Forge.CommitWithLeaf(Alice, withoutVersion));
    }

    [Fact]
    public void ALeafIsSignedByItsKeyForItsGroupAndIndex()
    {
        var here = new LeafPlace(Alice.Group.GroupId, Bob.Leaf);

        AssertRefused(Rules.LeafSignature, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, Forge.Leaf(Dave, key: Bob.Client.SigningKey)))));
        AssertUpdateRefused(Rules.LeafSignature, leaf => leaf, here with { Index = Carol.Leaf });
        AssertUpdateRefused(Rules.LeafSignature, leaf => leaf, here with { GroupId = ByteString.CopyOf("rook"u8) });
        AssertRefused(Rules.LeafSignature, Forge.CommitWithLeaf(Alice, leaf => leaf, place: here));
        AssertRefused(Rules.LeafSignature, Forge.CommitWithLeaf(Alice, leaf => leaf, Bob.Client.SigningKey));
    }

    [Fact]
    public void PublicKeysAreOfTheSuite()
    {
        ByteString small = ByteString.CopyOf(new byte[31]);

        AssertRefused(Rules.PublicKey, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { EncryptionKey = small }))));
        AssertRefused(Rules.PublicKey, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { SignatureKey = small }))));
        AssertRefused(Rules.PublicKey, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, initKey: small))));
        AssertUpdateRefused(Rules.PublicKey, leaf => leaf with { EncryptionKey = small });
        AssertRefused(Rules.PublicKey, Forge.CommitWithLeaf(Alice, leaf => leaf with { EncryptionKey = ByteString.Empty }));
    }

    [Fact]
    public void ACredentialIsOneThatTheApplicationAccepts()
    {
        using Room room = Room.Of(Suite, ["alice", "bob", "carol"], with: client => client with { Identities = Guests.Instance });
        KeyPackage mallory = Forge.KeyPackage(Client(Suite, "mallory"));
        Extension sender = ExternalSender.ToExtension([new ExternalSender(ByteString.CopyOf(Dave.SigningKey.PublicKey), Credential.Basic("mallory"u8))]);

        room.Refuses(Rules.Credential, room[0], Forge.CommitOf(room[0], new AddProposal(mallory)));
        room.Refuses(Rules.Credential, room[0], Forge.CommitOf(room[0], new GroupContextExtensionsProposal([sender])));
        room.Refuses(Rules.Credential, room[0], Forge.CommitWithLeaf(room[0], leaf => leaf with { Credential = Credential.Basic("mallory"u8) }));
        room.Commit(room[0], new CommitOptions { ForcePath = true });
    }

    [Fact]
    public void NobodyBecomesSomebodyElse()
    {
        AssertUpdateRefused(Rules.Successor, leaf => leaf with { Credential = Credential.Basic("dave"u8) });
        AssertRefused(Rules.Successor, Forge.CommitWithLeaf(Alice, leaf => leaf with { Credential = Credential.Basic("dave"u8) }));
    }

    [Fact]
    public void AnExternalCommitReplacesNobodyElse()
    {
        MlsClient otherBob = Client(Suite, "bob", seed: 2);
        MlsMessage forged = Forge.ExternalCommit(Dave with { Identities = new Anyone() }, Alice, commit => commit, replaced: Bob.Leaf);

        _room.Refuses(Rules.Successor, Bob, forged);
        Assert.Null(Group.JoinExternally(otherBob, Alice.Group.CreateGroupInfo(), default, Bob.Leaf, new GroupSettings(), Time, null, default, out ExternalJoin? joined));
        foreach (Member member in _room.Members.ToArray())
            _room.Merge(member, joined!.Message);
        _room.Enter(new Member(otherBob, joined!.Group));
        _room.AssertAgreement();
    }

    [Fact]
    public void NoExtensionStandsTwiceInAList()
    {
        Extension id = new(ExtensionType.ApplicationId, default);

        AssertRefused(Rules.ExtensionTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, leaf => leaf with { Extensions = [id, id] }))));
        AssertRefused(Rules.ExtensionTwice, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(Dave, extensions: [id, id]))));
        AssertRefused(Rules.ExtensionTwice, Forge.CommitOf(Alice, new GroupContextExtensionsProposal([id, id])));
        AssertRefused(Rules.ExtensionTwice, Forge.CommitOf(Alice, new ReInitProposal(ByteString.CopyOf("new"u8), 1, Suite.Id, [id, id])));
        AssertUpdateRefused(Rules.ExtensionTwice, leaf => leaf with { Extensions = [id, id] });
        Assert.Same(Rules.ExtensionTwice, Group.Create(Dave, Room.GroupId, [id, id], new GroupSettings(), Time, null, out _));
    }

    [Fact]
    public void KnownExtensionsAreTheirEncoding()
    {
        foreach (ExtensionType type in (ExtensionType[])[ExtensionType.RequiredCapabilities, ExtensionType.ExternalSenders])
        {
            AssertRefused(Rules.ExtensionEncoding, Forge.CommitOf(Alice, new GroupContextExtensionsProposal([new Extension(type, ByteString.CopyOf([1]))])));
            AssertRefused(Rules.ExtensionEncoding, Forge.CommitOf(Alice, new GroupContextExtensionsProposal([new Extension(type, ByteString.CopyOf([0, 0, 0, 0]))])));
        }
    }

    [Fact]
    public void EveryoneSupportsTheCredentialsOfAll()
    {
        ushort[] basicOnly = [(ushort)CredentialType.Basic];
        using Room room = Room.Of(Suite, ["alice", "bob"], with: client => client with { SupportedCredentials = basicOnly });
        Credential certificate = Credential.X509([ByteString.CopyOf("dave"u8)]);

        room.Refuses(Rules.CredentialNotSupportedByAll, room[0], Forge.CommitOf(room[0], new AddProposal(Forge.KeyPackage(Dave with { Credential = certificate }))));

        // And the other way round: one who does not support what the others have.
        MlsClient onlyCertificates = Dave with { Credential = certificate, SupportedCredentials = [(ushort)CredentialType.X509] };
        AssertRefused(Rules.CredentialNotSupportedByAll, Forge.CommitOf(Alice, new AddProposal(Forge.KeyPackage(onlyCertificates))));
    }

    [Fact]
    public void RequiredCapabilitiesAreHadByEveryoneAtEveryTime()
    {
        Extension required = new RequiredCapabilities([0xf001], [], []).ToExtension();
        MlsClient able(MlsClient client) => client with { SupportedExtensions = [0xf001] };
        static LeafNode.Content unable(LeafNode.Content leaf) => leaf with { Capabilities = leaf.Capabilities with { Extensions = [] } };
        using Room room = Room.Of(Suite, ["alice", "bob", "carol"], [required], with: able);

        room.Refuses(Rules.RequiredCapabilitiesMissing, room[0], Forge.CommitOf(room[0], new AddProposal(Forge.KeyPackage(Dave))));
        room.Refuses(Rules.RequiredCapabilitiesMissing, room[0], Forge.CommitWithLeaf(room[0], unable));
        AssertUpdateRefused(room, Rules.RequiredCapabilitiesMissing, unable);
        room.Refuses(Rules.RequiredCapabilitiesMissing, room[0], Forge.CommitOf(room[0], new GroupContextExtensionsProposal([new RequiredCapabilities([0xf001, 0xf002], [], []).ToExtension()])));
        room.Refuses(Rules.RequiredCapabilitiesMissing, room[0], Forge.CommitOf(room[0], new GroupContextExtensionsProposal([new RequiredCapabilities([], [0xf002], []).ToExtension()])));
        room.Refuses(Rules.RequiredCapabilitiesMissing, room[0], Forge.CommitOf(room[0], new GroupContextExtensionsProposal([new RequiredCapabilities([], [], [0xf002]).ToExtension()])));

        // Who lacks them comes in only when the demand goes in the same commit, and then the demand cannot come back.
        room.Commit(room[0], new CommitOptions { Proposals = [new AddProposal(Forge.KeyPackage(Dave)), new GroupContextExtensionsProposal([])] });
        room.Refuses(Rules.RequiredCapabilitiesMissing, room[0], Forge.CommitOf(room[0], new GroupContextExtensionsProposal([required])));
        room.Commit(room[0], new CommitOptions { Proposals = [new RemoveProposal(new LeafIndex(3)), new GroupContextExtensionsProposal([required])] });
    }

    [Fact]
    public void EveryoneSupportsTheExtensionsOfTheGroup()
    {
        Extension special = new((ExtensionType)0xf001, default);
        using Room room = Room.Of(Suite, ["alice", "bob"], [special], with: client => client with { SupportedExtensions = [0xf001] });

        AssertRefused(Rules.ExtensionNotSupportedByAll, Forge.CommitOf(Alice, new GroupContextExtensionsProposal([special])));
        room.Refuses(Rules.ExtensionNotSupportedByAll, room[0], Forge.CommitOf(room[0], new AddProposal(Forge.KeyPackage(Dave))));
        room.Refuses(Rules.ExtensionNotSupportedByAll, room[0], Forge.CommitWithLeaf(room[0], leaf => leaf with { Capabilities = leaf.Capabilities with { Extensions = [] } }));
    }

    [Fact]
    public void AnExternalCommitHasOneInitAndNothingButWhatBelongsToIt()
    {
        ByteString reference = _room.Propose(Bob, Bob.Group.Propose(new RemoveProposal(Carol.Leaf)));
        Proposal[][] additions =
        [
            [new ExternalInitProposal(Forge.NewPublicKey(Suite))],
            [new AddProposal(Forge.KeyPackage(Client(Suite, "erin")))],
            [new UpdateProposal(Forge.Leaf(Dave))],
            [new ReInitProposal(ByteString.CopyOf("new"u8), 1, Suite.Id, [])],
            [new GroupContextExtensionsProposal([])],
            [new RemoveProposal(Bob.Leaf), new RemoveProposal(Carol.Leaf)],
        ];

        foreach (Proposal[] addition in additions)
            Refused(commit => commit with { Proposals = [.. commit.Proposals, .. addition.Select(p => new ProposalOrRef(p, default))] });
        Refused(commit => commit with { Proposals = [] });
        Refused(commit => commit with { Proposals = [.. commit.Proposals, new ProposalOrRef(null, reference)] });

        void Refused(Func<Commit, Commit> change) => Room.Refuses(Rules.ExternalCommitProposals, Forge.ExternalCommit(Dave, Alice, change), Carol);
    }

    [Fact]
    public void ExternalInitStandsInExternalCommitsAlone() =>
        AssertRefused(Rules.ExternalInitInside, Forge.CommitOf(Alice, new ExternalInitProposal(Forge.NewPublicKey(Suite))));

    [Fact]
    public void TheExtensionsChangeOnceInACommit() =>
        AssertRefused(Rules.ExtensionsProposalTwice, Forge.CommitOf(Alice, new GroupContextExtensionsProposal([]), new GroupContextExtensionsProposal([])));

    [Fact]
    public void AReInitStandsAlone()
    {
        var reInit = new ReInitProposal(ByteString.CopyOf("new"u8), 1, Suite.Id, []);

        AssertRefused(Rules.ReInitNotAlone, Forge.CommitOf(Alice, reInit, new RemoveProposal(Bob.Leaf)));
        AssertRefused(Rules.ReInitNotAlone, Forge.CommitOf(Alice, reInit, reInit));
    }

    [Fact]
    public void AReInitDoesNotGoBack() =>
        AssertRefused(Rules.ReInitVersion, Forge.CommitOf(Alice, new ReInitProposal(ByteString.CopyOf("new"u8), 0, Suite.Id, [])));

    [Fact]
    public void WhoIsOutsideProposesOnlyWhatItMay()
    {
        Extension senders = ExternalSender.ToExtension([new ExternalSender(ByteString.CopyOf(Dave.SigningKey.PublicKey), Dave.Credential)]);
        _room.Commit(Alice, new CommitOptions { Proposals = [new GroupContextExtensionsProposal([senders])] });
        var external = new Sender(SenderType.External, 0);
        LeafNode update = Forge.Leaf(Dave, leaf => leaf with { Source = LeafNodeSource.Update }, place: new LeafPlace(Room.GroupId, default));

        foreach (Proposal proposal in (Proposal[])[new UpdateProposal(update), new ExternalInitProposal(Forge.NewPublicKey(Suite))])
        {
            MlsMessage message = Forge.Public(Alice, Forge.Framed(Alice, proposal, external), key: Dave.SigningKey);
            Assert.Null(Carol.Group.Receive(message, Time, out Received? received));
            ByteString reference = Assert.IsType<ProposalMessage>(received).Reference;
            Room.Refuses(proposal is UpdateProposal ? Rules.ProposalSender : Rules.ExternalInitInside, Forge.CommitOf(Alice, reference), Carol);
        }
    }

    [Fact]
    public void ACommitterDoesNotCoverItsOwnUpdate()
    {
        LeafNode leaf = Forge.Leaf(Alice.Client, content => content with { Source = LeafNodeSource.Update }, place: new LeafPlace(Room.GroupId, Alice.Leaf));
        ByteString reference = _room.Propose(Alice, Alice.Group.ProposeUpdate());

        Room.Refuses(Rules.CommitterUpdates, Forge.CommitOf(Alice, reference), Carol);
        AssertRefused(Rules.CommitterUpdates, Forge.CommitOf(Alice, new UpdateProposal(leaf)));
    }

    [Fact]
    public void ACommitterDoesNotRemoveItself()
    {
        ByteString reference = _room.Propose(Bob, Bob.Group.Propose(new RemoveProposal(Alice.Leaf)));

        Room.Refuses(Rules.CommitterRemoved, Forge.CommitOf(Alice, reference), Carol);
        AssertRefused(Rules.CommitterRemoved, Forge.CommitOf(Alice, new RemoveProposal(Alice.Leaf)));
    }

    [Theory]
    [InlineData(3u)]
    [InlineData(4u)]
    [InlineData(uint.MaxValue)]
    public void OnlyMembersAreRemoved(uint leaf) => AssertRefused(Rules.LeafUnknown, Forge.CommitOf(Alice, new RemoveProposal(new LeafIndex(leaf))));

    [Fact]
    public void ALeafChangesOnceInACommit()
    {
        ByteString first = _room.Propose(Bob, Bob.Group.ProposeUpdate());
        ByteString second = _room.Propose(Bob, Bob.Group.ProposeUpdate());
        ByteString remove = _room.Propose(Bob, Bob.Group.Propose(new RemoveProposal(Bob.Leaf)));

        Room.Refuses(Rules.LeafTouchedTwice, Forge.CommitOf(Alice, new RemoveProposal(Bob.Leaf), new RemoveProposal(Bob.Leaf)), Carol);
        Room.Refuses(Rules.LeafTouchedTwice, Forge.CommitOf(Alice, first, second), Carol);
        Room.Refuses(Rules.LeafTouchedTwice, Forge.CommitOf(Alice, first, first), Carol);
        Room.Refuses(Rules.LeafTouchedTwice, Forge.CommitOf(Alice, first, remove), Carol);
        Room.Refuses(Rules.LeafTouchedTwice, Forge.CommitOf(Alice, remove, first), Carol);
    }

    [Fact]
    public void ANonceHasTheLengthOfAHash()
    {
        foreach (int length in (int[])[0, 31, 33])
            AssertRefused(Rules.PskNonce, Forge.CommitOf(Alice, Psk("key"u8, new byte[length])));
    }

    [Fact]
    public void AResumptionKeyInsideAGroupIsForTheApplication()
    {
        foreach (ResumptionPskUsage usage in (ResumptionPskUsage[])[ResumptionPskUsage.Branch, ResumptionPskUsage.ReInit])
            AssertRefused(Rules.PskUsage, Forge.CommitOf(Alice, new PreSharedKeyProposal(PreSharedKeyId.Resumption(usage, Room.GroupId, 1, ByteString.CopyOf(new byte[32])))));
    }

    [Fact]
    public void APreSharedKeyIsUsedOnceInACommit()
    {
        AssertRefused(Rules.PskTwice, Forge.CommitOf(Alice, Psk("key"u8, new byte[32]), Psk("key"u8, new byte[32])));
        AssertRefused(Rules.PskTwice, Forge.CommitOf(Alice, Psk("key"u8, new byte[32]), Psk("kez"u8, new byte[32]), Psk("key"u8, [1, .. new byte[31]])));
    }

    [Fact]
    public void APreSharedKeyIsKnown()
    {
        var psks = new Dictionary<ByteString, byte[]> { [ByteString.CopyOf("key"u8)] = [1, 2, 3] };
        using Room room = Room.Of(Suite, ["alice", "bob"], preSharedKeys: new PskTable(psks));
        PendingCommit pending = Room.Make(room[0], new CommitOptions { Proposals = [Psk("key"u8, new byte[32])] });
        PreSharedKeyId forgotten = PreSharedKeyId.Resumption(ResumptionPskUsage.Application, Room.GroupId, 77, ByteString.CopyOf(new byte[32]));

        Assert.Same(Rules.PskUnknown, Bob.Group.Commit(new CommitOptions { Proposals = [Psk("key"u8, new byte[32])] }, Time, out _));
        Assert.Same(Rules.PskUnknown, Bob.Group.Commit(new CommitOptions { Proposals = [new PreSharedKeyProposal(forgotten)] }, Time, out _));
        psks.Clear();
        room.Refuses(Rules.PskUnknown, room[0], pending.Message);
        psks.Add(ByteString.CopyOf("key"u8), [1, 2, 4]);
        room.Refuses(Rules.ConfirmationTag, room[0], pending.Message);
        psks[ByteString.CopyOf("key"u8)] = [1, 2, 3];
        room.Accept(room[0], pending);
    }

    public void Dispose() => _room.Dispose();

    // What one must believe who wants to take the place of another.
    private sealed class Anyone : IIdentityProvider
    {
        public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => true;

        public ByteString? IdentityOf(Credential credential) => credential.Identity;

        public bool IsSuccessor(Credential before, Credential after) => true;
    }

    private static PreSharedKeyProposal Psk(ReadOnlySpan<byte> id, byte[] nonce) => new(PreSharedKeyId.External(ByteString.CopyOf(id), ByteString.CopyOf(nonce)));

    // Everyone refuses Alice's commit, and a genuine one after it goes through.
    private void AssertRefused(Refusal rule, MlsMessage commit)
    {
        _room.Refuses(rule, Alice, commit);
        _room.Commit(Alice, new CommitOptions { CoverReceived = false, ForcePath = true });
    }

    private void AssertUpdateRefused(Refusal rule, Func<LeafNode.Content, LeafNode.Content> change, LeafPlace? place = null) =>
        AssertUpdateRefused(_room, rule, change, place);

    // The second member proposes a bad update, and the first covers it.
    private static void AssertUpdateRefused(Room room, Refusal rule, Func<LeafNode.Content, LeafNode.Content> change, LeafPlace? place = null)
    {
        Member proposer = room[1];
        LeafNode leaf = Forge.Leaf(proposer.Client, content => change(content with { Source = LeafNodeSource.Update }), place: place ?? new LeafPlace(Room.GroupId, proposer.Leaf));
        ByteString reference = room.Propose(proposer, Forge.Public(proposer, Forge.Framed(proposer, new UpdateProposal(leaf))));

        Room.Refuses(rule, Forge.CommitOf(room[0], reference), room[2]);

        // One that sends leaves it out.
        PendingCommit pending = Room.Make(room[0], new CommitOptions { ForcePath = true });
        Assert.Empty(pending.Staged.Updated);
        room.Accept(room[0], pending);
    }
}
