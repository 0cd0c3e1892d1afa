// <openssl/bn.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    public const int BN_FLG_CONSTTIME = 0x04;

    [LibraryImport(Library)]
    public static partial BignumHandle BN_new();

    [LibraryImport(Library)]
    public static partial void BN_clear_free(nint a);

    [LibraryImport(Library)]
    public static partial nint BN_bin2bn(byte* s, int len, BignumHandle ret);

    [LibraryImport(Library)]
    public static partial int BN_bn2binpad(BignumHandle a, byte* to, int tolen);

    [LibraryImport(Library)]
    public static partial int BN_is_zero(BignumHandle a);

    [LibraryImport(Library)]
    public static partial int BN_cmp(BignumHandle a, nint b);

    [LibraryImport(Library)]
    public static partial void BN_set_flags(BignumHandle b, int n);

    [LibraryImport(Library)]
    public static partial BnCtxHandle BN_CTX_secure_new();

    [LibraryImport(Library)]
    public static partial void BN_CTX_free(nint c);
}
