using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

internal static unsafe class RawKeys
{
    /// <summary>Asks for the public bytes of a key of RFC 7748 or RFC 8032.</summary>
    /// <param name="key">Such a key.</param>
    /// <param name="publicKey">Exactly as long as the public bytes.</param>
    public static void GetRawPublicKey(this EvpPkeyHandle key, Span<byte> publicKey)
    {
        nuint length = (nuint)publicKey.Length;
        fixed (byte* start = publicKey)
            Check(Libcrypto.EVP_PKEY_get_raw_public_key(key, start, &length), nameof(Libcrypto.EVP_PKEY_get_raw_public_key));
    }
}
