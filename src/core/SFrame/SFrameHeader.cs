using System.Numerics;
using RoomAgent.Wire;

namespace RoomAgent.SFrame;

/// <summary>The header of a sealed frame (RFC 9605 section 4.3): which key, and how many frames came before under it.</summary>
/// <remarks>
/// <code>
///  0 1 2 3 4 5 6 7
/// +-+-----+-+-----+-------------+-------------+
/// |X|  K  |Y|  C  |  KID, 0..8  |  CTR, 0..8  |
/// +-+-----+-+-----+-------------+-------------+
/// </code>
/// With X (Y) clear, K (C) is the KID (CTR) itself, 0 to 7. With it set, K (C) is one less than its length in bytes.
/// </remarks>
/// <param name="KeyId">The KID.</param>
/// <param name="Counter">The CTR.</param>
public readonly record struct SFrameHeader(KeyId KeyId, ulong Counter)
{
    /// <summary>Bytes of the longest header.</summary>
    public const int LargestLength = 17;

    private const byte Extended = 0x08;
    private const ulong LargestInline = 7;

    /// <summary>Bytes of the encoding, 1 to <see cref="LargestLength"/>.</summary>
    public int Length => 1 + BytesBehind(KeyId.Value) + BytesBehind(Counter);

    /// <summary>Reads the header at the start of <paramref name="frame"/>.</summary>
    /// <remarks>
    /// Section 4.3 demands the shortest form of whoever sends and does not say what a receiver does with a longer one.
    /// It is refused here: no right sender makes it, and so each pair of numbers has one encoding.
    /// </remarks>
    /// <returns><see langword="false"/> when it is cut off or not the shortest form.</returns>
    public static bool TryRead(ReadOnlySpan<byte> frame, out SFrameHeader header)
    {
        var reader = new WireReader(frame);
        byte config = reader.ReadUInt8();
        ulong keyId = ReadNumber(ref reader, config >> 4);
        ulong counter = ReadNumber(ref reader, config & 0x0f);

        header = reader.Failed ? default : new(new KeyId(keyId), counter);
        return !reader.Failed;
    }

    /// <summary>Writes the header, in the shortest form, at the start of <paramref name="frame"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="frame"/> is shorter than <see cref="Length"/>.</exception>
    public void Write(Span<byte> frame)
    {
        if (frame.Length < Length)
            throw new ArgumentException($"The header needs {Length} bytes.", nameof(frame));

        int keyBytes = BytesBehind(KeyId.Value);
        int counterBytes = BytesBehind(Counter);
        frame[0] = (byte)((Field(KeyId.Value, keyBytes) << 4) | Field(Counter, counterBytes));
        WriteNumber(frame.Slice(1, keyBytes), KeyId.Value);
        WriteNumber(frame.Slice(1 + keyBytes, counterBytes), Counter);
    }

    private static int BytesBehind(ulong value) => value <= LargestInline ? 0 : (71 - BitOperations.LeadingZeroCount(value)) / 8;

    private static int Field(ulong value, int bytes) => bytes == 0 ? (int)value : Extended | (bytes - 1);

    private static void WriteNumber(Span<byte> field, ulong value)
    {
        for (int i = field.Length - 1; i >= 0; i--)
        {
            field[i] = (byte)value;
            value >>= 8;
        }
    }

    private static ulong ReadNumber(ref WireReader reader, int field)
    {
        if ((field & Extended) == 0)
            return (ulong)field;

        ReadOnlySpan<byte> bytes = reader.ReadBytes((field & 7) + 1);
        ulong value = 0;
        foreach (byte next in bytes)
            value = (value << 8) | next;

        if (BytesBehind(value) != bytes.Length)
            reader.Fail();
        return value;
    }
}
