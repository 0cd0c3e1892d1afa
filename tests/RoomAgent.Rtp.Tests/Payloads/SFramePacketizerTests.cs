using FsCheck;
using FsCheck.Fluent;

namespace RoomAgent.Rtp.Tests;

public sealed class SFramePacketizerTests
{
    [Theory]
    [InlineData(true, true, true, 0xe0)]
    [InlineData(true, false, false, 0x80)]
    [InlineData(false, true, false, 0x40)]
    [InlineData(false, false, true, 0x20)]
    [InlineData(false, false, false, 0x00)]
    public void TheDescriptorHasItsBitsWhereTheDraftDrawsThem(bool start, bool end, bool packetized, byte wire)
    {
        Assert.Equal(wire, new SFrameDescriptor(start, end, packetized).ToByte());

        // Reserved bits are not looked at.
        Assert.True(SFrameDescriptor.TryRead([(byte)(wire | 0x1f), 7], out SFrameDescriptor read, out ReadOnlySpan<byte> piece));
        Assert.Equal(new SFrameDescriptor(start, end, packetized), read);
        Assert.Equal([7], piece.ToArray());
    }

    [Fact]
    public void ADescriptorWithNothingBehindItIsRefused()
    {
        Assert.False(SFrameDescriptor.TryRead([], out _, out _));
        Assert.False(SFrameDescriptor.TryRead([0xc0], out _, out _));
    }

    [Theory]
    [InlineData(1, 1_000, new[] { 1 })]
    [InlineData(999, 1_000, new[] { 999 })]
    [InlineData(1_000, 1_000, new[] { 500, 500 })]
    [InlineData(2_000, 1_000, new[] { 667, 667, 666 })]
    [InlineData(3, 2, new[] { 1, 1, 1 })]
    public void PayloadsAreOfNearlyTheSameSize(int length, int largest, int[] pieces) =>
        Assert.Equal(pieces, Cut(new byte[length], largest).Select(payload => payload.Length - 1));

    [Fact]
    public void OnlyTheEndsHaveTheirBits()
    {
        Assert.Equal([0x80, 0x00, 0x40], Cut(new byte[30], 11).Select(payload => payload[0]));
        Assert.Equal([0xc0], Cut(new byte[10], 11).Select(payload => payload[0]));
        Assert.Equal([0xa0, 0x60], Cut(new byte[20], 11, packetized: true).Select(payload => payload[0]));
        Assert.Equal([0xe0], Cut(new byte[10], 11, packetized: true).Select(payload => payload[0]));
    }

    [Fact]
    public void EveryByteIsSentOnceAndNoPayloadIsTooLarge() => Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), ArbMap.Default.ArbFor<byte>(), (ciphertext, size) =>
    {
        int largest = size + 2;
        List<byte[]> payloads = Cut(ciphertext.Get, largest);
        return payloads.SelectMany(payload => payload[1..]).SequenceEqual(ciphertext.Get)
            && payloads.TrueForAll(payload => payload.Length <= largest)
            && payloads.Count == (ciphertext.Get.Length + size) / (size + 1)
            && payloads.Max(payload => payload.Length) - payloads.Min(payload => payload.Length) <= 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheWriterSaysWhereItIs()
    {
        var packetizer = new SFramePacketizer(new byte[20], 11);
        Assert.Equal(2, packetizer.Count);

        Assert.True(packetizer.TryWriteNext(new byte[11], out _));
        Assert.Equal(1, packetizer.Written);
        Assert.False(packetizer.AtEnd);

        Assert.True(packetizer.TryWriteNext(new byte[11], out _));
        Assert.True(packetizer.AtEnd);
        Assert.False(packetizer.TryWriteNext(new byte[11], out int length));
        Assert.Equal(0, length);
        Assert.Equal(2, packetizer.Written);
    }

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        Assert.Throws<ArgumentException>(() => new SFramePacketizer([], 100).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SFramePacketizer([1], 1).Count);
        Assert.Throws<ArgumentException>(() => new SFramePacketizer(new byte[10], 11).TryWriteNext(new byte[10], out _));
    }

    internal static List<byte[]> Cut(byte[] ciphertext, int largest, bool packetized = false)
    {
        List<byte[]> payloads = [];
        byte[] payload = new byte[largest];
        var packetizer = new SFramePacketizer(ciphertext, largest, packetized);
        while (packetizer.TryWriteNext(payload, out int length))
            payloads.Add(payload[..length]);

        Assert.Equal(packetizer.Count, payloads.Count);
        return payloads;
    }
}
