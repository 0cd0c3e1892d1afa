using System.Threading.Channels;

namespace RoomAgent.Net;

/// <summary>Framed datagrams that wait for a stream: a ring of bytes that never grows. What does not fit is dropped whole.</summary>
internal sealed class FrameQueue(int capacity)
{
    // What is written at once: of more, a slow stream would give room back only seldom.
    private const int LargestPiece = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private byte[]? _ring;
    private int _first;
    private int _count;
    private bool _completed;

    /// <summary>Puts a datagram with its length behind the others.</summary>
    /// <returns><see langword="false"/> when it does not fit or nothing more is sent.</returns>
    internal bool TryAdd(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length is 0 or > ushort.MaxValue)
            return false;

        lock (_gate)
        {
            if (_completed || _count + StreamFraming.HeaderSize + datagram.Length > capacity)
                return false;

            // Whoever never sends needs no memory for it.
            _ring ??= GC.AllocateUninitializedArray<byte>(capacity);
            Append([(byte)(datagram.Length >> 8), (byte)datagram.Length]);
            Append(datagram);
        }

        _signal.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Waits until there is something; <see langword="false"/> when there will be nothing more.</summary>
    internal async ValueTask<bool> WaitAsync()
    {
        if (!await _signal.Reader.WaitToReadAsync().ConfigureAwait(false))
            return false;

        _signal.Reader.TryRead(out _);
        return true;
    }

    /// <summary>The next bytes to be written, which stay in the queue until <see cref="Release"/>.</summary>
    internal bool TryPeek(out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            bytes = _count == 0 ? default : _ring.AsMemory(_first, Math.Min(Math.Min(_count, capacity - _first), LargestPiece));
            return _count > 0 && !_completed;
        }
    }

    /// <summary>That many bytes are written.</summary>
    internal void Release(int count)
    {
        lock (_gate)
        {
            _first = (_first + count) % capacity;
            _count -= count;
        }
    }

    /// <summary>Takes and gives nothing more.</summary>
    internal void Complete()
    {
        lock (_gate)
            _completed = true;
        _signal.Writer.TryComplete();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        int at = (_first + _count) % capacity;
        int head = Math.Min(bytes.Length, capacity - at);
        bytes[..head].CopyTo(_ring.AsSpan(at));
        bytes[head..].CopyTo(_ring);
        _count += bytes.Length;
    }
}
