// <glib-object.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Hal.Media.Drawing.Interop;

/// <summary>A dictionary of libgobject, under its own names.</summary>
internal static partial class Libgobject
{
    public const string Library = "libgobject-2.0.so.0";

    [LibraryImport(Library)]
    public static partial void g_object_unref(nint @object);
}
