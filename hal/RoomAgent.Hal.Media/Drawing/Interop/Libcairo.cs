// <cairo/cairo.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

/// <summary>A dictionary of libcairo, under its own names. What the functions mean stands in cairo's reference.</summary>
internal static unsafe partial class Libcairo
{
    public const string Library = "libcairo.so.2";

    public const int CAIRO_STATUS_SUCCESS = 0;
    public const int CAIRO_FORMAT_RGB24 = 1;
    public const int CAIRO_ANTIALIAS_GRAY = 2;
    public const int CAIRO_HINT_STYLE_SLIGHT = 2;
    public const int CAIRO_HINT_METRICS_ON = 2;
    public const int CAIRO_LINE_CAP_ROUND = 1;
    public const int CAIRO_LINE_JOIN_ROUND = 1;

    [LibraryImport(Library)]
    public static partial CairoSurfaceHandle cairo_image_surface_create_for_data(byte* data, int format, int width, int height, int stride);

    [LibraryImport(Library)]
    public static partial void cairo_surface_destroy(nint surface);

    [LibraryImport(Library)]
    public static partial void cairo_surface_flush(CairoSurfaceHandle surface);

    [LibraryImport(Library)]
    public static partial void cairo_surface_mark_dirty(CairoSurfaceHandle surface);

    [LibraryImport(Library)]
    public static partial CairoHandle cairo_create(CairoSurfaceHandle target);

    [LibraryImport(Library)]
    public static partial void cairo_destroy(nint cr);

    [LibraryImport(Library)]
    public static partial int cairo_status(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_save(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_restore(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_translate(CairoHandle cr, double tx, double ty);

    [LibraryImport(Library)]
    public static partial void cairo_scale(CairoHandle cr, double sx, double sy);

    [LibraryImport(Library)]
    public static partial void cairo_set_source_rgba(CairoHandle cr, double red, double green, double blue, double alpha);

    [LibraryImport(Library)]
    public static partial void cairo_set_line_width(CairoHandle cr, double width);

    [LibraryImport(Library)]
    public static partial void cairo_set_line_cap(CairoHandle cr, int line_cap);

    [LibraryImport(Library)]
    public static partial void cairo_set_line_join(CairoHandle cr, int line_join);

    [LibraryImport(Library)]
    public static partial void cairo_rectangle(CairoHandle cr, double x, double y, double width, double height);

    [LibraryImport(Library)]
    public static partial void cairo_new_path(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_new_sub_path(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_move_to(CairoHandle cr, double x, double y);

    [LibraryImport(Library)]
    public static partial void cairo_line_to(CairoHandle cr, double x, double y);

    [LibraryImport(Library)]
    public static partial void cairo_arc(CairoHandle cr, double xc, double yc, double radius, double angle1, double angle2);

    [LibraryImport(Library)]
    public static partial void cairo_close_path(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_clip(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_fill(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_fill_preserve(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial void cairo_stroke(CairoHandle cr);

    [LibraryImport(Library)]
    public static partial CairoFontOptionsHandle cairo_font_options_create();

    [LibraryImport(Library)]
    public static partial void cairo_font_options_destroy(nint options);

    [LibraryImport(Library)]
    public static partial void cairo_font_options_set_antialias(CairoFontOptionsHandle options, int antialias);

    [LibraryImport(Library)]
    public static partial void cairo_font_options_set_hint_style(CairoFontOptionsHandle options, int hint_style);

    [LibraryImport(Library)]
    public static partial void cairo_font_options_set_hint_metrics(CairoFontOptionsHandle options, int hint_metrics);
}
