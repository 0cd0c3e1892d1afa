using System.Buffers.Binary;
using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>Whether a leg really is at the address that its packets show: anyone can write a victim's address into a datagram, and a room with keys into authentic ones.</summary>
/// <remarks>
/// The address is asked: it gets a number that nobody can guess, and an authentic packet that comes from there brings it back (as return routability in
/// QUIC, RFC 9000 section 8.2). Until then it gets nothing else. One address at a time is asked, and few times a second.
/// </remarks>
internal sealed class AddressProof
{
    private static readonly TimeSpan s_pace = TimeSpan.FromMilliseconds(200);

    private Flow? _asked;
    private uint _question;
    private Instant _nextAsking;

    /// <summary>What to ask the other end of <paramref name="flow"/> now.</summary>
    /// <returns><see langword="false"/> when something was asked a moment ago.</returns>
    public bool TryAsk(in Flow flow, IRandom random, Instant now, out uint question)
    {
        question = 0;
        if (now < _nextAsking)
            return false;

        // The same address keeps its question: an answer may take longer than the next asking.
        _nextAsking = now + s_pace;
        if (_asked != flow)
            (_asked, _question) = (flow, Draw(random));
        question = _question;
        return true;
    }

    /// <summary>Takes an answer that came over <paramref name="flow"/> in an authentic packet.</summary>
    /// <returns>Whether it shows that what was sent there arrived. Right or wrong, a question is answered once: nobody tries all numbers.</returns>
    public bool TryAnswer(in Flow flow, uint answer)
    {
        if (_asked != flow)
            return false;

        _asked = null;
        return answer == _question;
    }

    // 0 would say that nothing was asked (RFC 3550 section 6.4.1, LSR).
    private static uint Draw(IRandom random)
    {
        Span<byte> bytes = stackalloc byte[4];
        random.Fill(bytes);
        return Math.Max(BinaryPrimitives.ReadUInt32BigEndian(bytes), 1);
    }
}
