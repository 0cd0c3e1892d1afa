using System.Buffers.Binary;

namespace RoomAgent.Net;

/// <summary>Datagrams on a stream of bytes (RFC 4571 section 2): each has its length in front, in 2 bytes. No sockets here.</summary>
/// <remarks>
/// <code>
/// |  length, 2 bytes  |  datagram  |  length, 2 bytes  |  datagram ...
/// </code>
/// The stream may be cut anywhere. An empty datagram is nothing; one that is longer than allowed is skipped and counted, without being kept.
/// Allocates nothing after its construction. One caller at a time.
/// </remarks>
/// <param name="largest">Bytes of the longest datagram that is given out: 1 to 65535.</param>
public sealed class StreamFraming(int largest)
{
    /// <summary>Bytes in front of each datagram.</summary>
    public const int HeaderSize = 2;

    private readonly byte[] _frame = new byte[HeaderSize + (largest is >= 1 and <= ushort.MaxValue ? largest : throw new ArgumentOutOfRangeException(nameof(largest)))];
    private int _held;
    private int _skip;

    /// <summary>Datagrams that were too long and skipped.</summary>
    public long Oversized { get; private set; }

    /// <summary>Takes from <paramref name="input"/> until a datagram is whole.</summary>
    /// <param name="input">What came; what was used is cut off its front. Call again until it gives nothing.</param>
    /// <param name="datagram">The datagram: a view of the input, or of memory that is valid until the next call.</param>
    /// <returns><see langword="false"/> when all input is used up and no datagram is whole.</returns>
    public bool TryRead(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> datagram)
    {
        while (!input.IsEmpty)
        {
            if (_skip > 0)
            {
                int skipped = Math.Min(_skip, input.Length);
                _skip -= skipped;
                input = input[skipped..];
                continue;
            }

            // Whole in the input: no copy.
            if (_held == 0 && input.Length >= HeaderSize && LengthOf(input) is var whole && whole <= largest && input.Length - HeaderSize >= whole)
            {
                datagram = input.Slice(HeaderSize, whole);
                input = input[(HeaderSize + whole)..];
                if (whole > 0)
                    return true;
                continue;
            }

            if (_held < HeaderSize && !Hold(ref input, HeaderSize))
                break;

            int length = LengthOf(_frame);
            if (length > largest)
            {
                Oversized++;
                _skip = length;
                _held = 0;
                continue;
            }

            if (!Hold(ref input, HeaderSize + length))
                break;

            _held = 0;
            if (length == 0)
                continue;

            datagram = _frame.AsSpan(HeaderSize, length);
            return true;
        }

        datagram = default;
        return false;
    }

    /// <summary>Writes a datagram with its length.</summary>
    /// <param name="stream">Room for <see cref="HeaderSize"/> bytes more than the datagram has.</param>
    /// <param name="datagram">1 to 65535 bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> stream, ReadOnlySpan<byte> datagram)
    {
        BinaryPrimitives.WriteUInt16BigEndian(stream, checked((ushort)datagram.Length));
        datagram.CopyTo(stream[HeaderSize..]);
        return HeaderSize + datagram.Length;
    }

    private bool Hold(ref ReadOnlySpan<byte> input, int wanted)
    {
        int taken = Math.Min(wanted - _held, input.Length);
        input[..taken].CopyTo(_frame.AsSpan(_held));
        input = input[taken..];
        _held += taken;
        return _held == wanted;
    }

    private static int LengthOf(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(bytes);
}
