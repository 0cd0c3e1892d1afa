// <openssl/rand.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    [LibraryImport(Library)]
    public static partial int RAND_priv_bytes_ex(nint ctx, byte* buf, nuint num, uint strength);
}
