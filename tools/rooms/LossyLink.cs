using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Rooms;

/// <summary>Stands between rooms and media node, at another address of this machine, and loses a part of what goes through, both ways, or all of it.</summary>
/// <remarks>Each room has a socket of its own towards the node, which therefore sees it as one sender.</remarks>
internal sealed class LossyLink : IAsyncDisposable
{
    /// <summary>Where it stands.</summary>
    public static readonly IPAddress Address = IPAddress.Parse("127.0.0.2");

    private const int Largest = 2_048;
    private const int MostRooms = 256;

    private readonly CancellationTokenSource _stop = new();
    private readonly double _loss;
    private readonly List<Task> _running = [];
    private readonly List<Socket> _doors = [];

    private readonly ConcurrentDictionary<EndPoint, long> _last = new();
    private volatile bool _isBlocked;

    private LossyLink(double loss) => _loss = loss;

    /// <summary>Whether nothing goes through, as in networks that know no UDP.</summary>
    public bool IsBlocked
    {
        get => _isBlocked;
        set => _isBlocked = value;
    }

    /// <summary>Towards which sockets of rooms something went, and when it did last, by the clock of <see cref="Stopwatch"/>.</summary>
    public IReadOnlyDictionary<EndPoint, long> Last => new Dictionary<EndPoint, long>(_last);

    /// <summary>Opens it.</summary>
    /// <param name="ports">The ports of the node.</param>
    /// <param name="percent">What is lost.</param>
    public static LossyLink Open(IReadOnlyList<int> ports, double percent)
    {
        var link = new LossyLink(percent / 100);
        foreach (int port in ports)
        {
            var door = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            door.Bind(new IPEndPoint(Address, port));
            link._doors.Add(door);
            link._running.Add(link.TowardsNodeAsync(door, port));
        }

        return link;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (Socket door in _doors)
            door.Dispose();
        _stop.Dispose();
    }

    private async Task TowardsNodeAsync(Socket door, int port)
    {
        var ways = new ConcurrentDictionary<EndPoint, Socket>();
        byte[] datagram = new byte[Largest];
        var anybody = new IPEndPoint(IPAddress.Any, 0);
        try
        {
            while (true)
            {
                SocketReceiveFromResult came = await door.ReceiveFromAsync(datagram, anybody, _stop.Token);
                if (!ways.TryGetValue(came.RemoteEndPoint, out Socket? way))
                {
                    if (ways.Count == MostRooms)
                        continue;
                    way = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
                    await way.ConnectAsync(IPAddress.Loopback, port, _stop.Token);
                    ways[came.RemoteEndPoint] = way;
                    _ = TowardsRoomAsync(door, way, came.RemoteEndPoint);
                }

                if (!IsLost())
                    await SendAsync(() => way.SendAsync(datagram.AsMemory(0, came.ReceivedBytes), _stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            foreach (Socket way in ways.Values)
                way.Dispose();
        }
    }

    private async Task TowardsRoomAsync(Socket door, Socket way, EndPoint room)
    {
        byte[] datagram = new byte[Largest];
        while (!_stop.IsCancellationRequested)
        {
            int length;
            try
            {
                length = await way.ReceiveAsync(datagram, _stop.Token);
            }
            catch (SocketException)
            {
                continue;
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }

            if (IsLost())
                continue;

            _last[room] = Stopwatch.GetTimestamp();
            await SendAsync(() => door.SendToAsync(datagram.AsMemory(0, length), room, _stop.Token));
        }
    }

    // Nobody listens there at the moment: on a network, that is one more loss.
    private static async Task SendAsync(Func<ValueTask<int>> send)
    {
        try
        {
            await send();
        }
        catch (Exception lost) when (lost is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private bool IsLost() => _isBlocked || Random.Shared.NextDouble() < _loss;
}
