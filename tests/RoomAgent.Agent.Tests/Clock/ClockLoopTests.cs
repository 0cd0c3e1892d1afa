using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Clock;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Clock;

public sealed class ClockLoopTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Released = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Now = new(2026, 12, 24, 18, 0, 0, TimeSpan.Zero);

    private readonly CancellationTokenSource stopping = new();
    private readonly ManualClock clock = new(Now);
    private readonly MemoryStore store = new();
    private readonly MemoryStatus status = new();
    private ClockLoop? loop;
    private Task? running;

    [Fact]
    public async Task TheTimeIsSavedAtStartAndThenEveryHour()
    {
        await StartAsync();
        Assert.Equal(Now, store.Saved);

        await AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(Now, store.Saved);

        await AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(Now.AddHours(1), store.Saved);

        await AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(Now.AddHours(2), store.Saved);
    }

    [Fact]
    public async Task AReloadChangesHowOften()
    {
        await StartAsync();
        loop!.Apply(new RoomSettings { SaveClockEvery = TimeSpan.FromSeconds(1) });
        await loop.PingAsync();

        await AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(Now.AddSeconds(1), store.Saved);
    }

    [Fact]
    public async Task TheTimeIsSavedAtTheEnd()
    {
        await StartAsync();
        await AdvanceAsync(TimeSpan.FromMinutes(7));

        await stopping.CancelAsync();
        await running!;

        Assert.Equal(Now.AddMinutes(7), store.Saved);
    }

    [Fact]
    public async Task AClockBelowTheSavedTimeIsNotTrustedUntilItIsSet()
    {
        store.Saved = Now.AddDays(3);
        await StartAsync();
        Assert.Equal("the clock is not set", status[StatusTopic.Clock]);
        Assert.Equal(Now.AddDays(3), store.Saved);

        clock.Correction = TimeSpan.FromDays(4);
        await AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Null(status[StatusTopic.Clock]);
        Assert.Equal(Now.AddDays(4).AddSeconds(5), store.Saved);
    }

    [Fact]
    public async Task AClockThatFallsBackWhileWeRunIsNoticed()
    {
        await StartAsync();
        Assert.Null(status[StatusTopic.Clock]);

        clock.Correction = TimeSpan.FromDays(-400);
        await AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal("the clock is not set", status[StatusTopic.Clock]);
        Assert.Equal(Now, store.Saved);
    }

    [Fact]
    public async Task AFullDiskDoesNotStopTheClock()
    {
        store.IsFull = true;
        await StartAsync();

        store.IsFull = false;
        await AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(Now.AddHours(1), store.Saved);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running!;
        loop!.Dispose();
        stopping.Dispose();
    }

    private async Task StartAsync()
    {
        loop = new ClockLoop(new RoomSettings(), Released, clock, store, status, NullLogger<ClockLoop>.Instance);
        running = loop.RunAsync(stopping.Token);
        await loop.PingAsync();
    }

    private async Task AdvanceAsync(TimeSpan span)
    {
        clock.Advance(span);
        await loop!.PingAsync();
    }

    private sealed class MemoryStore : IClockStore
    {
        public DateTimeOffset? Saved { get; set; }

        public bool IsFull { get; set; }

        public DateTimeOffset? Load() => Saved;

        public void Save(DateTimeOffset moment)
        {
            if (IsFull)
                throw new IOException("no space left");
            Saved = moment;
        }
    }
}
