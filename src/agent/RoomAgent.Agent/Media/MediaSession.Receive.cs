using RoomAgent.Rtp;
using RoomAgent.Rtp.Jitter;
using RoomAgent.Rtp.Srtp;
using RoomAgent.SFrame;
using RoomAgent.Wire;

namespace RoomAgent.Agent.Media;

/// <summary>From datagrams to encoded frames.</summary>
/// <remarks>
/// <para>1. SRTP opens a packet, or it is counted and dropped. Nothing has been kept so far.</para>
/// <para>2. Its source finds its stream, or gets a new one while there is a place.</para>
/// <para>3. Sound, and pictures whose packets are sealed one by one, are opened at once and kept until they are due.</para>
/// <para>4. Other pictures are kept sealed until they are whole and due, then opened.</para>
/// <para>5. What is sealed in an epoch still to come waits a moment (MEETING section 5), and goes on where it left off.</para>
/// </remarks>
public sealed partial class MediaSession
{
    private readonly Dictionary<uint, RemoteStream> _streams = [];
    private readonly FrameOpener _opener;
    private readonly WaitingFrames<Held> _waiting;
    private readonly byte[] _opened;
    private bool _takesWaiting;

    /// <summary>What a waiting frame needs to go on.</summary>
    private readonly record struct Held(VideoFrame Picture, SequenceNumber Sequence, RtpTimestamp Timestamp, bool IsRepaired);

    /// <summary>Takes a datagram of the node. Its bytes are changed.</summary>
    public void HandleDatagram(Span<byte> datagram, Instant now)
    {
        Counters.Received++;
        if (datagram.Length < RtpHeader.FixedLength || datagram[0] is < 128 or >= 192)
            Counters.Malformed++;
        else if (datagram[1] is >= 192 and <= 223)
            HandleRtcp(datagram, now);
        else
            HandleRtp(datagram, now);
    }

    /// <summary>Takes notice that the keyring has a new epoch: what waited for it goes on with the next <see cref="TryPollFrame"/>.</summary>
    public void HandleNewEpoch() => _takesWaiting = true;

    /// <summary>The next picture that is due. To be called until it gives none; what it gives is valid until the next call of the session.</summary>
    public bool TryPollFrame(Instant now, out ReceivedFrame frame)
    {
        if (_takesWaiting && TryTakeWaiting(now, out frame))
            return true;

        foreach (RemoteStream stream in _streams.Values)
        {
            if (stream.Pictures is not { } pictures)
                continue;

            while (pictures.TryPoll(now, out VideoFrame picture))
            {
                if (picture.KeyFrame == true)
                    stream.Missing?.ForgetBefore(picture.First);
                if (!TryAssemble(pictures, picture, out int length, out bool isOpened))
                    continue;

                ReadOnlySpan<byte> assembled = _sealed.AsSpan(0, length);
                if (isOpened)
                {
                    frame = new ReceivedFrame { Stream = stream, Sender = stream.Sender!.Value, Data = assembled, Frame = picture };
                    HandleShown(stream, picture.Timestamp, now);
                    return true;
                }

                if (TryOpen(stream, picture, assembled, now, out frame))
                    return true;
            }
        }

        frame = default;
        return false;
    }

    /// <summary>Takes what the decoder made of a frame. One that cannot be decoded has a key frame asked for.</summary>
#pragma warning disable CA1822 // it is the session that one tells
    public void HandleDecoded(DecodeTicket ticket, bool isDecodable) => ticket.Stream?.Pictures!.HandleOutcome(ticket.Frame, isDecodable);
#pragma warning restore CA1822

    private void HandleRtp(Span<byte> packet, Instant now)
    {
        if (!RtpHeader.TryRead(packet, out RtpHeader header))
        {
            Counters.Malformed++;
            return;
        }

        if (_receiver.TryUnprotect(packet, header, out int length) != SrtpOutcome.Opened)
        {
            Counters.NotOpened++;
            return;
        }

        ReadOnlySpan<byte> opened = packet[..length];
        if (!header.TryGetPayload(opened, out ReadOnlySpan<byte> payload))
        {
            Counters.Malformed++;
            return;
        }

        HeaderExtensions extensions = header.ExtensionsOf(opened);
        if (extensions.TryFind(_plan.Extensions.TransportSequence, out ReadOnlySpan<byte> value) && TransportSequence.TryRead(value, out TransportSequence number))
            _congestion.HandleArrival(number.Number, packet.Length, now);

        AbsCaptureTime time = default;
        bool isTimed = extensions.TryFind(_plan.Extensions.AbsCaptureTime, out value) && AbsCaptureTime.TryRead(value, out time);
        bool isRepaired = header.PayloadType == _plan.PayloadTypes.Retransmission;
        Ssrc source = isRepaired ? header.Ssrc.Retransmission : header.Ssrc;
        SequenceNumber sequence = header.Sequence;
        if (isRepaired && !RetransmissionStream.TryRead(payload, out sequence, out payload))
            return;
        if (FindStream(source, isVideo: header.PayloadType != _plan.PayloadTypes.Audio, now) is not { } stream)
        {
            Counters.NoPlace++;
            return;
        }

        stream.LastHeard = now;
        if (extensions.TryFind(_plan.Extensions.AudioLevel, out value) && AudioLevel.TryRead(value, out AudioLevel level) && level.Level <= RemoteStream.Loud)
            stream.LastLoud = now;
        if (isTimed)
            stream.Clock.Handle(time.Captured.Value, header.Timestamp);
        if (!isRepaired)
            stream.Reception.Handle(sequence, header.Timestamp, now);
        stream.Missing?.Handle(sequence, now);
        if (!SFrameDescriptor.TryRead(payload, out SFrameDescriptor descriptor, out ReadOnlySpan<byte> ciphertext))
            Counters.Malformed++;
        else if (stream.Pictures is { } pictures && !descriptor.Packetized)
            pictures.Handle(sequence, header.Timestamp, new VideoPacket(descriptor.Start, descriptor.End, Repaired: isRepaired), payload, now);
        else
            HandleWhole(stream, new Held(default, sequence, header.Timestamp, isRepaired), ciphertext, now);
    }

    // A packet that holds a ciphertext of its own: sound, or a piece of a picture (T=1). It is opened here and kept opened.
    private void HandleWhole(RemoteStream stream, in Held held, ReadOnlySpan<byte> ciphertext, Instant now)
    {
        OpenOutcome outcome = _opener.Open(ciphertext, [], _opened, out SFrameHeader header, out int length);
        if (outcome == OpenOutcome.KeyAhead)
            _waiting.TryKeep(stream.Ssrc.Value, header.KeyId, ciphertext, [], held, now);
        if (outcome != OpenOutcome.Opened)
            return;

        if (StreamOf(stream, header.KeyId) is not { } own)
            return;

        stream = own;
        ReadOnlySpan<byte> opened = _opened.AsSpan(0, length);
        if (stream.Pictures is not { } pictures)
            stream.Voice!.Handle(held.Sequence, held.Timestamp, opened, now, held.IsRepaired);
        else if (SFrameDescriptor.TryRead(opened, out SFrameDescriptor piece, out _) && piece.Packetized)
            pictures.Handle(held.Sequence, held.Timestamp, new VideoPacket(piece.Start, piece.End, Repaired: held.IsRepaired), opened, now);
        else
            Counters.Malformed++;
    }

    // All of a source is one sender's and for one thing, by what was opened and not by what the node says: who is shown is who sent. The leaf of a room changes
    // when it joins anew, so with an epoch; then a new stream begins in the same place, and what waited is not shown as somebody else's.
    private RemoteStream? StreamOf(RemoteStream stream, KeyId sender)
    {
        if (stream.Sender is not { } known)
        {
            stream.Sender = sender;
            return stream;
        }

        // Epochs are counted modulo 256.
        bool isNewer = (sbyte)(sender.Epoch - known.Epoch) > 0;
        bool isSame = (sender.Leaf, sender.Context) == (known.Leaf, known.Context);
        if (!isSame && (!isNewer || sender.Context != known.Context))
        {
            Counters.OtherSender++;
            return null;
        }

        if (isNewer && !isSame)
        {
            stream = NewStream(stream.Ssrc, stream.IsVideo, stream.LastHeard);
            _streams[stream.Ssrc.Value] = stream;
        }

        if (isNewer)
            stream.Sender = sender;
        return stream;
    }

    // The pieces one behind the other, without their descriptors: sealed (T=0) or opened (T=1), but all alike.
    private bool TryAssemble(VideoJitterBuffer pictures, in VideoFrame picture, out int length, out bool isOpened)
    {
        length = 0;
        isOpened = false;
        for (int i = 0; i < picture.Packets; i++)
        {
            bool fits = SFrameDescriptor.TryRead(pictures.PayloadOf(picture, i), out SFrameDescriptor descriptor, out ReadOnlySpan<byte> piece);
            if (i == 0)
                isOpened = descriptor.Packetized;
            if (!fits || descriptor.Packetized != isOpened || length + piece.Length > _sealed.Length)
            {
                Counters.Malformed++;
                pictures.HandleOutcome(picture, decodable: false);
                return false;
            }

            piece.CopyTo(_sealed.AsSpan(length));
            length += piece.Length;
        }

        return true;
    }

    private bool TryOpen(RemoteStream stream, VideoFrame picture, ReadOnlySpan<byte> ciphertext, Instant now, out ReceivedFrame frame)
    {
        OpenOutcome outcome = _opener.Open(ciphertext, [], _opened, out SFrameHeader header, out int length);
        frame = new ReceivedFrame { Stream = stream, Sender = header.KeyId, Data = _opened.AsSpan(0, length), Frame = picture };
        if (outcome == OpenOutcome.Opened && StreamOf(stream, header.KeyId) == stream)
        {
            HandleShown(stream, picture.Timestamp, now);
            return true;
        }

        bool waits = outcome == OpenOutcome.KeyAhead
            && _waiting.TryKeep(stream.Ssrc.Value, header.KeyId, ciphertext, [], new Held(picture, default, picture.Timestamp, IsRepaired: false), now);
        if (!waits)
            stream.Pictures!.HandleOutcome(picture, decodable: false);
        return false;
    }

    private bool TryTakeWaiting(Instant now, out ReceivedFrame frame)
    {
        frame = default;
        while (_waiting.TryTake(_keys, out WaitingFrame<Held> waiting))
        {
            if (!_streams.TryGetValue(waiting.Stream, out RemoteStream? stream))
                continue;
            if (waiting.Info.Picture.Packets == 0)
                HandleWhole(stream, waiting.Info, waiting.Frame, now);
            else if (TryOpen(stream, waiting.Info.Picture, waiting.Frame, now, out frame))
                return true;
        }

        _takesWaiting = false;
        return false;
    }

    private RemoteStream? FindStream(Ssrc ssrc, bool isVideo, Instant now)
    {
        if (!_streams.TryGetValue(ssrc.Value, out RemoteStream? stream))
            return AddStream(ssrc, isVideo, now);

        return stream.IsVideo == isVideo ? stream : null;
    }

    // Apart from the search, which each packet makes: what the queries below capture is allocated wherever a method begins.
    private RemoteStream? AddStream(Ssrc ssrc, bool isVideo, Instant now)
    {
        int places = isVideo ? _settings.VideoStreams : _settings.Voices;
        if (_streams.Values.Count(stream => stream.IsVideo == isVideo) >= places)
        {
            RemoteStream silent = _streams.Values.Where(stream => stream.IsVideo == isVideo).MinBy(stream => stream.LastHeard)!;
            if (now - silent.LastHeard < _settings.StreamIdle)
                return null;

            _streams.Remove(silent.Ssrc.Value);
        }

        RemoteStream added = NewStream(ssrc, isVideo, now);
        _streams.Add(ssrc.Value, added);
        return added;
    }

    private RemoteStream NewStream(Ssrc ssrc, bool isVideo, Instant now)
    {
        var added = new RemoteStream(ssrc, isVideo, _plan.IsStream, _settings) { LastHeard = now };
        if (RoundTrip is { } roundTrip)
            added.HandleRoundTrip(roundTrip);
        return added;
    }
}
