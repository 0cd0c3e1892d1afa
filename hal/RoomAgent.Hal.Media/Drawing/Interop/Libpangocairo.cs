// <pango/pangocairo.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

/// <summary>A dictionary of libpangocairo, under its own names.</summary>
internal static partial class Libpangocairo
{
    public const string Library = "libpangocairo-1.0.so.0";

    [LibraryImport(Library)]
    public static partial PangoFontMapHandle pango_cairo_font_map_new();

    [LibraryImport(Library)]
    public static partial void pango_cairo_context_set_font_options(PangoContextHandle context, CairoFontOptionsHandle options);

    [LibraryImport(Library)]
    public static partial void pango_cairo_show_layout(CairoHandle cr, PangoLayoutHandle layout);
}
