using System.Net.WebSockets;
using System.Threading.Channels;

namespace RoomAgent.Hub.Meetings;

/// <summary>Frames between two hubs, over a WebSocket that both have proven themselves on.</summary>
/// <remarks>Sending never waits: a hub that does not take what it is sent loses the link, and its clients enter anew.</remarks>
internal sealed class LinkSocket(WebSocket socket) : IDisposable
{
    /// <summary>The longest frame: the longest message with what stands before it.</summary>
    public const int Longest = RoomAgent.Meetings.Limits.Message + 4096;

    private const int MostWaiting = 65_536;
    private const long MostWaitingBytes = 128 << 20;

    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private byte[] _buffer = new byte[32 * 1024];
    private long _waitingBytes;

    /// <summary>Sends a frame; <see langword="false"/> when the link is over.</summary>
    public bool Send(byte[] frame)
    {
        if (Interlocked.Add(ref _waitingBytes, frame.Length) <= MostWaitingBytes && _outgoing.Writer.TryWrite(frame))
            return true;

        Abort();
        return false;
    }

    /// <summary>Reads a frame.</summary>
    /// <returns>What is valid until the next call; empty when the link is over, or the other side breaks the rules.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(_buffer.AsMemory(length), cancel);
            length += received.Count;
            if (received.MessageType != WebSocketMessageType.Binary)
                return default;
            if (received.EndOfMessage)
                return _buffer.AsMemory(0, length);
            if (length == Longest)
                return default;
            if (length == _buffer.Length)
                Array.Resize(ref _buffer, Math.Min(Longest, _buffer.Length * 2));
        }
    }

    /// <summary>Sends what is to be sent, until the link is over.</summary>
    public async Task SendAllAsync(CancellationToken cancel)
    {
        await foreach (byte[] frame in _outgoing.Reader.ReadAllAsync(cancel))
        {
            await socket.SendAsync(frame, WebSocketMessageType.Binary, WebSocketMessageFlags.EndOfMessage, cancel);
            Interlocked.Add(ref _waitingBytes, -frame.Length);
        }
    }

    /// <summary>Ends the link.</summary>
    public void Abort()
    {
        _outgoing.Writer.TryComplete();
        socket.Abort();
    }

    /// <summary>Ends the link.</summary>
    public void Dispose()
    {
        Abort();
        socket.Dispose();
    }
}
