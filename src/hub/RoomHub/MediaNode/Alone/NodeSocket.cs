using System.Net.WebSockets;
using System.Security.Cryptography;

namespace RoomAgent.Hub.MediaNode.Alone;

/// <summary>One WebSocket with whole messages, of which each is zeroed when it has been sent or seen.</summary>
internal sealed class NodeSocket(WebSocket socket) : IDisposable
{
    /// <summary>How the two notice that the other is gone, when the network does not say.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(2), Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly byte[] _buffer = new byte[NodeMessage.MaxLength + 1];

    /// <summary>Sends a message and zeroes it.</summary>
    /// <exception cref="WebSocketException">The other side is gone.</exception>
    /// <exception cref="OperationCanceledException">It took too long: the connection cannot be used any more.</exception>
    public async Task SendAsync(byte[] message, CancellationToken cancel)
    {
        try
        {
            await _oneAtATime.WaitAsync(cancel);
            try
            {
                await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancel);
            }
            finally
            {
                _oneAtATime.Release();
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
        }
    }

    /// <summary>Has each message seen by <paramref name="see"/>, one after another, until the other side ends or says what it must not.</summary>
    /// <param name="see">Sees a message, which it must not keep; <see langword="false"/> when nothing right begins like that.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns><see langword="true"/> when the other side closed in order.</returns>
    public async Task<bool> ReceiveAsync(Func<ReadOnlyMemory<byte>, ValueTask<bool>> see, CancellationToken cancel)
    {
        while (true)
        {
            int length = 0;
            try
            {
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancel);
                    length += part.Count;
                    if (part.MessageType == WebSocketMessageType.Close)
                        return true;
                    if (part.MessageType != WebSocketMessageType.Binary || length == _buffer.Length)
                        return false;
                }
                while (!part.EndOfMessage);

                if (!await see(_buffer.AsMemory(0, length)))
                    return false;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, length));
            }
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        socket.Abort();
        socket.Dispose();
        // Whoever still waits to send is woken by the abort, so the turn is not taken away.
    }
}
