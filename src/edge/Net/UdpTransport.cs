using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Net;

/// <summary>Media over UDP: a connected socket, so that the system refuses what comes from anywhere else.</summary>
public sealed class UdpTransport : IMediaTransport
{
    // An answer "port unreachable" is anybody's to forge and a restart's to cause: it ends nothing by itself. That many in a row do.
    private const int MostErrorsInARow = 16;

    private readonly Socket _socket;
    private readonly DatagramHandler _received;
    private readonly ClosedHandler _closed;
    private readonly int _largest;
    private readonly Task _loop;
    private int _disposed;
    private long _sent;
    private long _receivedCount;
    private long _dropped;
    private long _oversized;

    private UdpTransport(TransportKind kind, Socket socket, int largest, DatagramHandler received, ClosedHandler closed)
    {
        Kind = kind;
        Local = socket.LocalEndPoint;
        Remote = socket.RemoteEndPoint;
        _socket = socket;
        _largest = largest;
        _received = received;
        _closed = closed;
        _loop = Task.Run(ReceiveAsync);
    }

    /// <summary>Opens a transport.</summary>
    /// <param name="kind"><see cref="TransportKind.Udp"/> or <see cref="TransportKind.UdpAlternative"/>.</param>
    /// <param name="host">Name or address of the node, of either family; the first address that there is a route to is taken.</param>
    /// <param name="port">Its port.</param>
    /// <param name="settings">Buffers and mark.</param>
    /// <param name="received">Takes what comes.</param>
    /// <param name="closed">Learns of the end.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="TransportException">There is no such name or no route.</exception>
    public static async Task<UdpTransport> OpenAsync(
        TransportKind kind, string host, int port, TransportSettings settings, DatagramHandler received, ClosedHandler closed, CancellationToken cancel)
    {
        SocketException? last = null;
        try
        {
            foreach (IPAddress address in await Dns.GetHostAddressesAsync(host, cancel).ConfigureAwait(false))
            {
                var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
                try
                {
                    socket.ReceiveBufferSize = settings.UdpReceiveBuffer;
                    socket.SendBufferSize = settings.UdpSendBuffer;
                    socket.Blocking = false;
                    socket.Mark(settings.Dscp);
                    socket.Connect(new IPEndPoint(address, port));
                    return new UdpTransport(kind, socket, settings.LargestDatagram, received, closed);
                }
                catch (SocketException e)
                {
                    last = e;
                    socket.Dispose();
                }
            }
        }
        catch (SocketException e)
        {
            last = e;
        }

        throw new TransportException("UDP has no way to the node.", last ?? new SocketException((int)SocketError.HostNotFound));
    }

    /// <inheritdoc/>
    public TransportKind Kind { get; }

    /// <inheritdoc/>
    public EndPoint? Local { get; }

    /// <inheritdoc/>
    public EndPoint? Remote { get; }

    /// <inheritdoc/>
    public TransportCounters Counters =>
        new(Volatile.Read(ref _sent), Volatile.Read(ref _receivedCount), Volatile.Read(ref _dropped), Volatile.Read(ref _oversized));

    /// <inheritdoc/>
    public bool Send(ReadOnlySpan<byte> datagram)
    {
        bool sent = false;
        try
        {
            if (!datagram.IsEmpty && datagram.Length <= _largest && Volatile.Read(ref _disposed) == 0)
            {
                _socket.Send(datagram, SocketFlags.None, out SocketError error);
                sent = error == SocketError.Success;
            }
        }
        catch (ObjectDisposedException)
        {
            // Another thread has closed it just now.
        }

        Interlocked.Increment(ref sent ? ref _sent : ref _dropped);
        return sent;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _socket.Dispose();

        await _loop.ConfigureAwait(false);
    }

    private async Task ReceiveAsync()
    {
        // One byte more than allowed tells a datagram that was cut.
        // As memory: the overload for arrays makes a task for each datagram.
        Memory<byte> buffer = GC.AllocateUninitializedArray<byte>(_largest + 1);
        int errors = 0;
        while (errors < MostErrorsInARow && Volatile.Read(ref _disposed) == 0)
        {
            try
            {
                int count = await _socket.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false);
                errors = 0;
                Deliver(buffer.Span[..count]);
            }
            catch (SocketException)
            {
                errors++;
            }
            catch (ObjectDisposedException)
            {
                break;
            }
        }

        bool byOwner = Interlocked.Exchange(ref _disposed, 1) != 0;
        _socket.Dispose();
        _closed(this, byOwner ? CloseReason.ByOwner : CloseReason.Failed);
    }

    private void Deliver(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > _largest)
        {
            Volatile.Write(ref _oversized, _oversized + 1);
            return;
        }

        if (datagram.IsEmpty)
            return;

        Volatile.Write(ref _receivedCount, _receivedCount + 1);
        _received(this, datagram);
    }
}
