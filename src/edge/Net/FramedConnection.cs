using System.Net.Sockets;
using System.Net.WebSockets;

namespace RoomAgent.Net;

/// <summary>A stream of bytes: TCP, or the messages of a WebSocket one behind the other.</summary>
internal interface IByteStream : IDisposable
{
    /// <summary>Waits for bytes; 0 when the other side has ended it.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Writes all bytes.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes);
}

/// <summary>Datagrams over a stream, both ways: what a transport of the agent and a connection of the media node share.</summary>
/// <remarks>Two loops, one each way. Disposing of the stream wakes both; neither allocates per datagram.</remarks>
internal sealed class FramedConnection(IByteStream stream, int largestDatagram, int queue, FramedConnection.Receiver receiver)
{
    private const int ReceiveBuffer = 8 * 1024;

    private readonly StreamFraming _framing = new(largestDatagram);
    private readonly FrameQueue _queue = new(queue);
    private int _reason;
    private long _sent;
    private long _received;
    private long _dropped;
    private long _lastReceived = Environment.TickCount64;

    /// <summary>Takes a datagram on the receiving loop.</summary>
    internal delegate void Receiver(ReadOnlySpan<byte> datagram);

    /// <summary>Why it ended; <see cref="CloseReason.None"/> while it lives.</summary>
    internal CloseReason Reason => (CloseReason)Volatile.Read(ref _reason);

    /// <summary>When bytes came last, in <see cref="Environment.TickCount64"/>.</summary>
    internal long LastReceived => Volatile.Read(ref _lastReceived);

    internal TransportCounters Counters => new(Volatile.Read(ref _sent), Volatile.Read(ref _received), Volatile.Read(ref _dropped), _framing.Oversized);

    /// <summary>Carries until it is closed, by whomever.</summary>
    internal async Task<CloseReason> RunAsync()
    {
        Task sending = SendQueueAsync();
        await ReceiveAsync().ConfigureAwait(false);
        await sending.ConfigureAwait(false);
        return Reason;
    }

    internal bool Send(ReadOnlySpan<byte> datagram)
    {
        bool taken = datagram.Length <= largestDatagram && _queue.TryAdd(datagram);
        Interlocked.Increment(ref taken ? ref _sent : ref _dropped);
        return taken;
    }

    /// <summary>Ends it; the first reason stays.</summary>
    internal void Close(CloseReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)CloseReason.None) != (int)CloseReason.None)
            return;

        _queue.Complete();
        stream.Dispose();
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ReceiveBuffer);
        try
        {
            while (await stream.ReceiveAsync(buffer).ConfigureAwait(false) is var count and > 0)
            {
                Volatile.Write(ref _lastReceived, Environment.TickCount64);
                Deliver(buffer.AsSpan(0, count));
            }

            Close(CloseReason.ByPeer);
        }
        catch (Exception e) when (IsBroken(e))
        {
            Close(CloseReason.Failed);
        }
        finally
        {
            Close(CloseReason.Failed);
        }
    }

    private void Deliver(ReadOnlySpan<byte> bytes)
    {
        while (_framing.TryRead(ref bytes, out ReadOnlySpan<byte> datagram))
        {
            Volatile.Write(ref _received, _received + 1);
            receiver(datagram);
        }
    }

    private async Task SendQueueAsync()
    {
        try
        {
            while (await _queue.WaitAsync().ConfigureAwait(false))
            {
                while (_queue.TryPeek(out ReadOnlyMemory<byte> bytes))
                {
                    await stream.SendAsync(bytes).ConfigureAwait(false);
                    _queue.Release(bytes.Length);
                }
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            Close(CloseReason.Failed);
        }
    }

    // What a stream says when the network or its own disposal has ended it.
    private static bool IsBroken(Exception e) =>
        e is SocketException or IOException or ObjectDisposedException or OperationCanceledException or WebSocketException;
}

/// <summary>The bytes of a TCP connection.</summary>
internal sealed class SocketStream(Socket socket) : IByteStream
{
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => socket.ReceiveAsync(buffer, SocketFlags.None);

    // Over TCP it may take only some of them.
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>The bytes of a WebSocket's binary messages; where one message ends and the next begins does not matter.</summary>
internal sealed class WebSocketStream(WebSocket socket, IDisposable? alongside = null) : IByteStream
{
    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer, CancellationToken.None).ConfigureAwait(false);
            if (result.MessageType != WebSocketMessageType.Binary)
                return 0;
            if (result.Count > 0)
                return result.Count;
        }
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes) => socket.SendAsync(bytes, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    public void Dispose()
    {
        socket.Abort();
        socket.Dispose();
        alongside?.Dispose();
    }
}
