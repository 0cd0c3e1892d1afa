using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>Keys that are strings of bytes: those of RFC 7748 and RFC 8032.</summary>
internal static unsafe class RawKeys
{
    /// <summary>Imports a private key.</summary>
    /// <param name="type">X25519, X448, Ed25519 or Ed448.</param>
    /// <param name="privateKey">As many bytes as the type wants; the library takes any of them.</param>
    /// <param name="publicKey">Receives the public key.</param>
    public static EvpPkeyHandle ImportPrivate(string type, ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        EvpPkeyHandle key;
        fixed (byte* start = privateKey)
            key = Check(Libcrypto.EVP_PKEY_new_raw_private_key_ex(0, type, 0, start, (nuint)privateKey.Length), nameof(Libcrypto.EVP_PKEY_new_raw_private_key_ex));

        nuint length = (nuint)publicKey.Length;
        fixed (byte* start = publicKey)
            Check(Libcrypto.EVP_PKEY_get_raw_public_key(key, start, &length), nameof(Libcrypto.EVP_PKEY_get_raw_public_key));

        return key;
    }

    /// <summary>Imports a public key.</summary>
    /// <param name="type">X25519, X448, Ed25519 or Ed448.</param>
    /// <param name="publicKey">As many bytes as the type wants; the library takes any of them.</param>
    public static EvpPkeyHandle ImportPublic(string type, ReadOnlySpan<byte> publicKey)
    {
        fixed (byte* start = publicKey)
            return Check(Libcrypto.EVP_PKEY_new_raw_public_key_ex(0, type, 0, start, (nuint)publicKey.Length), nameof(Libcrypto.EVP_PKEY_new_raw_public_key_ex));
    }
}
