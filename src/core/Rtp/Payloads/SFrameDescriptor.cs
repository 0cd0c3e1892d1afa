namespace RoomAgent.Rtp;

/// <summary>The payload descriptor of SFrame: the first byte of the RTP payload (draft-ietf-avtcore-rtp-sframe-02 section 4).</summary>
/// <remarks>
/// <code>
///  0 1 2 3 4 5 6 7
/// +-+-+-+-+-+-+-+-+
/// |S|E|T| reserved|   and a piece of an SFrame ciphertext behind it
/// +-+-+-+-+-+-+-+-+
/// </code>
/// The reserved bits are sent as 0 and not looked at.
/// </remarks>
/// <param name="Start">S: the first piece of a ciphertext.</param>
/// <param name="End">E: the last piece of a ciphertext; the same packet may have both.</param>
/// <param name="Packetized">
/// T: whether the ciphertext holds one packet of the codec's own payload format (per-packet SFrame) or a whole encoded frame (per-frame SFrame). The same in all pieces.
/// </param>
public readonly record struct SFrameDescriptor(bool Start, bool End, bool Packetized)
{
    /// <summary>Bytes of the descriptor.</summary>
    public const int Length = 1;

    private const byte StartBit = 0x80;
    private const byte EndBit = 0x40;
    private const byte PacketizedBit = 0x20;

    /// <summary>Reads the descriptor of an RTP payload.</summary>
    /// <param name="payload">The payload, without RTP padding.</param>
    /// <param name="descriptor">What its first byte says.</param>
    /// <param name="piece">What follows: at least one byte.</param>
    /// <returns><see langword="false"/> when no piece follows.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SFrameDescriptor descriptor, out ReadOnlySpan<byte> piece)
    {
        descriptor = default;
        piece = default;
        if (payload.Length <= Length)
            return false;

        byte bits = payload[0];
        descriptor = new SFrameDescriptor((bits & StartBit) != 0, (bits & EndBit) != 0, (bits & PacketizedBit) != 0);
        piece = payload[Length..];
        return true;
    }

    /// <summary>The byte.</summary>
    public byte ToByte() => (byte)((Start ? StartBit : 0) | (End ? EndBit : 0) | (Packetized ? PacketizedBit : 0));
}
