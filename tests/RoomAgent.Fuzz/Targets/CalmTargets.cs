using RoomAgent.Rtp;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Wire;

namespace RoomAgent.Fuzz.Targets;

internal static class CalmTargets
{
    private static readonly byte[] s_payload = new byte[32];

    /// <summary>Feedback control information, and what the sender makes of it.</summary>
    public static FuzzTarget TransportFeedbackMessage { get; } = new("transport-feedback", input =>
    {
        if (!TransportWideFeedback.TryRead(input, out TransportWideFeedback feedback))
            return;

        var sent = new SentPackets(feedback.First, packets: 128);
        for (int i = 0; i < 100; i++)
            sent.Add(1_200, new Instant(i * TimeSpan.TicksPerMillisecond));
        new BandwidthEstimator().HandleFeedback(sent.Handle(feedback), new Instant(TimeSpan.TicksPerSecond));
    }, () => [Convert.FromHexString("00050007000002032007040404040404"), Convert.FromHexString("0005000700000203ac00000102"), Convert.FromHexString("0005000700000203d2190a0100fffff002")]);

    /// <summary>A retransmission's payload, and the same bytes as an original packet.</summary>
    public static FuzzTarget Retransmission { get; } = new("retransmission", input =>
    {
        RetransmissionStream.TryRead(input, out _, out _);
        new RetransmissionStream(new Ssrc(1), 97, default).TryWrite(input, [], new byte[1_500], out _);
    }, () => [[1, 2, 3], Convert.FromHexString("80e00102000003e80000000970"), Convert.FromHexString("b0e00102000003e80000000900000001bede00011001000070000002")]);

    /// <summary>Six bytes a step: sequence number, timestamp, flags and how much time passes. All goes to an audio and a video buffer and to a list of missing packets.</summary>
    public static FuzzTarget JitterBuffer { get; } = new("jitter-buffer", input =>
    {
        var audio = new AudioJitterBuffer(DelayProfile.AudioOverUdp, packets: 64, largestPayload: 16);
        var video = new VideoJitterBuffer(DelayProfile.VideoOverUdp, packets: 64, largestPayload: 16);
        var nack = new NackGenerator();
        var asked = new SequenceNumber[16];
        var now = new Instant(TimeSpan.TicksPerDay);
        var reader = new WireReader(input);
        while (reader.Remaining >= 6)
        {
            var sequence = new SequenceNumber(reader.ReadUInt16());
            var timestamp = new RtpTimestamp((uint)reader.ReadUInt16() * 480);
            byte flags = reader.ReadUInt8();
            now += TimeSpan.FromMilliseconds(reader.ReadUInt8());
            bool? key = (flags & 4) == 0 ? null : (flags & 8) == 0;

            nack.Handle(sequence, now);
            nack.TryPoll(now, asked, out _);
            audio.Handle(sequence, timestamp, s_payload.AsSpan(0, flags & 0x1f), now, (flags & 0x20) != 0);
            video.Handle(sequence, timestamp, new VideoPacket((flags & 1) != 0, (flags & 2) != 0, key, (flags & 0x20) != 0), s_payload.AsSpan(0, flags & 0x0f), now);
            audio.Pull(now);
            while (video.TryPoll(now, out VideoFrame frame))
            {
                video.CopyTo(frame, new byte[frame.Length]);
                video.HandleOutcome(frame, (flags & 0x40) != 0);
            }

            video.TryPollKeyFrameRequest(now);
        }
    }, () => [[.. Enumerable.Range(0, 40).SelectMany(i => (byte[])[0, (byte)i, 0, (byte)(2 * i), 3, 20])]]);
}
