using System.Text;
using RoomAgent.Hal.Media.Drawing.Interop;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>
/// Lays text out by Pango, and keeps what it has laid out as long as pages ask for it. Text that does not fit its box is made smaller in steps
/// and, at the smallest size of its style, shortened.
/// </summary>
internal sealed class TextLayouts : IDisposable
{
    private readonly Dictionary<(string Text, TextStyle Style, int Width, int Height), LaidText> _kept = [];
    private readonly PangoFontMapHandle _fonts;
    private readonly PangoContextHandle _context;
    private int _page;

    public TextLayouts()
    {
        _fonts = Libpangocairo.pango_cairo_font_map_new();
        _context = Libpango.pango_font_map_create_context(_fonts);

        // Grey edges: the order of a television's sub-pixels is not known, and it scales. Lines stand on whole pixels, so that they are sharp.
        using CairoFontOptionsHandle options = Libcairo.cairo_font_options_create();
        Libcairo.cairo_font_options_set_antialias(options, Libcairo.CAIRO_ANTIALIAS_GRAY);
        Libcairo.cairo_font_options_set_hint_style(options, Libcairo.CAIRO_HINT_STYLE_SLIGHT);
        Libcairo.cairo_font_options_set_hint_metrics(options, Libcairo.CAIRO_HINT_METRICS_ON);
        Libpangocairo.pango_cairo_context_set_font_options(_context, options);
    }

    /// <summary>Layouts that are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>Begins a page: what is not asked for until <see cref="EndPage"/> is forgotten then.</summary>
    public void BeginPage() => _page++;

    /// <summary>Forgets what the page did not ask for.</summary>
    public void EndPage()
    {
        foreach (var (key, laid) in _kept)
        {
            if (laid.Page == _page)
                continue;
            // Removing while looking through is allowed.
            _kept.Remove(key);
            laid.Dispose();
        }
    }

    /// <summary>Lays a text out in a box.</summary>
    /// <param name="text">Clean text (<see cref="ShownText"/>).</param>
    /// <param name="style">How it looks.</param>
    /// <param name="width">Pixels, at least 1.</param>
    /// <param name="height">Pixels, at least 1.</param>
    public LaidText Lay(string text, TextStyle style, int width, int height)
    {
        if (!_kept.TryGetValue((text, style, width, height), out LaidText? laid))
        {
            laid = Fit(text, style, Math.Max(width, 1), Math.Max(height, 1));
            _kept.Add((text, style, width, height), laid);
        }
        laid.Page = _page;
        return laid;
    }

    public void Dispose()
    {
        foreach (LaidText laid in _kept.Values)
            laid.Dispose();
        _kept.Clear();
        _context.Dispose();
        _fonts.Dispose();
    }

    private LaidText Fit(string text, TextStyle style, int width, int height)
    {
        var layout = Libpango.pango_layout_new(_context);
        Write(layout, text);
        Libpango.pango_layout_set_single_paragraph_mode(layout, 1);
        Libpango.pango_layout_set_width(layout, width * Libpango.PANGO_SCALE);
        // Minus n: at most n lines.
        Libpango.pango_layout_set_height(layout, -style.Lines);
        Libpango.pango_layout_set_ellipsize(layout, Libpango.PANGO_ELLIPSIZE_END);
        Libpango.pango_layout_set_alignment(layout, (int)style.Align);
        Libpango.pango_layout_set_wrap(layout, Libpango.PANGO_WRAP_WORD);

        for (double size = style.Size; size > style.Smallest; size *= TypeScale.Step)
        {
            if (Set(layout, text, style, size) is { } laid && Fits(laid, width, height))
                return laid;
        }

        // As small as it may be: now words may be broken, and what is too much goes.
        Libpango.pango_layout_set_wrap(layout, Libpango.PANGO_WRAP_WORD_CHAR);
        for (int lines = style.Lines; ; lines--)
        {
            Libpango.pango_layout_set_height(layout, -lines);
            LaidText laid = Set(layout, text, style, Math.Min(style.Size, style.Smallest));
            if (lines == 1 || laid.Height <= height)
                return laid;
        }
    }

    private static LaidText Set(PangoLayoutHandle layout, string text, TextStyle style, double size)
    {
        using PangoFontDescriptionHandle font = Libpango.pango_font_description_new();
        Libpango.pango_font_description_set_family(font, "Noto Sans");
        Libpango.pango_font_description_set_weight(font, style.IsBold ? Libpango.PANGO_WEIGHT_BOLD : Libpango.PANGO_WEIGHT_NORMAL);
        Libpango.pango_font_description_set_absolute_size(font, size * Libpango.PANGO_SCALE);
        Libpango.pango_layout_set_font_description(layout, font);
        return new LaidText(layout, text, size);
    }

    private static bool Fits(LaidText laid, int width, int height) => !laid.IsShortened && laid.Width <= width && laid.Height <= height;

    private static unsafe void Write(PangoLayoutHandle layout, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        fixed (byte* pointer = bytes)
            Libpango.pango_layout_set_text(layout, pointer, bytes.Length);
    }
}

/// <summary>Text that is laid out and only needs to be drawn.</summary>
internal sealed class LaidText : IDisposable
{
    public unsafe LaidText(PangoLayoutHandle layout, string text, double size)
    {
        Libpango.PangoRectangle ink, logical;
        Libpango.pango_layout_get_pixel_extents(layout, &ink, &logical);
        Layout = layout;
        Text = text;
        Size = size;
        Left = logical.X;
        Width = logical.Width;
        Height = logical.Height;
        Ink = new Area(ink.X, ink.Y, ink.Width, ink.Height);
        IsShortened = Libpango.pango_layout_is_ellipsized(layout) != 0;
        UnknownSigns = Libpango.pango_layout_get_unknown_glyphs_count(layout);
    }

    public PangoLayoutHandle Layout { get; }

    /// <summary>What was laid out, before anything of it was left out.</summary>
    public string Text { get; }

    /// <summary>The size that fitted, in pixels.</summary>
    public double Size { get; }

    /// <summary>Where it begins in the width that it was laid out in.</summary>
    public int Left { get; }

    /// <summary>Pixels.</summary>
    public int Width { get; }

    /// <summary>Pixels.</summary>
    public int Height { get; }

    /// <summary>What will be dark, seen from the upper left of the box it was laid out in.</summary>
    public Area Ink { get; }

    /// <summary>Whether something of it is left out.</summary>
    public bool IsShortened { get; }

    /// <summary>Signs for which no font of this machine has a picture.</summary>
    public int UnknownSigns { get; }

    /// <summary>The page that asked for it last.</summary>
    public int Page { get; set; }

    public void Dispose() => Layout.Dispose();
}
