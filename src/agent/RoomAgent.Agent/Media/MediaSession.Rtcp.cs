using RoomAgent.Rtp;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>What is reported and asked for, in both directions.</summary>
public sealed partial class MediaSession
{
    private const int MostAsked = 64;

    // Bytes of a report about nothing, of a sender's report, and of all that is asked for one stream: a NACK that needs a word for each number, and a PLI.
    private const int EmptyReport = 8;
    private const int LargestSenderReport = 28;
    private const int LargestRequests = 12 + (4 * MostAsked) + 12;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private Instant _nextTick = new(long.MinValue);
    private Instant _nextReport = new(long.MinValue);
    private NtpTime _reportClock;
    private Instant _reportClockAt;

    // The node's question whether it reaches us here, until it is answered (MeetingMedia.NodeSource).
    private (uint Middle, Instant Asked)? _question;

    // When we first sent something of which the node has not shown yet that it, or something later, arrived.
    private Instant? _unheardSince;

    /// <summary>
    /// For how long we have sent media, and nothing from the node shows that any of it arrives; zero while it does, or while nothing is sent.
    /// Only the node's authentic reports count, so nobody else can make this longer or shorter.
    /// </summary>
    public TimeSpan Unheard(Instant now) => _unheardSince is { } since ? now - since : TimeSpan.Zero;

    /// <summary>Does what is due: reports, requests, frames that waited too long.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now < _nextTick)
            return;

        _nextTick = now + s_tick;
        _waiting.HandleTimeout(now);
        _congestion.HandleTimeout(now);
        KeepInStep(now);
        if (_urgent.Free == 0)
            return;

        bool reports = now >= _nextReport;
        if (reports)
            _nextReport = now + _settings.ReportInterval;

        // A report first, as RFC 3550 section 6.1 wants it. What does not fit behind it goes into a further compound: what is asked for or told is so once.
        bool isDue = reports || _question is not null;
        int before = _urgent.Count;
        RtcpWriter writer = BeginCompound();
        WriteReceiverReport(reports, now, ref writer);
        if (HasRoom(CongestionControl.LargestFeedbackPacket, ref writer))
            _congestion.WriteFeedback(_plan.Control, now, ref writer);
        foreach (RemoteStream stream in _streams.Values)
            Ask(stream, now, ref writer);
        if (reports)
            WriteSenderReports(now, ref writer);

        if ((isDue && _urgent.Count == before) || writer.Length > EmptyReport)
            _urgent.Commit(PacketQueue.Kind.Rtcp, writer.Length);
    }

    private RtcpWriter BeginCompound() => new(_urgent.Reserve()[..^_plan.Profile.RtcpOverhead()]);

    // Whether there is room for so much, in this compound or in a further one, which then begins with a report about nothing.
    private bool HasRoom(int bytes, ref RtcpWriter writer)
    {
        if (writer.Free >= bytes)
            return true;
        if (_urgent.Free < 2)
            return false;

        _urgent.Commit(PacketQueue.Kind.Rtcp, writer.Length);
        writer = BeginCompound();
        return writer.WriteReceiverReport(_plan.Control, []);
    }

    private void WriteReceiverReport(bool reports, Instant now, ref RtcpWriter writer)
    {
        Span<ReportBlock> blocks = stackalloc ReportBlock[RtcpWriter.LargestCount];
        int count = 0;
        if (_question is var (middle, asked))
            blocks[count++] = new ReportBlock(MeetingMedia.NodeSource, 0, 0, 0, 0, middle, (uint)((now - asked).TotalSeconds * 65_536));
        _question = null;

        foreach (RemoteStream stream in _streams.Values)
        {
            if (reports && count < blocks.Length && stream.Reception.TryReport(now, out ReceptionReport report))
                blocks[count++] = new ReportBlock(stream.Ssrc, report.FractionLost, report.CumulativeLost, report.HighestSequence, report.Jitter, report.LastSenderReport, report.DelaySinceLastSenderReport);
        }

        writer.WriteReceiverReport(_plan.Control, blocks[..count]);
    }

    // What stands on both clocks is the last frame: it was captured then, and had that timestamp.
    private void WriteSenderReports(Instant now, ref RtcpWriter writer)
    {
        foreach (Track track in _tracks)
        {
            if (track.Last is not var (timestamp, captured) || !HasRoom(LargestSenderReport, ref writer))
                continue;

            writer.WriteSenderReport(new SenderInfo(track.Plan.Ssrc, captured, timestamp, track.Packets, track.Bytes), []);
            (_reportClock, _reportClockAt) = (captured, now);
        }
    }

    private void Ask(RemoteStream stream, Instant now, ref RtcpWriter writer)
    {
        if (!stream.IsVideo || !HasRoom(LargestRequests, ref writer))
            return;

        Span<SequenceNumber> lost = stackalloc SequenceNumber[MostAsked];
        if (stream.Missing is { } missing && missing.TryPoll(now, lost, out int count))
            writer.WriteNack(_plan.Control, stream.Ssrc, lost[..count]);
        if (stream.Pictures is { } pictures && pictures.TryPollKeyFrameRequest(now))
            writer.WritePictureLoss(new PictureLossIndication(_plan.Control, stream.Ssrc));
    }

    private void HandleRtcp(Span<byte> packet, Instant now)
    {
        if (_receiver.TryUnprotectRtcp(packet, out int length, out _) != SrtpOutcome.Opened)
        {
            Counters.NotOpened++;
            return;
        }

        if (!RtcpReader.TryRead(packet[..length], out RtcpReader parts))
        {
            Counters.Malformed++;
            return;
        }

        foreach (RtcpPacket part in parts)
            HandleRtcp(part, now);
    }

    private void HandleRtcp(RtcpPacket part, Instant now)
    {
        if (SenderReport.TryRead(part, out SenderReport sent))
        {
            if (sent.Sender.Ssrc == MeetingMedia.NodeSource)
            {
                _question = (sent.Sender.Ntp.Middle, now);
                _nextTick = now; // the node waits for the answer
            }
            else if (_streams.TryGetValue(sent.Sender.Ssrc.Value, out RemoteStream? stream))
            {
                stream.Reception.HandleSenderReport(sent.Sender.Ntp.Value, now);
                stream.Clock.Handle(sent.Sender.Ntp.Value, sent.Sender.Timestamp);
            }

            HandleBlocks(sent.Blocks, now);
        }
        else if (ReceiverReport.TryRead(part, out ReceiverReport received))
        {
            HandleBlocks(received.Blocks, now);
        }
        else if (GenericNack.TryRead(part, out GenericNack lost))
        {
            if (FindTrack(lost.Media) is not { } track)
                return;

            foreach (SequenceNumber number in lost)
                Resend(track, number, now);
        }
        else if (PictureLossIndication.TryRead(part, out PictureLossIndication picture))
        {
            WantKeyFrame(picture.Media);
        }
        else if (FullIntraRequest.TryRead(part, out FullIntraRequest requests))
        {
            foreach (IntraRequest request in requests)
                WantKeyFrame(request.Media);
        }
        else if (TransportFeedback.TryRead(part, out TransportFeedback feedback))
        {
            Instant arrived = _congestion.NewestArrived;
            _congestion.HandleFeedback(feedback.Control, now);
            if (_congestion.NewestArrived > arrived)
                _unheardSince = null;
            _pacing.HandleTarget(_congestion.Estimate);
        }
    }

    private void WantKeyFrame(Ssrc media)
    {
        if (FindTrack(media) is not { IsVideo: true } track)
            return;

        track.KeyFrameWanted = true;
        Counters.KeyFramesAsked++;
    }

    private void HandleBlocks(ReportBlocks blocks, Instant now)
    {
        foreach (ReportBlock block in blocks)
        {
            if (FindTrack(block.Source) is not { } track)
                continue;

            if (track.Heard is not { } heard || (int)(block.HighestSequence - heard) > 0)
            {
                track.Heard = block.HighestSequence;
                _unheardSince = null;
            }

            NtpTime clock = _reportClock + (now - _reportClockAt);
            if (!ReceptionStatistics.TryRoundTrip(block.LastSenderReport, block.DelaySinceLastSenderReport, clock.Value, out TimeSpan roundTrip))
                continue;

            RoundTrip = roundTrip;
            _congestion.HandleRoundTrip(roundTrip);
            foreach (RemoteStream stream in _streams.Values)
                stream.HandleRoundTrip(roundTrip);
        }
    }

    private void Resend(Track track, SequenceNumber number, Instant now)
    {
        if (track.Sent is not { } sent)
            return;
        if (sent.Find(number, RoundTrip ?? TimeSpan.FromMilliseconds(100), now, out ReadOnlySpan<byte> packet) != RetransmissionAnswer.Found)
            return;

        Span<byte> elements = stackalloc byte[4];
        var extensions = new HeaderExtensionWriter(elements);
        extensions.Add(_plan.Extensions.TransportSequence, [0, 0]);
        Span<byte> room = _urgent.Free > 16 ? _urgent.Reserve() : default;
        if (!track.Retransmissions.TryWrite(packet, extensions.Finish(), room, out int length))
            return;

        _urgent.Commit(PacketQueue.Kind.Rtp, length);
        Counters.Resent++;
    }
}
