using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RoomAgent.Net;

/// <summary>How much strangers may open at the media node.</summary>
public sealed record MediaConnectionSettings
{
    /// <summary>Connections in all.</summary>
    public int Most { get; init; } = 2_000;

    /// <summary>Connections of one address: an IPv4 address or an IPv6 /64. Rooms of one house share an address.</summary>
    public int MostOfOneAddress { get; init; } = 128;

    /// <summary>How long a connection may stay before its owner admits it, whatever it sends.</summary>
    public TimeSpan AdmissionTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an admitted connection may be silent.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest datagram in bytes.</summary>
    public int LargestDatagram { get; init; } = 2_048;

    /// <summary>Bytes that may wait for one receiver.</summary>
    public int SendQueue { get; init; } = 64 * 1024;

    /// <summary>SO_SNDBUF of an accepted TCP connection, in bytes.</summary>
    public int SendBuffer { get; init; } = 64 * 1024;
}

/// <summary>All streams that came in, whether over TCP or a WebSocket: counted together, bounded, and closed when they only wait.</summary>
public sealed class MediaConnections : IAsyncDisposable
{
    private static readonly TimeSpan s_sweep = TimeSpan.FromMilliseconds(250);

    private readonly MediaConnectionSettings _settings;
    private readonly IMediaConnectionHandler _handler;
    private readonly ConcurrentDictionary<Connection, Task> _open = new();
    private readonly Dictionary<UInt128, int> _perAddress = [];
    private readonly Lock _gate = new();
    private readonly PeriodicTimer _timer = new(s_sweep);
    private readonly Task _sweeping;
    private int _entered;
    private bool _disposed;
    private long _refused;

    /// <summary>None yet.</summary>
    public MediaConnections(MediaConnectionSettings settings, IMediaConnectionHandler handler)
    {
        _settings = settings;
        _handler = handler;
        _sweeping = Task.Run(SweepAsync);
    }

    /// <summary>How many there are.</summary>
    public int Count => Volatile.Read(ref _entered);

    /// <summary>How many were turned away because there were too many.</summary>
    public long Refused => Volatile.Read(ref _refused);

    internal MediaConnectionSettings Settings => _settings;

    /// <summary>Closes all of them and waits for their ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
        await _sweeping.ConfigureAwait(false);

        foreach (Connection connection in _open.Keys)
            connection.Close(CloseReason.ByOwner);
        await Task.WhenAll(_open.Values).ConfigureAwait(false);
    }

    /// <summary>Takes a place for an address. Whoever gets one leaves it through <see cref="RunAsync"/> or <see cref="Leave"/>.</summary>
    internal bool TryEnter(IPAddress address)
    {
        UInt128 key = KeyOf(address);
        lock (_gate)
        {
            int of = _perAddress.GetValueOrDefault(key);
            if (_disposed || _entered >= _settings.Most || of >= _settings.MostOfOneAddress)
            {
                Interlocked.Increment(ref _refused);
                return false;
            }

            _perAddress[key] = of + 1;
            _entered++;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    internal void Leave(IPAddress address)
    {
        UInt128 key = KeyOf(address);
        lock (_gate)
        {
            _entered--;
            if (_perAddress[key] == 1)
                _perAddress.Remove(key);
            else
                _perAddress[key]--;
        }
    }

    /// <summary>Carries a stream in a place that was taken, until it ends.</summary>
    internal Task RunAsync(IByteStream stream, IPEndPoint remote, TransportKind kind)
    {
        var connection = new Connection(stream, remote, kind, _settings, _handler);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[connection] = ended.Task;
        if (Volatile.Read(ref _disposed))
            connection.Close(CloseReason.ByOwner);

        return CarryAsync(connection, ended);
    }

    private async Task CarryAsync(Connection connection, TaskCompletionSource ended)
    {
        try
        {
            CloseReason reason = await connection.RunAsync().ConfigureAwait(false);
            _handler.Closed(connection, reason);
        }
        finally
        {
            _open.TryRemove(connection, out _);
            Leave(connection.Remote.Address);
            ended.SetResult();
        }
    }

    private async Task SweepAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            long now = Environment.TickCount64;
            foreach (Connection connection in _open.Keys)
                connection.CloseIfLate(now);
        }
    }

    // IPv4 as it is, IPv6 by the 64 bits that one customer gets.
    private static UInt128 KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            bytes[8..].Clear();
        return BinaryPrimitives.ReadUInt128BigEndian(bytes) + (UInt128)(uint)written;
    }

    private sealed class Connection : IMediaConnection
    {
        private readonly FramedConnection _framed;
        private readonly MediaConnectionSettings _settings;
        private readonly long _since = Environment.TickCount64;
        private bool _admitted;

        internal Connection(IByteStream stream, IPEndPoint remote, TransportKind kind, MediaConnectionSettings settings, IMediaConnectionHandler handler)
        {
            Remote = remote;
            Kind = kind;
            _settings = settings;
            _framed = new FramedConnection(stream, settings.LargestDatagram, settings.SendQueue, datagram => handler.Received(this, datagram));
        }

        public TransportKind Kind { get; }

        public IPEndPoint Remote { get; }

        public TransportCounters Counters => _framed.Counters;

        public bool Send(ReadOnlySpan<byte> datagram) => _framed.Send(datagram);

        public void Admit() => Volatile.Write(ref _admitted, true);

        public void Close(CloseReason reason) => _framed.Close(reason);

        internal Task<CloseReason> RunAsync() => _framed.RunAsync();

        internal void CloseIfLate(long now)
        {
            bool admitted = Volatile.Read(ref _admitted);
            if (!admitted && now - _since > _settings.AdmissionTime.TotalMilliseconds)
                Close(CloseReason.NotAdmitted);
            else if (admitted && now - _framed.LastReceived > _settings.IdleTime.TotalMilliseconds)
                Close(CloseReason.Idle);
        }
    }
}
