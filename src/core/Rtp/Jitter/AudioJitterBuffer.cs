using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>What to play now.</summary>
public enum AudioPlayout
{
    /// <summary>Nothing is being said, or it is not yet time: silence or comfort noise, one frame long.</summary>
    Silence,

    /// <summary>The payload.</summary>
    Play,

    /// <summary>A frame is missing: one that the decoder makes up.</summary>
    Conceal,
}

/// <summary>How to stretch the sound, so that the delay comes to its target unheard.</summary>
public enum AudioStretch
{
    /// <summary>As it is.</summary>
    None,

    /// <summary>More is held than need be: play a little faster.</summary>
    Faster,

    /// <summary>Less is held than should be: play a little slower.</summary>
    Slower,
}

/// <summary>An answer of <see cref="AudioJitterBuffer.Pull"/>.</summary>
public readonly ref struct AudioFrame
{
    /// <summary>What to play.</summary>
    public AudioPlayout Playout { get; init; }

    /// <summary>How to play it.</summary>
    public AudioStretch Stretch { get; init; }

    /// <summary>The media time of the payload, when there is one.</summary>
    public RtpTimestamp Timestamp { get; init; }

    /// <summary>
    /// What came in the packet, valid until the next call of <see cref="AudioJitterBuffer.Handle"/>. Of a frame that is missing, what came in the packet right
    /// behind it, which may hold a coarse copy (in-band FEC, RFC 6716 section 2.1.7); nothing when that is missing too.
    /// </summary>
    public ReadOnlySpan<byte> Payload { get; init; }
}

/// <summary>Holds the packets of one audio stream, one frame each, and gives them to a player that asks whenever it needs a frame.</summary>
/// <remarks>
/// <para>
/// The player is the clock: it pulls a frame, plays it, and pulls the next. While packets follow each other without a gap they are given one for one;
/// that their delay is off the target is said by <see cref="AudioFrame.Stretch"/>. At a gap, be it silence or loss, the delay is set right for nothing:
/// the packet behind the gap is played when it is due, and what lies before is silent or concealed.
/// </para>
/// <para>A player that does not stretch is served as well: too long a delay is cut by dropping frames, too short a one mended by concealing.</para>
/// </remarks>
public sealed class AudioJitterBuffer
{
    private const int ConcealedInARow = 5;
    private const int LateInARow = 50;
    private static readonly long s_stretchBegins = TimeSpan.FromMilliseconds(15).Ticks;
    private static readonly long s_stretchEnds = TimeSpan.FromMilliseconds(5).Ticks;
    private static readonly long s_tooLong = TimeSpan.FromMilliseconds(150).Ticks;

    private readonly PacketRing _packets;
    private readonly PlayoutDelay _delay;
    private readonly long _frame;
    private SourceSequence _sequence = new(SourceSequence.LargestDropout);
    private JitterCounters _counters;

    // Playing: the packet before _next was played and _lastMedia is its time.
    private bool _begun;
    private bool _playing;
    private long _next;
    private long _lastMedia;
    private int _concealed;
    private int _lateInARow;
    private AudioStretch _stretch;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <param name="profile">The limits of the delay.</param>
    /// <param name="clockRate">Ticks of the media clock in a second.</param>
    /// <param name="frameDuration">How long one packet sounds.</param>
    /// <param name="packets">How many packets are held at most: a power of two. The default is 5 s of 20 ms each.</param>
    /// <param name="largestPayload">Bytes of a payload at most.</param>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public AudioJitterBuffer(DelayProfile profile, int clockRate = 48_000, TimeSpan? frameDuration = null, int packets = 256, int largestPayload = 1_500)
    {
        _packets = new PacketRing(packets, largestPayload);
        _delay = new PlayoutDelay(clockRate, profile);
        _frame = (frameDuration ?? TimeSpan.FromMilliseconds(20)).Ticks;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_frame, nameof(frameDuration));
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

    /// <summary>How long a packet shall be held that waited nowhere on its way.</summary>
    public TimeSpan TargetDelay => new(_delay.Hold);

    /// <summary>How long the packet played last was held, counted as for <see cref="TargetDelay"/>.</summary>
    public TimeSpan CurrentDelay { get; private set; }

    /// <summary>Packets held.</summary>
    public int Held => _packets.Count;

    /// <summary>Takes the round-trip time, which says how long a packet that is asked for again takes.</summary>
    public void HandleRoundTrip(TimeSpan roundTrip) => _delay.HandleRoundTrip(roundTrip);

    /// <summary>Takes a packet that has come.</summary>
    /// <param name="sequence">Its number; of a retransmission, the original one.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="payload">One frame, still sealed or opened: it is only kept.</param>
    /// <param name="now">The time.</param>
    /// <param name="repaired">Whether it is a retransmission; those say nothing about the network's delays.</param>
    /// <returns>Whether it is kept.</returns>
    public bool Handle(SequenceNumber sequence, RtpTimestamp timestamp, ReadOnlySpan<byte> payload, Instant now, bool repaired = false)
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

        if (!repaired)
            _delay.Observe(media, now);
        if (!MakeRoom(extended))
            return false;

        _packets.Store(new HeldPacket { Sequence = extended, Media = media, Arrival = now, Timestamp = timestamp, Repaired = repaired }, payload);
        return true;
    }

    /// <summary>The next frame, for a player that needs one now.</summary>
    /// <param name="now">When it will be played.</param>
    public AudioFrame Pull(Instant now)
    {
        long head = _packets.FirstHeld(_next, Math.Min(_sequence.Newest, _next + _packets.Capacity - 1));
        if (head < 0)
            return FillIn(_begun);

        // Without a silence in between, so many frames lie before it as numbers are missing, and each is made up.
        long missing = head - _next;
        bool follows = _playing && _packets[head].Media - _lastMedia <= (_frame * missing) + (_frame * 3 / 2);
        if (follows && missing > _concealed)
            return FillIn(missing: true, missing - _concealed == 1 ? _packets.PayloadOf(head) : []);

        bool due = now + new TimeSpan(_frame / 2) >= _delay.Due(_packets[head].Media, _packets[head].Arrival);
        return follows || due ? Play(SkipTooOld(head, now), now) : FillIn(_playing && missing > 0);
    }

    private AudioFrame Play(long sequence, Instant now)
    {
        ref readonly HeldPacket packet = ref _packets[sequence];
        _packets.Release(sequence);
        _counters.Played++;
        _begun = true;
        _playing = true;
        _concealed = 0;
        _next = sequence + 1;
        _lastMedia = packet.Media;

        long delay = _delay.DelayAt(now, packet.Media);
        CurrentDelay = new TimeSpan(delay);
        return new AudioFrame
        {
            Playout = AudioPlayout.Play,
            Stretch = _stretch = Stretch(delay - _delay.Hold),
            Timestamp = packet.Timestamp,
            Payload = _packets.PayloadOf(sequence),
        };
    }

    // What stands behind a silence or an end of the stream cannot be made up for ever.
    private AudioFrame FillIn(bool missing, ReadOnlySpan<byte> next = default)
    {
        if (!missing || _concealed == ConcealedInARow)
        {
            _playing = false;
            return default;
        }

        _concealed++;
        _counters.Concealed++;
        return new AudioFrame { Playout = AudioPlayout.Conceal, Payload = next };
    }

    // Once begun it goes on until the target is nearly reached, so that it does not flutter.
    private AudioStretch Stretch(long excess)
    {
        // Of a short delay a part must be left to act in.
        long tooMuch = _stretch == AudioStretch.Faster ? s_stretchEnds : s_stretchBegins;
        long tooLittle = _stretch == AudioStretch.Slower ? s_stretchEnds : Math.Min(s_stretchBegins, _delay.Hold / 3);
        return excess > tooMuch ? AudioStretch.Faster : excess < -tooLittle ? AudioStretch.Slower : AudioStretch.None;
    }

    private long SkipTooOld(long head, Instant now)
    {
        if (_begun)
            _counters.Lost += head - _next;
        if (_delay.DelayAt(now, _packets[head].Media) <= _delay.Hold + s_tooLong)
            return head;

        while (_packets.Holds(head + 1) && _delay.DelayAt(now, _packets[head].Media) > _delay.Hold + s_stretchEnds)
        {
            _packets.Release(head++);
            _counters.Dropped++;
        }

        return head;
    }

    private bool MakeRoom(long sequence)
    {
        if (!_begun && (_packets.Count == 0 || (sequence < _next && _sequence.Newest - sequence < _packets.Capacity)))
            _next = sequence;

        if (sequence < _next)
        {
            // A source that began anew with numbers a little lower would be late for ever.
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
        _playing = false;
        _concealed = 0;
        _lateInARow = 0;
        _stretch = AudioStretch.None;
    }
}
