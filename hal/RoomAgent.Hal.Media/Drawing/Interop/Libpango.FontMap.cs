// <pango/pango-fontmap.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

internal static partial class Libpango
{
    [LibraryImport(Library)]
    public static partial PangoContextHandle pango_font_map_create_context(PangoFontMapHandle fontmap);
}
