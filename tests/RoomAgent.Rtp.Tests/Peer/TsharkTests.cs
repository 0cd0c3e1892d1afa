using System.Buffers.Binary;
using System.Diagnostics;
using System.Text.Json;

namespace RoomAgent.Rtp.Tests;

/// <summary>What we write is what Wireshark's dissectors read.</summary>
[Trait("Category", "Peer")]
public sealed class TsharkTests
{
    private const ushort RtpPort = 5_004;
    private const ushort RtcpPort = 5_005;

    [Theory]
    [InlineData(HeaderExtensions.OneByteProfile)]
    [InlineData(HeaderExtensions.TwoByteProfile)]
    public void AnRtpPacketIsReadWithItsExtensions(ushort profile)
    {
        var extensions = new HeaderExtensionWriter(new byte[64], profile);
        byte[] value = new byte[16];
        extensions.Add(1, value.AsSpan(0, new AudioLevel(42, true).Write(value)));
        extensions.Add(2, value.AsSpan(0, new AbsCaptureTime(new NtpTime(0x0102030405060708), -1).Write(value)));
        extensions.Add(3, value.AsSpan(0, new TransportSequence(new SequenceNumber(0x1234)).Write(value)));
        var header = new RtpHeader { Marker = true, PayloadType = 111, Sequence = new(4_660), Timestamp = new(3_735_928_559), Ssrc = new(0xcafe) };
        byte[] packet = new byte[200];
        int length = header.Write(packet, extensions.Finish(), profile);
        "payload"u8.CopyTo(packet.AsSpan(length));

        Dictionary<string, List<string>> fields = Dissect(RtpPort, packet[..(length + 7)]);

        Assert.Equal(["2"], fields["rtp.version"]);
        Assert.Equal(["True"], fields["rtp.marker"].Select(Truth));
        Assert.Equal(["111"], fields["rtp.p_type"]);
        Assert.Equal(["4660"], fields["rtp.seq"]);
        Assert.Equal(["3735928559"], fields["rtp.timestamp"]);
        Assert.Equal(["0x0000cafe"], fields["rtp.ssrc"]);
        Assert.Equal([$"0x{profile:x4}"], fields["rtp.ext.profile"]);
        Assert.Equal(["70:61:79:6c:6f:61:64"], fields["rtp.payload"]);

        Assert.Equal(["1", "2", "3"], fields["rtp.ext.rfc5285.id"]);
        Assert.Equal(["1", "16", "2"], fields["rtp.ext.rfc5285.len"]);
        Assert.Equal(["aa", "01:02:03:04:05:06:07:08:ff:ff:ff:ff:ff:ff:ff:ff", "12:34"], fields["rtp.ext.rfc5285.data"]);
    }

    [Fact]
    public void EveryRtcpPacketIsReadAlone()
    {
        var us = new Ssrc(0x11111111);
        var them = new Ssrc(0x22222222);
        ReportBlock[] blocks = [new(them, 64, 5, 0x0001_0203, 77, 0x8899_aabb, 65_536)];

        Dictionary<string, List<string>> report = Dissect(Written((ref RtcpWriter w) => w.WriteSenderReport(new SenderInfo(us, new NtpTime(0xe0000000_80000000), new RtpTimestamp(90_000), 10, 12_000), blocks)));
        Assert.Equal(["200"], report["rtcp.pt"]);
        Assert.Equal(["0x11111111"], report["rtcp.senderssrc"]);
        Assert.Equal(["90000"], report["rtcp.timestamp.rtp"]);
        Assert.Equal(["10"], report["rtcp.sender.packetcount"]);
        Assert.Equal(["12000"], report["rtcp.sender.octetcount"]);
        Assert.Equal(["0x22222222"], report["rtcp.ssrc.identifier"]);
        Assert.Equal(["5"], report["rtcp.ssrc.cum_nr"]);
        Assert.Equal(["64"], report["rtcp.ssrc.fraction"]);
        Assert.Equal(["515"], report["rtcp.ssrc.high_seq"]);
        Assert.Equal(["1"], report["rtcp.ssrc.high_cycles"]);
        Assert.Equal(["77"], report["rtcp.ssrc.jitter"]);

        report = Dissect(Written((ref RtcpWriter w) => w.WriteReceiverReport(us, blocks)));
        Assert.Equal(["201"], report["rtcp.pt"]);
        Assert.Equal(["0x22222222"], report["rtcp.ssrc.identifier"]);

        Dictionary<string, List<string>> name = Dissect(Written((ref RtcpWriter w) => w.WriteCname(us, "room-7"u8)));
        Assert.Equal(["202"], name["rtcp.pt"]);
        Assert.Contains("room-7", name["rtcp.sdes.text"]);

        Dictionary<string, List<string>> goodbye = Dissect(Written((ref RtcpWriter w) => w.WriteGoodbye([us], "leaving"u8)));
        Assert.Equal(["203"], goodbye["rtcp.pt"]);
        Assert.Equal(["0x11111111"], goodbye["rtcp.ssrc.identifier"]);

        Dictionary<string, List<string>> nack = Dissect(Written((ref RtcpWriter w) => w.WriteNack(us, them, [new(100), new(101), new(116)])));
        Assert.Equal(["205"], nack["rtcp.pt"]);
        Assert.Equal(["1"], nack["rtcp.rtpfb.fmt"]);
        Assert.Equal(["100", "101", "116"], nack["rtcp.rtpfb.nack_pid"]);

        Dictionary<string, List<string>> loss = Dissect(Written((ref RtcpWriter w) => w.WritePictureLoss(new PictureLossIndication(us, them))));
        Assert.Equal(["206"], loss["rtcp.pt"]);
        Assert.Equal(["1"], loss["rtcp.psfb.fmt"]);
        Assert.Equal(["0x22222222"], loss["rtcp.mediassrc"]);

        Dictionary<string, List<string>> request = Dissect(Written((ref RtcpWriter w) => w.WriteFullIntraRequest(us, [new IntraRequest(them, 9)])));
        Assert.Equal(["4"], request["rtcp.psfb.fmt"]);
        Assert.Equal(["0x22222222"], request["rtcp.psfb.fir.fci.ssrc"]);
        Assert.Equal(["9"], request["rtcp.psfb.fir.fci.csn"]);

        // Two packets from number 5 on, both received, 1 ms and 2 ms after the reference time.
        Dictionary<string, List<string>> feedback = Dissect(Written((ref RtcpWriter w) =>
            w.WriteTransportFeedback(us, them, [0x00, 0x05, 0x00, 0x02, 0x00, 0x00, 0x10, 0x01, 0x20, 0x02, 0x04, 0x08])));
        Assert.Equal(["15"], feedback["rtcp.rtpfb.fmt"]);
        Assert.Equal(["5"], feedback["rtcp.rtpfb.transportcc.baseseq"]);
        Assert.Equal(["2"], feedback["rtcp.rtpfb.transportcc.statuscount"]);
    }

    [Fact]
    public void ACompoundIsReadWhole() =>
        Assert.Equal(["200", "201", "202", "205", "205", "206", "206", "203"], Dissect(RtcpPort, RtcpTests.Everything())["rtcp.pt"]);

    [Fact]
    public void AMalformedPacketIsMarked() =>
        Assert.Contains(Fields(RtcpPort, Convert.FromHexString("81c9000711111111")).Keys, IsMark);

    private delegate bool Write(ref RtcpWriter writer);

    private static byte[] Written(Write write)
    {
        var writer = new RtcpWriter(new byte[500]);
        Assert.True(write(ref writer));
        return writer.Written.ToArray();
    }

    private static Dictionary<string, List<string>> Dissect(byte[] packet) => Dissect(RtcpPort, packet);

    // A malformed mark, or one of the experts' warnings, fails the test.
    private static Dictionary<string, List<string>> Dissect(ushort port, byte[] datagram)
    {
        Dictionary<string, List<string>> fields = Fields(port, datagram);

        Assert.DoesNotContain(fields.Keys, IsMark);
        Assert.Contains(fields.Keys, name => name.StartsWith(port == RtpPort ? "rtp." : "rtcp.", StringComparison.Ordinal));
        return fields;
    }

    private static bool IsMark(string name) => name.StartsWith("_ws.", StringComparison.Ordinal);

    // All fields of one datagram by their names.
    private static Dictionary<string, List<string>> Fields(ushort port, byte[] datagram)
    {
        Assert.SkipUnless(IsInstalled(), "this machine lacks: tshark (apt install tshark)");
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, Capture(port, datagram));
            string output = Run("-r", file, "-d", $"udp.port=={RtpPort},rtp", "-d", $"udp.port=={RtcpPort},rtcp", "-T", "json", "--no-duplicate-keys");
            using JsonDocument document = JsonDocument.Parse(output);
            Dictionary<string, List<string>> fields = [];
            Collect(document.RootElement[0].GetProperty("_source").GetProperty("layers"), "", fields);
            return fields;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Collect(JsonElement element, string name, Dictionary<string, List<string>> fields)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    if (IsMark(property.Name))
                        fields.TryAdd(property.Name, []);
                    Collect(property.Value, property.Name, fields);
                }

                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                    Collect(item, name, fields);
                break;
            default:
                if (!fields.TryGetValue(name, out List<string>? values))
                    fields[name] = values = [];
                values.Add(element.ToString());
                break;
        }
    }

    // pcap: the file's head, a record's head, and an IPv4 packet (link type 101 has nothing before it).
    private static byte[] Capture(ushort port, byte[] datagram)
    {
        byte[] bytes = new byte[24 + 16 + 20 + 8 + datagram.Length];
        int length = 28 + datagram.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0xa1b2c3d4);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), 4);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), 65_535);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), 101);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), length);

        Span<byte> ip = bytes.AsSpan(40);
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)length);
        ip[8] = 64;
        ip[9] = 17;
        new byte[] { 192, 0, 2, 1, 192, 0, 2, 2 }.CopyTo(ip[12..]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[20..], port);
        BinaryPrimitives.WriteUInt16BigEndian(ip[22..], port);
        BinaryPrimitives.WriteUInt16BigEndian(ip[24..], (ushort)(length - 20));
        datagram.CopyTo(ip[28..]);
        return bytes;
    }

    private static bool IsInstalled() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "tshark")));

    private static string Run(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("tshark", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, complaints.Result);
        return output;
    }

    private static string Truth(string value) => value is "1" or "True" or "true" ? "True" : "False";
}
