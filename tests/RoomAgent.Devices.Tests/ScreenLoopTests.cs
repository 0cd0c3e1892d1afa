using System.Collections.Concurrent;
using RoomAgent.Agent.Devices;
using RoomAgent.Hal;
using RoomAgent.Hal.Media;

namespace RoomAgent.Devices.Tests;

/// <summary>The screen's thread, with a screen that makes mistakes.</summary>
public sealed class ScreenLoopTests : IDisposable
{
    private static readonly ScreenContents s_idle = new(new IdleScene([]));

    private readonly BrokenScreen _screen = new();
    private readonly Journal<ScreenLoop> _journal = new();
    private readonly PicturePool _pool = new(2);
    private readonly ScreenLoop _loop;

    public ScreenLoopTests() => _loop = new ScreenLoop(_screen, TimeProvider.System, _journal);

    public void Dispose()
    {
        _loop.Dispose();
        _pool.Dispose();
    }

    [Theory]
    [InlineData(nameof(IRoomScreen.Show))]
    [InlineData(nameof(IRoomScreen.ShowPicture))]
    [InlineData(nameof(IRoomScreen.Render))]
    [InlineData(nameof(IRoomScreen.NextChange))]
    public void AMistakeIsAStateAndWhatWasToBeSeenIsSaidAgain(string where)
    {
        _screen.Mistake = where;
        _loop.Show(s_idle);
        ShowPicture();
        Waiting.Until(() => _journal.Lines.Any(line => line.Mistake is { Message: "a mistake of the test's" }), "the line in the journal");
        Assert.Equal(DeviceOutcome.Failed, _loop.Outcome);

        _screen.Shown.Clear();
        _screen.Mistake = "";
        Waiting.Until(() => _loop.Outcome == DeviceOutcome.Done, "the recovery");

        Assert.Contains(s_idle, _screen.Shown);
        ShowPicture();
        Waiting.Until(() => _screen.Pictures > 0, "a picture");

        // All but those that the screen has been given came back.
        _loop.Dispose();
        Assert.True(_pool.TryTake(64, 64, default, out PooledPicture? first));
        Assert.True(_pool.TryTake(64, 64, default, out PooledPicture? second));
        first!.Dispose();
        second!.Dispose();
    }

    [Fact]
    public void ItEndsWhileNothingCanBeDrawn()
    {
        _screen.Mistake = nameof(IRoomScreen.Render);
        _loop.Show(s_idle);
        Waiting.Until(() => _loop.Outcome == DeviceOutcome.Failed, "the mistake");

        _loop.Dispose();

        Assert.True(_screen.IsDisposed);
    }

    [Fact]
    public void AKnownTimeIsShownWhateverTheMachineSays()
    {
        DateTimeOffset known = DateTimeOffset.UtcNow.AddYears(10);

        _loop.SetTime(known);
        _loop.Show(s_idle);

        Waiting.Until(() => _screen.Time >= known && _screen.Time < known.AddMinutes(1), "the known time");
        Assert.Equal(TimeZoneInfo.Local.GetUtcOffset(_screen.Time), _screen.Time.Offset);
    }

    [Fact]
    public void ATimeAtTheEndOfAllDatesIsDrawnToo()
    {
        foreach (DateTimeOffset time in (DateTimeOffset[])[DateTimeOffset.MinValue, DateTimeOffset.MaxValue])
        {
            _loop.SetTime(time);
            _loop.Show(s_idle);
            Waiting.Until(() => _screen.Time.Year == (time.Year == 1 ? 1 : 9_000), "the time");
        }

        Assert.DoesNotContain(_journal.Lines, line => line.Mistake is not null);
    }

    private void ShowPicture()
    {
        Assert.True(_pool.TryTake(64, 64, default, out PooledPicture? picture));
        _loop.ShowPicture(new TileId(1), picture!);
    }

    private sealed class BrokenScreen : IRoomScreen
    {
        private readonly Lock _timeTurn = new();
        private volatile string _mistake = "";
        private DateTimeOffset _time;
        private int _pictures;

        public string Mistake { get => _mistake; set => _mistake = value; }

        public ConcurrentQueue<ScreenContents> Shown { get; } = new();

        public int Pictures => Volatile.Read(ref _pictures);

        public DateTimeOffset Time
        {
            get
            {
                lock (_timeTurn)
                    return _time;
            }
        }

        public bool IsDisposed { get; private set; }

        public DateTimeOffset NextChange
        {
            get
            {
                Make(nameof(NextChange));
                return DateTimeOffset.MaxValue;
            }
        }

        public void Show(ScreenContents contents)
        {
            Make(nameof(Show));
            Shown.Enqueue(contents);
        }

        public void ShowPicture(TileId tile, VideoFrame picture)
        {
            picture.Dispose();
            Make(nameof(ShowPicture));
            Interlocked.Increment(ref _pictures);
        }

        public DeviceOutcome Render(DateTimeOffset now)
        {
            Make(nameof(Render));
            lock (_timeTurn)
                _time = now;
            return DeviceOutcome.Done;
        }

        public void Dispose() => IsDisposed = true;

        private void Make(string what)
        {
            if (_mistake == what)
                throw new InvalidOperationException("a mistake of the test's");
        }
    }
}
