using System.Threading.Channels;
using Microsoft.AspNetCore.SignalR;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Who is at the other end of a connection.</summary>
/// <param name="Subject">See <see cref="IDeviceNotices"/>.</param>
/// <param name="Organisation">Whose.</param>
/// <param name="Identity">As its certificates name it.</param>
/// <param name="Account">The device as it was when it connected; <see langword="null"/> for a person.</param>
/// <param name="MayOffer">Whether it may send and receive media.</param>
internal sealed record SignalSubject(string Subject, OrganisationId Organisation, ByteString Identity, MachineAccount? Account, bool MayOffer)
{
    /// <summary>The one occurrence that a guest may enter; <see langword="null"/> for all others.</summary>
    public MeetingInstance? Only { get; init; }

    /// <summary>What the access of a person or a guest hangs on; <see langword="null"/> for a device, which has an account.</summary>
    public AccessGround? Ground { get; init; }
}

/// <summary>One client's connection to this hub. It has a seat at one desk or none.</summary>
/// <remarks>
/// What goes to the client goes through one bounded queue with one writer, so that it keeps its order, a slow client holds nobody up, and a client that takes
/// nothing any more loses its connection and nothing else. What comes is paced: who sends too much waits.
/// </remarks>
internal sealed class SignalConnection : ISeatOwner, IAsyncDisposable
{
    private static readonly TimeSpan s_lastWord = TimeSpan.FromMilliseconds(300);

    private readonly HubCallerContext _caller;
    private readonly SignalClient _client;
    private readonly SignallingContext _context;
    private readonly Channel<Outgoing> _outgoing;
    private readonly TokenBucket _says;
    private readonly TokenBucket _entries;
    private readonly Task _writer;
    private readonly Lock _seating = new();
    private bool _isGone;
    private int _waitingBytes;
    private string? _endReason;

    public SignalConnection(HubCallerContext caller, SignalClient client, SignalSubject who, ByteString id, SignallingContext context)
    {
        _caller = caller;
        _client = client;
        _context = context;
        Who = who;
        Id = id;
        Bodies = new Bodies(id, context);
        _says = new TokenBucket(context.Settings.SaysPerSecond, context.Settings.SaysAtOnce);
        _entries = new TokenBucket(context.Settings.EntriesPerSecond, context.Settings.EntriesAtOnce);
        _outgoing = Channel.CreateBounded<Outgoing>(new BoundedChannelOptions(context.Settings.MostWaiting) { SingleReader = true });
        Since = CheckedAt = context.Now;
        _writer = Task.Run(WriteAsync);
    }

    public SignalSubject Who { get; }

    /// <summary>The hub's name and random bytes; by it requests beside the connection name it.</summary>
    public ByteString Id { get; }

    /// <summary>The bodies that are too large for it.</summary>
    public Bodies Bodies { get; }

    /// <summary>Its seat. Only calls of the client change it, one at a time, and the end.</summary>
    public ISeat? Seat { get; private set; }

    /// <summary>Since when it is connected.</summary>
    public Instant Since { get; }

    /// <summary>When its account, or what it has in its place, was looked up last.</summary>
    public Instant CheckedAt { get; set; }

    /// <summary>Whether it called since then.</summary>
    public bool WasUsed { get; set; }

    /// <summary>Whether its access ended: nothing that it still sends is listened to.</summary>
    public bool IsEnded => Volatile.Read(ref _endReason) is not null;

    /// <summary>Gives it a seat. A connection that went away meanwhile, or lost its access, gives the seat back at once: nobody else would.</summary>
    public void Sit(ISeat seat)
    {
        lock (_seating)
        {
            if (!_isGone && !IsEnded)
            {
                Seat = seat;
                return;
            }
        }

        seat.Exit(leaves: IsEnded);
    }

    /// <summary>Gives its seat up, if it has one.</summary>
    public void Rise(bool leaves)
    {
        ISeat? seat;
        lock (_seating)
            (seat, Seat) = (Seat, null);
        seat?.Exit(leaves);
    }

    /// <summary>Waits until one message of that many bytes may be taken.</summary>
    public Task PaceAsync(int bytes) => PaceAsync(_says, 1 + (bytes / SignallingSettings.LongestInline));

    /// <summary>Waits until one entry or offer may be taken.</summary>
    public Task PaceEntryAsync() => PaceAsync(_entries, 1);

    /// <inheritdoc/>
    public void Hear(byte[] message) => Send(new Outgoing(OutgoingKind.Hear, message), message.Length);

    /// <inheritdoc/>
    public void OfferAgain() => Send(new Outgoing(OutgoingKind.OfferAgain), 0);

    /// <inheritdoc/>
    public void Ended(SeatEnd why) => Send(new Outgoing(OutgoingKind.SeatEnded, Why: why), 0);

    /// <summary>Tells it something beside the meeting.</summary>
    public void Tell(DeviceNotice notice)
    {
        if (notice == DeviceNotice.CalendarChanged)
            Send(new Outgoing(OutgoingKind.CalendarChanged), 0);
    }

    /// <summary>Asks it to connect again.</summary>
    public void SendElsewhere() => Send(new Outgoing(OutgoingKind.GoElsewhere), 0);

    /// <summary>Its access ended: it leaves its meeting at once, is told, and closed.</summary>
    public void End(string reason)
    {
        if (Interlocked.CompareExchange(ref _endReason, reason, null) is not null)
            return;

        SignallingLog.AccessEnded(_context.Log, Who.Subject);
        Rise(leaves: true);
        if (!_outgoing.Writer.TryWrite(new Outgoing(OutgoingKind.AccessEnded, Text: reason)))
            _caller.Abort();
        _outgoing.Writer.TryComplete();
    }

    /// <summary>Closes it for good.</summary>
    public void Abort() => _caller.Abort();

    /// <summary>The connection is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_seating)
            _isGone = true;
        Rise(leaves: false);
        _outgoing.Writer.TryComplete();
        Bodies.Dispose();
        await _writer;
    }

    private async Task PaceAsync(TokenBucket bucket, int units)
    {
        for (; units > 0; units--)
        {
            while (!bucket.TryTake(_context.Clock.GetUtcNow(), out TimeSpan wait))
                await Task.Delay(wait, _context.Clock, _caller.ConnectionAborted);
        }
    }

    private void Send(Outgoing what, int bytes)
    {
        if (Interlocked.Add(ref _waitingBytes, bytes) <= _context.Settings.MostWaitingBytes && _outgoing.Writer.TryWrite(what))
            return;

        // What it missed it cannot make up for; it connects again and is replayed to.
        if (_outgoing.Writer.TryComplete() && !IsEnded)
            SignallingLog.TooSlow(_context.Log, Who.Subject);
        _caller.Abort();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (Outgoing next in _outgoing.Reader.ReadAllAsync(_caller.ConnectionAborted))
            {
                await WriteAsync(next);
                if (next.Message is { } sent)
                    Interlocked.Add(ref _waitingBytes, -sent.Length);
            }
        }
        catch (Exception)
        {
            // It is gone, or goes; its client connects again.
        }

        if (!IsEnded)
            return;

        // What was written last is on its way yet, and would be lost with the connection.
        await Task.Delay(s_lastWord, _context.Clock, _caller.ConnectionAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _caller.Abort();
    }

    private Task WriteAsync(Outgoing next) => next.Kind switch
    {
        OutgoingKind.Hear when next.Message!.Length > SignallingSettings.LongestInline => HearBodyAsync(next.Message),
        OutgoingKind.Hear => _client.HearAsync(next.Message!),
        OutgoingKind.SeatEnded => _client.SeatEndedAsync(next.Why),
        OutgoingKind.OfferAgain => _client.OfferAgainAsync(),
        OutgoingKind.CalendarChanged => _client.CalendarChangedAsync(),
        OutgoingKind.GoElsewhere => _client.GoElsewhereAsync(),
        _ => _client.AccessEndedAsync(next.Text!),
    };

    private Task HearBodyAsync(byte[] message)
    {
        if (Bodies.Put(message) is { } ticket)
            return _client.HearBodyAsync(ticket, message.Length);

        SignallingLog.TooSlow(_context.Log, Who.Subject);
        _caller.Abort();
        return Task.CompletedTask;
    }

    private enum OutgoingKind
    {
        Hear,
        SeatEnded,
        OfferAgain,
        CalendarChanged,
        GoElsewhere,
        AccessEnded,
    }

    private readonly record struct Outgoing(OutgoingKind Kind, byte[]? Message = null, string? Text = null, SeatEnd Why = default);
}
