using RoomAgent.Hal.Media.Drawing.Interop;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>The pixels of a display's layer, with cairo to draw on them.</summary>
/// <remarks>A display may have several buffers that take turns: for each there is a cairo surface, made when it comes up first. Nothing is allocated afterwards.</remarks>
internal sealed unsafe class Canvas : IDisposable
{
    // Two or three buffers take turns; a fifth means that memory moves, and the oldest surface goes.
    private readonly Surface?[] _surfaces = new Surface?[4];
    private int _oldest;
    private Surface _surface = null!;

    /// <summary>The first pixel.</summary>
    public byte* Pixels => _surface.Pixels;

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride => _surface.Stride;

    /// <summary>What to draw with.</summary>
    public CairoHandle Cairo => _surface.Cairo;

    /// <summary>Outside of this nothing is drawn.</summary>
    public Area Clip { get; private set; }

    /// <summary>Takes pixels to draw on, which stay where they are until <see cref="End"/>.</summary>
    public void Begin(byte* pixels, int width, int height, int stride)
    {
        foreach (Surface? known in _surfaces)
        {
            if (known is null || known.Pixels != pixels || known.Width != width || known.Height != height || known.Stride != stride)
                continue;
            _surface = known;
            Changed();
            return;
        }
        _surfaces[_oldest]?.Dispose();
        _surfaces[_oldest] = _surface = new Surface(pixels, width, height, stride);
        _oldest = (_oldest + 1) % _surfaces.Length;
    }

    /// <summary>All is drawn.</summary>
    public void End() => Flush();

    /// <summary>Lets drawing happen inside an area alone, until <see cref="Unclip"/>; and on the canvas in any case.</summary>
    public void ClipTo(Area area)
    {
        area = area.Intersect(new Area(0, 0, _surface.Width, _surface.Height));
        Clip = area;
        Libcairo.cairo_save(Cairo);
        Libcairo.cairo_rectangle(Cairo, area.X, area.Y, area.Width, area.Height);
        Libcairo.cairo_clip(Cairo);
    }

    /// <summary>Takes the clip away.</summary>
    public void Unclip() => Libcairo.cairo_restore(Cairo);

    /// <summary>To be called before <see cref="Pixels"/> are written to.</summary>
    public void Flush() => Libcairo.cairo_surface_flush(_surface.Handle);

    /// <summary>To be called after <see cref="Pixels"/> were written to.</summary>
    public void Changed() => Libcairo.cairo_surface_mark_dirty(_surface.Handle);

    /// <summary>Sets the colour of what is drawn next.</summary>
    public void Use(Colour colour) => Libcairo.cairo_set_source_rgba(Cairo, colour.Red, colour.Green, colour.Blue, colour.Opacity);

    /// <summary>A path around an area whose corners are round.</summary>
    public void Round(double x, double y, double width, double height, double radius)
    {
        radius = Math.Min(radius, Math.Min(width, height) / 2);
        Libcairo.cairo_new_sub_path(Cairo);
        Libcairo.cairo_arc(Cairo, x + width - radius, y + radius, radius, -Math.PI / 2, 0);
        Libcairo.cairo_arc(Cairo, x + width - radius, y + height - radius, radius, 0, Math.PI / 2);
        Libcairo.cairo_arc(Cairo, x + radius, y + height - radius, radius, Math.PI / 2, Math.PI);
        Libcairo.cairo_arc(Cairo, x + radius, y + radius, radius, Math.PI, Math.PI * 3 / 2);
        Libcairo.cairo_close_path(Cairo);
    }

    public void Dispose()
    {
        foreach (Surface? surface in _surfaces)
            surface?.Dispose();
    }

    private sealed class Surface : IDisposable
    {
        public Surface(byte* pixels, int width, int height, int stride)
        {
            Pixels = pixels;
            Width = width;
            Height = height;
            Stride = stride;
            Handle = Libcairo.cairo_image_surface_create_for_data(pixels, Libcairo.CAIRO_FORMAT_RGB24, width, height, stride);
            Cairo = Libcairo.cairo_create(Handle);
            if (Libcairo.cairo_status(Cairo) != Libcairo.CAIRO_STATUS_SUCCESS)
                throw new InvalidOperationException($"Cairo cannot draw on {width} x {height} pixels whose rows are {stride} bytes apart (status {Libcairo.cairo_status(Cairo)}).");
        }

        public byte* Pixels { get; }

        public int Width { get; }

        public int Height { get; }

        public int Stride { get; }

        public CairoSurfaceHandle Handle { get; }

        public CairoHandle Cairo { get; }

        public void Dispose()
        {
            Cairo.Dispose();
            Handle.Dispose();
        }
    }
}
