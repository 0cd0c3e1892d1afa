using System.Threading.Channels;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Hub.Store;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Meetings;

/// <summary>Runs the desk of one occurrence: one loop owns it, and everything reaches it through one channel.</summary>
/// <remarks>
/// A fault of ours in the desk ends the host; its clients enter again and find a new one, which opens from the store. That is the same way as after a crash
/// of the whole hub, so there is one way only.
/// </remarks>
internal sealed partial class DeskHost : IAsyncDisposable
{
    private readonly MeetingInstance _instance;
    private readonly ScheduledMeeting _meeting;
    private readonly SignallingContext _context;
    private readonly MeetingDesk _desk;
    private readonly Channel<Action> _commands = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<ConnectionId, Seated> _seats = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _timer;
    private readonly Task _loop;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long _connections;
    private int _unanswered;
    private ulong _newestFed;
    private bool _follows;
    private Instant _emptySince;
    private Instant _renewAt;
    private bool _closing;
    private (ServiceMessage? Message, byte[] Encoded) _last;

    /// <summary>Opens a desk.</summary>
    /// <exception cref="ArgumentException">The policy is none that a meeting can begin with.</exception>
    public DeskHost(MeetingInstance instance, ScheduledMeeting meeting, SignallingContext context)
    {
        _instance = instance;
        _meeting = meeting;
        _context = context;
        var settings = new DeskSettings { Policy = meeting.Policy, WaitsForHost = meeting.WaitsForHost, Times = context.Settings.Times, RelayedPerSecond = context.Settings.RelayedPerSecond };
        _desk = new MeetingDesk(context.Suite, context.IdentitiesOf(meeting.Policy.Anchors), settings, Now);
        OpenedAt = _emptySince = Now;
        _renewAt = Now + context.Settings.LegRenewal;
        _timer = context.Clock.CreateTimer(_ => _commands.Writer.TryWrite(Wake), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Name = Convert.ToHexStringLower(instance.Instance.Span);
        _commands.Writer.TryWrite(static () => { });
        _loop = Task.Run(RunAsync);
        SignallingLog.DeskOpened(context.Log, Name);
    }

    /// <summary>The occurrence, for the log.</summary>
    public string Name { get; }

    /// <summary>Whose meeting it is.</summary>
    public Identity.OrganisationId Organisation => _meeting.Organisation;

    /// <summary>Since when it is open.</summary>
    public Instant OpenedAt { get; }

    /// <summary>Whether it closed because it was told to, and not because everybody was gone.</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>Completes when the host has closed, for whatever reason: nobody sits there any more, and another may open.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Completes when its legs of media are cut off too. A media node that is lost says so only when their leases are over.</summary>
    public Task Ended => _loop;

    private Instant Now => _context.Now;

    /// <summary>Takes a client in.</summary>
    /// <param name="identity">Who it is.</param>
    /// <param name="isInvited">Whether it is invited now; who was when the desk opened may not be any more.</param>
    /// <param name="owner">Where the desk's messages go.</param>
    /// <returns>Its seat; <see langword="null"/> when the host is closing, or there is no room.</returns>
    public Task<(EnterOutcome Outcome, ISeat? Seat)> EnterAsync(ByteString identity, bool isInvited, ISeatOwner owner) => AskAsync(
        () =>
        {
            if (_closing)
                return (EnterOutcome.Busy, (ISeat?)null);

            // The desk takes the connection before it for closed.
            foreach (Seated older in _seats.Values.Where(seat => seat.Identity == identity).ToArray())
                Remove(older, SeatEnd.Replaced);
            var id = new ConnectionId(++_connections);
            if (!_desk.HandleConnected(id, identity, isInvited, Now))
                return (EnterOutcome.Full, null);

            var seat = new Seated(this, id, identity, owner);
            _seats.Add(id, seat);
            return (EnterOutcome.Entered, seat);
        },
        (EnterOutcome.Busy, null));

    /// <summary>How the meeting stands, for the hub's pages.</summary>
    public Task<OpenOccurrence?> DescribeAsync() => AskAsync<OpenOccurrence?>(Describe, null);

    /// <summary>Lets somebody in from the lobby by the service.</summary>
    public Task<bool> AdmitAsync(ByteString identity) => AskAsync(() => _desk.AdmitByService(identity, Now), false);

    /// <summary>Removes a member by the service.</summary>
    public Task<bool> RemoveAsync(ByteString identity) => AskAsync(() => _desk.RemoveByService(identity, Now), false);

    /// <summary>Another hub serves the meeting now, or this one ends.</summary>
    public void StepDown() => _commands.Writer.TryWrite(() => IsSuperseded = _closing = true);

    /// <summary>Closes; everybody is to enter again.</summary>
    public async ValueTask DisposeAsync()
    {
        StepDown();
        await _loop;
    }

    private async Task RunAsync()
    {
        try
        {
            await foreach (Action command in _commands.Reader.ReadAllAsync())
            {
                command();
                Settle();
                if (_closing)
                    break;
            }
        }
        catch (Exception problem)
        {
            SignallingLog.DeskFailed(_context.Log, Name, problem);
        }

        await CloseAsync();
    }

    private async Task CloseAsync()
    {
        _closing = true;
        _commands.Writer.Complete();
        await _timer.DisposeAsync();
        await _stop.CancelAsync();
        foreach (Seated seat in _seats.Values.ToArray())
            Last(() => Remove(seat, SeatEnd.Moved));

        // Whoever asked meanwhile gets the answer of a host that is closing.
        while (_commands.Reader.TryRead(out Action? late))
            Last(late);
        _closed.SetResult();
        await EndLegsAsync();
        _stop.Dispose();
        SignallingLog.DeskClosed(_context.Log, Name);
    }

    // What broke the desk may break it again; those who wait are answered all the same.
    private void Last(Action command)
    {
        try
        {
            command();
        }
        catch (Exception problem)
        {
            SignallingLog.DeskFailed(_context.Log, Name, problem);
        }
    }

    private void Wake()
    {
        Instant now = Now;
        _desk.HandleTimeout(now);
        if (now >= _renewAt)
        {
            _renewAt = now + _context.Settings.LegRenewal;
            RenewLegs();
        }

        if (_seats.Count == 0 && now - _emptySince >= _context.Settings.Linger)
            _closing = true;
    }

    // What the desk wants after each command: the store, its clients, us.
    private void Settle()
    {
        if (_newestFed > _desk.Seq && _unanswered == 0)
        {
            _desk.HandleAppendedElsewhere(Now);
            _ = StepDownUnlessHomeAsync();
        }

        while (_desk.TryPollStore(out StoreRequest? request))
        {
            _unanswered++;
            _ = AskStoreAsync(request);
        }

        while (_desk.TryPollMessage(out ConnectionId to, out ServiceMessage? message))
        {
            if (_seats.TryGetValue(to, out Seated? seat))
                Tell(seat, message);
        }

        while (_desk.TryPollEvent(out DeskEvent? happened))
            Note(happened);

        if (_desk.IsOpen && !_follows && _context.IsShared)
        {
            _follows = true;
            _ = FollowAsync(_desk.Seq);
        }

        SetTimer();
    }

    private void Tell(Seated seat, ServiceMessage message)
    {
        // One message to all members is encoded once.
        if (!ReferenceEquals(_last.Message, message))
            _last = (message, message.Encode().ToArray());
        try
        {
            seat.Owner.Hear(_last.Encoded);
        }
        catch (Exception problem)
        {
            SignallingLog.SeatFailed(_context.Log, Name, problem);
        }
    }

    private void SetTimer()
    {
        Instant next = _desk.PollTimeout();
        if (_seats.Count == 0)
            next = Instant.Min(next, _emptySince + _context.Settings.Linger);
        if (_seats.Values.Any(seat => seat.Leg is not null))
            next = Instant.Min(next, _renewAt);
        TimeSpan wait = next == Instant.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling((next - Now).TotalMilliseconds), 0, 60_000));
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private async Task AskStoreAsync(StoreRequest request)
    {
        StoreAnswer answer;
        try
        {
            answer = request switch
            {
                OpenMeeting open => new MeetingOpened(open.Id, await _context.Store.OpenAsync(_instance, _stop.Token)),
                AppendEntry append => new EntryAppended(append.Id, await _context.Store.AppendAsync(_instance, append.Entry, _stop.Token)),
                ReadEntries read => new EntriesRead(read.Id, await _context.Store.ReadAsync(_instance, read.After, read.Most, _stop.Token)),
                RaiseFloor floor => new FloorRaised(floor.Id, await _context.Store.RaiseFloorAsync(_instance, floor.Generation, _stop.Token)),
                SaveSnapshot save => await SaveAsync(save),
                _ => throw new InvalidOperationException($"Nobody knows how to do {request}."),
            };
        }
        catch (Exception problem)
        {
            if (!_stop.IsCancellationRequested)
                SignallingLog.StoreFailed(_context.Log, Name, problem.Message);
            answer = new StoreFailed(request.Id);
        }

        _commands.Writer.TryWrite(() =>
        {
            _unanswered--;
            _desk.HandleStored(answer, Now);
        });
    }

    private async Task<StoreAnswer> SaveAsync(SaveSnapshot save)
    {
        await _context.Store.SaveSnapshotAsync(_instance, save.Snapshot, _stop.Token);
        return new SnapshotSaved(save.Id);
    }

    // Our own entries come by this way too; those of others tell that there is another desk.
    private async Task FollowAsync(ulong after)
    {
        try
        {
            await foreach (LogEntry entry in _context.Store.Feed.FollowAsync(_instance, after, _stop.Token))
                _commands.Writer.TryWrite(() => _newestFed = entry.Seq);
        }
        catch (OperationCanceledException)
        {
            // We close.
        }
        catch (StoreException problem)
        {
            // The fence still holds; a conflict tells us then.
            SignallingLog.StoreFailed(_context.Log, Name, problem.Message);
        }
    }

    private async Task StepDownUnlessHomeAsync()
    {
        try
        {
            if (await _context.Homes.IsHereAsync(_instance, _stop.Token))
                return;

            SignallingLog.DeskSuperseded(_context.Log, Name);
            StepDown();
        }
        catch (Exception problem) when (problem is StoreException or OperationCanceledException or ObjectDisposedException)
        {
            // The next pulse of the hub asks again.
        }
    }

    private void Note(DeskEvent happened)
    {
        switch (happened)
        {
            case MediaCut cut:
                CutMedia(cut.Identity);
                break;
            case EpochBegan:
                EndLegsOfOthers();
                break;
        }
    }

    private void Remove(Seated seat, SeatEnd? why)
    {
        if (!_seats.Remove(seat.Id))
            return;

        _desk.HandleDisconnected(seat.Id, Now);
        EndLeg(seat);
        if (_seats.Count == 0)
            _emptySince = Now;
        if (why is { } reason)
            seat.Owner.Ended(reason);
    }

    private OpenOccurrence? Describe() => _closing ? null : new OpenOccurrence(
        _instance,
        _meeting.Organisation,
        _desk.Policy.Class,
        _desk.Policy.IsStrict,
        _desk.Policy.IsLocked,
        _desk.Generation,
        _desk.Epoch,
        [.. _desk.MemberIdentities],
        [.. _desk.Waiting]);

    // Runs on the loop; a host that has closed answers what it would say then.
    private async Task<T> AskAsync<T>(Func<T> ask, T whenClosed)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool taken = _commands.Writer.TryWrite(() =>
        {
            try
            {
                answer.TrySetResult(ask());
            }
            catch
            {
                // It ends the host, so the answer is that of one that has ended.
                answer.TrySetResult(whenClosed);
                throw;
            }
        });
        return taken ? await answer.Task : whenClosed;
    }

    /// <summary>A client's place at this desk. What changes belongs to the loop.</summary>
    private sealed class Seated(DeskHost host, ConnectionId id, ByteString identity, ISeatOwner owner) : ISeat
    {
        public ConnectionId Id => id;

        public ByteString Identity => identity;

        public ISeatOwner Owner => owner;

        public LegId? Leg { get; set; }

        /// <summary>It had a leg, which it may have again when it is a member.</summary>
        public bool MissesLeg { get; set; }

        /// <summary>It was asked to offer again and has not yet.</summary>
        public bool IsAsked { get; set; }

        public async ValueTask SayAsync(ReadOnlyMemory<byte> message) => await host.AskAsync(
            () =>
            {
                host._desk.HandleMessage(id, message.Span, new GroupTime(host.Now, host._context.Clock.GetUtcNow()));
                return true;
            },
            false);

        public Task<OfferReply> OfferAsync(ReadOnlyMemory<byte> offer) => host.OfferAsync(this, offer);

        public void Exit(bool leaves) => host._commands.Writer.TryWrite(() =>
        {
            if (leaves && host._seats.ContainsKey(id))
                host._desk.HandleMessage(id, new LeaveMeeting().Encode(), new GroupTime(host.Now, host._context.Clock.GetUtcNow()));
            host.Remove(this, null);
        });
    }
}
