// <openssl/evp.h>

using System.Runtime.InteropServices;

namespace RoomAgent.Native.OpenSsl.Interop;

internal static unsafe partial class Libcrypto
{
    public const int EVP_CTRL_AEAD_GET_TAG = 0x10;
    public const int EVP_CTRL_AEAD_SET_TAG = 0x11;

    // Ciphers

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_CIPHER_fetch(nint ctx, string algorithm, nint properties);

    [LibraryImport(Library)]
    public static partial EvpCipherCtxHandle EVP_CIPHER_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_CIPHER_CTX_free(nint ctx);

    [LibraryImport(Library)]
    public static partial int EVP_CipherInit_ex2(nint ctx, nint type, byte* key, byte* iv, int enc, OSSL_PARAM* parameters);

    [LibraryImport(Library)]
    public static partial int EVP_CipherUpdate(nint ctx, byte* @out, int* outl, byte* @in, int inl);

    [LibraryImport(Library)]
    public static partial int EVP_CipherFinal_ex(nint ctx, byte* outm, int* outl);

    [LibraryImport(Library)]
    public static partial int EVP_CIPHER_CTX_ctrl(nint ctx, int type, int arg, void* ptr);

    // Digests

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_MD_fetch(nint ctx, string algorithm, nint properties);

    [LibraryImport(Library)]
    public static partial EvpMdCtxHandle EVP_MD_CTX_new();

    [LibraryImport(Library)]
    public static partial void EVP_MD_CTX_free(nint ctx);

    [LibraryImport(Library)]
    public static partial int EVP_DigestInit_ex2(nint ctx, nint type, OSSL_PARAM* parameters);

    [LibraryImport(Library)]
    public static partial int EVP_DigestUpdate(nint ctx, byte* d, nuint cnt);

    [LibraryImport(Library)]
    public static partial int EVP_DigestFinal_ex(nint ctx, byte* md, uint* s);

    // Message authentication

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint EVP_MAC_fetch(nint ctx, string algorithm, nint properties);

    [LibraryImport(Library)]
    public static partial EvpMacCtxHandle EVP_MAC_CTX_new(nint mac);

    [LibraryImport(Library)]
    public static partial void EVP_MAC_CTX_free(nint ctx);

    [LibraryImport(Library)]
    public static partial int EVP_MAC_init(nint ctx, byte* key, nuint keylen, OSSL_PARAM* parameters);

    [LibraryImport(Library)]
    public static partial int EVP_MAC_update(nint ctx, byte* data, nuint datalen);

    [LibraryImport(Library)]
    public static partial int EVP_MAC_final(nint ctx, byte* @out, nuint* outl, nuint outsize);

    // Passwords

    [LibraryImport(Library)]
    public static partial int PKCS5_PBKDF2_HMAC(byte* pass, int passlen, byte* salt, int saltlen, int iter, nint digest, int keylen, byte* @out);

    // Keys

    [LibraryImport(Library)]
    public static partial EvpPkeyHandle EVP_PKEY_new();

    [LibraryImport(Library)]
    public static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_copy_parameters(EvpPkeyHandle to, EvpPkeyHandle from);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_set1_encoded_public_key(EvpPkeyHandle pkey, byte* pub, nuint publen);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial EvpPkeyHandle EVP_PKEY_new_raw_private_key_ex(nint libctx, string keytype, nint propq, byte* key, nuint keylen);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial EvpPkeyHandle EVP_PKEY_new_raw_public_key_ex(nint libctx, string keytype, nint propq, byte* key, nuint keylen);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_get_raw_public_key(EvpPkeyHandle pkey, byte* pub, nuint* len);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial EvpPkeyCtxHandle EVP_PKEY_CTX_new_from_name(nint libctx, string name, nint propquery);

    [LibraryImport(Library)]
    public static partial EvpPkeyCtxHandle EVP_PKEY_CTX_new_from_pkey(nint libctx, EvpPkeyHandle pkey, nint propquery);

    [LibraryImport(Library)]
    public static partial void EVP_PKEY_CTX_free(nint ctx);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_fromdata_init(EvpPkeyCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_fromdata(EvpPkeyCtxHandle ctx, out nint ppkey, int selection, OSSL_PARAM* param);

    // Signatures

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_sign_init(EvpPkeyCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_sign(EvpPkeyCtxHandle ctx, byte* sig, nuint* siglen, byte* tbs, nuint tbslen);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_verify_init(EvpPkeyCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_verify(EvpPkeyCtxHandle ctx, byte* sig, nuint siglen, byte* tbs, nuint tbslen);

    [LibraryImport(Library)]
    public static partial int EVP_DigestSignInit_ex(nint ctx, nint pctx, nint mdname, nint libctx, nint props, EvpPkeyHandle pkey, OSSL_PARAM* parameters);

    [LibraryImport(Library)]
    public static partial int EVP_DigestSign(nint ctx, byte* sigret, nuint* siglen, byte* tbs, nuint tbslen);

    [LibraryImport(Library)]
    public static partial int EVP_DigestVerifyInit_ex(nint ctx, nint pctx, nint mdname, nint libctx, nint props, EvpPkeyHandle pkey, OSSL_PARAM* parameters);

    [LibraryImport(Library)]
    public static partial int EVP_DigestVerify(nint ctx, byte* sigret, nuint siglen, byte* tbs, nuint tbslen);

    // Key agreement

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_derive_init(EvpPkeyCtxHandle ctx);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_derive_set_peer_ex(EvpPkeyCtxHandle ctx, EvpPkeyHandle peer, int validate_peer);

    [LibraryImport(Library)]
    public static partial int EVP_PKEY_derive(EvpPkeyCtxHandle ctx, byte* key, nuint* keylen);
}
