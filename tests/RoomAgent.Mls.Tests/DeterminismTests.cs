using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests;

/// <summary>Given the same random bytes, a group makes the same bytes: nothing else in it comes from chance.</summary>
public sealed class DeterminismTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void TheSameRandomBytesGiveTheSameMessages(int suite)
    {
        string[] first = Converse(suite, seed: 1);

        Assert.Equal(first, Converse(suite, seed: 1));
        Assert.All(first.Zip(Converse(suite, seed: 2)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    private static Room Alone(CipherSuite suite, int seed) => Room.Of(suite, ["alice"], with: client => client with { Random = new SeededRandom(seed) });

    private static string[] Converse(int number, int seed)
    {
        // OpenSSL draws the number that an ECDSA signature needs itself; here it follows from key and message.
        CipherSuite suite = CipherSuite.Find(new RepeatableEcdsa(OpenSslCrypto.Instance), (CipherSuiteId)number)!;
        using Room room = Alone(suite, seed);
        MlsClient bob = Client(suite, "bob", seed);
        using OwnKeyPackage keyPackage = bob.CreateKeyPackage(Valid);
        PendingCommit added = Room.Make(room[0], new CommitOptions { Proposals = [new AddProposal(keyPackage.KeyPackage)], ForcePath = true });
        string groupInfo = Hex(MlsMessage.Of(added.GroupInfo));
        room.Accept(room[0], added);
        Member joined = room.Join(bob, keyPackage, added.Welcome!);
        MlsMessage update = joined.Group.ProposeUpdate();
        room.Propose(joined, update);
        PendingCommit covered = Room.Make(room[0], new CommitOptions());
        room.Accept(room[0], covered);

        return
        [
            Hex(MlsMessage.Of(keyPackage.KeyPackage)),
            Hex(added.Message),
            Hex(MlsMessage.Of(added.Welcome!)),
            groupInfo,
            Hex(update),
            Hex(covered.Message),
            Hex(joined.Group.Protect("data"u8)),
            Convert.ToHexString(room[0].Group.EpochAuthenticator),
        ];
    }

    private static string Hex(MlsMessage message) => ByteString.Owning(message.Encode()).ToString();
}
