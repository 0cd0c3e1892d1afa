using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;

namespace RoomAgent.Crypto.Tests;

public sealed class MacTests
{
    private static readonly OpenSslCrypto s_crypto = OpenSslCrypto.Instance;

    public static TheoryData<HashAlgorithm> Algorithms => [.. Enum.GetValues<HashAlgorithm>()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void PiecesGiveWhatTheWholeGivesMessageAfterMessage(HashAlgorithm algorithm)
    {
        Prop.ForAll<byte[], byte[], byte[]>((key, first, second) =>
        {
            using Mac kept = s_crypto.CreateMac(algorithm, key);
            byte[] expected = new byte[algorithm.Digest()];
            byte[] found = new byte[algorithm.Digest()];
            s_crypto.Hmac(algorithm, key, [.. first, .. second], expected);

            for (int message = 0; message < 3; message++)
            {
                kept.Append(first);
                kept.Append(second);
                kept.Finish(found);
                if (!found.AsSpan().SequenceEqual(expected))
                    return false;
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AShorterTagIsTheBeginningOfTheLongOne()
    {
        using Mac mac = s_crypto.CreateMac(HashAlgorithm.Sha1, "key"u8);
        byte[] whole = new byte[20];
        byte[] tag = new byte[10];

        mac.Append("message"u8);
        mac.Finish(whole);
        mac.Append("message"u8);
        mac.Finish(tag);

        Assert.Equal(whole[..10], tag);
    }

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        Mac mac = s_crypto.CreateMac(HashAlgorithm.Sha1, []);

        Assert.Throws<ArgumentException>(() => mac.Finish([]));
        Assert.Throws<ArgumentException>(() => mac.Finish(new byte[21]));
        mac.Dispose();
        mac.Dispose();
        Assert.Throws<InvalidOperationException>(() => mac.Append("a"u8));
    }

    [Fact]
    public void AMessageAllocatesNothing()
    {
        using Mac mac = s_crypto.CreateMac(HashAlgorithm.Sha1, "key"u8);
        byte[] message = new byte[1_200];
        byte[] tag = new byte[10];
        mac.Append(message);
        mac.Finish(tag);

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                mac.Append(message);
                mac.Finish(tag);
            }
        });

        Assert.Equal(0, allocated);
    }
}
