using System.Collections.Concurrent;
using RoomAgent.Crypto;
using RoomAgent.Native.Linux;
using RoomAgent.Net;
using RoomAgent.Wire;

namespace RoomAgent.Hub.MediaNode;

/// <summary>One loop of the media node: a thread, its sockets, its router. Nobody else touches them, so there is no lock on a packet's way.</summary>
/// <remarks>What comes over TCP and WebSockets is read by their own tasks and handed over here; it is the last resort, and may cost more.</remarks>
internal sealed class MediaShard : IOutput, IDisposable
{
    // Datagrams of one visit to a socket; then the others have their turn.
    private const int Visits = 8;
    private const int MostHandedOver = 4_096;

    private readonly TimeProvider _clock;
    private readonly UdpBatchSocket[] _sockets;
    private readonly Waiter _waiter;
    private readonly Router _router;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Work> _work = new();
    private readonly ConcurrentQueue<HandedOver> _handedOver = new();
    private readonly ConcurrentBag<byte[]> _spare = [];
    private readonly byte[] _connectionRoom = new byte[UdpBatchSocket.SlotSize];
    private int _waitingPackets;
    private volatile bool _stopping;
    private int _ended;

    public MediaShard(NodeSettings settings, ICryptoProvider crypto, IRandom random, int index, int loops, UdpBatchSocket[] sockets, TimeProvider clock, Action<LegId> expired)
    {
        _clock = clock;
        _sockets = sockets;
        _waiter = new Waiter(sockets);
        _router = new Router(settings, crypto, random, index, loops, this) { Expired = expired };
        _thread = new Thread(Run) { Name = $"media {index}", IsBackground = true };
        _thread.Start();
    }

    /// <summary>What this loop did, read from outside without stopping it: each number is right, together they may be a packet apart.</summary>
    public ShardLoad Load { get; private set; } = new(0, 0, 0, 0, 0);

    /// <summary>Packets of connections that were dropped because the loop did not keep up.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    private long _dropped;

    /// <summary>Has <paramref name="deed"/> done on the loop, between two packets.</summary>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public Task<T> AskAsync<T>(Func<Router, Instant, T> deed)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Enqueue(new Work(
            (router, now) =>
            {
                try
                {
                    answer.SetResult(deed(router, now));
                }
#pragma warning disable CA1031 // whoever asked gets it; the loop goes on for everyone else
                catch (Exception mistake)
#pragma warning restore CA1031
                {
                    answer.SetException(mistake);
                }
            },
            () => answer.SetException(new ObjectDisposedException(nameof(MediaShard)))));
        _waiter.Ring();
        if (Volatile.Read(ref _ended) != 0)
            RefuseWork();
        return answer.Task;
    }

    /// <summary>Hands over a packet that came by a connection. Any thread.</summary>
    public void Post(IMediaConnection connection, ReadOnlySpan<byte> packet)
    {
        if (packet.Length > UdpBatchSocket.SlotSize)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        if (Interlocked.Increment(ref _waitingPackets) > MostHandedOver)
        {
            Interlocked.Decrement(ref _waitingPackets);
            Interlocked.Increment(ref _dropped);
            return;
        }

        if (!_spare.TryTake(out byte[]? buffer))
            buffer = new byte[UdpBatchSocket.SlotSize];
        packet.CopyTo(buffer);
        _handedOver.Enqueue(new HandedOver(connection, buffer, packet.Length));
        _waiter.Ring();
    }

    public Span<byte> Reserve(in Flow flow) => flow.Connection is null ? _sockets[flow.Socket].Reserve() : _connectionRoom;

    public void Commit(in Flow flow, int length)
    {
        if (flow.Connection is { } connection)
            connection.Send(_connectionRoom.AsSpan(0, length));
        else
            _sockets[flow.Socket].Commit(flow.Address, length);
    }

    /// <summary>Ends the loop: legs are cut off, keys zeroed, sockets closed.</summary>
    public void Dispose()
    {
        _stopping = true;
        _waiter.Ring();
        _thread.Join();
        _waiter.Dispose();
        foreach (UdpBatchSocket socket in _sockets)
            socket.Dispose();
    }

    private void Run()
    {
        long busy = 0;
        long measured = _clock.GetTimestamp();
        while (!_stopping)
        {
            Instant now = Now();
            _waiter.Wait(_router.PollTimeout == Instant.Never ? TimeSpan.FromSeconds(1) : Longest(_router.PollTimeout - now));
            long woken = _clock.GetTimestamp();
            now = Now();

            TakeDatagrams(now);
            TakeConnections(now);
            DoWork(now);
            _router.HandleTimeout(now);
            foreach (UdpBatchSocket socket in _sockets)
                socket.Flush();

            long done = _clock.GetTimestamp();
            busy += done - woken;
            TimeSpan elapsed = _clock.GetElapsedTime(measured, done);
            if (elapsed < TimeSpan.FromSeconds(1))
                continue;

            Load = new ShardLoad(_router.LegCount, _clock.GetElapsedTime(0, busy) / elapsed, _router.Counters.Received, _router.Counters.Forwarded, _sockets.Sum(socket => socket.NotSent));
            (busy, measured) = (0, done);
        }

        // Whoever asked in time has an answer; whoever asks from now on learns that it is too late, and finds nobody's keys.
        DoWork(Now());
        _router.RemoveAll();
        Interlocked.Exchange(ref _ended, 1);
        RefuseWork();
    }

    private void DoWork(Instant now)
    {
        while (_work.TryDequeue(out Work work))
            work.Do(_router, now);
    }

    private void RefuseWork()
    {
        while (_work.TryDequeue(out Work work))
            work.Refuse();
    }

    private void TakeDatagrams(Instant now)
    {
        for (int i = 0; i < _sockets.Length; i++)
        {
            if (!_waiter.IsReadable(i))
                continue;

            UdpBatchSocket socket = _sockets[i];
            for (int visit = 0; visit < Visits; visit++)
            {
                int count = socket.Receive();
                for (int j = 0; j < count; j++)
                    _router.Handle(socket.Received(j), Flow.Udp(i, socket.Sender(j)), now);
                if (count < UdpBatchSocket.Batch)
                    break;
            }
        }
    }

    private void TakeConnections(Instant now)
    {
        for (int i = 0; i < MostHandedOver && _handedOver.TryDequeue(out HandedOver packet); i++)
        {
            Interlocked.Decrement(ref _waitingPackets);
            _router.Handle(packet.Buffer.AsSpan(0, packet.Length), Flow.Over(packet.Connection), now);
            _spare.Add(packet.Buffer);
        }
    }

    private static TimeSpan Longest(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait;

    private Instant Now() => new(_clock.GetElapsedTime(0).Ticks);

    private readonly record struct Work(Action<Router, Instant> Do, Action Refuse);

    private readonly record struct HandedOver(IMediaConnection Connection, byte[] Buffer, int Length);
}

/// <summary>What one loop of a media node does.</summary>
/// <param name="Legs">Legs it has now.</param>
/// <param name="Busy">The part of the last second in which it worked: 0 to 1.</param>
/// <param name="Received">Packets received since the start.</param>
/// <param name="Forwarded">Packets forwarded since the start.</param>
/// <param name="NotSent">Packets that the kernel did not take since the start.</param>
public sealed record ShardLoad(int Legs, double Busy, long Received, long Forwarded, long NotSent);
