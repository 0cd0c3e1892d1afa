using System.Buffers;
using System.Net;
using System.Threading.Channels;
using RoomAgent.Crypto;
using RoomAgent.Stun;
using RoomAgent.Wire;

namespace RoomAgent.Net;

/// <summary>What a path is made of.</summary>
public sealed record MediaPathSettings
{
    /// <summary>The media node.</summary>
    public required MediaNodeAddress Node { get; init; }

    /// <summary>Sockets, proxy and trust.</summary>
    public TransportSettings Transport { get; init; } = new();

    /// <summary>When to change.</summary>
    public LadderSettings Ladder { get; init; } = new();

    /// <summary>The leg's credential for STUN; the caller disposes of it after the path. <see langword="null"/> asks without.</summary>
    public StunCredential? Credential { get; init; }

    /// <summary>Whether to notice changes of the own addresses by itself.</summary>
    public bool WatchNetwork { get; init; } = true;
}

/// <summary>The transport in use changed.</summary>
/// <param name="Kind">What is used now; <see langword="null"/> when nothing is.</param>
/// <param name="Cause">Why.</param>
/// <param name="Local">The own end.</param>
public sealed record PathChange(TransportKind? Kind, PathCause Cause, EndPoint? Local);

/// <summary>What went through a path.</summary>
/// <param name="Sent">Datagrams handed to a transport.</param>
/// <param name="Received">Datagrams of media given to the consumer.</param>
/// <param name="Dropped">Datagrams that were not sent: no transport, or a full one.</param>
/// <param name="Ignored">Datagrams that were neither media nor STUN.</param>
/// <param name="Switches">How often a transport came into use.</param>
public readonly record struct PathCounters(long Sent, long Received, long Dropped, long Ignored, long Switches);

/// <summary>Takes a datagram of media. The span is valid until it returns; it must not block.</summary>
public delegate void MediaHandler(ReadOnlySpan<byte> datagram);

/// <summary>One way for media to the node and back, whichever transport carries it just now. Packets do not know; keys and numbers stay the same.</summary>
/// <remarks>A <see cref="TransportLadder"/> decides; this opens, asks, and closes. One loop owns the ladder; media passes it by and allocates nothing.</remarks>
public sealed class MediaPath : IAsyncDisposable
{
    private const int MostWaitingAnswers = 64;
    private static readonly BindingSettings s_unreliable = new() { FirstTimeout = TimeSpan.FromMilliseconds(200), Requests = 5, LastWait = 4 };
    private static readonly BindingSettings s_reliable = new() { ReliableTimeout = TimeSpan.FromSeconds(2) };

    private readonly MediaPathSettings _settings;
    private readonly IReadOnlyList<TransportKind> _kinds;
    private readonly IRandom _random;
    private readonly MediaHandler _received;
    private readonly Action<PathChange> _changed;
    private readonly TimeProvider _time;
    private readonly TransportLadder _ladder;
    private readonly Channel<Message> _messages = Channel.CreateUnbounded<Message>();
    private readonly Dictionary<int, Rung> _rungs = [];
    private readonly List<Task> _ending = [];
    private readonly byte[] _request = new byte[BindingClient.LargestRequest];
    private readonly Lock _consumer = new();
    private readonly ITimer _timer;
    private readonly NetworkWatch? _watch;
    private readonly Task _loop;
    private Rung? _current;
    private long _sent;
    private long _receivedCount;
    private long _dropped;
    private long _ignored;
    private long _switches;
    private int _unheardWaits;

    /// <summary>Starts a path at once.</summary>
    /// <param name="settings">Where to and how.</param>
    /// <param name="random">For the ids of STUN.</param>
    /// <param name="received">Takes the media, one datagram at a time, on whatever thread it came.</param>
    /// <param name="changed">Learns which transport is used, on the path's loop. It must not block.</param>
    /// <param name="known">What a probe of this node found, to begin with what works.</param>
    /// <param name="time">The clock.</param>
    public MediaPath(
        MediaPathSettings settings, IRandom random, MediaHandler received, Action<PathChange>? changed = null, NodeReachability? known = null, TimeProvider? time = null)
    {
        _settings = settings;
        _kinds = settings.Node.Kinds;
        _random = random;
        _received = received;
        _changed = changed ?? (_ => { });
        _time = time ?? TimeProvider.System;
        _ladder = new TransportLadder(_kinds.Count, settings.Ladder);
        foreach (TransportReachability found in known?.Transports ?? [])
        {
            if (_kinds.ToList().IndexOf(found.Kind) is >= 0 and var candidate)
                _ladder.Learn(candidate, found.Reachable);
        }

        _timer = _time.CreateTimer(_ => Post(new Message(MessageKind.Tick)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watch = settings.WatchNetwork ? new NetworkWatch(NetworkChanged) : null;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Which transport is used; <see langword="null"/> when none works.</summary>
    public TransportKind? Current => Volatile.Read(ref _current)?.Transport?.Kind;

    /// <summary>What went through.</summary>
    public PathCounters Counters => new(
        Volatile.Read(ref _sent), Volatile.Read(ref _receivedCount), Volatile.Read(ref _dropped), Volatile.Read(ref _ignored), Volatile.Read(ref _switches));

    /// <summary>Sends a datagram over whatever is used now. Never blocks; any thread may call.</summary>
    /// <returns><see langword="false"/> when it was dropped.</returns>
    public bool Send(ReadOnlySpan<byte> datagram)
    {
        bool sent = Volatile.Read(ref _current)?.Transport?.Send(datagram) ?? false;
        Interlocked.Increment(ref sent ? ref _sent : ref _dropped);
        return sent;
    }

    /// <summary>
    /// Tells for how long media was sent of which the node's authentic reports show nothing. What comes back, which anyone can send, says nothing of the way out;
    /// so this is to be told again and again while media is sent. Short times cost nothing. Any thread may call.
    /// </summary>
    public void HandleUnheard(TimeSpan unheard)
    {
        if (unheard >= _settings.Ladder.DeadAfter && Interlocked.Exchange(ref _unheardWaits, 1) == 0)
            Post(new Message(MessageKind.Unheard, Unheard: unheard));
    }

    /// <summary>Starts anew on new sockets, with the old one in use until a new one answers.</summary>
    public void NetworkChanged() => Post(new Message(MessageKind.AddressChanged));

    /// <summary>Closes everything and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        _watch?.Dispose();
        Post(new Message(MessageKind.Stop));
        await _loop.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        _ladder.Start(Now());
        Act(Now());
        while (true)
        {
            Message message = await _messages.Reader.ReadAsync().ConfigureAwait(false);
            if (message.Kind == MessageKind.Stop)
                break;

            Instant now = Now();
            Handle(message, now);
            Act(now);
        }

        Volatile.Write(ref _current, null);
        foreach (int attempt in _rungs.Keys.ToArray())
            Close(attempt);
        await Task.WhenAll(_ending).ConfigureAwait(false);
    }

    private void Handle(in Message message, Instant now)
    {
        switch (message.Kind)
        {
            case MessageKind.AddressChanged:
                _ladder.HandleAddressChange(now);
                return;
            case MessageKind.Unheard:
                Volatile.Write(ref _unheardWaits, 0);
                _ladder.HandleUnheard(message.Unheard, now);
                return;
            case MessageKind.Tick:
                return;
        }

        Rung rung = message.Rung!;
        switch (message.Kind)
        {
            case MessageKind.Opened:
                _ladder.HandleOpened(rung.Attempt, now);
                break;
            case MessageKind.Failed:
                _ladder.HandleFailed(rung.Attempt, now);
                break;
            case MessageKind.Stun:
                if (StunMessage.TryRead(message.Bytes.AsSpan(0, message.Length), out StunMessage answer)
                    && rung.Client.HandleMessage(now, answer) && rung.Client.State == BindingState.Succeeded)
                {
                    // Of a repeated request one does not know which was answered; the first one is the safe side.
                    _ladder.HandleAnswered(rung.Attempt, rung.Client.RoundTrip ?? now - rung.AskedAt, now);
                }

                ArrayPool<byte>.Shared.Return(message.Bytes!);
                break;
        }
    }

    // Media does not pass the loop: it leaves the time of its arrival on the rung, and the ladder hears of it here.
    private void Act(Instant now)
    {
        foreach (Rung rung in _rungs.Values)
        {
            if (rung.TryTakeHeard(out Instant heard))
                _ladder.HandleReceived(rung.Attempt, Instant.Min(heard, now));
        }

        _ladder.HandleTimeout(now);
        while (_ladder.TryPoll(out LadderAction action))
            Do(action, now);

        Instant next = _ladder.PollTimeout();
        foreach (Rung rung in _rungs.Values)
        {
            rung.Client.HandleTimeout(now);
            if (rung.Client.TryPollTransmit(_request, out int length))
                rung.Transport?.Send(_request.AsSpan(0, length));
            next = Instant.Min(next, rung.Client.PollTimeout());
        }

        if (next == Instant.Never)
            return;

        // Timers count in whole milliseconds; a little late is better than again and again a little early.
        TimeSpan wait = next - now;
        _timer.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Do(LadderAction action, Instant now)
    {
        switch (action.Kind)
        {
            case LadderActionKind.Open:
                Open(action);
                break;
            case LadderActionKind.Ask when _rungs.TryGetValue(action.Attempt, out Rung? asked) && asked.Client.State != BindingState.Waiting:
                asked.AskedAt = now;
                asked.Client.Start(now);
                break;
            case LadderActionKind.Use when _rungs.TryGetValue(action.Attempt, out Rung? used):
                Volatile.Write(ref _current, used);
                Interlocked.Increment(ref _switches);
                _changed(new PathChange(used.Transport!.Kind, action.Cause, used.Transport.Local));
                break;
            case LadderActionKind.Close:
                bool wasCurrent = _current?.Attempt == action.Attempt;
                if (wasCurrent)
                    Volatile.Write(ref _current, null);
                Close(action.Attempt);
                if (wasCurrent)
                    _changed(new PathChange(null, action.Cause, null));
                break;
        }
    }

    private void Open(LadderAction action)
    {
        TransportKind kind = _kinds[action.Candidate];
        bool reliable = kind is TransportKind.Tcp or TransportKind.Tls;
        var rung = new Rung(action.Attempt, new BindingClient(_random, reliable, _settings.Credential, reliable ? s_reliable : s_unreliable));
        _rungs[action.Attempt] = rung;
        rung.Opening = Task.Run(() => OpenAsync(rung, kind));
    }

    private async Task OpenAsync(Rung rung, TransportKind kind)
    {
        try
        {
            rung.Transport = await _settings.Node.OpenAsync(
                kind, _settings.Transport, (_, datagram) => Take(rung, datagram), (_, _) => Post(new Message(MessageKind.Failed, rung)), rung.Cancel.Token).ConfigureAwait(false);
            Post(new Message(MessageKind.Opened, rung));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Post(new Message(MessageKind.Failed, rung));
        }
    }

    private void Close(int attempt)
    {
        if (!_rungs.Remove(attempt, out Rung? rung))
            return;

        _ending.RemoveAll(task => task.IsCompletedSuccessfully);
        _ending.Add(Task.Run(rung.CloseAsync));
    }

    private void Take(Rung rung, ReadOnlySpan<byte> datagram)
    {
        switch (Demultiplexer.KindOf(datagram))
        {
            case DatagramKind.Media:
                rung.Hear(Now());
                Interlocked.Increment(ref _receivedCount);
                lock (_consumer)
                    _received(datagram);
                break;
            case DatagramKind.Stun when _messages.Reader.Count < MostWaitingAnswers:
                byte[] copy = ArrayPool<byte>.Shared.Rent(datagram.Length);
                datagram.CopyTo(copy);
                Post(new Message(MessageKind.Stun, rung, copy, datagram.Length));
                break;
            default:
                Interlocked.Increment(ref _ignored);
                break;
        }
    }

    private void Post(in Message message) => _messages.Writer.TryWrite(message);

    private Instant Now() => new(_time.GetElapsedTime(0).Ticks);

    private enum MessageKind
    {
        Tick,
        Opened,
        Failed,
        Stun,
        AddressChanged,
        Unheard,
        Stop,
    }

    private readonly record struct Message(MessageKind Kind, Rung? Rung = null, byte[]? Bytes = null, int Length = 0, TimeSpan Unheard = default);

    /// <summary>One transport with its questions.</summary>
    private sealed class Rung(int attempt, BindingClient client)
    {
        private long _heard = long.MinValue;
        private long _told = long.MinValue;

        internal int Attempt => attempt;

        internal BindingClient Client => client;

        internal CancellationTokenSource Cancel { get; } = new();

        internal Task Opening { get; set; } = Task.CompletedTask;

        internal IMediaTransport? Transport { get; set; }

        internal Instant AskedAt { get; set; }

        internal void Hear(Instant now) => Volatile.Write(ref _heard, now.Ticks);

        internal bool TryTakeHeard(out Instant heard)
        {
            heard = new Instant(Volatile.Read(ref _heard));
            bool news = heard.Ticks != _told;
            _told = heard.Ticks;
            return news;
        }

        internal async Task CloseAsync()
        {
            await Cancel.CancelAsync().ConfigureAwait(false);
            await Opening.ConfigureAwait(false);
            if (Transport is { } transport)
                await transport.DisposeAsync().ConfigureAwait(false);
            Cancel.Dispose();
        }
    }
}
