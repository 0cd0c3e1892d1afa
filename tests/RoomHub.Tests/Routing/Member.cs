using RoomAgent.Hub.MediaNode;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Srtp;

namespace RoomHub.Tests.Routing;

/// <summary>A packet as its receiver sees it, opened.</summary>
internal sealed record Packet(RtpHeader Header, byte[] Payload, AudioLevel? Level, AbsCaptureTime? Captured, SequenceNumber? Transport);

/// <summary>One part of a compound that the node sent.</summary>
internal abstract record Request(Ssrc Media)
{
    internal sealed record Nack(Ssrc Media, IReadOnlyList<ushort> Numbers) : Request(Media);

    internal sealed record Picture(Ssrc Media) : Request(Media);

    internal sealed record Report(Ssrc Media, SenderInfo Sender) : Request(Media);
}

/// <summary>The far end of a leg: it seals what it is told to, right or wrong, and opens what it gets.</summary>
internal sealed class Member(Scene scene, LegPlan plan, LegSources sources, Flow flow) : IDisposable
{
    public static readonly byte[] Frame = [0xc0, 1, 2, 3, 4, 5, 6, 7];
    private readonly SrtpSender _sender = new(OpenSslCrypto.Instance, plan.Profile, plan.ReceiveKey.Bytes);
    private readonly SrtpReceiver _receiver = new(OpenSslCrypto.Instance, plan.Profile, plan.SendKey.Bytes, 1_024);
    private readonly byte[] _buffer = new byte[2_048];
    private ushort _transport;

    public delegate void Writing(ref RtcpWriter writer);

    public LegPlan Plan { get; } = plan;

    public LegSources Sources { get; } = sources;

    public Flow Flow { get; set; } = flow;

    public List<Packet> Packets { get; } = [];

    public List<Request> Requests { get; } = [];

    public List<byte[]> Datagrams { get; } = [];

    /// <summary>What the node asked to know whether it arrives.</summary>
    public List<uint> Questions { get; } = [];

    /// <summary>Datagrams that did not open.</summary>
    public int Refused { get; private set; }

    public Ssrc SourceOf(StreamKind kind) => Sources.Streams[Plan.Streams.ToList().FindIndex(stream => stream.Kind == kind)];

    public IReadOnlyList<Packet> PacketsOf(Member sender, StreamKind kind) => [.. Packets.Where(packet => packet.Header.Ssrc == sender.SourceOf(kind))];

    public IReadOnlyList<Packet> RepairsOf(Member sender, StreamKind kind) => [.. Packets.Where(packet => packet.Header.Ssrc == sender.SourceOf(kind).Retransmission)];

    public void Forget()
    {
        Packets.Clear();
        Requests.Clear();
        Datagrams.Clear();
    }

    /// <summary>Shows the node where this member is.</summary>
    public void SayHello() => SendRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(Sources.Control, []));

    public void Send(StreamKind kind, int sequence, ReadOnlySpan<byte> payload = default, int? level = null) =>
        scene.Handle(Seal(kind, sequence, payload.IsEmpty ? Frame : payload, level), Flow);

    public void SendRtcp(Writing write) => scene.Handle(SealRtcp(write), Flow);

    /// <summary>A datagram with one packet, sealed for the node.</summary>
    public byte[] Seal(StreamKind kind, int sequence, ReadOnlySpan<byte> payload, int? level = null, AbsCaptureTime? captured = null, bool isRepair = false)
    {
        Span<byte> value = stackalloc byte[AbsCaptureTime.LongLength];
        var extensions = new HeaderExtensionWriter(stackalloc byte[40]);
        new TransportSequence(new SequenceNumber(_transport++)).Write(value);
        extensions.Add(MeetingMedia.TransportSequenceId, value[..TransportSequence.Length]);
        if (level is { } heard)
            extensions.Add(MeetingMedia.AudioLevelId, [(byte)heard]);
        if (captured is { } time)
            extensions.Add(MeetingMedia.AbsCaptureTimeId, value[..time.Write(value)]);

        var header = new RtpHeader
        {
            Marker = true,
            PayloadType = isRepair ? (byte)97 : Plan.Streams.Single(stream => stream.Kind == kind).PayloadType,
            Sequence = new SequenceNumber((ushort)sequence),
            Timestamp = new RtpTimestamp((uint)sequence * 100),
            Ssrc = isRepair ? SourceOf(kind).Retransmission : SourceOf(kind),
        };
        header = header with { Length = header.Write(_buffer, extensions.Finish()) };
        Assert.True(_sender.TryProtect(_buffer, header, payload, out int length));
        return _buffer[..length];
    }

    public byte[] SealRtcp(Writing write)
    {
        var writer = new RtcpWriter(_buffer.AsSpan(0, 1_800));
        write(ref writer);
        Assert.True(_sender.TryProtectRtcp(_buffer, writer.Length, out int length));
        return _buffer[..length];
    }

    public void Nack(Ssrc media, params int[] numbers) =>
        SendRtcp((ref RtcpWriter writer) => writer.WriteNack(Sources.Control, media, [.. numbers.Select(number => new SequenceNumber((ushort)number))]));

    /// <summary>Sends back what the node asked, as a room does.</summary>
    public void Answer(uint question) =>
        SendRtcp((ref RtcpWriter writer) => writer.WriteReceiverReport(Sources.Control, [new ReportBlock(MeetingMedia.NodeSource, 0, 0, 0, 0, question, 1)]));

    public void AskForPicture(Ssrc media) => SendRtcp((ref RtcpWriter writer) => writer.WritePictureLoss(new PictureLossIndication(Sources.Control, media)));

    public void Take(byte[] datagram)
    {
        Datagrams.Add(datagram);
        byte[] packet = [.. datagram];
        if (packet[1] is >= 192 and <= 223)
            TakeRtcp(packet);
        else
            TakeRtp(packet);
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
        Plan.SendKey.Dispose();
        Plan.ReceiveKey.Dispose();
    }

    private void TakeRtp(byte[] packet)
    {
        if (!RtpHeader.TryRead(packet, out RtpHeader header) || _receiver.TryUnprotect(packet, header, out int length) != SrtpOutcome.Opened)
        {
            Refused++;
            return;
        }

        HeaderExtensions extensions = header.ExtensionsOf(packet);
        Packets.Add(new Packet(
            header, packet[header.Length..length],
            extensions.TryFind(MeetingMedia.AudioLevelId, out ReadOnlySpan<byte> value) && AudioLevel.TryRead(value, out AudioLevel level) ? level : null,
            extensions.TryFind(MeetingMedia.AbsCaptureTimeId, out value) && AbsCaptureTime.TryRead(value, out AbsCaptureTime time) ? time : null,
            extensions.TryFind(MeetingMedia.TransportSequenceId, out value) && TransportSequence.TryRead(value, out TransportSequence number) ? number.Number : null));
    }

    private void TakeRtcp(byte[] packet)
    {
        if (_receiver.TryUnprotectRtcp(packet, out int length, out _) != SrtpOutcome.Opened || !RtcpReader.TryRead(packet.AsSpan(0, length), out RtcpReader parts))
        {
            Refused++;
            return;
        }

        foreach (RtcpPacket part in parts)
        {
            if (GenericNack.TryRead(part, out GenericNack nack))
            {
                List<ushort> numbers = [];
                foreach (SequenceNumber number in nack)
                    numbers.Add(number.Value);
                Requests.Add(new Request.Nack(nack.Media, numbers));
            }
            else if (PictureLossIndication.TryRead(part, out PictureLossIndication picture))
            {
                Requests.Add(new Request.Picture(picture.Media));
            }
            else if (SenderReport.TryRead(part, out SenderReport report) && report.Sender.Ssrc == MeetingMedia.NodeSource)
            {
                Questions.Add(report.Sender.Ntp.Middle);
            }
            else if (SenderReport.TryRead(part, out report))
            {
                Requests.Add(new Request.Report(report.Sender.Ssrc, report.Sender));
            }
        }
    }

    /// <summary>The number of the original and its payload, of a packet that was sent again.</summary>
    public static (ushort Number, byte[] Payload) Original(Packet repair)
    {
        Assert.True(RetransmissionStream.TryRead(repair.Payload, out SequenceNumber number, out ReadOnlySpan<byte> payload));
        return (number.Value, payload.ToArray());
    }
}
