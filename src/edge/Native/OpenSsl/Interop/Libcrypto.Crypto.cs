// <openssl/crypto.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    public const int OPENSSL_VERSION = 0;
    public const ulong OPENSSL_INIT_NO_ATEXIT = 0x0008_0000;

    [LibraryImport(Library)]
    public static partial int OPENSSL_init_crypto(ulong opts, nint settings);

    [LibraryImport(Library)]
    public static partial nuint OpenSSL_version_num();

    [LibraryImport(Library)]
    public static partial byte* OpenSSL_version(int t);
}
