using Microsoft.Extensions.Logging;
using RoomAgent.Hal;

namespace RoomAgent.Agent.Devices;

/// <summary>
/// The screen's thread: draws what the room shows and the pictures of those in it, as often as something changes and the display can show it.
/// Nothing managed is allocated for a picture. A mistake of ours while it draws is logged, is <see cref="DeviceOutcome.Failed"/> to who asks, and is tried again.
/// </summary>
/// <remarks>Of each tile only the newest picture counts: one that nobody saw in time is given back.</remarks>
public sealed class ScreenLoop : IDisposable
{
    private const int MostTiles = 32;
    private static readonly TimeSpan s_refresh = TimeSpan.FromSeconds(1.0 / 60);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    // Far enough from where dates end for everything that is reckoned from them.
    private static readonly long s_latest = new DateTime(9_000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly IRoomScreen _screen;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _newestTurn = new();
    private readonly Dictionary<TileId, VideoFrame> _newest = new(MostTiles);
    private readonly List<(TileId Tile, VideoFrame Picture)> _taken = new(MostTiles);
    private readonly AutoResetEvent _bell = new(false);
    private readonly ManualResetEventSlim _closing = new();
    private readonly Thread _thread;
    private ScreenContents? _contents;
    private ScreenContents? _said;
    private volatile DeviceOutcome _outcome = DeviceOutcome.Done;
    private long _late;
    private long _timeAtZero;
    private volatile bool _stopping;

    /// <summary>Starts drawing.</summary>
    /// <param name="screen">The screen, which belongs to the loop from now on.</param>
    /// <param name="clock">The machine's clock; its time zone is the room's.</param>
    /// <param name="log">The journal.</param>
    public ScreenLoop(IRoomScreen screen, TimeProvider clock, ILogger<ScreenLoop> log)
    {
        _screen = screen;
        _clock = clock;
        _log = log;
        _thread = new Thread(Run) { IsBackground = true, Name = "screen" };
        _thread.Start();
    }

    /// <summary>Pictures that a newer one overtook before they were drawn.</summary>
    public long Late => Volatile.Read(ref _late);

    /// <summary>What the display answered last.</summary>
    public DeviceOutcome Outcome => _outcome;

    /// <summary>Raised on the screen's thread when something new is to be seen.</summary>
    public event Action? Presented;

    /// <summary>Says what is to be seen. Any thread.</summary>
    public void Show(ScreenContents contents)
    {
        Interlocked.Exchange(ref _contents, contents);
        _bell.Set();
    }

    /// <summary>
    /// Says what time it is, for a room that knows better than the machine's clock, which may be wrong by years. From then on the clock on the screen goes by this,
    /// whatever the machine's is set to. Any thread.
    /// </summary>
    public void SetTime(DateTimeOffset time) => Volatile.Write(ref _timeAtZero, Math.Clamp(time.UtcTicks, TimeSpan.TicksPerDay, s_latest) - _clock.GetElapsedTime(0).Ticks);

    /// <summary>Brings a picture, which belongs to the loop from now on. Any thread.</summary>
    public void ShowPicture(TileId tile, VideoFrame picture)
    {
        VideoFrame? overtaken;
        lock (_newestTurn)
        {
            if (_stopping || (!_newest.TryGetValue(tile, out overtaken) && _newest.Count == MostTiles))
                overtaken = picture;
            else
                _newest[tile] = picture;
        }

        if (overtaken is not null)
        {
            Interlocked.Increment(ref _late);
            overtaken.Dispose();
        }

        _bell.Set();
    }

    /// <summary>Draws no more. What is on the display stays there.</summary>
    public void Dispose()
    {
        if (_stopping)
            return;

        _stopping = true;
        _closing.Set();
        _bell.Set();
        _thread.Join();
        lock (_newestTurn)
        {
            foreach (VideoFrame picture in _newest.Values)
                picture.Dispose();
            _newest.Clear();
        }

        _screen.Dispose();
        _closing.Dispose();
    }

    private DateTimeOffset Now
    {
        get
        {
            long zero = Volatile.Read(ref _timeAtZero);
            return zero == 0 ? _clock.GetLocalNow() : TimeZoneInfo.ConvertTime(new DateTimeOffset(zero + _clock.GetElapsedTime(0).Ticks, TimeSpan.Zero), _clock.LocalTimeZone);
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            long begun = _clock.GetTimestamp();
            if (!TryRefresh(out TimeSpan wait))
            {
                _closing.Wait(s_retry);
                continue;
            }

            TimeSpan spent = _clock.GetElapsedTime(begun);
            if (spent < s_refresh)
                Thread.Sleep(s_refresh - spent);
            _bell.WaitOne(wait);
        }
    }

    // What is shown may come from strangers: their names, their pictures. A mistake with it must not take the room down.
    private bool TryRefresh(out TimeSpan wait)
    {
        try
        {
            if (Interlocked.Exchange(ref _contents, null) is { } contents)
            {
                _said = contents;
                _screen.Show(contents);
            }

            TakePictures();
            Draw();
            wait = UntilNextChange();
            return true;
        }
#pragma warning disable CA1031 // whatever it is, it is logged, and drawn anew
        catch (Exception mistake)
#pragma warning restore CA1031
        {
            _log.ScreenMistaken(mistake);
            _outcome = DeviceOutcome.Failed;
            foreach ((_, VideoFrame picture) in _taken)
                picture.Dispose();
            _taken.Clear();

            // Said again, unless there is something newer.
            Interlocked.CompareExchange(ref _contents, _said, null);
            wait = default;
            return false;
        }
    }

    private void TakePictures()
    {
        lock (_newestTurn)
        {
            foreach ((TileId tile, VideoFrame picture) in _newest)
                _taken.Add((tile, picture));
            _newest.Clear();
        }

        // What was handed over is the screen's, whatever it does then.
        while (_taken.Count > 0)
        {
            (TileId tile, VideoFrame picture) = _taken[^1];
            _taken.RemoveAt(_taken.Count - 1);
            _screen.ShowPicture(tile, picture);
        }
    }

    private void Draw()
    {
        DeviceOutcome outcome = _screen.Render(Now);
        if (outcome == DeviceOutcome.Done)
            Presented?.Invoke();

        DeviceOutcome before = _outcome;
        _outcome = outcome == DeviceOutcome.Nothing ? DeviceOutcome.Done : outcome;
        if (_outcome != before)
            _log.ScreenChanged(_outcome);
    }

    private TimeSpan UntilNextChange()
    {
        TimeSpan wait = _screen.NextChange - Now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > s_longestWait ? s_longestWait : wait;
    }
}
