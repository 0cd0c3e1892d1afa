using RoomAgent.Rtp;
using RoomAgent.Testing;

namespace RoomAgent.Fuzz.Targets;

internal static class RtpTargets
{
    private static readonly SuitePolicy s_suites = new(AllowAesCm: true);

    private static readonly AnswerPolicy s_policy = new(
        new SessionOrigin(1, 1), [new MediaSupport("audio", [new Codec("opus", 48_000, 2)]), new MediaSupport("video", [new Codec("H264", 90_000), new Codec("rtx", 90_000)])], s_suites);

    /// <summary>An RTP packet in the clear, with all that is in it.</summary>
    public static FuzzTarget Packet { get; } = new("rtp-packet", input =>
    {
        if (!RtpHeader.TryRead(input, out RtpHeader header))
            return;

        foreach (HeaderExtension element in header.ExtensionsOf(input))
        {
            AudioLevel.TryRead(element.Value, out _);
            AbsCaptureTime.TryRead(element.Value, out _);
            TransportSequence.TryRead(element.Value, out _);
        }

        if (header.TryGetPayload(input, out ReadOnlySpan<byte> payload))
            OpusPacket.TryGetDuration(payload, out _);
    }, () => [RtpPacket(HeaderExtensions.OneByteProfile), RtpPacket(HeaderExtensions.TwoByteProfile)]);

    /// <summary>A compound RTCP packet; every view looks at every packet, and what is there is walked to its end.</summary>
    public static FuzzTarget Rtcp { get; } = new("rtcp", input =>
    {
        if (!RtcpReader.TryRead(input, out RtcpReader reader))
            return;

        foreach (RtcpPacket packet in reader)
            Look(packet);
    }, () =>
    {
        var writer = new RtcpWriter(new byte[512]);
        writer.WriteSenderReport(default, [default]);
        writer.WriteReceiverReport(default, [default, default]);
        writer.WriteCname(default, "room"u8);
        writer.WriteNack(default, default, [new SequenceNumber(1), new SequenceNumber(9)]);
        writer.WriteTransportFeedback(default, default, [0, 1, 0, 1, 0, 0, 0, 0, 0x20, 0x01, 0x04, 0]);
        writer.WritePictureLoss(default);
        writer.WriteFullIntraRequest(default, [default]);
        writer.WriteGoodbye([default], "over"u8);
        return [writer.Written.ToArray()];
    });

    /// <summary>A session description. What is taken is written, read again and answered.</summary>
    public static FuzzTarget Sdp { get; } = new("sdp", input =>
    {
        if (!SessionDescription.TryParse(input, out SessionDescription? description, out _))
            return;

        using Crypto.Secret text = description!.Write();
        OfferAnswer.TryAnswer(description, s_policy, new SeededRandom(1), out SessionDescription? answer);
        bool again = SessionDescription.TryParse(text.Bytes, out SessionDescription? reread, out _) || text.Length > SessionDescription.LongestText;
        using Crypto.Secret? rewritten = reread?.Write();
        if (!again || (rewritten is not null && !rewritten.FixedTimeEquals(text.Bytes)))
            throw new InvalidOperationException("What is written is read and written the same.");

        answer?.Dispose();
        reread?.Dispose();
        description.Dispose();
    }, () =>
    {
        using var offer = new SessionDescription
        {
            Origin = new SessionOrigin(1, 1),
            Groups = [new MediaGroup(MediaGroup.Bundle, ["a", "v"])],
            Transports = [new TransportAddress(MediaTransport.Udp, "192.0.2.1", 5004), new TransportAddress(MediaTransport.Wss, "https://hub.example/media", 0)],
            Media =
            [
                Media("audio", "a", [new PayloadFormat(111, "opus", 48_000, 2) { Parameters = "useinbandfec=1" }]),
                Media("video", "v", [new PayloadFormat(96, "H264", 90_000) { Feedback = ["nack", "nack pli"] }, new PayloadFormat(97, "rtx", 90_000) { Parameters = "apt=96" }]),
            ],
        };
        using Crypto.Secret text = offer.Write();
        return [text.Bytes.ToArray()];
    });

    private static MediaDescription Media(string kind, string mid, IReadOnlyList<PayloadFormat> formats) => new()
    {
        Kind = kind,
        Mid = mid,
        Formats = formats,
        RtcpMux = true,
        SFrame = SFrameMode.PerFrame,
        LargestBitRate = 1_000,
        Extensions = [new ExtensionMapping(1, AudioLevel.Uri)],
        Sources = [new MediaSource(new Ssrc(1), "c")],
        Crypto = s_suites.Offer(new SeededRandom(1)),
    };

    private static byte[] RtpPacket(ushort profile)
    {
        var extensions = new HeaderExtensionWriter(new byte[64], profile);
        extensions.Add(1, [0x85]);
        extensions.Add(2, new byte[16]);
        extensions.Add(3, [0, 1]);
        byte[] packet = new byte[128];
        int length = new RtpHeader { Marker = true, PayloadType = 111 }.Write(packet, extensions.Finish(), profile);
        "\x0bsound"u8.CopyTo(packet.AsSpan(length));
        return packet[..(length + 6)];
    }

    private static void Look(RtcpPacket packet)
    {
        if (SenderReport.TryRead(packet, out SenderReport sender))
            Count(sender.Blocks);
        if (ReceiverReport.TryRead(packet, out ReceiverReport receiver))
            Count(receiver.Blocks);
        if (SourceDescription.TryRead(packet, out SourceDescription description))
        {
            foreach (SourceChunk chunk in description)
                _ = chunk.Cname.Length;
        }

        if (Goodbye.TryRead(packet, out Goodbye goodbye))
        {
            foreach (Ssrc source in goodbye.Sources)
                _ = source;
        }

        if (GenericNack.TryRead(packet, out GenericNack nack))
        {
            foreach (SequenceNumber number in nack)
                _ = number;
        }

        if (FullIntraRequest.TryRead(packet, out FullIntraRequest request))
        {
            foreach (IntraRequest entry in request)
                _ = entry;
        }

        PictureLossIndication.TryRead(packet, out _);
        TransportFeedback.TryRead(packet, out _);
    }

    private static void Count(ReportBlocks blocks)
    {
        int count = 0;
        foreach (ReportBlock block in blocks)
            count++;

        if (count != blocks.Count)
            throw new InvalidOperationException("As many blocks are there as are told.");
    }
}
