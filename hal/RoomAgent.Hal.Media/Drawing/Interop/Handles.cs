using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

/// <summary>Owns one native object.</summary>
internal abstract class DrawingHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected sealed override bool ReleaseHandle()
    {
        Free(handle);
        return true;
    }

    protected abstract void Free(nint owned);
}

internal sealed class CairoHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libcairo.cairo_destroy(owned);
}

internal sealed class CairoSurfaceHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libcairo.cairo_surface_destroy(owned);
}

internal sealed class CairoFontOptionsHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libcairo.cairo_font_options_destroy(owned);
}

internal sealed class PangoFontMapHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libgobject.g_object_unref(owned);
}

internal sealed class PangoContextHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libgobject.g_object_unref(owned);
}

internal sealed class PangoLayoutHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libgobject.g_object_unref(owned);
}

internal sealed class PangoFontDescriptionHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libpango.pango_font_description_free(owned);
}

internal sealed class QRcodeHandle : DrawingHandle
{
    protected override void Free(nint owned) => Libqrencode.QRcode_free(owned);
}
