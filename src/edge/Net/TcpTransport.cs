using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Net;

/// <summary>Media over TCP with the framing of RFC 4571 (requirement G05). Never through a proxy (G19).</summary>
public sealed class TcpTransport : IMediaTransport
{
    private readonly FramedConnection _connection;
    private readonly Task _run;

    private TcpTransport(Socket socket, TransportSettings settings, DatagramHandler received, ClosedHandler closed)
    {
        Local = socket.LocalEndPoint;
        Remote = socket.RemoteEndPoint;
        _connection = new FramedConnection(
            new SocketStream(socket), settings.LargestDatagram, settings.StreamQueue, datagram => received(this, datagram));
        _run = Task.Run(async () => closed(this, await _connection.RunAsync().ConfigureAwait(false)));
    }

    /// <summary>Opens a transport.</summary>
    /// <param name="host">Name or address of the node; the first address that answers is taken.</param>
    /// <param name="port">Its port.</param>
    /// <param name="settings">Buffers and mark.</param>
    /// <param name="received">Takes what comes.</param>
    /// <param name="closed">Learns of the end.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="TransportException">Nobody answers.</exception>
    public static async Task<TcpTransport> OpenAsync(
        string host, int port, TransportSettings settings, DatagramHandler received, ClosedHandler closed, CancellationToken cancel)
    {
        try
        {
            return new TcpTransport(await SocketOptions.ConnectAsync(host, port, settings, cancel).ConfigureAwait(false), settings, received, closed);
        }
        catch (SocketException e)
        {
            throw new TransportException("TCP has no way to the node.", e);
        }
    }

    /// <inheritdoc/>
    public TransportKind Kind => TransportKind.Tcp;

    /// <inheritdoc/>
    public EndPoint? Local { get; }

    /// <inheritdoc/>
    public EndPoint? Remote { get; }

    /// <inheritdoc/>
    public TransportCounters Counters => _connection.Counters;

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> datagram) => _connection.Send(datagram);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _connection.Close(CloseReason.ByOwner);
        await _run.ConfigureAwait(false);
    }
}
