using RoomAgent.Wire;

namespace RoomAgent.Rtp.Jitter;

/// <summary>What became of a request for a packet.</summary>
public enum RetransmissionAnswer
{
    /// <summary>Here it is.</summary>
    Found,

    /// <summary>It was never here, or others have taken its place.</summary>
    Unknown,

    /// <summary>It is older than anybody can use.</summary>
    TooOld,

    /// <summary>It was sent again less than a round trip ago: that one may still be on its way.</summary>
    TooSoon,

    /// <summary>So much was sent again of late that it would crowd out the stream.</summary>
    TooMuch,
}

/// <summary>The limits of a <see cref="RetransmissionBuffer"/>.</summary>
public sealed record RetransmissionSettings
{
    /// <summary>How many packets are kept at most: a power of two up to 32,768.</summary>
    public int Packets { get; init; } = 1_024;

    /// <summary>How many bytes are kept at most; the default holds a second of 4 Mbit/s.</summary>
    public int Bytes { get; init; } = 512 * 1_024;

    /// <summary>How long a packet is kept.</summary>
    public TimeSpan LongestAge { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bit/s that may be sent again on average; half a second of it at once.</summary>
    public int BitRate { get; init; } = 1_000_000;
}

/// <summary>Remembers the packets of one stream that were sent lately, so that a receiver may ask for them again (RFC 4585, RFC 4588).</summary>
/// <remarks>The memory is taken at the start and never grows; new packets take the place of the oldest.</remarks>
public sealed class RetransmissionBuffer
{
    private readonly RetransmissionSettings _settings;
    private readonly byte[] _bytes;
    private readonly Slot[] _slots;
    private long _written;
    private double _tokens;
    private Instant _refilledAt;
    private bool _refilled;

    /// <summary>Takes all the memory it will ever have.</summary>
    /// <exception cref="ArgumentException">The number of packets is no power of two up to 32,768.</exception>
    public RetransmissionBuffer(RetransmissionSettings? settings = null)
    {
        _settings = settings ?? new RetransmissionSettings();
        if (!int.IsPow2(_settings.Packets) || _settings.Packets > 32_768)
            throw new ArgumentException("The number of packets must be a power of two up to 32,768.", nameof(settings));

        _bytes = new byte[_settings.Bytes];
        _slots = new Slot[_settings.Packets];
    }

    /// <summary>Packets sent again.</summary>
    public long Resent { get; private set; }

    /// <summary>Requests that were not answered, for whatever reason.</summary>
    public long Refused { get; private set; }

    /// <summary>Remembers a packet that is being sent.</summary>
    /// <param name="sequence">Its number.</param>
    /// <param name="packet">Header, extensions and payload before SRTP: a hop encrypts a packet that it sends again anew.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">The packet is larger than all the memory.</exception>
    public void Add(SequenceNumber sequence, ReadOnlySpan<byte> packet, Instant now)
    {
        if (packet.Length > _bytes.Length)
            throw new ArgumentException("The packet is larger than all the memory.", nameof(packet));

        // A packet lies in one piece: what is left before the end of the memory stays unused.
        int offset = (int)(_written % _bytes.Length);
        if (offset + packet.Length > _bytes.Length)
            _written += _bytes.Length - offset;

        _slots[SlotOf(sequence)] = new Slot { Used = true, Sequence = sequence, Position = _written, Length = packet.Length, SentAt = now };
        packet.CopyTo(_bytes.AsSpan((int)(_written % _bytes.Length)));
        _written += packet.Length;
    }

    /// <summary>Finds a packet that shall be sent again, and takes it as sent.</summary>
    /// <param name="sequence">The number asked for.</param>
    /// <param name="roundTrip">The round-trip time to the one who asks: not again within it.</param>
    /// <param name="now">The time.</param>
    /// <param name="packet">The bytes given to <see cref="Add"/>, valid until the next of them.</param>
    public RetransmissionAnswer Find(SequenceNumber sequence, TimeSpan roundTrip, Instant now, out ReadOnlySpan<byte> packet)
    {
        RetransmissionAnswer answer = Judge(sequence, roundTrip, now);
        packet = default;
        if (answer != RetransmissionAnswer.Found)
        {
            Refused++;
            return answer;
        }

        ref Slot slot = ref _slots[SlotOf(sequence)];
        slot.Resent = true;
        slot.SentAgainAt = now;
        _tokens -= slot.Length;
        Resent++;
        packet = _bytes.AsSpan((int)(slot.Position % _bytes.Length), slot.Length);
        return RetransmissionAnswer.Found;
    }

    private RetransmissionAnswer Judge(SequenceNumber sequence, TimeSpan roundTrip, Instant now)
    {
        ref readonly Slot slot = ref _slots[SlotOf(sequence)];
        bool overwritten = _written - slot.Position > _bytes.Length;
        if (!slot.Used || slot.Sequence != sequence || overwritten)
            return RetransmissionAnswer.Unknown;
        if (now - slot.SentAt > _settings.LongestAge)
            return RetransmissionAnswer.TooOld;
        if (slot.Resent && now - slot.SentAgainAt < roundTrip)
            return RetransmissionAnswer.TooSoon;

        Refill(now);
        return _tokens < slot.Length ? RetransmissionAnswer.TooMuch : RetransmissionAnswer.Found;
    }

    private void Refill(Instant now)
    {
        double most = _settings.BitRate / 8.0 / 2;
        double since = _refilled ? (now - _refilledAt).TotalSeconds : 1;
        _tokens = Math.Min(most, _tokens + (Math.Max(0, since) * _settings.BitRate / 8));
        _refilled = true;
        _refilledAt = now;
    }

    private int SlotOf(SequenceNumber sequence) => sequence.Value & (_slots.Length - 1);

    private struct Slot
    {
        public bool Used;
        public bool Resent;
        public SequenceNumber Sequence;
        public long Position;
        public int Length;
        public Instant SentAt;
        public Instant SentAgainAt;
    }
}
