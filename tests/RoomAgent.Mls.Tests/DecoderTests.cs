using RoomAgent.Mls.Tests.Negative;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests;

/// <summary>Every structure of the wire, whole and broken.</summary>
public sealed class DecoderTests
{
    private static readonly Lazy<IReadOnlyDictionary<string, (byte[] Good, Truncation.Decoder Decode)>> s_structures = new(Make);

    public static TheoryData<string> Structures => [.. s_structures.Value.Keys];

    [Theory]
    [MemberData(nameof(Structures))]
    public void AStructureThatIsCutAnywhereIsRefused(string name)
    {
        (byte[] good, Truncation.Decoder decode) = s_structures.Value[name];

        Assert.Empty(Truncation.AcceptedLengths(good, decode));
    }

    [Theory]
    [MemberData(nameof(Structures))]
    public void AByteTooManyIsRefused(string name)
    {
        (byte[] good, Truncation.Decoder decode) = s_structures.Value[name];

        Assert.True(decode(good));
        Assert.False(decode([.. good, 0]));
    }

    [Fact]
    public void ALengthInMoreBytesThanItNeedsIsRefused()
    {
        byte[] good = s_structures.Value["KeyPackage"].Good;
        Assert.Equal(32, good[4]);

        Assert.Null(Structure.Decode([.. good[..4], 0x40, .. good[4..]], KeyPackage.Read));
        Assert.Null(Structure.Decode([.. good[..4], 0x80, 0, 0, .. good[4..]], KeyPackage.Read));
        Assert.Null(Structure.Decode([.. good[..4], 0xc0, 0, 0, 0, 0, 0, 0, .. good[4..]], KeyPackage.Read));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(0xff)]
    public void AnOptionalValueIsThereOrNot(byte presence)
    {
        byte[] commit = new Commit([], null).Encode().ToArray();
        Assert.Equal([0, 0], commit);

        commit[^1] = presence;
        Assert.Equal(presence == 0, Structure.Decode(commit, Commit.Read) is not null);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 8)]
    [InlineData(0xff, 0xff)]
    public void AProposalOfAnUnknownTypeIsRefused(byte high, byte low) => Assert.Null(Structure.Decode([high, low, 0], Proposal.Read));

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void AContentOfAnUnknownTypeIsRefused(byte type)
    {
        byte[] message = s_structures.Value["MlsMessage of a PrivateMessage"].Good;
        int at = 4 + 1 + Room.GroupId.Length + 8;
        Assert.Equal((byte)ContentType.Application, message[at]);

        message = [.. message];
        message[at] = type;
        Assert.Null(MlsMessage.Decode(message));
    }

    private static Dictionary<string, (byte[] Good, Truncation.Decoder Decode)> Make()
    {
        using Room room = Room.Of("alice", "bob", "carol");
        Member alice = room[0];
        MlsClient dave = Client(room.Suite, "dave") with { LeafExtensions = [new Extension(ExtensionType.ApplicationId, ByteString.CopyOf("d"u8))] };
        using OwnKeyPackage keyPackage = dave.CreateKeyPackage(Valid, isLastResort: true);
        PendingCommit pending = Room.Make(alice, new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage), new RemoveProposal(room[1].Leaf)] });
        Proposal[] proposals =
        [
            new AddProposal(keyPackage.KeyPackage),
            new UpdateProposal(Forge.Leaf(dave, leaf => leaf with { Source = LeafNodeSource.Update }, place: new LeafPlace(Room.GroupId, default))),
            new RemoveProposal(new LeafIndex(1)),
            new PreSharedKeyProposal(alice.Group.NewPskId(ByteString.CopyOf("key"u8))),
            new PreSharedKeyProposal(alice.Group.NewResumptionPskId(1)),
            new ReInitProposal(ByteString.CopyOf("new"u8), 1, room.Suite.Id, dave.LeafExtensions),
            new ExternalInitProposal(Forge.NewPublicKey(room.Suite)),
            new GroupContextExtensionsProposal(dave.LeafExtensions),
        ];

        var structures = new Dictionary<string, (byte[], Truncation.Decoder)>();
        void add<T>(string name, T good, Structure.Reader<T> read)
            where T : class, IStructure => structures.Add(name, (good.Encode().ToArray(), bytes => Structure.Decode(bytes, read) is not null));
        void addMessage(MlsMessage message) => structures.Add($"MlsMessage of a {message.WireFormat}", (message.Encode(), bytes => MlsMessage.Decode(bytes) is not null));

        addMessage(pending.Message);
        addMessage(alice.Group.Protect("data"u8, "open"u8));
        addMessage(MlsMessage.Of(pending.Welcome!));
        addMessage(MlsMessage.Of(alice.Group.CreateGroupInfo()));
        addMessage(MlsMessage.Of(keyPackage.KeyPackage));
        add("KeyPackage", keyPackage.KeyPackage, KeyPackage.Read);
        add("LeafNode of a key package", keyPackage.KeyPackage.LeafNode, LeafNode.Read);
        add("LeafNode of a commit", ((Commit)pending.Message.PublicMessage!.Content.Content.Content).Path!.LeafNode, LeafNode.Read);
        add("Commit", (Commit)pending.Message.PublicMessage.Content.Content.Content, Commit.Read);
        add("FramedContent", pending.Message.PublicMessage.Content.Content, FramedContent.Read);
        add("AuthenticatedContent", pending.Message.PublicMessage.Content, AuthenticatedContent.Read);
        add("GroupContext", alice.Group.Context, GroupContext.Read);
        add("GroupInfo", alice.Group.CreateGroupInfo(), GroupInfo.Read);
        add("GroupSecrets", Forge.Open(room.Suite, keyPackage, pending.Welcome!), GroupSecrets.Read);
        add("Welcome", pending.Welcome!, Welcome.Read);
        add("ParentNode", alice.Group.Secrets().State.Tree.Root.Parent!, ParentNode.Read);
        add("RequiredCapabilities", new RequiredCapabilities([1], [2], [3]), RequiredCapabilities.Read);
        for (int i = 0; i < proposals.Length; i++)
            add($"{proposals[i].Type} ({i})", proposals[i], Proposal.Read);

        structures.Add("RatchetTree", (alice.Group.EncodeTree().ToArray(), bytes => RatchetTree.Decode(room.Suite, bytes, out _) is null));
        structures.Add(
            "ExternalSenders",
            (ExternalSender.ToExtension([new ExternalSender(Forge.NewPublicKey(room.Suite), dave.Credential)]).Data.ToArray(), bytes => ExternalSender.Decode(ByteString.CopyOf(bytes)) is not null));
        return structures;
    }
}
