using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Clock;
using RoomAgent.Agent.Diagnostics;
using RoomAgent.Agent.Settings;

namespace RoomAgent.Agent.Tests.Clock;

public sealed class ClockLoopTests : IAsyncDisposable
{
    private static readonly DateTimeOffset s_released = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_now = new(2026, 12, 24, 18, 0, 0, TimeSpan.Zero);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ManualClock _clock = new(s_now);
    private readonly MemoryStore _store = new();
    private readonly MemoryStatus _status = new();
    private ClockLoop? _loop;
    private Task? _running;

    [Fact]
    public async Task TheTimeIsSavedAtStartAndThenEveryHour()
    {
        await StartAsync();
        Assert.Equal(s_now, _store.Saved);

        await AdvanceAsync(TimeSpan.FromMinutes(59));
        Assert.Equal(s_now, _store.Saved);

        await AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(s_now.AddHours(1), _store.Saved);

        await AdvanceAsync(TimeSpan.FromHours(1));
        Assert.Equal(s_now.AddHours(2), _store.Saved);
    }

    [Fact]
    public async Task AReloadChangesHowOften()
    {
        await StartAsync();
        _loop!.Apply(new RoomSettings { SaveClockEvery = TimeSpan.FromSeconds(1) });
        await _loop.PingAsync();

        await AdvanceAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(s_now.AddSeconds(1), _store.Saved);
    }

    [Fact]
    public async Task TheTimeIsSavedAtTheEnd()
    {
        await StartAsync();
        await AdvanceAsync(TimeSpan.FromMinutes(7));

        await _stopping.CancelAsync();
        await _running!;

        Assert.Equal(s_now.AddMinutes(7), _store.Saved);
    }

    [Fact]
    public async Task AClockBelowTheSavedTimeIsNotTrustedUntilItIsSet()
    {
        _store.Saved = s_now.AddDays(3);
        await StartAsync();
        Assert.Equal("the clock is not set", _status[StatusTopic.Clock]);
        Assert.Equal(s_now.AddDays(3), _store.Saved);

        _clock.Correction = TimeSpan.FromDays(4);
        await AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Null(_status[StatusTopic.Clock]);
        Assert.Equal(s_now.AddDays(4).AddSeconds(5), _store.Saved);
    }

    [Fact]
    public async Task AClockThatFallsBackWhileWeRunIsNoticed()
    {
        await StartAsync();
        Assert.Null(_status[StatusTopic.Clock]);

        _clock.Correction = TimeSpan.FromDays(-400);
        await AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal("the clock is not set", _status[StatusTopic.Clock]);
        Assert.Equal(s_now, _store.Saved);
    }

    [Fact]
    public async Task AFullDiskDoesNotStopTheClock()
    {
        _store.IsFull = true;
        await StartAsync();

        _store.IsFull = false;
        await AdvanceAsync(TimeSpan.FromHours(1));

        Assert.Equal(s_now.AddHours(1), _store.Saved);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running!;
        _loop!.Dispose();
        _stopping.Dispose();
    }

    private async Task StartAsync()
    {
        _loop = new ClockLoop(new RoomSettings(), s_released, _clock, _store, _status, NullLogger<ClockLoop>.Instance);
        _running = _loop.RunAsync(_stopping.Token);
        await _loop.PingAsync();
    }

    private async Task AdvanceAsync(TimeSpan span)
    {
        _clock.Advance(span);
        await _loop!.PingAsync();
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
