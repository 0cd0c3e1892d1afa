namespace RoomAgent.Wire;

/// <summary>The variable-size integer of RFC 9420 section 2.1.2, which has the first three forms of the QUIC integer.</summary>
/// <remarks>
/// <code>
/// 00xxxxxx                             0 to 63
/// 01xxxxxx xxxxxxxx                    64 to 16383
/// 10xxxxxx xxxxxxxx xxxxxxxx xxxxxxxx  16384 to 2^30 - 1
/// 11                                   refused
/// </code>
/// </remarks>
public static class Varint
{
    /// <summary>The largest number there is a form for: 2^30 - 1.</summary>
    public const int MaxValue = (1 << 30) - 1;

    /// <summary>Bytes of the longest form.</summary>
    public const int LargestSize = 4;

    /// <summary>Bytes of the shortest form of <paramref name="value"/>, the only one that may be sent: 1, 2 or 4.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative or larger than <see cref="MaxValue"/>.</exception>
    public static int SizeOf(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);

        return value switch
        {
            < 1 << 6 => 1,
            < 1 << 14 => 2,
            _ => 4,
        };
    }
}
