using System.Buffers.Binary;

namespace RoomAgent.Rtp;

/// <summary>How loud the sound of a packet is (RFC 6464). It travels in the clear between rooms and media node, which finds the speaker by it.</summary>
/// <remarks>
/// <code>
/// |V|    level    |
/// </code>
/// </remarks>
/// <param name="Level">0 to 127: so many decibels below the loudest, 127 being silence (-dBov).</param>
/// <param name="Voice">Whether the sender takes it for a voice.</param>
public readonly record struct AudioLevel(byte Level, bool Voice)
{
    /// <summary>The name by which SDP knows the extension.</summary>
    public const string Uri = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";

    /// <summary>Bytes of the value.</summary>
    public const int Length = 1;

    /// <summary>Reads the value of an element.</summary>
    /// <returns><see langword="false"/> when it is not 1 byte long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out AudioLevel level)
    {
        level = default;
        if (value.Length != Length)
            return false;

        level = new AudioLevel((byte)(value[0] & 0x7f), (value[0] & 0x80) != 0);
        return true;
    }

    /// <summary>Writes the value of an element; a level above 127 is written as 127.</summary>
    /// <returns><see cref="Length"/>.</returns>
    public int Write(Span<byte> value)
    {
        value[0] = (byte)((Voice ? 0x80 : 0) | Math.Min(Level, (byte)127));
        return Length;
    }
}

/// <summary>When the first sample of a packet was captured, on the clock of who captured it (the abs-capture-time extension of WebRTC).</summary>
/// <remarks>
/// <code>
/// |            absolute capture timestamp, NTP, 64 bits           |
/// |   estimated capture clock offset, signed, units of 2^-32 s    |   may be missing
/// </code>
/// </remarks>
/// <param name="Captured">The moment, on the capturer's clock.</param>
/// <param name="ClockOffset">
/// What the sender of the packet, when it is another than the capturer, adds to its own clock to get the capturer's: units of 2^-32 s. <see langword="null"/> when not said.
/// </param>
public readonly record struct AbsCaptureTime(NtpTime Captured, long? ClockOffset)
{
    /// <summary>The name by which SDP knows the extension.</summary>
    public const string Uri = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

    /// <summary>Bytes of the value without the offset.</summary>
    public const int ShortLength = 8;

    /// <summary>Bytes of the value with the offset.</summary>
    public const int LongLength = 16;

    /// <summary>Reads the value of an element.</summary>
    /// <returns><see langword="false"/> when it is neither 8 nor 16 bytes long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out AbsCaptureTime time)
    {
        time = default;
        if (value.Length is not (ShortLength or LongLength))
            return false;

        var captured = new NtpTime(BinaryPrimitives.ReadUInt64BigEndian(value));
        time = new AbsCaptureTime(captured, value.Length == LongLength ? BinaryPrimitives.ReadInt64BigEndian(value[ShortLength..]) : null);
        return true;
    }

    /// <summary>Writes the value of an element.</summary>
    /// <param name="value">At least <see cref="LongLength"/> bytes, or <see cref="ShortLength"/> without an offset.</param>
    /// <returns>Bytes written: <see cref="LongLength"/> or <see cref="ShortLength"/>.</returns>
    public int Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(value, Captured.Value);
        if (ClockOffset is not { } offset)
            return ShortLength;

        BinaryPrimitives.WriteInt64BigEndian(value[ShortLength..], offset);
        return LongLength;
    }
}

/// <summary>The number of a packet among all packets of a transport (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2).</summary>
/// <remarks>
/// <code>
/// |    transport-wide sequence number     |   16 bits
/// </code>
/// </remarks>
/// <param name="Number">Counts every packet of every stream, and wraps around.</param>
public readonly record struct TransportSequence(SequenceNumber Number)
{
    /// <summary>The name by which SDP knows the extension.</summary>
    public const string Uri = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

    /// <summary>Bytes of the value.</summary>
    public const int Length = 2;

    /// <summary>Reads the value of an element.</summary>
    /// <returns><see langword="false"/> when it is not 2 bytes long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out TransportSequence sequence)
    {
        sequence = default;
        if (value.Length != Length)
            return false;

        sequence = new TransportSequence(new SequenceNumber(BinaryPrimitives.ReadUInt16BigEndian(value)));
        return true;
    }

    /// <summary>Writes the value of an element.</summary>
    /// <returns><see cref="Length"/>.</returns>
    public int Write(Span<byte> value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(value, Number.Value);
        return Length;
    }
}
