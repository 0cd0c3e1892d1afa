// <openssl/err.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    [LibraryImport(Library)]
    public static partial void ERR_clear_error();

    [LibraryImport(Library)]
    public static partial nuint ERR_peek_last_error();

    [LibraryImport(Library)]
    public static partial void ERR_error_string_n(nuint e, byte* buf, nuint len);
}
