using System.Runtime.InteropServices;

namespace RoomAgent.Benchmarks;

/// <summary>AES-256-GCM as a C program would do it: one context for the key, and for each message the nonce, the text, the end and the tag.</summary>
/// <remarks>A peer to measure against. It checks no size and frees nothing.</remarks>
internal sealed unsafe partial class RawAes256Gcm
{
    private const int TagBytes = 16;
    private const int GetTag = 0x10;
    private const int SetTag = 0x11;

    private readonly nint _context = EVP_CIPHER_CTX_new();
    private readonly byte* _nonce = (byte*)NativeMemory.AllocZeroed(12);

    public RawAes256Gcm(byte[] key, bool encrypt)
    {
        fixed (byte* keyBytes = key)
        {
            if (EVP_CipherInit_ex(_context, EVP_aes_256_gcm(), 0, keyBytes, null, encrypt ? 1 : 0) != 1)
                throw new InvalidOperationException("EVP_CipherInit_ex failed.");
        }
    }

    public void Encrypt(byte[] plaintext, byte[] ciphertext)
    {
        fixed (byte* input = plaintext, output = ciphertext)
        {
            int written;
            _ = EVP_CipherInit_ex(_context, 0, 0, null, _nonce, -1);
            _ = EVP_CipherUpdate(_context, output, &written, input, plaintext.Length);
            _ = EVP_CipherFinal_ex(_context, output + plaintext.Length, &written);
            _ = EVP_CIPHER_CTX_ctrl(_context, GetTag, TagBytes, output + plaintext.Length);
        }
    }

    public bool TryDecrypt(byte[] ciphertext, byte[] plaintext)
    {
        fixed (byte* input = ciphertext, output = plaintext)
        {
            int length = ciphertext.Length - TagBytes;
            int written;
            _ = EVP_CipherInit_ex(_context, 0, 0, null, _nonce, -1);
            _ = EVP_CipherUpdate(_context, output, &written, input, length);
            _ = EVP_CIPHER_CTX_ctrl(_context, SetTag, TagBytes, input + length);
            return EVP_CipherFinal_ex(_context, output + length, &written) == 1;
        }
    }

    [LibraryImport("libcrypto.so.3")]
    private static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport("libcrypto.so.3")]
    private static partial nint EVP_aes_256_gcm();

    [LibraryImport("libcrypto.so.3")]
    private static partial int EVP_CipherInit_ex(nint ctx, nint type, nint impl, byte* key, byte* iv, int enc);

    [LibraryImport("libcrypto.so.3")]
    private static partial int EVP_CipherUpdate(nint ctx, byte* @out, int* outl, byte* @in, int inl);

    [LibraryImport("libcrypto.so.3")]
    private static partial int EVP_CipherFinal_ex(nint ctx, byte* outm, int* outl);

    [LibraryImport("libcrypto.so.3")]
    private static partial int EVP_CIPHER_CTX_ctrl(nint ctx, int type, int arg, void* ptr);
}
