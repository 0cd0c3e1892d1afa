using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Cloud;

/// <summary>
/// The connection to the hub for meetings: it comes back by itself, brings its owner to the desk of the meeting that it wants to be in, and carries messages
/// of any size in their order.
/// </summary>
/// <remarks>
/// Whoever uses it reads <see cref="Events"/>: <see cref="SeatTaken"/> and <see cref="SeatLost"/> are what a member calls connected and disconnected. What is said
/// without a seat is dropped, as the member expects of a connection that broke. One reader; calls may come from anywhere.
/// </remarks>
public sealed partial class HubSignalling : ISignalling
{
    private const string Path = "/signal";
    private const int LongestInline = 24 * 1024;
    private const int MostEvents = 4_096;

    private readonly IHubCalls _calls;
    private readonly TimeProvider _clock;
    private readonly SignallingSettings _settings;
    private readonly ILogger _log;
    private readonly Channel<SignallingEvent> _events = Channel.CreateBounded<SignallingEvent>(new BoundedChannelOptions(MostEvents) { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _saying = new(1);
    private readonly SemaphoreSlim _changed = new(0);
    private readonly Lock _lock = new();

    private Task _loop = Task.CompletedTask;
    private Run? _run;
    private (byte[] MeetingId, byte[] Instance)? _wanted;
    private int _wish;
    private bool _ended;
    private int _disposed;
    private volatile SignallingState _state;
    private bool _wasSeated;

    /// <summary>Sets up a connection, which <see cref="Start"/> begins.</summary>
    /// <param name="calls">As whom, and where.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Where the log goes.</param>
    /// <param name="settings">How it waits.</param>
    public HubSignalling(IHubCalls calls, TimeProvider clock, ILogger<HubSignalling> log, SignallingSettings? settings = null)
    {
        _calls = calls;
        _clock = clock;
        _log = log;
        _settings = settings ?? new SignallingSettings();
    }

    /// <summary>What happens, in order. Complete when the access has ended or this was disposed of.</summary>
    public ChannelReader<SignallingEvent> Events => _events.Reader;

    /// <summary>How it stands.</summary>
    public SignallingState State
    {
        get => _state;
        private set
        {
            if (_state == value)
                return;

            _state = value;
            Changed?.Invoke(value);
        }
    }

    /// <inheritdoc/>
    public event Action<SignallingState>? Changed;

    /// <summary>Begins to connect, and to come back whenever the connection is lost.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (State == SignallingState.Off && !_stop.IsCancellationRequested)
            {
                State = SignallingState.Connecting;
                _loop = Task.Run(RunAsync);
            }
        }
    }

    /// <summary>Wants to sit at the desk of a meeting, from now on and after every interruption. <see cref="SeatTaken"/> tells that it does.</summary>
    public void Enter(ByteString meetingId, ByteString instance) => Want((meetingId.ToArray(), instance.ToArray()));

    /// <summary>Wants no seat any more. A member that leaves says so before.</summary>
    public void Exit() => Want(null);

    /// <summary>Says something to the desk; nothing without a seat. Messages keep their order.</summary>
    public async Task SayAsync(ClientMessage message, CancellationToken cancel = default)
    {
        byte[] bytes = message.Encode().ToArray();
        await _saying.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_run is { IsSeated: true } run)
                await run.SayAsync(bytes, cancel).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // It is lost like everything that was under way; the member says it again when the desk listens.
            SignallingLog.NoBody(_log, problem.Message);
        }
        finally
        {
            _saying.Release();
        }
    }

    /// <summary>Offers a leg of media for the meeting in which we sit.</summary>
    /// <param name="offer">SDP with keys; the caller zeroes it.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<MediaAnswer> OfferAsync(ReadOnlyMemory<byte> offer, CancellationToken cancel = default)
    {
        if (_run is not { IsSeated: true } run)
            return new MediaAnswer(null, "There is no seat at a meeting.");

        byte[] sent = offer.ToArray();
        try
        {
            return await run.Connection.InvokeAsync<MediaAnswer>("Offer", sent, cancel).WaitAsync(_settings.CallTimeout, _clock, cancel).ConfigureAwait(false);
        }
        catch (Exception problem) when (problem is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            return new MediaAnswer(null, problem.Message);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(sent);
        }
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;

        // What still says something finds that there is no seat.
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _events.Writer.TryComplete();
        State = SignallingState.Off;
        _stop.Dispose();
    }

    private void Want((byte[] MeetingId, byte[] Instance)? meeting)
    {
        lock (_lock)
        {
            _wanted = meeting;
            _wish++;
            if (!_stop.IsCancellationRequested)
                _changed.Release();
        }
    }

    private async Task RunAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested && !_ended)
        {
            string problem = "";
            try
            {
                State = SignallingState.Connecting;
                await ServeAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception thrown) when (thrown is not OutOfMemoryException)
            {
                problem = thrown.Message;
            }

            if (_stop.IsCancellationRequested || _ended)
                break;

            // Random, so that a thousand rooms do not come back at the same moment.
            failures = Math.Min(_wasSeated ? 0 : failures + 1, 16);
            _wasSeated = false;
            TimeSpan wait = Random.Shared.NextDouble() * Least(_settings.LongestWait, _settings.FirstWait * (1 + failures));
            SignallingLog.Lost(_log, problem, (long)wait.TotalMilliseconds);
            State = SignallingState.Waiting;
            await Task.Delay(wait, _clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        State = _ended ? SignallingState.Ended : SignallingState.Off;
        _events.Writer.TryComplete();
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    // 1. connect  2. enter whenever a meeting is wanted and there is no seat  3. until the connection is lost.
    private async Task ServeAsync(CancellationToken cancel)
    {
        await using HubConnection connection = Build(_calls, _settings);
        var run = new Run(this, connection);
        run.Listen();
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel))
        {
            patience.CancelAfter(_settings.ConnectTimeout);
            await connection.StartAsync(patience.Token).ConfigureAwait(false);
        }

        State = SignallingState.Connected;
        SignallingLog.Connected(_log);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task watch = WatchAsync(run, over);
        Task pump = Task.Run(() => run.PumpAsync(cancel), CancellationToken.None);
        _run = run;
        try
        {
            int served = -1;
            while (!run.IsOver && !cancel.IsCancellationRequested)
            {
                TimeSpan wait = Timeout.InfiniteTimeSpan;
                int wish = Wish.Number;
                if (wish != served || run.WantsEntry)
                {
                    wait = await SeatAsync(run, wish != served, cancel).ConfigureAwait(false) ? Timeout.InfiniteTimeSpan : _settings.BusyWait;
                    if (wait == Timeout.InfiniteTimeSpan)
                        served = wish;
                }

                // Given up with the connection: one that goes on waiting would take the next connection's wake-up away.
                await ((Task)_changed.WaitAsync(wait, over.Token)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            _run = null;
            run.Close();
            await connection.StopAsync(CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await pump.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await watch.ConfigureAwait(false);
            run.LoseSeat();
        }

        if (run.Problem is { } lost)
            throw lost;
    }

    private static async Task WatchAsync(Run run, CancellationTokenSource over)
    {
        await run.Over.ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    // Whether there is nothing more to do until something changes.
    private async Task<bool> SeatAsync(Run run, bool isNewWish, CancellationToken cancel)
    {
        ((byte[] MeetingId, byte[] Instance)? wanted, int wish) = Wish;
        if (isNewWish)
            run.LoseSeat();
        run.WantsEntry = false;
        if (wanted is not var (meeting, instance))
        {
            await run.Connection.SendAsync("Exit", cancel).ConfigureAwait(false);
            return true;
        }

        EnterReply reply = await run.Connection.InvokeAsync<EnterReply>("Enter", meeting, instance, cancel).WaitAsync(_settings.CallTimeout, _clock, cancel).ConfigureAwait(false);
        switch ((EnterOutcome)reply.Outcome)
        {
            case EnterOutcome.Entered:
                _wasSeated = true;
                run.TakeSeat(reply.Bodies, wish);
                return true;
            case EnterOutcome.Busy:
                run.WantsEntry = true;
                return false;
            default:
                SignallingLog.NotEntered(_log, (EnterOutcome)reply.Outcome);
                Refuse((EnterOutcome)reply.Outcome, wish);
                return true;
        }
    }

    // What is wanted, and which wish that was.
    private ((byte[] MeetingId, byte[] Instance)? Meeting, int Number) Wish
    {
        get
        {
            lock (_lock)
                return (_wanted, _wish);
        }
    }

    // Of a wish that has been replaced by another meanwhile, only the news is left.
    private void Refuse(EnterOutcome outcome, int wish)
    {
        lock (_lock)
        {
            if (_wish == wish)
                _wanted = null;
        }

        Happen(new SeatRefused(outcome));
    }

    // A reader that is so late is stuck: better to begin anew than to forget something in between.
    private void Happen(SignallingEvent what)
    {
        if (!_events.Writer.TryWrite(what))
            _run?.Fail(new InvalidOperationException("Nobody takes what the hub says."));
    }

    /// <summary>SignalR's client over our one transport.</summary>
    internal static HubConnection Build(IHubCalls calls, SignallingSettings settings)
    {
        var builder = new HubConnectionBuilder();
        builder.Services.AddSingleton<IConnectionFactory>(new WebSocketConnector(calls, Path));
        // Which the connector knows better.
        builder.Services.AddSingleton<EndPoint>(new DnsEndPoint("hub", 443));
        HubConnection connection = builder.Build();
        connection.ServerTimeout = settings.Silence;
        connection.KeepAliveInterval = TimeSpan.FromSeconds(5);
        connection.HandshakeTimeout = settings.ConnectTimeout;
        return connection;
    }

    private sealed record EnterReply(int Outcome, string Bodies);
}
