using RoomAgent.Hal.Media.Drawing.Pages;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>
/// A room's screen on the lowest layer of a display: text by Pango and cairo, QR codes by libqrencode, pictures by a <see cref="TilePainter"/>.
/// </summary>
/// <remarks>
/// What is to be shown is composed into a list of items, each with a box it stays in. What two lists have in common stays on the display;
/// the boxes of the rest, and of tiles with a new picture, are drawn anew, each from its lowest visible item up. A still screen draws nothing.
/// The lowest layer must be memory that is quick to read: labels are blended over pictures.
/// </remarks>
public sealed class RoomScreen : IRoomScreen
{
    // How long a display that is not there is left alone.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    private readonly IDisplay _display;
    private readonly int _tallest;
    private readonly TextLayouts _layouts = new();
    private readonly TilePictures _pictures = new();
    private readonly Canvas _canvas = new();
    private readonly Damage _damage = new();
    private ScreenContents _contents = new(new StartingScene());
    private Item[] _items = [];
    private IDisplayLayer? _layer;
    private volatile bool _displayChanged;
    private DateTimeOffset _composedAt;
    private bool _isStale = true;
    private bool _isDrawn;
    private bool _isDisposed;

    /// <summary>Takes a display, which stays the caller's. Nothing is drawn before the first <see cref="Render"/>.</summary>
    /// <param name="display">The display.</param>
    /// <param name="tallest">The most rows of pixels that the display is set to, when it has a choice; at least 1. More cost more, for every picture.</param>
    public RoomScreen(IDisplay display, int tallest = 1_080)
    {
        ArgumentNullException.ThrowIfNull(display);
        ArgumentOutOfRangeException.ThrowIfLessThan(tallest, 1);
        _display = display;
        _tallest = tallest;
        _display.Changed += NoteChange;
    }

    /// <summary>The languages that it speaks (ISO 639-1).</summary>
    public static IReadOnlyCollection<string> Languages => Words.Languages;

    /// <inheritdoc/>
    public DateTimeOffset NextChange { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>What the last <see cref="Render"/> has drawn.</summary>
    internal IReadOnlyList<Area> LastDamage => _damage.Areas;

    /// <summary>What the page consists of, the lowest first.</summary>
    internal IReadOnlyList<Item> Items => _items;

    /// <inheritdoc/>
    public void Show(ScreenContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _contents = contents;
        _isStale = true;
        NextChange = DateTimeOffset.MinValue;
        // From now on pictures of these tiles are taken; those that the page has no room for are given back when it is composed.
        _pictures.Keep(TilesOf(contents.Scene));
    }

    /// <inheritdoc/>
    public void ShowPicture(TileId tile, VideoFrame picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _pictures.Take(tile, picture);
    }

    /// <inheritdoc/>
    public DeviceOutcome Render(DateTimeOffset now)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _damage.Clear();

        // 1. Which display?
        if (_layer is null || _displayChanged)
        {
            DeviceOutcome opened = Open();
            if (opened != DeviceOutcome.Done)
            {
                NextChange = now + s_patience;
                return opened;
            }
        }

        // 2. Which page?
        if (_isStale || now >= NextChange || now < _composedAt || now.Offset != _composedAt.Offset)
            Compose(now);

        // 3. Which tiles have a new picture?
        foreach (Item item in _items)
        {
            if (item is PictureItem picture && _pictures.TakeNews(picture.Tile))
                _damage.Add(picture.Box);
        }

        // 4. Draw that, and show it. On a display that is far too small boxes reach beyond it.
        _damage.ClipTo(new Area(0, 0, _layer!.Width, _layer.Height));
        if (_damage.Count == 0 && !_isDrawn)
            return DeviceOutcome.Nothing;
        if (_damage.Count > 0 && !Draw(_layer))
            return Lose(DeviceOutcome.Failed);
        DeviceOutcome presented = _display.Present();
        if (presented is DeviceOutcome.Gone or DeviceOutcome.Failed)
            return Lose(presented);
        _isDrawn = presented != DeviceOutcome.Done;
        return presented;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        _display.Changed -= NoteChange;
        _pictures.Dispose();
        _layouts.Dispose();
        _canvas.Dispose();
    }

    private void NoteChange() => _displayChanged = true;

    private DeviceOutcome Lose(DeviceOutcome outcome)
    {
        _layer = null;
        return outcome;
    }

    private DeviceOutcome Open()
    {
        // First of all, so that what changes from here on is found by the next call.
        _displayChanged = false;
        _layer = null;
        if (!_display.IsConnected)
            return DeviceOutcome.Gone;
        if (ChooseMode(_display.Modes) is { } mode && mode != _display.Mode)
        {
            DeviceOutcome set = _display.SetMode(mode);
            if (set != DeviceOutcome.Done)
                return set;
        }
        if (_display.Layers is not [IDisplayLayer layer, ..] || layer.Width < 1 || layer.Height < 1)
            return DeviceOutcome.Failed;
        _layer = layer;
        _items = [];
        _isStale = true;
        return DeviceOutcome.Done;
    }

    // The preferred one, unless it is too tall and there is another: then the one with the most pixels, and of these the quickest.
    private DisplayMode? ChooseMode(IReadOnlyList<DisplayMode> modes)
    {
        if (modes.Count == 0)
            return null;
        if (modes[0].Height <= _tallest || !modes.Any(mode => mode.Height <= _tallest))
            return modes[0];
        return modes.Where(mode => mode.Height <= _tallest).MaxBy(mode => ((long)mode.Width * mode.Height, mode.RefreshRate));
    }

    private void Compose(DateTimeOffset now)
    {
        bool isNew = _items.Length == 0;
        _layouts.BeginPage();
        var page = new Page(_layer!.Width, _layer.Height, _contents, now, _layouts, _pictures);
        AnyPage.Compose(page);
        _layouts.EndPage();

        Item[] items = [.. page.Items];
        if (isNew)
            _damage.Add(page.Whole);
        else
            _damage.AddDifference(_items, items);
        _items = items;
        _pictures.Keep(page.Tiles);
        _composedAt = now;
        NextChange = page.ChangesAt;
        _isStale = false;
    }

    private static HashSet<TileId> TilesOf(RoomScene scene) => scene switch
    {
        MeetingScene meeting => [.. meeting.Tiles.Where(tile => !tile.IsCameraOff).Select(tile => tile.Id), .. Optional(meeting.IsCameraOff ? null : meeting.SelfView)],
        WaitingScene waiting => [.. Optional(waiting.SelfView)],
        _ => [],
    };

    private static TileId[] Optional(TileId? tile) => tile is { } one ? [one] : [];

    private unsafe bool Draw(IDisplayLayer layer)
    {
        Span<byte> pixels = layer.Pixels;
        if (layer.Stride < layer.Width * 4 || pixels.Length < (long)(layer.Height - 1) * layer.Stride + layer.Width * 4)
            return false;
        fixed (byte* first = pixels)
        {
            _canvas.Begin(first, layer.Width, layer.Height, layer.Stride);
            for (int i = 0; i < _damage.Count; i++)
                Draw(_damage[i]);
            _canvas.End();
        }
        for (int i = 0; i < _damage.Count; i++)
            layer.Damage(_damage[i]);
        return true;
    }

    private void Draw(Area area)
    {
        int lowest = _items.Length - 1;
        while (lowest > 0 && !_items[lowest].Covers(area))
            lowest--;
        _canvas.ClipTo(area);
        for (int i = lowest; i < _items.Length; i++)
        {
            if (_items[i].Box.Touches(area))
                _items[i].Paint(_canvas);
        }
        _canvas.Unclip();
    }
}
