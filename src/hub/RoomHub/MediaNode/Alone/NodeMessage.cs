using System.Buffers.Binary;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>
/// What a hub and a media node that runs alone say to each other: one message in each binary frame of a WebSocket (RFC 6455).
/// </summary>
/// <remarks>
/// <code>
/// struct {
///   uint8 kind;
///   select (kind) {
///     hub to node
///     case offer(1):    uint32 call; opaque leg[16]; opaque conference[16]; opaque sdp[rest];
///     case renew(2):    uint32 call; opaque leg[16];
///     case revoke(3):   uint32 call; opaque leg[16];
///     node to hub
///     case hello(17):   uint8 version;                         1; the first message
///                       uint32 lease;                          milliseconds
///     case load(18):    uint32 legs, most_legs, connections, busy;   busy in 1/10000
///                       uint64 received, forwarded, not_sent;        once a second
///     case answer(19):  uint32 call; uint8 is_answer; opaque text[rest];   SDP, or why not
///     case renewed(20): uint32 call; uint8 renewal;
///     case revoked(21): uint32 call; uint8 was_there;
///   };
/// }
/// </code>
/// Offers and answers hold keys: whoever has such a frame zeroes it.
/// </remarks>
internal static class NodeMessage
{
    public const byte Version = 1;

    /// <summary>The longest message, in bytes: an offer of the longest description, and what stands before it.</summary>
    public const int MaxLength = (64 * 1024) + OfferHeader;

    public const byte Offer = 1, Renew = 2, Revoke = 3;

    public const byte Hello = 17, Load = 18, Answer = 19, Renewed = 20, Revoked = 21;

    private const int GuidLength = 16, CallHeader = 5, OfferHeader = CallHeader + (2 * GuidLength);

    public static byte[] OfOffer(uint call, LegId leg, ConferenceId conference, ReadOnlySpan<byte> sdp)
    {
        byte[] message = OfCall(Offer, call, OfferHeader + sdp.Length);
        leg.Value.TryWriteBytes(message.AsSpan(CallHeader), bigEndian: true, out _);
        conference.Value.TryWriteBytes(message.AsSpan(CallHeader + GuidLength), bigEndian: true, out _);
        sdp.CopyTo(message.AsSpan(OfferHeader));
        return message;
    }

    /// <summary>A call about a leg: <see cref="Renew"/> or <see cref="Revoke"/>.</summary>
    public static byte[] OfLeg(byte kind, uint call, LegId leg)
    {
        byte[] message = OfCall(kind, call, CallHeader + GuidLength);
        leg.Value.TryWriteBytes(message.AsSpan(CallHeader), bigEndian: true, out _);
        return message;
    }

    public static byte[] OfHello(TimeSpan lease)
    {
        byte[] message = [Hello, Version, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(2), (uint)lease.TotalMilliseconds);
        return message;
    }

    public static byte[] OfLoad(NodeLoad load)
    {
        byte[] message = new byte[1 + (4 * 4) + (3 * 8)];
        message[0] = Load;
        Span<byte> rest = message.AsSpan(1);
        foreach (uint number in (ReadOnlySpan<uint>)[(uint)load.Legs, (uint)load.MostLegs, (uint)load.Connections, (uint)(Math.Clamp(load.Busy, 0, 1) * 10_000)])
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, number);
            rest = rest[4..];
        }

        foreach (long number in (ReadOnlySpan<long>)[load.Loops.Sum(loop => loop.Received), load.Loops.Sum(loop => loop.Forwarded), load.Loops.Sum(loop => loop.NotSent)])
        {
            BinaryPrimitives.WriteInt64BigEndian(rest, number);
            rest = rest[8..];
        }

        return message;
    }

    /// <summary>The end of a call: its kind, one number, and in an <see cref="Answer"/> a text.</summary>
    public static byte[] OfResult(byte kind, uint call, byte value, ReadOnlySpan<byte> text = default)
    {
        byte[] message = OfCall(kind, call, CallHeader + 1 + text.Length);
        message[CallHeader] = value;
        text.CopyTo(message.AsSpan(CallHeader + 1));
        return message;
    }

    /// <summary>Reads a call of a hub; <paramref name="sdp"/> is a part of the message.</summary>
    /// <returns><see langword="false"/> for anything else.</returns>
    public static bool TryReadCall(ReadOnlyMemory<byte> message, out byte kind, out uint call, out LegId leg, out ConferenceId conference, out ReadOnlyMemory<byte> sdp)
    {
        (kind, call, leg, conference, sdp) = (0, 0, default, default, default);
        ReadOnlySpan<byte> bytes = message.Span;
        if (bytes.Length < CallHeader + GuidLength)
            return false;

        kind = bytes[0];
        bool isRight = kind == Offer ? bytes.Length >= OfferHeader : kind is Renew or Revoke && bytes.Length == CallHeader + GuidLength;
        if (!isRight)
            return false;

        call = BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        leg = new LegId(new Guid(bytes.Slice(CallHeader, GuidLength), bigEndian: true));
        if (kind == Offer)
        {
            conference = new ConferenceId(new Guid(bytes.Slice(CallHeader + GuidLength, GuidLength), bigEndian: true));
            sdp = message[OfferHeader..];
        }

        return true;
    }

    /// <summary>Reads a node's first message: how long its legs live.</summary>
    public static TimeSpan? ReadHello(ReadOnlySpan<byte> message)
    {
        if (message.Length != 6 || message[0] != Hello || message[1] != Version)
            return null;

        uint lease = BinaryPrimitives.ReadUInt32BigEndian(message[2..]);
        return lease is >= 1_000 and <= 600_000 ? TimeSpan.FromMilliseconds(lease) : null;
    }

    /// <summary>Reads a node's load.</summary>
    public static NodeLoad? ReadLoad(ReadOnlySpan<byte> message)
    {
        if (message.Length != 1 + (4 * 4) + (3 * 8) || message[0] != Load)
            return null;

        Span<long> numbers = stackalloc long[7];
        for (int i = 0; i < 4; i++)
            numbers[i] = BinaryPrimitives.ReadUInt32BigEndian(message[(1 + (4 * i))..]);
        for (int i = 0; i < 3; i++)
            numbers[4 + i] = BinaryPrimitives.ReadInt64BigEndian(message[(17 + (8 * i))..]);
        if (numbers[0] > int.MaxValue || numbers[1] > int.MaxValue || numbers[2] > int.MaxValue || numbers[3] > 10_000 || numbers[4..].ContainsAnyInRange(long.MinValue, -1))
            return null;

        return new NodeLoad((int)numbers[0], (int)numbers[1], (int)numbers[2], [new ShardLoad((int)numbers[0], numbers[3] / 10_000.0, numbers[4], numbers[5], numbers[6])]);
    }

    /// <summary>Reads the end of a call; <paramref name="text"/> is a part of the message.</summary>
    public static bool TryReadResult(ReadOnlySpan<byte> message, out byte kind, out uint call, out byte value, out ReadOnlySpan<byte> text)
    {
        (kind, call, value) = (0, 0, 0);
        text = default;
        if (message.Length < CallHeader + 1)
            return false;

        kind = message[0];
        byte highest = kind == Renewed ? (byte)Renewal.NeedsNewKeys : (byte)1;
        value = message[CallHeader];
        if (kind is not (Answer or Renewed or Revoked) || (kind != Answer && message.Length != CallHeader + 1) || value > highest)
            return false;

        call = BinaryPrimitives.ReadUInt32BigEndian(message[1..]);
        text = message[(CallHeader + 1)..];
        return true;
    }

    private static byte[] OfCall(byte kind, uint call, int length)
    {
        byte[] message = new byte[length];
        message[0] = kind;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), call);
        return message;
    }
}
