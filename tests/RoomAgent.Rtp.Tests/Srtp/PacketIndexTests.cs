using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Rtp.Srtp;

namespace RoomAgent.Rtp.Tests.Srtp;

public sealed class PacketIndexTests
{
    [Fact]
    public void TheIndexIsTheOneThatTheRfcComputes()
    {
        Prop.ForAll<uint, ushort, ushort>((roc, newest, sequence) =>
        {
            // RFC 3711 section 3.3.1 as it stands there, except that there is no round before the first.
            long v = newest < 32_768
                ? sequence - newest > 32_768 ? roc - 1L : roc
                : newest - 32_768 > sequence ? roc + 1L : roc;
            ulong expected = ((ulong)Math.Max(v, 0) << 16) + sequence;

            return PacketIndex.Estimate(((ulong)roc << 16) | newest, new SequenceNumber(sequence)) == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Theory]
    [InlineData(0x0000_0000_0000UL, 0x8000, 0x0000_0000_8000UL)] // as far ahead as behind: the same round
    [InlineData(0x0001_0000UL, 0x8000, 0x0001_8000UL)]
    [InlineData(0x0001_8000UL, 0x0000, 0x0001_0000UL)]
    [InlineData(0x0001_0000UL, 0x8001, 0x0000_8001UL)]
    [InlineData(0x0001_8001UL, 0x0000, 0x0002_0000UL)]
    [InlineData(0x0000_0005UL, 0xffff, 0x0000_ffffUL)] // no round before the first
    [InlineData(0xffff_ffff_ffffUL, 0x0000, 0x1_0000_0000_0000UL)] // beyond the last one
    public void TheBordersFallWhereTheRfcPutsThem(ulong newest, int sequence, ulong expected) =>
        Assert.Equal(expected, PacketIndex.Estimate(newest, new SequenceNumber((ushort)sequence)));

    [Fact]
    public void AReceiverFollowsFiveRoundsWithLossAndReordering()
    {
        using SrtpSender sender = Packets.Sender();
        using SrtpReceiver receiver = Packets.Receiver();
        var random = new Random(5);
        var model = new NaiveWindow(SrtpReceiver.RtpWindow);
        List<(long Index, byte[] Packet)> wire = [];
        for (long index = 40_000; index < 40_000 + (5 * 65_536); index++)
        {
            // Gaps in the numbers themselves, and some rounds begin in one; all that is late by less than half a round is still told apart.
            if (random.Next(2_000) == 0)
                index += random.Next(8_000);
            wire.Add((index, sender.Protect(Packets.Rtp((ushort)index, payloadLength: 4))));
        }

        // Lost, late by up to 1,500 packets, or twice; each as the plain model says.
        List<(long Place, long Index, byte[] Packet)> arrivals = [];
        for (int i = 0; i < wire.Count; i++)
        {
            if (i > 0 && random.Next(10) == 0)
                continue;
            int late = i > 0 && random.Next(5) == 0 ? random.Next(1_500) : 0;
            arrivals.Add((i + late, wire[i].Index, wire[i].Packet));
            if (random.Next(20) == 0)
                arrivals.Add((i + random.Next(1_500), wire[i].Index, wire[i].Packet));
        }

        foreach ((_, long index, byte[] packet) in arrivals.OrderBy(arrival => arrival.Place))
        {
            (bool taken, bool newest) = model.Take(index);
            SrtpOutcome outcome = receiver.Open(packet, out _, out bool isNewest);

            Assert.Equal(taken ? SrtpOutcome.Opened : SrtpOutcome.Replayed, outcome);
            Assert.Equal(newest, isNewest);
        }

        Assert.Equal(0, receiver.Count(SrtpOutcome.Unauthenticated));
    }

    /// <summary>Remembers everything and counts: what the ring of bits must be equal to.</summary>
    internal sealed class NaiveWindow(long size)
    {
        private readonly HashSet<long> _seen = [];
        private long _newest = -1;

        public (bool Taken, bool Newest) Take(long index)
        {
            if (index <= _newest - size || !_seen.Add(index))
                return (false, false);

            bool newest = index > _newest;
            _newest = Math.Max(_newest, index);
            return (true, newest);
        }
    }
}
