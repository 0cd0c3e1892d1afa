using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>What legs report and ask for, and what the node reports and asks for itself.</summary>
internal sealed partial class Router
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_ranking = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_reporting = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_expiring = TimeSpan.FromSeconds(1);

    // Of one NACK: more than a burst loses, and not enough to keep the loop busy with one packet.
    private const int MostAnswered = 128;

    private Instant _nextTick;
    private Instant _nextRanking;
    private Instant _nextExpiry;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant PollTimeout => _legs.Count == 0 ? Instant.Never : _nextTick;

    /// <summary>Does what is due: leases, requests, reports.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now < _nextTick)
            return;

        _nextTick = now + s_tick;
        bool ranks = IsDue(ref _nextRanking, s_ranking, now);
        if (IsDue(ref _nextExpiry, s_expiring, now))
        {
            Expire(now);
            Reselect(now);
        }

        if (ranks)
        {
            foreach (Conference conference in _conferences.Values)
                conference.RankVoices(now);
        }

        foreach (Conference conference in _conferences.Values)
            conference.SelectIfStale();

        foreach (Leg leg in _legs.Values)
        {
            if (leg.Flow is not null)
                Report(leg, IsDue(ref leg.NextReport, s_reporting, now), now);
        }
    }

    private static bool IsDue(ref Instant next, TimeSpan interval, Instant now)
    {
        if (now < next)
            return false;

        next = now + interval;
        return true;
    }

    private void Expire(Instant now)
    {
        List<LegId>? ended = null;
        foreach (Leg leg in _legs.Values)
        {
            if (now >= leg.LeaseEnd)
                (ended ??= []).Add(leg.Id);
        }

        foreach (LegId id in ended ?? [])
        {
            Remove(id);
            Counters.Expired++;
            Expired?.Invoke(id);
        }
    }

    // Which pictures fit into a leg's budget changes with the pictures too.
    private void Reselect(Instant now)
    {
        foreach (Leg leg in _legs.Values)
        {
            foreach (IncomingStream stream in leg.Streams)
                stream.Measure(0, now);
        }

        foreach (Conference conference in _conferences.Values)
            conference.Select();
    }

    private void HandleRtcp(Span<byte> packet, in Flow flow, Instant now)
    {
        if (SourceOf(packet) is not { } ssrc || !_sources.TryGetValue(ssrc.Value, out Source source))
        {
            Counters.UnknownSource++;
            return;
        }

        Leg leg = source.Leg;
        if (leg.Receiver.TryUnprotectRtcp(packet, out int length, out bool isNewest) != SrtpOutcome.Opened)
        {
            Counters.NotOpened++;
            return;
        }

        // Behind the key: a stranger who knows the source uses nothing up.
        Follow(leg, flow, isNewest, now);
        if (!RtcpReader.TryRead(packet[..length], out RtcpReader parts))
        {
            Counters.Malformed++;
            return;
        }

        foreach (RtcpPacket part in parts)
        {
            if (!leg.RtcpLimit.TryTake(1, now))
            {
                Counters.OverLimit++;
                return;
            }

            HandleRtcp(leg, flow, part, now);
        }
    }

    private void HandleRtcp(Leg leg, in Flow flow, RtcpPacket part, Instant now)
    {
        if (SenderReport.TryRead(part, out SenderReport report))
        {
            SenderInfo sender = report.Sender;
            HandleBlocks(leg, flow, report.Blocks, now);
            if (_sources.TryGetValue(sender.Ssrc.Value, out Source source) && source.Leg == leg && source.Stream is { } stream && !source.IsRetransmission)
            {
                stream.Report = sender;
                stream.Reception.HandleSenderReport(sender.Ntp.Value, now);
            }
        }
        else if (ReceiverReport.TryRead(part, out ReceiverReport received))
        {
            HandleBlocks(leg, flow, received.Blocks, now);
        }
        else if (GenericNack.TryRead(part, out GenericNack lost))
        {
            if (FindOutgoing(leg, lost.Media) is not { } outgoing)
                return;

            int answered = 0;
            foreach (SequenceNumber number in lost)
            {
                if (answered++ == MostAnswered)
                    return;

                Resend(outgoing, number, now);
            }
        }
        else if (PictureLossIndication.TryRead(part, out PictureLossIndication picture))
        {
            WantKeyFrame(leg, picture.Media);
        }
        else if (FullIntraRequest.TryRead(part, out FullIntraRequest requests))
        {
            foreach (IntraRequest request in requests)
                WantKeyFrame(leg, request.Media);
        }
        else if (TransportFeedback.TryRead(part, out TransportFeedback feedback))
        {
            if (leg.Congestion.HandleFeedback(feedback.Control, now))
                Adapt(leg);
        }
    }

    // A block refers to a report of the sender by the sender's clock; what counts here is when the node passed it on (RFC 3550 section 6.4.1).
    private void HandleBlocks(Leg leg, in Flow flow, ReportBlocks blocks, Instant now)
    {
        foreach (ReportBlock block in blocks)
        {
            if (block.Source == s_self)
            {
                if (leg.Proof.TryAnswer(flow, block.LastSenderReport))
                    Move(leg, flow);
                continue;
            }

            if (FindOutgoing(leg, block.Source)?.Report is not var (middle, passedOn) || middle != block.LastSenderReport)
                continue;

            TimeSpan roundTrip = now - passedOn - TimeSpan.FromSeconds(block.DelaySinceLastSenderReport / 65_536.0);
            if (roundTrip < TimeSpan.Zero)
                continue;

            leg.RoundTrip = roundTrip;
            leg.Congestion.HandleRoundTrip(roundTrip);
            foreach (IncomingStream stream in leg.Streams)
                stream.Missing?.HandleRoundTrip(roundTrip);
        }
    }

    private void WantKeyFrame(Leg leg, Ssrc media)
    {
        if (FindOutgoing(leg, media) is { IsWanted: true, Stream.IsVideo: true } outgoing)
            outgoing.Stream.KeyFrameWanted = true;
    }

    // What a leg may see changes with what its network bears.
    private static void Adapt(Leg leg)
    {
        double bearable = leg.Congestion.Estimate;
        if (Math.Abs(bearable - leg.VideoBudget) < leg.VideoBudget * 0.1)
            return;

        leg.VideoBudget = bearable;
        leg.Conference.Select(leg);
    }

    private OutgoingStream? FindOutgoing(Leg leg, Ssrc media) =>
        _sources.TryGetValue(media.Value, out Source source) && source.Stream is { } stream && !source.IsRetransmission
            ? leg.Incoming(source.Leg, stream.Kind)
            : null;

    // All that is due for one leg goes into one compound packet, a report first, as RFC 3550 section 6.1 wants it. The senders' reports come last:
    // in a large meeting they need more packets, and nothing else shall wait for them.
    private void Report(Leg leg, bool reports, Instant now)
    {
        Flow flow = leg.Flow!.Value;
        Span<byte> room = output.Reserve(flow);
        var writer = new RtcpWriter(room[..(LargestPacket - leg.Profile.RtcpOverhead())]);
        WriteReceiverReport(leg, reports, now, ref writer);
        int smallest = writer.Length;

        foreach (IncomingStream stream in leg.Streams)
            Ask(stream, now, ref writer);
        leg.Congestion.HandleTimeout(now);
        leg.Congestion.WriteFeedback(s_self, now, ref writer);

        if (reports)
        {
            foreach (OutgoingStream outgoing in leg.Outgoing)
            {
                if (!outgoing.IsWanted || !outgoing.Stream.IsAudible || outgoing.Stream.Report is not { } report)
                    continue;

                SenderInfo told = report with { Ssrc = outgoing.Stream.Ssrc, Packets = outgoing.Packets, Octets = outgoing.Bytes };
                outgoing.Report = (report.Ntp.Middle, now);
                if (writer.WriteSenderReport(told, []))
                    continue;

                Finish(leg, flow, room, writer.Length);
                room = output.Reserve(flow);
                writer = new RtcpWriter(room[..(LargestPacket - leg.Profile.RtcpOverhead())]);
                writer.WriteSenderReport(told, []);
            }
        }

        if (reports || writer.Length > smallest)
            Finish(leg, flow, room, writer.Length);
    }

    private void Finish(Leg leg, in Flow flow, Span<byte> room, int written)
    {
        if (leg.Sender.TryProtectRtcp(room, written, out int length))
            output.Commit(flow, length);
    }

    private static void WriteReceiverReport(Leg leg, bool reports, Instant now, ref RtcpWriter writer)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[4];
        int count = 0;
        foreach (IncomingStream stream in leg.Streams)
        {
            if (reports && count < blocks.Length && stream.Reception.TryReport(now, out ReceptionReport report))
                blocks[count++] = new ReportBlock(stream.Ssrc, report.FractionLost, report.CumulativeLost, report.HighestSequence, report.Jitter, report.LastSenderReport, report.DelaySinceLastSenderReport);
        }

        writer.WriteReceiverReport(s_self, blocks[..count]);
    }

    private void Ask(IncomingStream stream, Instant now, ref RtcpWriter writer)
    {
        Span<SequenceNumber> lost = stackalloc SequenceNumber[64];
        if (stream.Missing is not null && stream.Missing.TryPoll(now, lost, out int count))
            writer.WriteNack(s_self, stream.Ssrc, lost[..count]);

        if (stream.KeyFrameWanted && now - stream.KeyFrameAsked >= settings.KeyFrameInterval)
        {
            stream.KeyFrameWanted = false;
            stream.KeyFrameAsked = now;
            writer.WritePictureLoss(new PictureLossIndication(s_self, stream.Ssrc));
        }
    }
}
