// <openssl/crypto.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    public const int OPENSSL_VERSION = 0;

    [LibraryImport(Library)]
    public static partial nuint OpenSSL_version_num();

    [LibraryImport(Library)]
    public static partial byte* OpenSSL_version(int t);
}
