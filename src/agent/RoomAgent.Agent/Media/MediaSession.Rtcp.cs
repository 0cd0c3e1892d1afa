using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Srtp;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>What is reported and asked for, in both directions.</summary>
public sealed partial class MediaSession
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private Instant _nextTick = new(long.MinValue);
    private Instant _nextReport = new(long.MinValue);
    private NtpTime _reportClock;
    private Instant _reportClockAt;

    /// <summary>Does what is due: reports, requests, frames that waited too long.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now < _nextTick)
            return;

        _nextTick = now + s_tick;
        _waiting.HandleTimeout(now);
        _congestion.HandleTimeout(now);
        KeepInStep(now);
        bool reports = now >= _nextReport;
        if (reports)
            _nextReport = now + _settings.ReportInterval;
        if (_urgent.Free == 0)
            return;

        // Reports first, as RFC 3550 section 6.1 wants it; what does not fit today comes next time.
        Span<byte> room = _urgent.Reserve();
        var writer = new RtcpWriter(room[..^_plan.Profile.RtcpOverhead()]);
        WriteReceiverReport(reports, now, ref writer);
        int smallest = writer.Length;
        if (reports)
            WriteSenderReports(now, ref writer);
        foreach (RemoteStream stream in _streams.Values)
            Ask(stream, now, ref writer);
        _congestion.WriteFeedback(_plan.Control, now, ref writer);

        if (reports || writer.Length > smallest)
            _urgent.Commit(PacketQueue.Kind.Rtcp, writer.Length);
    }

    private void WriteReceiverReport(bool reports, Instant now, ref RtcpWriter writer)
    {
        const int MostBlocks = 31;
        Span<ReportBlock> blocks = stackalloc ReportBlock[MostBlocks];
        int count = 0;
        foreach (RemoteStream stream in _streams.Values)
        {
            if (reports && count < MostBlocks && stream.Reception.TryReport(now, out ReceptionReport report))
                blocks[count++] = new ReportBlock(stream.Ssrc, report.FractionLost, report.CumulativeLost, report.HighestSequence, report.Jitter, report.LastSenderReport, report.DelaySinceLastSenderReport);
        }

        writer.WriteReceiverReport(_plan.Control, blocks[..count]);
    }

    // The moment of a report on the media clock follows from the last frame's: both clocks went on since.
    private void WriteSenderReports(Instant now, ref RtcpWriter writer)
    {
        foreach (Track track in _tracks)
        {
            if (track.Last is not var (timestamp, captured))
                continue;

            writer.WriteSenderReport(new SenderInfo(track.Plan.Ssrc, captured, timestamp, track.Packets, track.Bytes), []);
            (_reportClock, _reportClockAt) = (captured, now);
        }
    }

    private void Ask(RemoteStream stream, Instant now, ref RtcpWriter writer)
    {
        Span<SequenceNumber> lost = stackalloc SequenceNumber[64];
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
            if (_streams.TryGetValue(sent.Sender.Ssrc.Value, out RemoteStream? stream))
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
            _congestion.HandleFeedback(feedback.Control, now);
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
            NtpTime clock = _reportClock + (now - _reportClockAt);
            if (FindTrack(block.Source) is null || !ReceptionStatistics.TryRoundTrip(block.LastSenderReport, block.DelaySinceLastSenderReport, clock.Value, out TimeSpan roundTrip))
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
