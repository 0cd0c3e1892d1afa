using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Testing;

namespace RoomAgent.Net.Tests;

public sealed class StreamFramingTests
{
    private const int Largest = 50;

    [Fact]
    public void HoweverTheStreamIsCutTheDatagramsComeOutWhole()
    {
        Prop.ForAll<byte[][], int>((datagrams, seed) =>
        {
            byte[][] given = [.. datagrams.Where(d => d is not null)];
            byte[] stream = [.. given.SelectMany(Framed)];
            var random = new Random(seed);

            List<byte[]> read = [];
            var framing = new StreamFraming(Largest);
            for (int at = 0; at < stream.Length;)
            {
                int cut = random.Next(1, 12);
                ReadOnlySpan<byte> piece = stream.AsSpan(at, Math.Min(cut, stream.Length - at)).ToArray();
                at += piece.Length;
                while (framing.TryRead(ref piece, out ReadOnlySpan<byte> datagram))
                    read.Add(datagram.ToArray());
                Assert.True(piece.IsEmpty);
            }

            Assert.Equal(given.Where(d => d.Length is > 0 and <= Largest), read);
            Assert.Equal(given.Count(d => d.Length > Largest), framing.Oversized);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ADatagramThatIsTooLongIsSkippedAndTheNextOneIsNot()
    {
        var framing = new StreamFraming(Largest);
        ReadOnlySpan<byte> stream = (byte[])[.. Framed(new byte[60_000]), .. Framed([7])];

        Assert.True(framing.TryRead(ref stream, out ReadOnlySpan<byte> datagram));

        Assert.Equal([7], datagram.ToArray());
        Assert.Equal(1, framing.Oversized);
    }

    [Fact]
    public void ReadingAllocatesNothing()
    {
        var framing = new StreamFraming(1_500);
        byte[] stream = [.. Framed(new byte[1_200]), .. Framed(new byte[100]), .. Framed(new byte[1_200])];
        int Read()
        {
            int count = 0;
            for (int at = 0; at < stream.Length; at += 500)
            {
                ReadOnlySpan<byte> piece = stream.AsSpan(at, Math.Min(500, stream.Length - at));
                while (framing.TryRead(ref piece, out _))
                    count++;
            }

            return count;
        }
        Assert.Equal(3, Read());

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 1_000; i++)
                Read();
        });

        Assert.Equal(0, allocated);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65_536)]
    public void ALimitOutsideTheFormatIsAMistake(int largest) => Assert.Throws<ArgumentOutOfRangeException>(() => new StreamFraming(largest));

    private static byte[] Framed(byte[] datagram)
    {
        byte[] stream = new byte[StreamFraming.HeaderSize + datagram.Length];
        StreamFraming.Write(stream, datagram);
        return stream;
    }
}
