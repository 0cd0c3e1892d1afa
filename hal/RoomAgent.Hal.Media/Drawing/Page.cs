namespace RoomAgent.Hal.Media.Drawing;

/// <summary>A page while it is composed: what is put on it, and when it will be out of date.</summary>
internal sealed class Page
{
    private readonly TextLayouts _layouts;
    private readonly TilePictures _pictures;
    private readonly List<Item> _items = [];
    private readonly HashSet<TileId> _tiles = [];
    private readonly double _unit;

    public Page(int width, int height, ScreenContents contents, DateTimeOffset now, TextLayouts layouts, TilePictures pictures)
    {
        Whole = new Area(0, 0, width, height);
        // On a display that is narrower than 16:9 the width decides, so that a line has as many letters as on any other.
        _unit = Math.Min(height, width * 9 / 16.0);
        Contents = contents;
        Now = now;
        Theme = Theme.Of(contents.Look.Theme);
        Words = Words.Of(contents.Look.Language);
        IsOutlined = contents.Look.Theme == ScreenTheme.HighContrast;
        _layouts = layouts;
        _pictures = pictures;
        _items.Add(new FillItem(Whole, Theme.Ground, 0));
    }

    public Area Whole { get; }

    public ScreenContents Contents { get; }

    public DateTimeOffset Now { get; }

    public Theme Theme { get; }

    public Words Words { get; }

    /// <summary>Whether cards and tiles have a line around them.</summary>
    public bool IsOutlined { get; }

    /// <summary>What the page consists of, the lowest first.</summary>
    public IReadOnlyList<Item> Items => _items;

    /// <summary>The tiles that want pictures.</summary>
    public IReadOnlySet<TileId> Tiles => _tiles;

    /// <summary>When it has to be composed anew.</summary>
    public DateTimeOffset ChangesAt { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>Says that something will be different from a moment on.</summary>
    public void Changes(DateTimeOffset at)
    {
        if (at > Now && at < ChangesAt)
            ChangesAt = at;
    }

    /// <summary>Says that something will be different from the next full minute on.</summary>
    public void ChangesNextMinute() => Changes(Now.AddTicks(TimeSpan.TicksPerMinute - Now.Ticks % TimeSpan.TicksPerMinute));

    /// <summary>Pixels for a part of the screen's height.</summary>
    public int Px(double part) => Math.Max(1, (int)Math.Round(part * _unit));

    /// <summary>A style by its size as a part of the screen's height.</summary>
    public TextStyle Style(double size, bool isBold = false, Align align = Align.Start, int lines = 1, double smallest = TypeScale.Note) =>
        new(size * _unit, Math.Min(size, smallest) * _unit, isBold, align, lines);

    public string Time(DateTimeOffset time) => Words.Time(time.ToOffset(Now.Offset), Contents.Look.HasTwelveHourClock);

    /// <summary>Lays text out without putting it on the page.</summary>
    public LaidText Measure(string text, TextStyle style, int width, int height = int.MaxValue) => _layouts.Lay(text, style, width, height);

    /// <summary>Puts text into a box.</summary>
    /// <param name="box">Its box, which it does not leave.</param>
    /// <param name="text">Clean text.</param>
    /// <param name="style">How it looks.</param>
    /// <param name="colour">Its colour.</param>
    /// <param name="down">Where it stands in the box's height: 0 at the top, 0.5 in the middle, 1 at the bottom.</param>
    /// <returns>What it takes up.</returns>
    public Area Text(Area box, string text, TextStyle style, Colour colour, double down = 0)
    {
        if (text.Length == 0 || box.IsEmpty())
            return box with { Width = 0, Height = 0 };
        LaidText laid = _layouts.Lay(text, style, box.Width, box.Height);
        int top = (int)Math.Round((box.Height - laid.Height) * down);
        // Letters such as J reach beyond their place, and marks beyond their line: what is drawn is a little larger than what is laid out.
        int bleed = (int)Math.Ceiling(laid.Size * Bleed);
        _items.Add(new TextItem(box.Inset(-bleed), laid, colour, bleed, bleed + top));
        return new Area(box.X + laid.Left, box.Y + top, laid.Width, laid.Height);
    }

    // As a part of the size of text.
    private const double Bleed = 0.15;

    public void Fill(Area box, Colour colour, int radius = 0) => _items.Add(new FillItem(box, colour, radius));

    public void Outline(Area box, Colour colour, int radius, int width) => _items.Add(new OutlineItem(box, colour, radius, width));

    /// <summary>A card.</summary>
    public void Card(Area box)
    {
        Fill(box, Theme.Surface, CardRadius);
        if (IsOutlined)
            Outline(box, Theme.Line, CardRadius, Px(0.003));
    }

    public int CardRadius => Px(0.016);

    /// <summary>A sign in the middle of a box.</summary>
    public void Sign(Area box, int size, Icon icon, Colour colour, Colour? ground = null) =>
        _items.Add(new IconItem(new Area(box.X + (box.Width - size) / 2, box.Y + (box.Height - size) / 2, size, size), icon, colour, ground ?? Theme.Ground));

    public void Picture(Area box, TileId tile, bool isWhole, int radius)
    {
        // A tile that is on the page twice has pictures once.
        if (_tiles.Add(tile))
            _items.Add(new PictureItem(box, tile, isWhole, _pictures, radius, Theme.Ground));
    }

    public void Qr(Area box, QrCode code) => _items.Add(new QrItem(box, code));
}
