namespace RoomAgent.Stun;

/// <summary>What shares one path (RFC 7983 section 7).</summary>
public enum DatagramKind
{
    /// <summary>Nothing that is spoken here: dropped.</summary>
    Other,

    /// <summary>STUN: the first byte is 0 to 3.</summary>
    Stun,

    /// <summary>RTP or RTCP, sealed as SRTP or SRTCP: the first byte is 128 to 191.</summary>
    Media,
}

/// <summary>Tells the protocols on one path apart (RFC 7983 section 7).</summary>
public static class Demultiplexer
{
    /// <summary>What the first byte says that <paramref name="datagram"/> is. Its own parser has the last word.</summary>
    public static DatagramKind KindOf(ReadOnlySpan<byte> datagram)
    {
        if (datagram.IsEmpty)
            return DatagramKind.Other;

        return datagram[0] switch
        {
            <= 3 => DatagramKind.Stun,
            >= 128 and <= 191 => DatagramKind.Media,
            _ => DatagramKind.Other,
        };
    }
}
