using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Mls.Tests.TestClients;

namespace RoomAgent.Mls.Tests;

/// <summary>Given the same random bytes, a group makes the same bytes: nothing else in it comes from chance.</summary>
public sealed class DeterminismTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void TheSameRandomBytesGiveTheSameMessages(int suite)
    {
        string[] first = Converse(suite, seed: 1);

        Assert.Equal(first, Converse(suite, seed: 1));
        Assert.All(first.Zip(Converse(suite, seed: 2)), pair => Assert.NotEqual(pair.First, pair.Second));
    }

    // ECDSA draws a number for each signature inside the cryptographic library; all else is the same.
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    public void WithEcdsaTheSameRandomBytesGiveTheSameKeys(int suite)
    {
        using Room room = Alone(suite, seed: 1);
        using Room again = Alone(suite, seed: 1);

        Assert.Equal(room[0].Group.MemberAt(default)!.EncryptionKey, again[0].Group.MemberAt(default)!.EncryptionKey);
        Assert.Equal(room[0].Group.MemberAt(default)!.SignatureKey, again[0].Group.MemberAt(default)!.SignatureKey);
        Assert.Equal(Convert.ToHexString(room[0].Group.EpochAuthenticator), Convert.ToHexString(again[0].Group.EpochAuthenticator));
    }

    private static Room Alone(int suite, int seed) => Room.Of(Suite(suite), ["alice"], with: client => client with { Random = new SeededRandom(seed) });

    private static string[] Converse(int number, int seed)
    {
        CipherSuite suite = Suite(number);
        using Room room = Alone(number, seed);
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
