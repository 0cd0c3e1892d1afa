using RoomAgent.Rtp;
using RoomAgent.Rtp.Bandwidth;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>What became of a frame that was to be sent.</summary>
public enum SendOutcome
{
    /// <summary>Its packets are on their way.</summary>
    Sent,

    /// <summary>Too much waits already. Pictures go on with a key frame (<see cref="MediaSession.IsKeyFrameWanted"/>), at a lower rate.</summary>
    Congested,

    /// <summary>There is no key to seal it with: nothing may be sent.</summary>
    NoKey,

    /// <summary>It is larger than <see cref="MediaSettings.LargestFrame"/>.</summary>
    TooLarge,

    /// <summary>The plan has no such stream.</summary>
    NoTrack,
}

/// <summary>From encoded frames to datagrams.</summary>
public sealed partial class MediaSession
{
    private const int LargestExtension = 4 + 16; // the word, then 1 + 2, 1 + 1 and 1 + 8 bytes, padded

    private readonly Track[] _tracks;
    private readonly PacketQueue _urgent;
    private readonly PacketQueue _paced;
    private readonly byte[] _sealed;
    private readonly PacingBudget _pacing;

    private int LargestPayload => _settings.LargestDatagram - RtpHeader.FixedLength - LargestExtension - _plan.Profile.RtpOverhead() - 2; // OSN of a retransmission

    private Instant NextSend => _urgent.Count > 0 ? new Instant(long.MinValue) : _paced.Count > 0 ? _pacing.NextSend : Instant.Never;

    /// <summary>Whether the encoder of <paramref name="context"/> shall make its next frame a key frame: somebody joined or lost something, or one was refused.</summary>
    public bool IsKeyFrameWanted(FrameContext context) => FindTrack(context) is { KeyFrameWanted: true };

    /// <summary>Seals and sends a picture.</summary>
    /// <param name="context">Camera or content.</param>
    /// <param name="frame">One encoded frame.</param>
    /// <param name="isKeyFrame">Whether it needs none before it.</param>
    /// <param name="timestamp">Its media time, at 90 kHz.</param>
    /// <param name="captured">When it was captured, by the clock that all tracks share.</param>
    public SendOutcome SendPicture(FrameContext context, ReadOnlySpan<byte> frame, bool isKeyFrame, RtpTimestamp timestamp, NtpTime captured)
    {
        if (FindTrack(context) is not { } track)
            return SendOutcome.NoTrack;

        SendOutcome outcome = Send(track, frame, timestamp, captured, level: null, _paced);
        bool refused = outcome != SendOutcome.Sent; // nobody else knows that there was one
        track.KeyFrameWanted = refused || (track.KeyFrameWanted && !isKeyFrame);
        return outcome;
    }

    /// <summary>Seals and sends a piece of sound.</summary>
    /// <param name="context">Audio or content audio.</param>
    /// <param name="frame">One Opus packet.</param>
    /// <param name="timestamp">Its media time, at 48 kHz.</param>
    /// <param name="captured">When it was captured, by the clock that all tracks share.</param>
    /// <param name="level">How loud it is: the node sees that, and nothing else.</param>
    public SendOutcome SendSound(FrameContext context, ReadOnlySpan<byte> frame, RtpTimestamp timestamp, NtpTime captured, AudioLevel level) =>
        FindTrack(context) is { } track ? Send(track, frame, timestamp, captured, level, _urgent) : SendOutcome.NoTrack;

    /// <summary>
    /// Takes notice that another transport is used from now on. The rate begins anew, since the old one's last was that of a way that may have died;
    /// pictures that wait are as old as the trouble and go nowhere, and key frames come next. A report goes out at once: the node reaches us nowhere until it has heard us there,
    /// and a room with camera and microphones off has nothing else to say.
    /// </summary>
    public void HandleNewPath()
    {
        _nextTick = _nextReport = new Instant(long.MinValue);
        _congestion.HandleNewPath();
        _pacing.HandleTarget(_congestion.Estimate);
        _paced.Clear();
        foreach (Track track in _tracks)
            track.KeyFrameWanted |= track.IsVideo;
    }

    /// <summary>The next datagram for the transport. To be called until it gives none.</summary>
    /// <param name="now">The time.</param>
    /// <param name="datagram">At least <see cref="MediaSettings.LargestDatagram"/> bytes.</param>
    /// <param name="length">Bytes of the datagram.</param>
    public bool TryPollDatagram(Instant now, Span<byte> datagram, out int length)
    {
        while (_urgent.Count > 0)
        {
            if (TryProtect(_urgent, now, datagram, out length))
                return true;
        }

        while (_paced.Count > 0 && _pacing.MaySend(now))
        {
            if (!TryProtect(_paced, now, datagram, out length))
                continue;

            _pacing.HandleSent(length, now);
            return true;
        }

        length = 0;
        return false;
    }

    private Track? FindTrack(FrameContext context)
    {
        foreach (Track track in _tracks)
        {
            if (track.Plan.Context == context)
                return track;
        }

        return null;
    }

    private SendOutcome Send(Track track, ReadOnlySpan<byte> frame, RtpTimestamp timestamp, NtpTime captured, AudioLevel? level, PacketQueue queue)
    {
        if (frame.Length > _settings.LargestFrame - SFrameSizes.LargestOverhead)
            return SendOutcome.TooLarge;
        if (_keys.FindSealing(track.Plan.Context) is not { } key)
            return Unsealed();

        // Newcomers of the epoch can do nothing without a key frame.
        if (track.IsVideo && track.SealedIn is { } before && before != key.Epoch)
            track.KeyFrameWanted = true;
        track.SealedIn = key.Epoch;
        track.Last = (timestamp, captured);

        var header = new RtpHeader { PayloadType = track.Plan.PayloadType, Timestamp = timestamp, Ssrc = track.Plan.Ssrc };
        Span<byte> extensions = stackalloc byte[LargestExtension];
        SendOutcome outcome = _plan.SealsPackets && track.IsVideo
            ? SendPieces(track, key, frame, header, WriteExtensions(extensions, captured, level), queue)
            : SendWhole(track, key, frame, header, WriteExtensions(extensions, captured, level), queue);
        if (outcome == SendOutcome.Sent && track.IsVideo)
            Counters.PicturesSent++;
        else if (outcome == SendOutcome.Sent)
            Counters.SoundsSent++;
        return outcome;
    }

    // T=0: one ciphertext, cut into packets.
    private SendOutcome SendWhole(Track track, SealingKey key, ReadOnlySpan<byte> frame, RtpHeader header, ReadOnlySpan<byte> extensions, PacketQueue queue)
    {
        int sealedLength = key.SealedLength(frame.Length);
        if ((sealedLength + LargestPayload - 2) / (LargestPayload - 1) > queue.Free)
            return Congested();
        if (key.Seal([], frame, _sealed, out int length) != SealOutcome.Sealed)
            return Unsealed();

        var packetizer = new SFramePacketizer(_sealed.AsSpan(0, length), LargestPayload);
        for (int last = packetizer.Count - 1; !packetizer.AtEnd;)
        {
            Span<byte> packet = queue.Reserve();
            bool isLast = packetizer.Written == last;
            int start = (header with { Sequence = track.Next, Marker = isLast && track.IsVideo }).Write(packet, extensions);
            packetizer.TryWriteNext(packet[start..], out int payload);
            Commit(track, queue, start, payload);
        }

        return SendOutcome.Sent;
    }

    // T=1: the frame is cut first, and each piece is a ciphertext with a counter of its own. Where the frame starts and ends stands sealed in each piece
    // (a descriptor of its own), until there is a payload format of the codec that says so.
    private SendOutcome SendPieces(Track track, SealingKey key, ReadOnlySpan<byte> frame, RtpHeader header, ReadOnlySpan<byte> extensions, PacketQueue queue)
    {
        int largest = LargestPayload - (2 * SFrameDescriptor.Length) - SFrameSizes.LargestOverhead;
        int packets = (frame.Length + largest - 1) / largest;
        if (packets > queue.Free)
            return Congested();

        for (int i = 0; i < packets; i++)
        {
            int piece = (frame.Length + packets - i - 1) / (packets - i);
            Span<byte> packet = queue.Reserve();
            int start = (header with { Sequence = track.Next, Marker = i == packets - 1 }).Write(packet, extensions);
            packet[start] = new SFrameDescriptor(Start: true, End: true, Packetized: true).ToByte();
            _sealed[0] = new SFrameDescriptor(i == 0, i == packets - 1, Packetized: true).ToByte();
            frame[..piece].CopyTo(_sealed.AsSpan(SFrameDescriptor.Length));
            if (key.Seal([], _sealed.AsSpan(0, SFrameDescriptor.Length + piece), packet[(start + SFrameDescriptor.Length)..], out int length) != SealOutcome.Sealed)
                return Unsealed();

            Commit(track, queue, start, SFrameDescriptor.Length + length);
            frame = frame[piece..];
        }

        return SendOutcome.Sent;
    }

    private static void Commit(Track track, PacketQueue queue, int header, int payload)
    {
        queue.Commit(PacketQueue.Kind.Rtp, header + payload);
        track.Next = track.Next.Next;
        unchecked
        {
            track.Packets++;
            track.Bytes += (uint)payload;
        }
    }

    // The number of the transport stands first, at a place that is known: it is written when the packet leaves.
    private ReadOnlySpan<byte> WriteExtensions(Span<byte> buffer, NtpTime captured, AudioLevel? level)
    {
        Span<byte> value = stackalloc byte[AbsCaptureTime.ShortLength];
        var writer = new HeaderExtensionWriter(buffer);
        writer.Add(_plan.Extensions.TransportSequence, [0, 0]);
        if (level is { } heard)
        {
            heard.Write(value);
            writer.Add(_plan.Extensions.AudioLevel, value[..AudioLevel.Length]);
        }

        new AbsCaptureTime(captured, ClockOffset: null).Write(value);
        writer.Add(_plan.Extensions.AbsCaptureTime, value);
        return writer.Finish();
    }

    private bool TryProtect(PacketQueue queue, Instant now, Span<byte> datagram, out int length)
    {
        ReadOnlySpan<byte> packet = queue.Peek(out PacketQueue.Kind kind);
        queue.Take();
        packet.CopyTo(datagram);
        if (kind == PacketQueue.Kind.Rtcp)
            return Count(_sender.TryProtectRtcp(datagram, packet.Length, out length));

        if (!RtpHeader.TryRead(packet, out RtpHeader header))
            throw new InvalidOperationException("A packet of ours is no RTP.");

        FindTrack(header.Ssrc)?.Sent?.Add(header.Sequence, packet, now);
        SequenceNumber transport = _congestion.HandleSent(packet.Length + _plan.Profile.RtpOverhead(), now);
        new TransportSequence(transport).Write(datagram[(RtpHeader.FixedLength + 4 + 1)..]);
        _unheardSince ??= now;
        return Count(_sender.TryProtect(datagram, header, datagram[header.Length..packet.Length], out length));
    }

    private Track? FindTrack(Ssrc ssrc)
    {
        foreach (Track track in _tracks)
        {
            if (track.Plan.Ssrc == ssrc)
                return track;
        }

        return null;
    }

    private bool Count(bool isSent)
    {
        if (isSent)
            Counters.Sent++;
        return isSent;
    }

    private SendOutcome Congested()
    {
        Counters.Congested++;
        return SendOutcome.Congested;
    }

    private SendOutcome Unsealed()
    {
        Counters.Unsealed++;
        return SendOutcome.NoKey;
    }
}
