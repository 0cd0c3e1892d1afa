using RoomAgent.Testing;

namespace RoomAgent.Wire.Tests;

public sealed class WireReaderTests
{
    [Fact]
    public void IntegersComeMostSignificantByteFirst()
    {
        var reader = new WireReader([0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0xff, 0, 0, 0, 0, 0, 0, 2]);

        Assert.Equal(0x01, reader.ReadUInt8());
        Assert.Equal(0x0203, reader.ReadUInt16());
        Assert.Equal(0x040506u, reader.ReadUInt24());
        Assert.Equal(0x0708090au, reader.ReadUInt32());
        Assert.Equal(0xff00_0000_0000_0002ul, reader.ReadUInt64());
        Assert.True(reader.Complete);
    }

    [Theory]
    [InlineData("00", 0)]
    [InlineData("3f", 63)]
    [InlineData("4040", 64)]
    [InlineData("7fff", 16_383)]
    [InlineData("80004000", 16_384)]
    [InlineData("bfffffff", 1_073_741_823)]
    public void AVarintIsReadInItsShortestForm(string hex, int value)
    {
        var reader = new WireReader(Convert.FromHexString(hex));

        Assert.Equal(value, reader.ReadVarint());
        Assert.True(reader.Complete);
    }

    [Theory]
    [InlineData("4000")] // 0 in two bytes
    [InlineData("403f")] // 63 in two bytes
    [InlineData("80000000")] // 0 in four bytes
    [InlineData("80003fff")] // 16383 in four bytes
    [InlineData("c000000000000000")] // the reserved prefix
    [InlineData("ff")]
    [InlineData("40")] // cut
    [InlineData("800040")]
    [InlineData("")]
    public void AVarintInAnyOtherFormIsRefused(string hex)
    {
        var reader = new WireReader(Convert.FromHexString(hex));

        Assert.Equal(0, reader.ReadVarint());
        Assert.True(reader.Failed);
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void AfterAReadThatDoesNotFitEverythingReadsAsNothing()
    {
        var reader = new WireReader([1, 2, 3]);

        Assert.Equal(0u, reader.ReadUInt32());

        Assert.True(reader.Failed);
        Assert.Equal(0, reader.ReadUInt8());
        Assert.True(reader.ReadBytes(0).IsEmpty);
        Assert.True(reader.ReadRest().IsEmpty);
        Assert.True(reader.ReadVector().IsEmpty);
        Assert.True(reader.ReadNested().Failed);
        Assert.False(reader.Complete);
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    [InlineData(4)]
    public void ACountThatDoesNotFitIsRefused(int count)
    {
        var reader = new WireReader([1, 2, 3]);

        Assert.True(reader.ReadBytes(count).IsEmpty);
        Assert.True(reader.Failed);
    }

    [Fact]
    public void AVectorLongerThanTheInputIsRefused()
    {
        var reader = new WireReader([0xbf, 0xff, 0xff, 0xff, 1]);

        Assert.True(reader.ReadVector().IsEmpty);
        Assert.True(reader.Failed);
    }

    [Fact]
    public void ANestedListIsReadToItsEndAndTheOuterReaderGoesOnBehindIt()
    {
        var reader = new WireReader([0x04, 0x01, 0xaa, 0x01, 0xbb, 0x77]);

        WireReader list = reader.ReadNested();
        var items = new List<byte>();
        while (!list.AtEnd)
            items.Add(list.ReadVector()[0]);

        Assert.Equal([0xaa, 0xbb], items);
        Assert.True(list.Complete);
        Assert.Equal(0x77, reader.ReadUInt8());
        Assert.True(reader.Complete);
    }

    [Fact]
    public void SinceGivesTheBytesThatASignatureCovers()
    {
        var reader = new WireReader([9, 1, 2, 3, 9]);
        reader.ReadUInt8();
        int start = reader.Position;

        reader.ReadUInt24();

        Assert.Equal([1, 2, 3], reader.Since(start).ToArray());
    }

    [Fact]
    public void EveryTruncationOfAMessageIsRefused()
    {
        byte[] message = WriteSample();

        Assert.Empty(Truncation.AcceptedLengths(message, ReadSample));
    }

    private static byte[] WriteSample()
    {
        var writer = WireWriter.Growing();
        writer.WriteUInt8(1);
        writer.WriteUInt16(2);
        writer.WriteUInt24(3);
        writer.WriteUInt32(4);
        writer.WriteUInt64(5);
        writer.WriteVector(new byte[100]);
        int list = writer.BeginVector();
        writer.WriteVector([1, 2, 3]);
        writer.WriteVector([]);
        writer.EndVector(list);
        writer.WriteVarint(20_000);
        byte[] message = writer.ToArray();
        writer.Dispose();
        return message;
    }

    private static bool ReadSample(ReadOnlySpan<byte> input)
    {
        var reader = new WireReader(input);
        reader.ReadUInt8();
        reader.ReadUInt16();
        reader.ReadUInt24();
        reader.ReadUInt32();
        reader.ReadUInt64();
        reader.ReadVector();
        WireReader list = reader.ReadNested();
        while (!list.AtEnd)
            list.ReadVector();
        reader.ReadVarint();
        return reader.Complete && !list.Failed;
    }
}
