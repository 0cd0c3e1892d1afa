using RoomAgent.Rtp.Jitter;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Rtp.Tests.Jitter;

public sealed class RetransmissionTests
{
    private static readonly TimeSpan s_roundTrip = TimeSpan.FromMilliseconds(50);

    private readonly RetransmissionBuffer _buffer = new(new RetransmissionSettings { Packets = 64, Bytes = 10_000, BitRate = 80_000 });

    [Fact]
    public void APacketIsFoundAgainToTheByte()
    {
        for (int i = 0; i < 200; i++)
            _buffer.Add(new SequenceNumber((ushort)(65_500 + i)), Packet(i), At(i));

        for (int i = 190; i < 200; i++)
        {
            Assert.Equal(RetransmissionAnswer.Found, Find(65_500 + i, 300, out byte[] packet));
            Assert.Equal(Packet(i), packet);
        }
    }

    [Fact]
    public void WhatWasOverwrittenOrNeverSentIsUnknown()
    {
        for (int i = 0; i < 100; i++)
            _buffer.Add(new SequenceNumber((ushort)i), new byte[900], At(0));

        Assert.Equal(RetransmissionAnswer.Unknown, Find(35, 0, out _));
        Assert.Equal(RetransmissionAnswer.Unknown, Find(88, 0, out _));
        Assert.Equal(RetransmissionAnswer.Found, Find(99, 0, out _));
        Assert.Equal(RetransmissionAnswer.Unknown, Find(100, 0, out _));
        Assert.Equal(3, _buffer.Refused);
    }

    [Fact]
    public void APacketIsNotSentAgainTwiceInOneRoundTripNorWhenOld()
    {
        _buffer.Add(new SequenceNumber(7), new byte[100], At(0));

        Assert.Equal(RetransmissionAnswer.Found, Find(7, 100, out _));
        Assert.Equal(RetransmissionAnswer.TooSoon, Find(7, 149, out _));
        Assert.Equal(RetransmissionAnswer.Found, Find(7, 150, out _));
        Assert.Equal(RetransmissionAnswer.TooOld, Find(7, 2_001, out _));
    }

    [Fact]
    public void ARequestForEverythingDoesNotCrowdOutTheStream()
    {
        for (int i = 0; i < 10; i++)
            _buffer.Add(new SequenceNumber((ushort)i), new byte[1_000], At(0));

        // 5,000 bytes at once, then 10,000 a second.
        Assert.Equal(5, Enumerable.Range(0, 10).Count(i => Find(i, 0, out _) == RetransmissionAnswer.Found));
        Assert.Equal(RetransmissionAnswer.TooMuch, Find(9, 90, out _));
        Assert.Equal(RetransmissionAnswer.Found, Find(9, 100, out _));
    }

    [Fact]
    public void ARetransmissionCarriesTheOriginalNumberBeforeThePayload()
    {
        var stream = new RetransmissionStream(new Ssrc(0x1122_3344), 97, new SequenceNumber(65_535));
        byte[] original = Original("payload"u8);
        byte[] packet = new byte[100];

        Assert.True(stream.TryWrite(original, [], packet, out int length));
        Assert.Equal("80e1ffff000003e8112233440102" + Convert.ToHexStringLower("payload"u8), Convert.ToHexStringLower(packet, 0, length));

        Assert.True(stream.TryWrite(original, [0x10, 5, 0, 0], packet, out length));
        Assert.True(RtpHeader.TryRead(packet.AsSpan(0, length), out RtpHeader header));
        Assert.Equal(0, header.Sequence.Value);
        Assert.True(header.TryGetPayload(packet.AsSpan(0, length), out ReadOnlySpan<byte> payload));
        Assert.True(RetransmissionStream.TryRead(payload, out SequenceNumber sequence, out ReadOnlySpan<byte> originalPayload));
        Assert.Equal(0x0102, sequence.Value);
        Assert.Equal("payload"u8, originalPayload);
    }

    [Fact]
    public void WhatDoesNotFitOrIsNoPacketUsesNoNumberUp()
    {
        var stream = new RetransmissionStream(new Ssrc(1), 97, new SequenceNumber(5));
        byte[] packet = new byte[100];

        Assert.False(stream.TryWrite(Original("payload"u8), [], packet.AsSpan(0, 20), out _));
        Assert.False(stream.TryWrite("no RTP"u8, [], packet, out _));
        Assert.True(stream.TryWrite(Original("payload"u8), [], packet.AsSpan(0, 21), out _));
        Assert.Equal(5, packet[3]);
    }

    [Fact]
    public void APayloadWithoutANumberIsRefused() =>
        Assert.Equal([2], Truncation.AcceptedLengths([1, 2, 3], input => RetransmissionStream.TryRead(input, out _, out _)));

    [Fact]
    public void NothingIsAllocatedPerPacket()
    {
        var stream = new RetransmissionStream(new Ssrc(1), 97, new SequenceNumber(5));
        byte[] original = Original("payload"u8);
        byte[] packet = new byte[100];
        Round();

        Assert.Equal(0, Allocations.FewestOf(Round));

        void Round()
        {
            for (int i = 0; i < 1_000; i++)
            {
                _buffer.Add(new SequenceNumber(1), original, At(0));
                _buffer.Find(new SequenceNumber(1), TimeSpan.Zero, At(0), out ReadOnlySpan<byte> found);
                stream.TryWrite(found.IsEmpty ? original : found, [], packet, out _);
            }
        }
    }

    [Fact]
    public void APacketThatCannotBeKeptIsAMistakeOfOurs()
    {
        Assert.Throws<ArgumentException>(() => _buffer.Add(new SequenceNumber(1), new byte[10_001], At(0)));
        Assert.Throws<ArgumentException>(() => new RetransmissionBuffer(new RetransmissionSettings { Packets = 100 }));
    }

    private static byte[] Original(ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[RtpHeader.FixedLength + payload.Length];
        new RtpHeader { Marker = true, PayloadType = 96, Sequence = new SequenceNumber(0x0102), Timestamp = new RtpTimestamp(1_000), Ssrc = new Ssrc(9) }.Write(packet);
        payload.CopyTo(packet.AsSpan(RtpHeader.FixedLength));
        return packet;
    }

    private static byte[] Packet(int seed)
    {
        var random = new Random(seed);
        byte[] packet = new byte[random.Next(300, 500)];
        random.NextBytes(packet);
        return packet;
    }

    private RetransmissionAnswer Find(int sequence, int milliseconds, out byte[] packet)
    {
        RetransmissionAnswer answer = _buffer.Find(new SequenceNumber((ushort)sequence), s_roundTrip, At(milliseconds), out ReadOnlySpan<byte> found);
        packet = found.ToArray();
        return answer;
    }

    private static Instant At(int milliseconds) => new(milliseconds * TimeSpan.TicksPerMillisecond);
}
