using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>Holds the packets of one video stream and gives its frames whole, in order, when they are due.</summary>
/// <remarks>
/// <para>
/// Whether a sealed frame can be decoded is known only once it was opened. After a loss such frames are therefore given with
/// <see cref="VideoFrame.AfterLoss"/>, and <see cref="HandleOutcome"/> must be told what came of each. Until one of them can be decoded a key frame is asked for.
/// </para>
/// <para>A gap is waited for until the frame behind it is due and a repair could have come. Then all up to the next frame is given up.</para>
/// </remarks>
public sealed class VideoJitterBuffer
{
    private const int LateInARow = 200;
    private static readonly TimeSpan s_shortestRequest = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_longestRequest = TimeSpan.FromSeconds(2);

    private readonly PacketRing _packets;
    private readonly PlayoutDelay _delay;
    private SourceSequence _sequence = new(SourceSequence.LargestDropout);
    private JitterCounters _counters;

    private bool _begun;
    private long _next;
    private int _lateInARow;
    private Instant _playout = Instant.Never;

    // Broken: something that later frames build on is missing.
    // A frame from before the latest loss cannot mend it, and one from before the key frame that mended it breaks nothing any more.
    private bool _broken = true;
    private long _brokenBefore;
    private long _healedBy;
    private bool _keyFrameWanted;
    private bool _keyFrameAsked;
    private Instant _keyFrameAskedAt;
    private TimeSpan _requestInterval = s_shortestRequest;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <param name="profile">The limits of the delay.</param>
    /// <param name="clockRate">Ticks of the media clock in a second.</param>
    /// <param name="packets">How many packets are held at most: a power of two. The default is 2 s of 4 Mbit/s.</param>
    /// <param name="largestPayload">Bytes of a payload at most.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public VideoJitterBuffer(DelayProfile profile, int clockRate = 90_000, int packets = 1_024, int largestPayload = 1_500)
    {
        _packets = new PacketRing(packets, largestPayload);
        _delay = new PlayoutDelay(clockRate, profile);
    }

    /// <summary>The limits of the delay; to be changed when the call moves to another transport.</summary>
    public DelayProfile Profile
    {
        get => _delay.Profile;
        set => _delay.Profile = value;
    }

    /// <summary>What lip synchronisation adds to the delay.</summary>
    public TimeSpan SynchronisationDelay
    {
        get => new(_delay.Extra);
        set => _delay.Extra = Math.Max(0, value.Ticks);
    }

    /// <summary>What has been done.</summary>
    public JitterCounters Counters => _counters with { Adaptations = _delay.Adaptations };

    /// <summary>How long a frame shall be held that waited nowhere on its way.</summary>
    public TimeSpan TargetDelay => new(_delay.Hold);

    /// <summary>How long the frame given last was held, counted as for <see cref="TargetDelay"/>.</summary>
    public TimeSpan CurrentDelay { get; private set; }

    /// <summary>Packets held.</summary>
    public int Held => _packets.Count;

    /// <summary>When to poll again, once polling has given nothing.</summary>
    public Instant PollTimeout => Instant.Min(_playout, KeyFrameRequestAt);

    /// <summary>Takes the round-trip time, which says how long a packet that is asked for again takes.</summary>
    public void HandleRoundTrip(TimeSpan roundTrip)
    {
        _delay.HandleRoundTrip(roundTrip);
        _requestInterval = new TimeSpan(Math.Clamp(roundTrip.Ticks * 3 / 2, s_shortestRequest.Ticks, s_longestRequest.Ticks));
    }

    /// <summary>Takes a packet that has come.</summary>
    /// <param name="sequence">Its number; of a retransmission, the original one.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="packet">What it says about its frame.</param>
    /// <param name="payload">Its part of the frame.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it is kept.</returns>
    public bool Handle(SequenceNumber sequence, RtpTimestamp timestamp, VideoPacket packet, ReadOnlySpan<byte> payload, Instant now)
    {
        if (payload.Length > _packets.LargestPayload)
            return Refuse();

        long newest = _sequence.Newest;
        SequenceVerdict verdict = _sequence.Handle(sequence, out long extended);
        if (verdict == SequenceVerdict.Suspect)
            return Refuse();

        if (verdict == SequenceVerdict.Restarted)
            Reset();
        else if (newest >= 0 && extended > newest + 1)
            _delay.HandleGap();

        Placement placement = _delay.Place(timestamp, now, out long media);
        if (placement == Placement.Refused)
            return Refuse();
        if (placement == Placement.Jumped)
            Flush();

        if (_packets.Knows(extended))
        {
            _counters.Duplicates++;
            return false;
        }

        if (!MakeRoom(extended))
        {
            if (!packet.Repaired)
                _delay.Observe(media, now);
            return false;
        }

        _packets.Store(new HeldPacket
        {
            Sequence = extended, Media = media, Arrival = now, Timestamp = timestamp,
            Starts = packet.Starts, Ends = packet.Ends, KeyFrame = packet.KeyFrame, Repaired = packet.Repaired,
        }, payload);

        if (TryCompletedBy(extended, out VideoFrame frame) && !frame.Repaired)
            _delay.Observe(frame.Media, now);
        return true;
    }

    /// <summary>The next frame that is due. Poll again while there is one.</summary>
    public bool TryPoll(Instant now, out VideoFrame frame)
    {
        _playout = Instant.Never;
        frame = default;
        while (_packets.Count > 0)
        {
            if (!_packets.TryFrameAt(_next, out frame))
            {
                if (!TrySkip(now))
                    return false;

                continue;
            }

            if (!IsDue(frame, now))
                return false;

            Release(frame);
            if (_broken && frame.KeyFrame == false)
            {
                _counters.Dropped++;
                _keyFrameWanted = true;
                continue;
            }

            Give(ref frame, now);
            return true;
        }

        return false;
    }

    /// <summary>The payload of one packet of a frame that was polled, valid until the next call of <see cref="Handle"/>.</summary>
    /// <param name="frame">The frame polled last.</param>
    /// <param name="packet">0 up to <see cref="VideoFrame.Packets"/>.</param>
    public ReadOnlySpan<byte> PayloadOf(in VideoFrame frame, int packet)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(packet);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(packet, frame.Packets);

        return _packets.PayloadOf(frame.Start + packet);
    }

    /// <summary>Joins the payloads of a frame that was polled, before the next call of <see cref="Handle"/>.</summary>
    /// <param name="frame">The frame polled last.</param>
    /// <param name="destination">At least <see cref="VideoFrame.Length"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(in VideoFrame frame, Span<byte> destination)
    {
        for (int i = 0; i < frame.Packets; i++)
        {
            ReadOnlySpan<byte> payload = PayloadOf(frame, i);
            payload.CopyTo(destination);
            destination = destination[payload.Length..];
        }
    }

    /// <summary>Takes what came of a frame that was given out.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="decodable">Whether it was opened and decoded. A frame that was not breaks those that build on it: a key frame is asked for.</param>
    public void HandleOutcome(in VideoFrame frame, bool decodable)
    {
        if (!decodable && frame.Start >= _healedBy)
        {
            _broken = true;
            _keyFrameWanted = true;
        }
        else if (decodable && frame.AfterLoss && frame.Start >= _brokenBefore)
        {
            Heal(frame);
        }
    }

    /// <summary>Whether to ask the sender for a key frame now (PLI, RFC 4585 section 6.3.1). It comes again until one has come.</summary>
    public bool TryPollKeyFrameRequest(Instant now)
    {
        if (now < KeyFrameRequestAt)
            return false;

        _keyFrameAsked = true;
        _keyFrameAskedAt = now;
        _counters.KeyFrameRequests++;
        return true;
    }

    private void Give(ref VideoFrame frame, Instant now)
    {
        _counters.Played++;
        CurrentDelay = new TimeSpan(_delay.DelayAt(now, frame.Media));
        frame = frame with { AfterLoss = _broken };
        if (frame.KeyFrame == true)
            Heal(frame);
    }

    private void Heal(in VideoFrame frame)
    {
        _healedBy = frame.Start;
        _broken = false;
        _keyFrameWanted = false;
        _keyFrameAsked = false;
    }

    private void Break()
    {
        _broken = true;
        _keyFrameWanted = true;
        _brokenBefore = _next;
    }

    private bool IsDue(in VideoFrame frame, Instant now) => HasCome(_delay.Due(frame.Media, frame.Arrival), now);

    private bool HasCome(Instant due, Instant now)
    {
        if (now >= due)
            return true;

        _playout = Instant.Min(_playout, due);
        return false;
    }

    // The frame at _next is not whole. Goes past it when there is something better behind it, or no hope.
    private bool TrySkip(Instant now)
    {
        long behind = FindBehindBreak();
        if (behind < 0)
            return false;

        for (long start = behind; start <= End; start++)
        {
            if (_packets[start].KeyFrame != true || !_packets.TryFrameAt(start, out VideoFrame frame) || !IsDue(frame, now))
                continue;

            PassOver(start);
            return true;
        }

        ref readonly HeldPacket first = ref _packets[behind];
        Instant due = _delay.Due(first.Media, first.Arrival);
        Instant repaired = first.Arrival + new TimeSpan(_delay.LongestRepairWait);
        if (!HasCome(due > repaired ? due : repaired, now))
            return false;

        PassOver(NextStart(behind));
        Break();
        return true;
    }

    // The first packet that has come behind what is missing, or that shows the frame to have no beginning or no end; -1 while all may still come.
    private long FindBehindBreak()
    {
        long sequence = _next;
        if (_packets.Holds(sequence) && !_packets[sequence].Starts)
            return sequence;

        RtpTimestamp timestamp = _packets[sequence].Timestamp;
        for (; sequence <= End && _packets.Holds(sequence); sequence++)
        {
            if (sequence > _next && !_packets.Continues(sequence, timestamp))
                return sequence;
        }

        return _packets.FirstHeld(sequence, End);
    }

    private long NextStart(long sequence)
    {
        while (sequence <= End && !(_packets.Holds(sequence) && _packets[sequence].Starts))
            sequence++;
        return sequence;
    }

    private void PassOver(long next)
    {
        while (_next < next)
        {
            if (_packets.TryFrameAt(_next, out VideoFrame frame))
            {
                _counters.Dropped++;
                Release(frame);
                continue;
            }

            _counters.Lost += _packets.Release(_next++) ? 0 : 1;
        }

        _begun = true;
    }

    private void Release(in VideoFrame frame)
    {
        _begun = true;
        for (_next = frame.Start; _next < frame.Start + frame.Packets; _next++)
            _packets.Release(_next);
    }

    private bool TryCompletedBy(long sequence, out VideoFrame frame)
    {
        frame = default;
        RtpTimestamp timestamp = _packets[sequence].Timestamp;
        if (!_packets[sequence].Ends && !_packets.Holds(sequence + 1))
            return false;

        long start = sequence;
        while (!_packets[start].Starts && start > _next && _packets.Holds(start - 1) && _packets[start - 1].Timestamp == timestamp)
            start--;
        return _packets.TryFrameAt(start, out frame) && start + frame.Packets > sequence;
    }

    private Instant KeyFrameRequestAt =>
        !_keyFrameWanted ? Instant.Never
        : _keyFrameAsked ? _keyFrameAskedAt + _requestInterval
        : new Instant(long.MinValue);

    private long End => Math.Min(_sequence.Newest, _next + _packets.Capacity - 1);

    private bool MakeRoom(long sequence)
    {
        bool before = !_begun && _sequence.Newest - sequence < _packets.Capacity;
        if (!_begun && (_packets.Count == 0 || (sequence < _next && before)))
            _next = sequence;

        if (sequence < _next)
        {
            _counters.Late++;
            if (++_lateInARow < LateInARow)
                return false;

            Flush();
        }

        _lateInARow = 0;
        if (sequence >= _next + _packets.Capacity)
            Flush();
        if (_packets.Count == 0 && !_begun)
            _next = sequence;

        return true;
    }

    private bool Refuse()
    {
        _counters.Refused++;
        return false;
    }

    private void Reset()
    {
        Flush();
        _delay.Restart();
    }

    private void Flush()
    {
        _counters.Resets++;
        _counters.Dropped += _packets.Count;
        _packets.Clear();
        _begun = false;
        _lateInARow = 0;
        _healedBy = 0;
        Break();
        _brokenBefore = 0;
    }
}
