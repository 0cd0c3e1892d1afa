using Microsoft.Extensions.Logging;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Clock;

/// <summary>
/// Raises the clock's floor as time goes by and saves it; says so when the clock stands below it. A loop of its own,
/// because saving waits for the storage and the room must not.
/// </summary>
public sealed class ClockLoop : ILoop, ISettingsListener, IDisposable
{
    /// <summary>How soon it is noticed that a wrong clock was set right.</summary>
    private static readonly TimeSpan s_lookAgain = TimeSpan.FromSeconds(5);

    private readonly Mailbox<Message> _mailbox = new();
    private readonly TimeProvider _clock;
    private readonly IClockStore _store;
    private readonly IStatusBoard _status;
    private readonly ILogger<ClockLoop> _log;
    private readonly DateTimeOffset _released;
    private readonly ITimer _timer;

    private TimeSpan _saveEvery;
    private volatile bool _trusted = true;
    private long _floor;

    /// <summary>A loop for a release of the date <paramref name="released"/>.</summary>
    public ClockLoop(
        RoomSettings settings,
        DateTimeOffset released,
        TimeProvider clock,
        IClockStore store,
        IStatusBoard status,
        ILogger<ClockLoop> log)
    {
        _saveEvery = settings.SaveClockEvery;
        _released = released;
        _floor = released.UtcTicks;
        _clock = clock;
        _store = store;
        _status = status;
        _log = log;
        _timer = clock.CreateTimer(_ => _mailbox.Post(new Message.Tick()), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name => "clock";

    /// <summary>Whether the clock stands above its floor. Any thread.</summary>
    public bool IsTrusted => _trusted;

    /// <summary>No time earlier than this is believed, whoever says it. Any thread.</summary>
    public DateTimeOffset Floor => new(Volatile.Read(ref _floor), TimeSpan.Zero);

    /// <inheritdoc/>
    public void Apply(RoomSettings settings) => _mailbox.Post(new Message.SaveEvery(settings.SaveClockEvery));

    /// <inheritdoc/>
    public Task PingAsync() => _mailbox.PingAsync();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stopping)
    {
        ClockFloor floor = ClockFloor.From(_released, _store.Load());
        Volatile.Write(ref _floor, floor.Moment.UtcTicks);
        floor = Tick(floor);

        await foreach (Message message in _mailbox.ReadAllAsync(stopping))
        {
            if (message is Message.SaveEvery(TimeSpan span))
                _saveEvery = span;
            floor = Tick(floor);
        }

        Tick(floor);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Looks at the clock once, and asks to be woken when it is time to look again.</summary>
    private ClockFloor Tick(ClockFloor floor)
    {
        DateTimeOffset now = _clock.GetUtcNow();
        Judge(now, floor);

        if (_trusted)
        {
            floor = floor.RaisedTo(now);
            Volatile.Write(ref _floor, floor.Moment.UtcTicks);
            Save(floor.Moment);
        }

        // Once each time: a loop that waits for its storage must not find a heap of old ticks afterwards.
        _timer.Change(_trusted ? _saveEvery : s_lookAgain, Timeout.InfiniteTimeSpan);
        return floor;
    }

    private void Judge(DateTimeOffset now, ClockFloor floor)
    {
        bool wasTrusted = _trusted;
        _trusted = floor.Allows(now);
        if (_trusted == wasTrusted)
            return;

        if (_trusted)
            _log.ClockTrusted(now);
        else
            _log.ClockBelowFloor(now, floor.Moment);
        _status.Post(StatusTopic.Clock, _trusted ? null : "the clock is not set");
    }

    private void Save(DateTimeOffset moment)
    {
        try
        {
            _store.Save(moment);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _log.ClockNotSaved(problem.Message);
        }
    }

    private abstract record Message
    {
        public sealed record Tick : Message;

        public sealed record SaveEvery(TimeSpan Span) : Message;
    }
}
