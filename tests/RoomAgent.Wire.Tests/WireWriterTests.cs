using FsCheck;
using FsCheck.Fluent;

namespace RoomAgent.Wire.Tests;

public sealed class WireWriterTests
{
    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        Prop.ForAll<byte, ushort, uint>((a, b, c) =>
        {
            Span<byte> buffer = stackalloc byte[64];
            var writer = new WireWriter(buffer);
            writer.WriteUInt8(a);
            writer.WriteUInt16(b);
            writer.WriteUInt24(c & 0xff_ffff);
            writer.WriteUInt32(c);
            writer.WriteUInt64(((ulong)c << 32) | b);
            writer.WriteVarint((int)(c & Varint.MaxValue));

            var reader = new WireReader(writer.Written);
            return reader.ReadUInt8() == a
                && reader.ReadUInt16() == b
                && reader.ReadUInt24() == (c & 0xff_ffff)
                && reader.ReadUInt32() == c
                && reader.ReadUInt64() == (((ulong)c << 32) | b)
                && reader.ReadVarint() == (c & Varint.MaxValue)
                && reader.Complete
                && !writer.Failed;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(100_000)]
    public void AVectorOfUnknownLengthGetsTheLengthItTurnsOutToHave(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        byte[] known = Written(content, static (ref WireWriter writer, byte[] bytes) => writer.WriteVector(bytes));

        byte[] found = Written(content, static (ref WireWriter writer, byte[] bytes) =>
        {
            int start = writer.BeginVector();
            writer.WriteBytes(bytes);
            writer.EndVector(start);
        });

        Assert.Equal(known, found);
    }

    [Fact]
    public void VectorsNest()
    {
        var writer = WireWriter.Growing();
        int outer = writer.BeginVector();
        for (int i = 0; i < 3; i++)
        {
            int inner = writer.BeginVector();
            writer.WriteBytes(new byte[70]);
            writer.EndVector(inner);
        }
        writer.EndVector(outer);

        var reader = new WireReader(writer.Written);
        WireReader list = reader.ReadNested();
        for (int i = 0; i < 3; i++)
            Assert.Equal(70, list.ReadVector().Length);
        Assert.True(list.Complete);
        Assert.True(reader.Complete);
        writer.Dispose();
    }

    [Fact]
    public void ABufferOfTheCallersNeverGrowsAndNothingFollowsAFailedWrite()
    {
        byte[] memory = [0xee, 0xee, 0xee, 0xee, 0xee];
        var writer = new WireWriter(memory.AsSpan(0, 4));
        writer.WriteUInt16(0x0102);

        writer.WriteUInt32(0xffff_ffff);
        writer.WriteUInt8(0xff);
        int start = writer.BeginVector();
        writer.EndVector(start);

        Assert.True(writer.Failed);
        Assert.Equal([1, 2], writer.Written.ToArray());
        Assert.Equal([1, 2, 0xee, 0xee, 0xee], memory);
    }

    [Fact]
    public void AVectorWhoseLengthNoLongerFitsFails()
    {
        var writer = new WireWriter(new byte[65]);
        int start = writer.BeginVector();
        writer.WriteBytes(new byte[64]);
        Assert.False(writer.Failed);

        writer.EndVector(start);

        Assert.True(writer.Failed);
    }

    [Fact]
    public void AGrowingWriterZeroesItsMemoryWhenItIsDisposedOf()
    {
        var writer = WireWriter.Growing();
        Span<byte> field = writer.Reserve(32);
        field.Fill(0xaa);

        writer.Dispose();

        // The memory went back to the pool; the span still shows it.
        Assert.All(field.ToArray(), b => Assert.Equal(0, b));
    }

    [Fact]
    public void AGrowingWriterZeroesTheMemoryThatBecameTooSmall()
    {
        var writer = WireWriter.Growing();
        Span<byte> outgrown = writer.Reserve(200);
        outgrown.Fill(0xaa);

        writer.WriteBytes(new byte[100_000]);

        Assert.Equal(0xaa, writer.Written[199]);
        Assert.All(outgrown.ToArray(), b => Assert.Equal(0, b));
        writer.Dispose();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(Varint.MaxValue + 1)]
    public void ALengthThatHasNoFormIsAMistakeOfOurs(int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Varint.SizeOf(value));

    [Fact]
    public void ANumberThatNeedsFourBytesDoesNotGoIntoThree() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WireWriter(new byte[8]).WriteUInt24(1 << 24));

    private delegate void Write(ref WireWriter writer, byte[] bytes);

    private static byte[] Written(byte[] bytes, Write write)
    {
        var writer = WireWriter.Growing();
        write(ref writer, bytes);
        byte[] written = writer.ToArray();
        writer.Dispose();
        return written;
    }
}
