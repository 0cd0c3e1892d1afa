using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RoomAgent.Testing;

namespace RoomAgent.Rtp.Tests;

public sealed class RtcpTests
{
    private static readonly Ssrc s_us = new(0x11111111);
    private static readonly Ssrc s_them = new(0x22222222);

    private static readonly ReportBlock s_block = new(s_them, 64, -5, 0x0001_0203, 77, 0x8899_aabb, 65_536);

    [Fact]
    public void ASenderReportIsWrittenAsDrawnAndReadAsWritten()
    {
        var sender = new SenderInfo(s_us, new NtpTime(0x0102030405060708), new RtpTimestamp(0x0a0b0c0d), 3, 4_000);
        var writer = new RtcpWriter(new byte[100]);

        Assert.True(writer.WriteSenderReport(sender, [s_block]));

        Assert.Equal(
            "81c8000c" + "11111111" + "0102030405060708" + "0a0b0c0d" + "00000003" + "00000fa0"
            + "22222222" + "40fffffb" + "00010203" + "0000004d" + "8899aabb" + "00010000",
            Convert.ToHexStringLower(writer.Written));
        Assert.True(SenderReport.TryRead(Single(writer.Written), out SenderReport report));
        Assert.Equal(sender, report.Sender);
        Assert.Equal([s_block], List(report.Blocks));
    }

    [Fact]
    public void AReceiverReportIsWrittenAsDrawnAndReadAsWritten()
    {
        ReportBlock[] blocks = [.. Enumerable.Range(0, RtcpWriter.LargestCount).Select(i => s_block with { Source = new Ssrc((uint)i), CumulativeLost = i * 270_000 })];
        var writer = new RtcpWriter(new byte[1_000]);

        Assert.True(writer.WriteReceiverReport(s_us, blocks));

        Assert.Equal("9fc900bb11111111", Convert.ToHexStringLower(writer.Written[..8]));
        Assert.True(ReceiverReport.TryRead(Single(writer.Written), out ReceiverReport report));
        Assert.Equal(s_us, report.Reporter);
        Assert.Equal(RtcpWriter.LargestCount, report.Blocks.Count);
        Assert.Equal(blocks, List(report.Blocks));
    }

    [Theory]
    [InlineData(int.MaxValue, 0x7f_ffff)]
    [InlineData(int.MinValue, -0x80_0000)]
    [InlineData(-1, -1)]
    public void ALossThatDoesNotFitIsTheNearestThatDoes(int lost, int written)
    {
        var writer = new RtcpWriter(new byte[100]);

        writer.WriteReceiverReport(s_us, [s_block with { CumulativeLost = lost }]);

        Assert.True(ReceiverReport.TryRead(Single(writer.Written), out ReceiverReport report));
        Assert.Equal(written, Assert.Single(List(report.Blocks)).CumulativeLost);
    }

    [Theory]
    [InlineData(1, 12)]
    [InlineData(2, 16)]
    [InlineData(5, 16)]
    [InlineData(6, 20)] // the zero that ends the items needs a word of its own
    [InlineData(255, 268)]
    public void ANameIsFilledUpToWords(int length, int total)
    {
        byte[] name = Encoding.ASCII.GetBytes(new string('n', length));
        var writer = new RtcpWriter(new byte[300]);

        Assert.True(writer.WriteCname(s_us, name));

        Assert.Equal(total, writer.Length);
        Assert.Equal(0, writer.Written[^1]);
        Assert.True(SourceDescription.TryRead(Single(writer.Written), out SourceDescription description));
        SourceDescription.Enumerator chunks = description.GetEnumerator();
        Assert.True(chunks.MoveNext());
        Assert.Equal(s_us, chunks.Current.Source);
        Assert.Equal(name, chunks.Current.Cname.ToArray());
        Assert.False(chunks.MoveNext());
    }

    [Fact]
    public void ChunksOfOthersMayHaveOtherItemsAndNone()
    {
        // An item of type 8 and a CNAME; then a chunk without items; then a chunk whose items fill their words, so that four zeros follow.
        byte[] packet = Convert.FromHexString(
            "83ca0008" + "00000001" + "0802aabb" + "0101" + "6300" + "00000002" + "00000000" + "00000003" + "01026162" + "00000000");

        Assert.True(SourceDescription.TryRead(Single(packet), out SourceDescription description));

        List<string> read = [];
        foreach (SourceChunk chunk in description)
            read.Add($"{chunk.Source.Value} {Encoding.ASCII.GetString(chunk.Cname)}");
        Assert.Equal(["1 c", "2 ", "3 ab"], read);
    }

    [Theory]
    [InlineData("81ca0002" + "00000001" + "01036162")] // the item is cut off
    [InlineData("81ca0002" + "00000001" + "01026162")] // nothing ends the items
    [InlineData("82ca0002" + "00000001" + "00000000")] // a chunk is missing
    [InlineData("80ca0002" + "00000001" + "00000000")] // a chunk too many
    [InlineData("81ca0001" + "00000001")]
    public void ADescriptionThatDoesNotEndIsRefused(string packet) =>
        Assert.False(SourceDescription.TryRead(Single(Convert.FromHexString(packet)), out _));

    [Theory]
    [InlineData("", "82cb00021111111122222222")]
    [InlineData("so", "82cb0003111111112222222202736f00")]
    [InlineData("bye", "82cb0003111111112222222203627965")]
    public void AGoodbyeMaySayWhy(string reason, string wire)
    {
        var writer = new RtcpWriter(new byte[300]);

        Assert.True(writer.WriteGoodbye([s_us, s_them], Encoding.ASCII.GetBytes(reason)));

        Assert.Equal(wire, Convert.ToHexStringLower(writer.Written));
        Assert.True(Goodbye.TryRead(Single(writer.Written), out Goodbye goodbye));
        List<Ssrc> sources = [];
        foreach (Ssrc source in goodbye.Sources)
            sources.Add(source);
        Assert.Equal([s_us, s_them], sources);
        Assert.Equal(2, goodbye.Sources.Count);
        Assert.Equal(reason, Encoding.ASCII.GetString(goodbye.Reason));
    }

    [Fact]
    public void AGoodbyeThatSaysMoreThanItHasIsRefused()
    {
        Assert.False(Goodbye.TryRead(Single(Convert.FromHexString("81cb0000")), out _));
        Assert.False(Goodbye.TryRead(Single(Convert.FromHexString("80cb000104616263")), out _));
    }

    [Fact]
    public void ANackNamesSeventeenPacketsInFourBytes()
    {
        SequenceNumber[] missing = [.. new[] { 65_530, 65_531, 65_535, 10, 11, 100 }.Select(n => new SequenceNumber((ushort)n))];
        var writer = new RtcpWriter(new byte[100]);

        Assert.True(writer.WriteNack(s_us, s_them, missing));

        // 65,530 with 65,531 (bit 0), 65,535 (bit 4) and 10 (bit 15); 11; 100.
        Assert.Equal("81cd0005" + "11111111" + "22222222" + "fffa8011" + "000b0000" + "00640000", Convert.ToHexStringLower(writer.Written));
        Assert.True(GenericNack.TryRead(Single(writer.Written), out GenericNack nack));
        Assert.Equal(s_us, nack.Sender);
        Assert.Equal(s_them, nack.Media);
        Assert.Equal(missing, List(nack));
    }

    [Fact]
    public void ANackNamesWhatItWasGiven() => Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<ushort>>(), numbers =>
    {
        SequenceNumber[] missing = [.. numbers.Get.Select(n => new SequenceNumber(n))];
        var writer = new RtcpWriter(new byte[2_000]);
        bool written = writer.WriteNack(s_us, s_them, missing) && GenericNack.TryRead(Single(writer.Written), out _);
        GenericNack.TryRead(Single(writer.Written), out GenericNack nack);
        return written && List(nack).ToHashSet().SetEquals(missing);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void APictureLossNamesTheStream()
    {
        var writer = new RtcpWriter(new byte[100]);

        Assert.True(writer.WritePictureLoss(new PictureLossIndication(s_us, s_them)));

        Assert.Equal("81ce00021111111122222222", Convert.ToHexStringLower(writer.Written));
        Assert.True(PictureLossIndication.TryRead(Single(writer.Written), out PictureLossIndication read));
        Assert.Equal(new PictureLossIndication(s_us, s_them), read);
    }

    [Fact]
    public void AFullIntraRequestNumbersItsRequests()
    {
        IntraRequest[] requests = [new(s_them, 7), new(new Ssrc(3), 255)];
        var writer = new RtcpWriter(new byte[100]);

        Assert.True(writer.WriteFullIntraRequest(s_us, requests));

        Assert.Equal("84ce0006" + "11111111" + "00000000" + "22222222" + "07000000" + "00000003" + "ff000000", Convert.ToHexStringLower(writer.Written));
        Assert.True(FullIntraRequest.TryRead(Single(writer.Written), out FullIntraRequest request));
        List<IntraRequest> read = [];
        foreach (IntraRequest entry in request)
            read.Add(entry);
        Assert.Equal(s_us, request.Sender);
        Assert.Equal(requests, read);
    }

    [Fact]
    public void TransportFeedbackIsHandedOutAsItCame()
    {
        var writer = new RtcpWriter(new byte[100]);

        Assert.True(writer.WriteTransportFeedback(s_us, s_them, [1, 2, 3, 4, 5, 6]));

        Assert.Equal("8fcd0004" + "11111111" + "22222222" + "0102030405060000", Convert.ToHexStringLower(writer.Written));
        Assert.True(TransportFeedback.TryRead(Single(writer.Written), out TransportFeedback feedback));
        Assert.Equal(s_us, feedback.Sender);
        Assert.Equal(s_them, feedback.Media);
        Assert.Equal([1, 2, 3, 4, 5, 6, 0, 0], feedback.Control.ToArray());
    }

    [Fact]
    public void PaddingOfTheLastPacketIsNotPartOfIt()
    {
        byte[] feedback = Convert.FromHexString("afcd0004" + "11111111" + "22222222" + "0102030405060002");

        Assert.True(TransportFeedback.TryRead(Single(feedback), out TransportFeedback read));

        Assert.Equal([1, 2, 3, 4, 5, 6], read.Control.ToArray());
    }

    [Fact]
    public void ACompoundIsReadPacketByPacket()
    {
        Assert.True(RtcpReader.TryRead(Everything(), out RtcpReader reader));

        List<(RtcpType, int)> read = [];
        foreach (RtcpPacket packet in reader)
            read.Add((packet.Type, packet.Count));

        Assert.Equal(
        [
            (RtcpType.SenderReport, 1), (RtcpType.ReceiverReport, 2), (RtcpType.SourceDescription, 1), (RtcpType.TransportFeedback, 1),
            (RtcpType.TransportFeedback, 15), (RtcpType.PayloadFeedback, 1), (RtcpType.PayloadFeedback, 4), (RtcpType.Goodbye, 1),
        ], read);
    }

    [Fact]
    public void ReducedSizeRtcpIsTaken()
    {
        var writer = new RtcpWriter(new byte[100]);
        writer.WritePictureLoss(new PictureLossIndication(s_us, s_them));

        Assert.True(RtcpReader.TryRead(writer.Written, out _));
    }

    [Fact]
    public void ACompoundIsCutOnlyBetweenItsPackets()
    {
        byte[] compound = Everything();
        Assert.True(RtcpReader.TryRead(compound, out RtcpReader reader));
        List<int> borders = [];
        foreach (RtcpPacket packet in reader)
            borders.Add((borders.Count == 0 ? 0 : borders[^1]) + 4 + packet.Body.Length);

        Assert.Equal(borders[..^1], Truncation.AcceptedLengths(compound, input => RtcpReader.TryRead(input, out _)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("41c9000100000001")] // version 1
    [InlineData("80c9000200000001")] // longer than the datagram
    [InlineData("80c900010000000180")] // something left over
    [InlineData("80c9ffff00000001")]
    [InlineData("a0c9000100000001" + "80c9000100000001")] // padding before the last packet
    [InlineData("a0c9000100000000")] // padding of nothing
    [InlineData("a0c9000100000005")] // padding of the header
    [InlineData("a0c90000")]
    public void ACompoundThatIsNotWellFormedIsRefused(string compound) =>
        Assert.False(RtcpReader.TryRead(Convert.FromHexString(compound), out _));

    [Fact]
    public void EveryViewRefusesABodyThatIsCutOffAndAnotherType()
    {
        Assert.True(RtcpReader.TryRead(Everything(), out RtcpReader reader));
        foreach (RtcpPacket packet in reader)
        {
            Assert.Equal(1, Takers(packet));

            // What may end earlier: feedback without a view of its inside, a NACK behind its first pair, a goodbye before its reason.
            Func<int, bool> mayEnd = (packet.Type, packet.Count) switch
            {
                (RtcpType.TransportFeedback, TransportFeedback.Format) => length => length >= 8,
                (RtcpType.TransportFeedback, GenericNack.Format) => length => length == 12,
                (RtcpType.Goodbye, _) => length => length == 4,
                _ => _ => false,
            };
            for (int length = 0; length < packet.Body.Length; length++)
                Assert.Equal(mayEnd(length) ? 1 : 0, Takers(new RtcpPacket(packet.Type, packet.Count, packet.Body[..length])));
        }

        Assert.Equal(0, Takers(new RtcpPacket(RtcpType.Application, 0, new byte[100])));
        Assert.Equal(0, Takers(new RtcpPacket(RtcpType.PayloadFeedback, 15, new byte[100])));
    }

    [Fact]
    public void AReportMayHaveExtensionsBehindItsBlocks() =>
        Assert.True(ReceiverReport.TryRead(Single(Convert.FromHexString("80c9000211111111aabbccdd")), out _));

    [Fact]
    public void APacketIsWrittenWholeOrNotAtAll()
    {
        for (int size = 0; size < 60; size++)
        {
            var writer = new RtcpWriter(new byte[size]);
            bool report = writer.WriteReceiverReport(s_us, []);
            bool name = writer.WriteCname(s_us, "name"u8);
            bool loss = writer.WritePictureLoss(new PictureLossIndication(s_us, s_them));

            Assert.Equal(size >= 8, report);
            Assert.Equal((report ? 8 : 0) + (name ? 16 : 0) + (loss ? 12 : 0), writer.Length);
            Assert.True(writer.Length <= size);
            Assert.Equal(writer.Length > 0, RtcpReader.TryRead(writer.Written, out _));
        }
    }

    [Fact]
    public void MistakesOfOursAreExceptions()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RtcpWriter(new byte[2_000]).WriteReceiverReport(s_us, new ReportBlock[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RtcpWriter(new byte[2_000]).WriteSenderReport(default, new ReportBlock[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RtcpWriter(new byte[2_000]).WriteGoodbye(new Ssrc[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RtcpWriter(new byte[2_000]).WriteGoodbye([s_us], new byte[256]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RtcpWriter(new byte[2_000]).WriteCname(s_us, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RtcpWriter(new byte[2_000]).WriteCname(s_us, new byte[256]));
        Assert.Throws<ArgumentException>(() => new RtcpWriter(new byte[2_000]).WriteNack(s_us, s_them, []));
        Assert.Throws<ArgumentException>(() => new RtcpWriter(new byte[2_000]).WriteFullIntraRequest(s_us, []));
    }

    [Fact]
    public void NothingIsAllocated()
    {
        byte[] buffer = new byte[1_500];
        Everything(buffer);
        Walk(buffer);

        long allocated = Allocations.FewestOf(() =>
        {
            for (int i = 0; i < 100; i++)
                Walk(buffer.AsSpan(0, Everything(buffer)));
        });

        Assert.Equal(0, allocated);
    }

    internal static byte[] Everything()
    {
        byte[] buffer = new byte[1_500];
        return buffer[..Everything(buffer)];
    }

    private static int Everything(Span<byte> buffer)
    {
        var writer = new RtcpWriter(buffer);
        writer.WriteSenderReport(new SenderInfo(s_us, new NtpTime(0xe0000000_80000000), new RtpTimestamp(90_000), 10, 12_000), [s_block]);
        writer.WriteReceiverReport(s_us, [s_block, s_block with { Source = new Ssrc(3), CumulativeLost = 6 }]);
        writer.WriteCname(s_us, "room-7"u8);
        writer.WriteNack(s_us, s_them, [new SequenceNumber(65_534), new SequenceNumber(2), new SequenceNumber(200)]);
        writer.WriteTransportFeedback(s_us, s_them, [0x00, 0x05, 0x00, 0x02, 0x00, 0x00, 0x10, 0x01, 0x20, 0x02, 0x04, 0x08]);
        writer.WritePictureLoss(new PictureLossIndication(s_us, s_them));
        writer.WriteFullIntraRequest(s_us, [new IntraRequest(s_them, 9)]);
        writer.WriteGoodbye([s_us], "leaving"u8);
        return writer.Length;
    }

    private static int Walk(ReadOnlySpan<byte> compound)
    {
        int takers = 0;
        if (RtcpReader.TryRead(compound, out RtcpReader reader))
        {
            foreach (RtcpPacket packet in reader)
                takers += Takers(packet);
        }

        return takers;
    }

    private static int Takers(RtcpPacket packet) =>
        (SenderReport.TryRead(packet, out _) ? 1 : 0)
        + (ReceiverReport.TryRead(packet, out _) ? 1 : 0)
        + (SourceDescription.TryRead(packet, out _) ? 1 : 0)
        + (Goodbye.TryRead(packet, out _) ? 1 : 0)
        + (GenericNack.TryRead(packet, out _) ? 1 : 0)
        + (TransportFeedback.TryRead(packet, out _) ? 1 : 0)
        + (PictureLossIndication.TryRead(packet, out _) ? 1 : 0)
        + (FullIntraRequest.TryRead(packet, out _) ? 1 : 0);

    private static RtcpPacket Single(ReadOnlySpan<byte> compound)
    {
        Assert.True(RtcpReader.TryRead(compound, out RtcpReader reader));
        RtcpReader.Enumerator packets = reader.GetEnumerator();
        Assert.True(packets.MoveNext());
        return packets.Current;
    }

    private static List<ReportBlock> List(ReportBlocks blocks)
    {
        List<ReportBlock> list = [];
        foreach (ReportBlock block in blocks)
            list.Add(block);

        return list;
    }

    private static List<SequenceNumber> List(GenericNack nack)
    {
        List<SequenceNumber> list = [];
        foreach (SequenceNumber number in nack)
            list.Add(number);

        return list;
    }
}
