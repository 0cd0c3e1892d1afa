using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests.Bandwidth;

/// <summary>Messages made by hand from draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1.</summary>
public sealed class TransportFeedbackTests
{
    private const long Lost = TransportWideFeedbackWriter.NotReceived;

    // base 5, 7 packets, reference 2 (128 ms), message 3.
    private const string Header = "0005 0007 000002 03";

    [Theory]
    // A run of 7 small deltas, 4 units each.
    [InlineData(Header + "2007 04040404040404", new[] { 516, 520, 524, 528, 532, 536, 540L })]
    // 14 symbols of one bit, 1011000 and 7 that count nothing.
    [InlineData(Header + "ac00 000102", new[] { 512, Lost, 513, 515, Lost, Lost, Lost })]
    // 7 symbols of two bits: 1 0 2 0 1 2 1, the last large delta negative.
    [InlineData(Header + "d219 0a 0100 ff fff0 02", new[] { 522, Lost, 778, Lost, 1_033, 1_017, 1_019L })]
    // A run of 6 missing ones, then a run that is longer than need be.
    [InlineData(Header + "0006 3fff 07", new[] { Lost, Lost, Lost, Lost, Lost, Lost, 519L })]
    public void AMessageSaysWhenEachPacketCame(string message, long[] arrivals)
    {
        Assert.True(TransportWideFeedback.TryRead(Bytes(message), out TransportWideFeedback feedback));

        Assert.Equal(5, feedback.First.Value);
        Assert.Equal(7, feedback.Count);
        Assert.Equal(2, feedback.ReferenceTime);
        Assert.Equal(3, feedback.FeedbackCount);
        Assert.Equal(arrivals, Arrivals(feedback));
    }

    [Theory]
    [InlineData(new[] { 516, 520, 524, 528, 532, 536, 540L }, "2007 04040404040404 000000")]
    [InlineData(new[] { 512, Lost, 513, 515, Lost, Lost, 515L }, "ac80 0001020000 00")]
    [InlineData(new[] { 522, Lost, 778, Lost, 1_033, 1_017, 1_019L }, "d219 0a 0100 ff fff0 02 000000")]
    public void ThePackedFormFollowsFromTheArrivals(long[] arrivals, string tail)
    {
        byte[] information = new byte[100];

        int told = TransportWideFeedbackWriter.Write(new SequenceNumber(5), arrivals, 3, information, out int length);

        Assert.Equal(arrivals.Length, told);
        Assert.Equal(Convert.ToHexString(Bytes(Header + tail)), Convert.ToHexString(information, 0, length));
    }

    [Fact]
    public void TheReferenceTimeIsSigned()
    {
        Assert.True(TransportWideFeedback.TryRead(Bytes("ffff 0002 ffffff 00 2002 0101"), out TransportWideFeedback feedback));

        Assert.Equal(-1, feedback.ReferenceTime);
        Assert.Equal([-255, -254], Arrivals(feedback));
    }

    [Theory]
    [InlineData("0005 0000 000002 03 2007 04040404040404")]
    [InlineData("0005 0001 000002 03 6001 04")]
    [InlineData("0005 0001 000002 03 f000 0404")]
    [InlineData("0005 0001 000002 03 0000 2001 04")]
    public void MessagesWithoutPacketsWithReservedSymbolsOrEmptyRunsAreRefused(string message) =>
        Assert.False(TransportWideFeedback.TryRead(Bytes(message), out _));

    [Theory]
    [InlineData("2007 04040404040404")]
    [InlineData("ac00 000102")]
    [InlineData("d219 0a 0100 ff fff0 02")]
    public void ACutMessageIsRefused(string tail) =>
        Assert.Empty(Truncation.AcceptedLengths(Bytes(Header + tail), input => TransportWideFeedback.TryRead(input, out _)));

    [Fact]
    public void EveryListOfArrivalsComesBackWhole()
    {
        // Small steps, large ones, backward ones and losses, in any mixture.
        Prop.ForAll<byte[], int>((steps, start) =>
        {
            var arrivals = new List<long>();
            long at = start;
            foreach (byte step in steps)
            {
                at += step < 128 ? step % 8 : step < 160 ? (step - 140) * 700 : 0;
                arrivals.Add(step >= 200 ? Lost : at);
            }

            return ComesBack(arrivals, roomFor: 4_000);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ALongListGoesIntoAsManyMessagesAsItNeeds()
    {
        var random = new Random(1);
        var arrivals = new List<long>();
        long at = 0;
        for (int i = 0; i < 8_000; i++)
            arrivals.Add(random.Next(3) == 0 ? Lost : at += random.Next(600));

        Assert.True(ComesBack(arrivals, roomFor: 60));
        Assert.True(ComesBack(arrivals, roomFor: 1_200));
    }

    [Fact]
    public void AStepThatNoDeltaCanSayBeginsAnotherMessage()
    {
        byte[] information = new byte[100];

        int told = TransportWideFeedbackWriter.Write(new SequenceNumber(0), [0, 10, 100_000], 0, information, out _);

        Assert.Equal(2, told);
    }

    private static bool ComesBack(List<long> arrivals, int roomFor)
    {
        byte[] information = new byte[roomFor];
        List<long> back = [];
        int end = arrivals.FindLastIndex(a => a != Lost) + 1;
        while (back.Count < end)
        {
            long[] rest = [.. arrivals[back.Count..end]];
            int told = TransportWideFeedbackWriter.Write(new SequenceNumber((ushort)back.Count), rest, 0, information, out int length);
            Assert.True(told > 0);
            Assert.True(TransportWideFeedback.TryRead(information.AsSpan(0, length), out TransportWideFeedback feedback));
            Assert.Equal(told, feedback.Count);

            // 24 bits of reference time wrap around.
            long shift = (rest.First(a => a != Lost) >> 8 << 8) - ((long)feedback.ReferenceTime * 256);
            back.AddRange(Arrivals(feedback).Select(a => a == Lost ? Lost : a + shift));
        }

        return back.SequenceEqual(arrivals[..end]);
    }

    private static List<long> Arrivals(TransportWideFeedback feedback)
    {
        List<long> arrivals = [];
        SequenceNumber next = feedback.First;
        foreach (PacketStatus status in feedback)
        {
            Assert.Equal(next, status.Sequence);
            next = next.Next;
            arrivals.Add(status.Received ? status.Arrival : Lost);
        }

        return arrivals;
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
