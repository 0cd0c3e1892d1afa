// <pango/pango-layout.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

internal static unsafe partial class Libpango
{
    public const int PANGO_SCALE = 1024;
    public const int PANGO_WRAP_WORD = 0;
    public const int PANGO_WRAP_WORD_CHAR = 2;
    public const int PANGO_ELLIPSIZE_END = 3;

    /// <summary>PangoRectangle, here in pixels.</summary>
    public struct PangoRectangle
    {
        public int X;
        public int Y;
        public int Width;
        public int Height;
    }

    [LibraryImport(Library)]
    public static partial PangoLayoutHandle pango_layout_new(PangoContextHandle context);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_text(PangoLayoutHandle layout, byte* text, int length);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_font_description(PangoLayoutHandle layout, PangoFontDescriptionHandle desc);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_width(PangoLayoutHandle layout, int width);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_height(PangoLayoutHandle layout, int height);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_wrap(PangoLayoutHandle layout, int wrap);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_ellipsize(PangoLayoutHandle layout, int ellipsize);

    [LibraryImport(Library)]
    public static partial int pango_layout_is_ellipsized(PangoLayoutHandle layout);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_alignment(PangoLayoutHandle layout, int alignment);

    [LibraryImport(Library)]
    public static partial void pango_layout_set_single_paragraph_mode(PangoLayoutHandle layout, int setting);

    [LibraryImport(Library)]
    public static partial int pango_layout_get_unknown_glyphs_count(PangoLayoutHandle layout);

    [LibraryImport(Library)]
    public static partial void pango_layout_get_pixel_extents(PangoLayoutHandle layout, PangoRectangle* ink_rect, PangoRectangle* logical_rect);
}
