namespace RoomAgent.Rtp;

/// <summary>A moment on the wall clock as RTP carries it: a 64-bit NTP timestamp (RFC 3550 section 4, RFC 5905 section 6).</summary>
/// <remarks>
/// <code>
/// |  seconds since 1 January 1900, modulo 2^32  |  fraction, units of 2^-32 s  |
/// </code>
/// The seconds wrap around on 7 February 2036. Read back, a number with the first bit set is before that day, and one without is behind it.
/// </remarks>
/// <param name="Value">Seconds in the upper 32 bits, the fraction in the lower ones.</param>
public readonly record struct NtpTime(ulong Value)
{
    private static readonly DateTimeOffset s_start = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The middle 32 bits, units of 1/65536 s: what a report block says of the last sender report (RFC 3550 section 6.4.1, LSR).</summary>
    public uint Middle => (uint)(Value >> 16);

    /// <summary>The timestamp of <paramref name="moment"/>. No moment of the years 1968 to 2104 loses anything on the way to and back.</summary>
    public static NtpTime Of(DateTimeOffset moment)
    {
        long ticks = (moment - s_start).Ticks;
        long seconds = Math.DivRem(ticks, TimeSpan.TicksPerSecond, out long rest);
        if (rest < 0)
        {
            seconds--;
            rest += TimeSpan.TicksPerSecond;
        }

        // Rounded up, because reading back rounds down.
        ulong fraction = (((ulong)rest << 32) + TimeSpan.TicksPerSecond - 1) / TimeSpan.TicksPerSecond;
        return new NtpTime(((ulong)(uint)seconds << 32) | fraction);
    }

    /// <summary>The moment <paramref name="span"/> later; a negative span goes back.</summary>
    public static NtpTime operator +(NtpTime start, TimeSpan span) => new(unchecked(start.Value + (ulong)(long)(((Int128)span.Ticks << 32) / TimeSpan.TicksPerSecond)));

    /// <summary>The moment, to 100 ns: of the years 1968 to 2104, of which only one can be meant.</summary>
    public DateTimeOffset ToDateTimeOffset()
    {
        long seconds = (long)(Value >> 32);
        if (seconds < 0x8000_0000)
            seconds += 0x1_0000_0000;

        ulong ticks = ((Value & 0xffff_ffff) * TimeSpan.TicksPerSecond) >> 32;
        return s_start.AddTicks((seconds * TimeSpan.TicksPerSecond) + (long)ticks);
    }
}
