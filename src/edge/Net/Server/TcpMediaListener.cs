using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Net;

/// <summary>Accepts media over TCP with the framing of RFC 4571, for the media node.</summary>
public sealed class TcpMediaListener : IAsyncDisposable
{
    private const int Backlog = 256;
    private static readonly TimeSpan s_restAfterError = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener;
    private readonly MediaConnections _connections;
    private readonly Task _accepting;
    private bool _disposed;

    private TcpMediaListener(Socket listener, MediaConnections connections)
    {
        _listener = listener;
        _connections = connections;
        Local = (IPEndPoint)listener.LocalEndPoint!;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Local { get; }

    /// <summary>Listens.</summary>
    /// <param name="local">Where; <see cref="IPAddress.IPv6Any"/> takes both families.</param>
    /// <param name="connections">Holds what comes; the caller disposes of it.</param>
    /// <exception cref="SocketException">The address is taken or not ours.</exception>
    public static TcpMediaListener Start(IPEndPoint local, MediaConnections connections)
    {
        var listener = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (local.Address.Equals(IPAddress.IPv6Any))
                listener.DualMode = true;
            listener.Bind(local);
            listener.Listen(Backlog);
            return new TcpMediaListener(listener, connections);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Accepts nothing more. Connections stay until their owner closes them.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _disposed, true);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
    }

    private async Task AcceptAsync()
    {
        while (!Volatile.Read(ref _disposed))
        {
            try
            {
                Socket socket = await _listener.AcceptAsync().ConfigureAwait(false);
                Take(socket);
            }
            catch (SocketException)
            {
                // Closed, or out of descriptors: then a rest, since accepting at once would only spin.
                if (!Volatile.Read(ref _disposed))
                    await Task.Delay(s_restAfterError).ConfigureAwait(false);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Take(Socket socket)
    {
        if (!TryPrepare(socket, out IPEndPoint? remote) || !_connections.TryEnter(remote.Address))
        {
            socket.Dispose();
            return;
        }

        // On its own: a stream that always has bytes would keep the next one waiting here.
        _ = Task.Run(() => _connections.RunAsync(new SocketStream(socket), remote, TransportKind.Tcp));
    }

    // Whoever has gone again already makes the socket's options fail.
    private bool TryPrepare(Socket socket, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPEndPoint? remote)
    {
        remote = null;
        try
        {
            socket.NoDelay = true;
            socket.SendBufferSize = _connections.Settings.SendBuffer;
            remote = socket.RemoteEndPoint as IPEndPoint;
            return remote is not null;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
