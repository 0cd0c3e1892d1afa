using System.Buffers.Binary;
using RoomAgent.Crypto;
using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Stun;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>
/// The media node without its sockets: packets and time in, packets out. It owns the meetings of one loop, and reads of what it forwards
/// the RTP header, its extensions and the first byte of the payload; the rest is sealed between the rooms.
/// </summary>
/// <remarks>
/// <para>What becomes of a datagram:</para>
/// <para>1. Its first byte tells STUN from RTP and RTCP (RFC 7983). A STUN request is answered, within the rate, and changes nothing.</para>
/// <para>2. The source (SSRC) names the leg: the node gave it out. An unknown one is counted and dropped.</para>
/// <para>3. SRTP opens it with the leg's key, or it is counted and dropped. Nothing has been kept so far.</para>
/// <para>4. If it is newer than all before and came another way than the last, the leg has moved: answers go there from now on. To another address they do
/// only when a question that went there was answered (<see cref="AddressProof"/>), so that no room can turn its media on somebody else.</para>
/// <para>5. Each leg that gets the stream gets the packet: a header with the leg's number, the same payload, sealed with the leg's key.</para>
/// </remarks>
internal sealed partial class Router(NodeSettings settings, ICryptoProvider crypto, IRandom random, int index, int loops, IOutput output)
{
    // Bytes of the largest header extension that the node writes: its word, and the three elements in their longest forms, padded.
    private const int LargestExtension = 4 + 28;

    // Bytes of the largest UDP payload that is sent: IPv6 carries 1,280 everywhere, less its header and that of UDP.
    private const int LargestPacket = 1_232;

    private static readonly Ssrc s_self = MeetingMedia.NodeSource;

    // Until a leg's reports show how far away it is.
    private static readonly TimeSpan s_firstRoundTrip = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<LegId, Leg> _legs = [];
    private readonly Dictionary<ConferenceId, Conference> _conferences = [];
    private readonly Dictionary<uint, Source> _sources = [];
    private readonly StunDesk _stun = new(settings, random);

    /// <summary>What arrived and what became of it.</summary>
    public RouterCounters Counters { get; } = new();

    public int LegCount => _legs.Count;

    /// <summary>Learns of a leg whose lease has ended, on the caller's thread.</summary>
    public Action<LegId>? Expired { get; init; }

    /// <summary>What a source number stands for: a stream, its retransmissions, or a leg's own RTCP.</summary>
    private readonly record struct Source(Leg Leg, IncomingStream? Stream, bool IsRetransmission);

    /// <summary>The source of an RTP packet, or the first one of an RTCP packet; null when it is too short to have one.</summary>
    public static Ssrc? SourceOf(ReadOnlySpan<byte> packet)
    {
        int place = IsRtcp(packet) ? 4 : 8;
        return packet.Length < place + 4 ? null : new Ssrc(BinaryPrimitives.ReadUInt32BigEndian(packet[place..]));
    }

    // RFC 5761 section 4.
    private static bool IsRtcp(ReadOnlySpan<byte> packet) => packet.Length > 1 && packet[1] is >= 192 and <= 223;

    /// <summary>Takes a datagram. Its bytes are changed.</summary>
    public void Handle(Span<byte> packet, in Flow flow, Instant now)
    {
        Counters.Received++;
        switch (Demultiplexer.KindOf(packet))
        {
            case DatagramKind.Media when IsRtcp(packet):
                HandleRtcp(packet, flow, now);
                break;
            case DatagramKind.Media:
                HandleRtp(packet, flow, now);
                break;
            case DatagramKind.Stun:
                HandleStun(packet, flow, now);
                break;
            default:
                Counters.Malformed++;
                break;
        }
    }

    private void HandleStun(ReadOnlySpan<byte> request, in Flow flow, Instant now)
    {
        Span<byte> answer = output.Reserve(flow);
        if (!_stun.TryAnswer(request, flow, now, answer, out int length))
        {
            Counters.StunDropped++;
            return;
        }

        Counters.StunAnswered++;
        output.Commit(flow, length);
    }

    private void HandleRtp(Span<byte> packet, in Flow flow, Instant now)
    {
        if (!RtpHeader.TryRead(packet, out RtpHeader header))
        {
            Counters.Malformed++;
            return;
        }

        if (!_sources.TryGetValue(header.Ssrc.Value, out Source source) || source.Stream is not { } stream)
        {
            Counters.UnknownSource++;
            return;
        }

        Leg leg = source.Leg;
        if (leg.Receiver.TryUnprotect(packet, header, out int length, out bool isNewest) != SrtpOutcome.Opened)
        {
            Counters.NotOpened++;
            return;
        }

        Follow(leg, flow, isNewest, now);
        if (!leg.IncomingLimit.TryTake(length, now))
        {
            Counters.OverLimit++;
            return;
        }

        ReadOnlySpan<byte> opened = packet[..length];
        HeaderExtensions extensions = header.ExtensionsOf(opened);
        if (!header.TryGetPayload(opened, out ReadOnlySpan<byte> payload))
        {
            Counters.Malformed++;
            return;
        }

        if (extensions.TryFind(MeetingMedia.TransportSequenceId, out ReadOnlySpan<byte> value) && TransportSequence.TryRead(value, out TransportSequence number))
            leg.Congestion.HandleArrival(number.Number, length, now);

        if (!source.IsRetransmission)
        {
            stream.Reception.Handle(header.Sequence, header.Timestamp, now);
            stream.Measure(payload.Length, now);
            Forward(stream, header, extensions, payload, isRepair: false, now);
        }
        else if (RetransmissionStream.TryRead(payload, out SequenceNumber original, out ReadOnlySpan<byte> originalPayload))
        {
            Forward(stream, header with { Sequence = original }, extensions, originalPayload, isRepair: true, now);
        }
    }

    // Answers go where the newest authentic packet came from, and nowhere else (MEETING, hop keys).
    private void Follow(Leg leg, in Flow flow, bool isNewest, Instant now)
    {
        if (!isNewest || leg.Flow == flow)
            return;

        if (leg.Flow is { } before && !flow.IsProvenBy(before))
            Ask(leg, flow, now);
        else
            Move(leg, flow);
    }

    private void Ask(Leg leg, in Flow flow, Instant now)
    {
        if (!leg.Proof.TryAsk(flow, random, now, out uint question))
            return;

        Span<byte> room = output.Reserve(flow);
        var writer = new RtcpWriter(room[..(LargestPacket - leg.Profile.RtcpOverhead())]);
        writer.WriteSenderReport(new SenderInfo(s_self, new NtpTime((ulong)question << 16), default, 0, 0), []);
        Finish(leg, flow, room, writer.Length);
    }

    private void Move(Leg leg, in Flow flow)
    {
        if (leg.Flow is not null)
            Counters.Moves++;
        else
            leg.WantKeyFrames();
        leg.Use(flow);
    }

    private void Forward(IncomingStream stream, in RtpHeader header, HeaderExtensions extensions, ReadOnlySpan<byte> payload, bool isRepair, Instant now)
    {
        if (!SFrameDescriptor.TryRead(payload, out SFrameDescriptor descriptor, out _))
        {
            Counters.Malformed++;
            return;
        }

        stream.Missing?.Handle(header.Sequence, now);
        if (stream.Kind == StreamKind.Voice && !Hear(stream, extensions, now))
            return;

        // One header serves all legs; each has its own number, and its own number of its transport.
        Span<byte> head = stackalloc byte[RtpHeader.FixedLength + LargestExtension];
        var forwarded = new RtpHeader { Marker = header.Marker, PayloadType = stream.Plan.PayloadType, Sequence = header.Sequence, Timestamp = header.Timestamp, Ssrc = stream.Ssrc };
        int headLength = forwarded.Write(head, CopyExtensions(extensions, stackalloc byte[LargestExtension]));
        head = head[..headLength];
        forwarded = forwarded with { Length = headLength };
        Remember(stream, head, payload, now);

        // What comes late is no beginning: those behind it have been here.
        bool mayBegin = descriptor.Start && !isRepair;
        foreach (OutgoingStream outgoing in stream.Outlets)
        {
            if (outgoing.Leg.Flow is { } flow && outgoing.TryNumber(header.Sequence, mayBegin, out SequenceNumber number))
                Send(outgoing, flow, forwarded with { Sequence = number }, head, payload, now);
        }
    }

    // Who does not say how loud it is counts as silence, and is heard where all are.
    // A voice that is not heard is paused like a picture: its numbers go on without it (OutgoingStream).
    private static bool Hear(IncomingStream voice, HeaderExtensions extensions, Instant now)
    {
        bool isHeard = IsHeard(voice, extensions, now);
        foreach (OutgoingStream outgoing in voice.Outlets)
        {
            if (isHeard)
                outgoing.Resume();
            else
                outgoing.Pause();
        }

        return isHeard;
    }

    private static bool IsHeard(IncomingStream voice, HeaderExtensions extensions, Instant now)
    {
        bool isTold = extensions.TryFind(MeetingMedia.AudioLevelId, out ReadOnlySpan<byte> value) & AudioLevel.TryRead(value, out AudioLevel level);
        return voice.Leg.Conference.Hear(voice, isTold ? level.Level : SpeakerOrder<Leg>.Silence, now);
    }

    private void Send(OutgoingStream outgoing, in Flow flow, in RtpHeader header, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, Instant now)
    {
        Leg leg = outgoing.Leg;
        Span<byte> packet = output.Reserve(flow);
        if (head.Length + payload.Length + leg.Profile.RtpOverhead() > packet.Length)
        {
            Counters.Malformed++;
            return;
        }

        head.CopyTo(packet);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], header.Sequence.Value);
        new TransportSequence(leg.Congestion.Next).Write(packet[(RtpHeader.FixedLength + 4 + 1)..]);

        // What came before, as it is or as a repair, has had its number: it is refused here.
        if (!leg.Sender.TryProtect(packet, header, payload, out int length))
        {
            Counters.NotSealed++;
            return;
        }

        leg.Congestion.HandleSent(length, now);
        outgoing.Count(payload.Length);
        Counters.Forwarded++;
        Counters.ForwardedBytes += length;
        output.Commit(flow, length);
    }

    // The number of the transport stands first, at a place that is known; then what the sender said, which nobody here changes.
    private static ReadOnlySpan<byte> CopyExtensions(HeaderExtensions extensions, Span<byte> buffer)
    {
        var writer = new HeaderExtensionWriter(buffer);
        writer.Add(MeetingMedia.TransportSequenceId, [0, 0]);
        if (extensions.TryFind(MeetingMedia.AudioLevelId, out ReadOnlySpan<byte> level) && level.Length == AudioLevel.Length)
            writer.Add(MeetingMedia.AudioLevelId, level);
        if (extensions.TryFind(MeetingMedia.AbsCaptureTimeId, out ReadOnlySpan<byte> time) && time.Length is AbsCaptureTime.ShortLength or AbsCaptureTime.LongLength)
            writer.Add(MeetingMedia.AbsCaptureTimeId, time);
        return writer.Finish();
    }

    private static void Remember(IncomingStream stream, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, Instant now)
    {
        if (stream.Remembered is not { } remembered)
            return;

        Span<byte> packet = stackalloc byte[head.Length + payload.Length];
        head.CopyTo(packet);
        payload.CopyTo(packet[head.Length..]);
        remembered.Add(new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(head[2..])), packet, now);
    }

    private void Resend(OutgoingStream outgoing, SequenceNumber asked, Instant now)
    {
        Leg leg = outgoing.Leg;
        if (outgoing.Stream.Remembered is not { } remembered || leg.Flow is not { } flow || !outgoing.TryOriginal(asked, out SequenceNumber original))
            return;

        // Half of a round trip, which no honest leg asks within, though its own measure of it be another. What is remembered serves all legs,
        // so each has its own pauses.
        Ssrc source = outgoing.Stream.Ssrc;
        if (!leg.Repairs.IsAllowed(source, asked, (leg.RoundTrip ?? s_firstRoundTrip) / 2, now))
        {
            Counters.RepeatedRequests++;
            return;
        }

        if (remembered.Find(original, TimeSpan.Zero, now, out ReadOnlySpan<byte> packet) != RetransmissionAnswer.Found)
            return;
        if (!leg.ResendLimit.TryTake(packet.Length, now))
        {
            Counters.OverLimit++;
            return;
        }

        // The receiver knows the packet by the number that it asked for.
        Span<byte> known = stackalloc byte[packet.Length];
        packet.CopyTo(known);
        BinaryPrimitives.WriteUInt16BigEndian(known[2..], asked.Value);

        Span<byte> elements = stackalloc byte[4];
        var extensions = new HeaderExtensionWriter(elements);
        Span<byte> transport = stackalloc byte[TransportSequence.Length];
        new TransportSequence(leg.Congestion.Next).Write(transport);
        extensions.Add(MeetingMedia.TransportSequenceId, transport);

        Span<byte> room = output.Reserve(flow);
        if (!outgoing.Retransmissions.TryWrite(known, extensions.Finish(), room[..^leg.Profile.RtpOverhead()], out int length)
            || !RtpHeader.TryRead(room[..length], out RtpHeader header)
            || !leg.Sender.TryProtect(room, header, room[header.Length..length], out int protectedLength))
        {
            return;
        }

        leg.Congestion.HandleSent(protectedLength, now);
        leg.Repairs.Remember(source, asked, now);
        Counters.Resent++;
        output.Commit(flow, protectedLength);
    }
}

/// <summary>What a router counts.</summary>
internal sealed class RouterCounters
{
    public long Received { get; set; }

    public long Forwarded { get; set; }

    public long ForwardedBytes { get; set; }

    public long Resent { get; set; }

    /// <summary>No RTP, RTCP or STUN, or cut off.</summary>
    public long Malformed { get; set; }

    public long UnknownSource { get; set; }

    /// <summary>Not made with the leg's key, changed on the way, or seen before.</summary>
    public long NotOpened { get; set; }

    public long NotSealed { get; set; }

    /// <summary>More than its leg may send, or may have sent again.</summary>
    public long OverLimit { get; set; }

    /// <summary>Packets that a leg asked for again before it can have missed the repeat.</summary>
    public long RepeatedRequests { get; set; }

    /// <summary>Legs that took another way: a NAT that forgot, another transport, another address.</summary>
    public long Moves { get; set; }

    public long StunAnswered { get; set; }

    public long StunDropped { get; set; }

    /// <summary>Legs that the hub did not renew.</summary>
    public long Expired { get; set; }
}
