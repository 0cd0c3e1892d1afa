namespace RoomAgent.Rtp;

/// <summary>
/// Cuts one SFrame ciphertext into RTP payloads of nearly the same size (draft-ietf-avtcore-rtp-sframe-02 section 5.1). Nothing is allocated.
/// </summary>
/// <remarks>
/// Per-frame SFrame (T = 0) gives a sealed frame, which becomes as many payloads as it needs. Per-packet SFrame (T = 1) gives one sealed packet at a time,
/// small enough for one payload when the codec's packetizer left room for the descriptor and for what sealing adds.
/// Payloads of one ciphertext differ by at most one byte, so that none of them is cheaper to lose than another and a bandwidth estimate is not fooled.
/// The payloads have consecutive sequence numbers and one timestamp. When the frame has the marker bit, only its last payload gets it.
/// </remarks>
public ref struct SFramePacketizer
{
    private readonly bool _packetized;
    private readonly int _size;
    private readonly int _longer;
    private ReadOnlySpan<byte> _rest;

    /// <summary>Cuts <paramref name="ciphertext"/>.</summary>
    /// <param name="ciphertext">What sealing gave: at least one byte.</param>
    /// <param name="largestPayload">
    /// Bytes of the largest RTP payload: what the path carries in a datagram, less RTP header, header extensions and SRTP tag. At least 2.
    /// </param>
    /// <param name="packetized">T: <see langword="false"/> for a whole frame.</param>
    /// <exception cref="ArgumentException">There is no ciphertext.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The payload has no room for a piece.</exception>
    public SFramePacketizer(ReadOnlySpan<byte> ciphertext, int largestPayload, bool packetized = false)
    {
        if (ciphertext.IsEmpty)
            throw new ArgumentException("A ciphertext is never empty.", nameof(ciphertext));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(largestPayload, SFrameDescriptor.Length);

        int room = largestPayload - SFrameDescriptor.Length;
        _packetized = packetized;
        _rest = ciphertext;
        Count = ((ciphertext.Length - 1) / room) + 1;
        (_size, _longer) = Math.DivRem(ciphertext.Length, Count);
    }

    /// <summary>Payloads in all.</summary>
    public int Count { get; }

    /// <summary>Payloads written so far.</summary>
    public int Written { get; private set; }

    /// <summary>Whether the payload written last has the end of the ciphertext, which is where the marker bit of a frame goes.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Writes the next payload.</summary>
    /// <param name="payload">Where it goes: the largest payload that was told, or more.</param>
    /// <param name="length">Bytes of the payload.</param>
    /// <returns><see langword="false"/> behind the last payload.</returns>
    /// <exception cref="ArgumentException"><paramref name="payload"/> is too short.</exception>
    public bool TryWriteNext(scoped Span<byte> payload, out int length)
    {
        length = 0;
        if (_rest.IsEmpty)
            return false;

        // The bytes that are left over by the division go to the first payloads, one each.
        int size = _size + (Written < _longer ? 1 : 0);
        if (payload.Length < SFrameDescriptor.Length + size)
            throw new ArgumentException("The payload does not fit.", nameof(payload));

        payload[0] = new SFrameDescriptor(Written == 0, size == _rest.Length, _packetized).ToByte();
        _rest[..size].CopyTo(payload[SFrameDescriptor.Length..]);
        _rest = _rest[size..];
        Written++;
        length = SFrameDescriptor.Length + size;
        return true;
    }
}
