// <pango/pango-font.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

internal static partial class Libpango
{
    public const int PANGO_WEIGHT_NORMAL = 400;
    public const int PANGO_WEIGHT_BOLD = 700;

    [LibraryImport(Library)]
    public static partial PangoFontDescriptionHandle pango_font_description_new();

    [LibraryImport(Library)]
    public static partial void pango_font_description_free(nint desc);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial void pango_font_description_set_family(PangoFontDescriptionHandle desc, string family);

    [LibraryImport(Library)]
    public static partial void pango_font_description_set_weight(PangoFontDescriptionHandle desc, int weight);

    [LibraryImport(Library)]
    public static partial void pango_font_description_set_absolute_size(PangoFontDescriptionHandle desc, double size);
}
