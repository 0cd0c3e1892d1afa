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
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly Mailbox<Message> mailbox = new();
    private readonly TimeProvider clock;
    private readonly IClockStore store;
    private readonly IStatusBoard status;
    private readonly ILogger<ClockLoop> log;
    private readonly DateTimeOffset released;
    private readonly ITimer timer;

    private TimeSpan saveEvery;
    private bool trusted = true;

    /// <summary>A loop for a release of the date <paramref name="released"/>.</summary>
    public ClockLoop(
        RoomSettings settings,
        DateTimeOffset released,
        TimeProvider clock,
        IClockStore store,
        IStatusBoard status,
        ILogger<ClockLoop> log)
    {
        saveEvery = settings.SaveClockEvery;
        this.released = released;
        this.clock = clock;
        this.store = store;
        this.status = status;
        this.log = log;
        timer = clock.CreateTimer(_ => mailbox.Post(new Message.Tick()), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public string Name => "clock";

    /// <inheritdoc/>
    public void Apply(RoomSettings settings) => mailbox.Post(new Message.SaveEvery(settings.SaveClockEvery));

    /// <inheritdoc/>
    public Task PingAsync() => mailbox.PingAsync();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stopping)
    {
        ClockFloor floor = ClockFloor.From(released, store.Load());
        floor = Tick(floor);

        await foreach (Message message in mailbox.ReadAllAsync(stopping))
        {
            if (message is Message.SaveEvery(TimeSpan span))
                saveEvery = span;
            floor = Tick(floor);
        }

        Tick(floor);
    }

    /// <inheritdoc/>
    public void Dispose() => timer.Dispose();

    /// <summary>Looks at the clock once, and asks to be woken when it is time to look again.</summary>
    private ClockFloor Tick(ClockFloor floor)
    {
        DateTimeOffset now = clock.GetUtcNow();
        Judge(now, floor);

        if (trusted)
        {
            floor = floor.RaisedTo(now);
            Save(floor.Moment);
        }

        // Once each time: a loop that waits for its storage must not find a heap of old ticks afterwards.
        timer.Change(trusted ? saveEvery : LookAgain, Timeout.InfiniteTimeSpan);
        return floor;
    }

    private void Judge(DateTimeOffset now, ClockFloor floor)
    {
        bool wasTrusted = trusted;
        trusted = floor.Allows(now);
        if (trusted == wasTrusted)
            return;

        if (trusted)
            log.ClockTrusted(now);
        else
            log.ClockBelowFloor(now, floor.Moment);
        status.Post(StatusTopic.Clock, trusted ? null : "the clock is not set");
    }

    private void Save(DateTimeOffset moment)
    {
        try
        {
            store.Save(moment);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            log.ClockNotSaved(problem.Message);
        }
    }

    private abstract record Message
    {
        public sealed record Tick : Message;

        public sealed record SaveEvery(TimeSpan Span) : Message;
    }
}
