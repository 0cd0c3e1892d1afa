using RoomAgent.Hal.Media.Drawing.Interop;

namespace RoomAgent.Hal.Media.Drawing;

/// <summary>Something on a page that is drawn inside its box and nowhere else. Two that are equal draw the same.</summary>
/// <param name="Box">Pixels.</param>
internal abstract record Item(Area Box)
{
    /// <summary>Whether nothing can be seen of what lies below an area.</summary>
    public virtual bool Covers(Area area) => false;

    public abstract void Paint(Canvas canvas);
}

/// <summary>A filled area.</summary>
/// <param name="Box">Pixels.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Radius">Of its corners, in pixels.</param>
internal sealed record FillItem(Area Box, Colour Colour, int Radius) : Item(Box)
{
    public override bool Covers(Area area) => Radius == 0 && Colour.Opacity >= 1 && Box.Contains(area);

    public override void Paint(Canvas canvas)
    {
        canvas.Use(Colour);
        canvas.Round(Box.X, Box.Y, Box.Width, Box.Height, Radius);
        Libcairo.cairo_fill(canvas.Cairo);
    }
}

/// <summary>A line around an area, inside of it.</summary>
/// <param name="Box">Pixels.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Radius">Of its corners, in pixels.</param>
/// <param name="Width">Of the line, in pixels.</param>
internal sealed record OutlineItem(Area Box, Colour Colour, int Radius, int Width) : Item(Box)
{
    public override void Paint(Canvas canvas)
    {
        double half = Width / 2.0;
        canvas.Use(Colour);
        Libcairo.cairo_set_line_width(canvas.Cairo, Width);
        canvas.Round(Box.X + half, Box.Y + half, Box.Width - Width, Box.Height - Width, Radius - half);
        Libcairo.cairo_stroke(canvas.Cairo);
    }
}

/// <summary>Text.</summary>
/// <param name="Box">What it was laid out in, and a little around it for letters that reach beyond their place.</param>
/// <param name="Laid">The text.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Left">Where lines begin, in pixels from the left of the box.</param>
/// <param name="Top">Where the first line begins, in pixels below the top of the box.</param>
internal sealed record TextItem(Area Box, LaidText Laid, Colour Colour, int Left, int Top) : Item(Box)
{
    public override void Paint(Canvas canvas)
    {
        Libcairo.cairo_save(canvas.Cairo);
        Libcairo.cairo_rectangle(canvas.Cairo, Box.X, Box.Y, Box.Width, Box.Height);
        Libcairo.cairo_clip(canvas.Cairo);
        canvas.Use(Colour);
        Libcairo.cairo_move_to(canvas.Cairo, Box.X + Left, Box.Y + Top);
        Libpangocairo.pango_cairo_show_layout(canvas.Cairo, Laid.Layout);
        Libcairo.cairo_restore(canvas.Cairo);
    }
}

/// <summary>A drawn sign.</summary>
/// <param name="Box">A square, in pixels.</param>
/// <param name="Icon">Which.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Ground">The colour of what is cut out of it.</param>
internal sealed record IconItem(Area Box, Icon Icon, Colour Colour, Colour Ground) : Item(Box)
{
    public override void Paint(Canvas canvas)
    {
        Libcairo.cairo_save(canvas.Cairo);
        Libcairo.cairo_rectangle(canvas.Cairo, Box.X, Box.Y, Box.Width, Box.Height);
        Libcairo.cairo_clip(canvas.Cairo);
        Libcairo.cairo_translate(canvas.Cairo, Box.X, Box.Y);
        Libcairo.cairo_scale(canvas.Cairo, Box.Width / Icons.Grid, Box.Height / Icons.Grid);
        Icons.Draw(canvas, Icon, Colour, Ground);
        Libcairo.cairo_restore(canvas.Cairo);
    }
}

/// <summary>A QR code: black on white, each module a square of whole pixels, with the four modules of quiet around that scanners need.</summary>
/// <param name="Box">Pixels.</param>
/// <param name="Code">The code.</param>
internal sealed record QrItem(Area Box, QrCode Code) : Item(Box)
{
    public override void Paint(Canvas canvas)
    {
        int module = Box.Width / (Code.Width + 2 * QrCode.Quiet);
        int edge = (Box.Width - module * Code.Width) / 2;
        canvas.Use(new Colour(0xFFFFFF));
        canvas.Round(Box.X, Box.Y, Box.Width, Box.Height, module * 2);
        Libcairo.cairo_fill(canvas.Cairo);
        canvas.Use(new Colour(0x000000));
        for (int y = 0; y < Code.Width; y++)
        {
            for (int x = 0; x < Code.Width; x++)
            {
                if (Code.IsDark(x, y))
                    Libcairo.cairo_rectangle(canvas.Cairo, Box.X + edge + x * module, Box.Y + edge + y * module, module, module);
            }
        }
        Libcairo.cairo_fill(canvas.Cairo);
    }
}

/// <summary>A tile's picture. While there is none, what lies below is seen.</summary>
/// <param name="Box">Pixels.</param>
/// <param name="Tile">Whose pictures.</param>
/// <param name="IsWhole">Whether nothing of a picture may be cut off.</param>
/// <param name="Pictures">Where they come from.</param>
/// <param name="Radius">Of its corners, in pixels.</param>
/// <param name="Corner">What is seen outside of its corners.</param>
internal sealed record PictureItem(Area Box, TileId Tile, bool IsWhole, TilePictures Pictures, int Radius, Colour Corner) : Item(Box)
{
    public override bool Covers(Area area) => Pictures.Has(Tile) && Box.Contains(area);

    public override void Paint(Canvas canvas)
    {
        if (!Pictures.Has(Tile))
            return;
        Pictures.Paint(this, canvas);
        PaintCorners(canvas);
    }

    // From the corner to where the circle begins, along the circle, and back.
    private void PaintCorners(Canvas canvas)
    {
        canvas.Use(Corner);
        PaintCorner(canvas, Box.X, Box.Y, Box.X + Radius, Box.Y + Radius, 2);
        PaintCorner(canvas, Box.Right(), Box.Y, Box.Right() - Radius, Box.Y + Radius, 3);
        PaintCorner(canvas, Box.Right(), Box.Bottom(), Box.Right() - Radius, Box.Bottom() - Radius, 0);
        PaintCorner(canvas, Box.X, Box.Bottom(), Box.X + Radius, Box.Bottom() - Radius, 1);
        Libcairo.cairo_fill(canvas.Cairo);
    }

    private void PaintCorner(Canvas canvas, int x, int y, int centreX, int centreY, int quarter)
    {
        Libcairo.cairo_move_to(canvas.Cairo, x, y);
        Libcairo.cairo_arc(canvas.Cairo, centreX, centreY, Radius, quarter * Math.PI / 2, (quarter + 1) * Math.PI / 2);
        Libcairo.cairo_close_path(canvas.Cairo);
    }
}
