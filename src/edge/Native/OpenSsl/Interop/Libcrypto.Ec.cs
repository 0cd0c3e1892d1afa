// <openssl/ec.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    public const int NID_X9_62_prime256v1 = 415;
    public const int NID_secp384r1 = 715;
    public const int NID_secp521r1 = 716;
    public const int POINT_CONVERSION_UNCOMPRESSED = 4;

    [LibraryImport(Library)]
    public static partial EcGroupHandle EC_GROUP_new_by_curve_name(int nid);

    [LibraryImport(Library)]
    public static partial void EC_GROUP_free(nint group);

    [LibraryImport(Library)]
    public static partial nint EC_GROUP_get0_order(EcGroupHandle group);

    [LibraryImport(Library)]
    public static partial EcPointHandle EC_POINT_new(EcGroupHandle group);

    [LibraryImport(Library)]
    public static partial void EC_POINT_clear_free(nint point);

    /// <summary>The generator times n, for a point q of null.</summary>
    [LibraryImport(Library)]
    public static partial int EC_POINT_mul(EcGroupHandle group, EcPointHandle r, BignumHandle n, nint q, nint m, BnCtxHandle ctx);

    /// <summary>The point q times m, for a number n of null.</summary>
    [LibraryImport(Library)]
    public static partial int EC_POINT_mul(EcGroupHandle group, EcPointHandle r, nint n, EcPointHandle q, BignumHandle m, BnCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial int EC_POINT_is_at_infinity(EcGroupHandle group, EcPointHandle p);

    [LibraryImport(Library)]
    public static partial int EC_POINT_oct2point(EcGroupHandle group, EcPointHandle p, byte* buf, nuint len, BnCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial nuint EC_POINT_point2oct(EcGroupHandle group, EcPointHandle p, int form, byte* buf, nuint len, BnCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial int EC_POINT_get_affine_coordinates(EcGroupHandle group, EcPointHandle p, BignumHandle x, nint y, BnCtxHandle ctx);
}
