// <openssl/core.h>, <openssl/core_names.h>, <openssl/evp.h> (selections)

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    public const uint OSSL_PARAM_UNSIGNED_INTEGER = 2;
    public const uint OSSL_PARAM_UTF8_STRING = 4;
    public const uint OSSL_PARAM_OCTET_STRING = 5;

    public const int EVP_PKEY_KEY_PARAMETERS = 0x84;
    public const int EVP_PKEY_KEYPAIR = 0x87;

    /// <summary>An array of these ends with one that is all zeros.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct OSSL_PARAM
    {
        public byte* key;
        public uint data_type;
        public void* data;
        public nuint data_size;
        public nuint return_size;
    }
}
