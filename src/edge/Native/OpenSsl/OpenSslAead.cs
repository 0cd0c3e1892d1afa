using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl.Interop;
using static RoomAgent.Native.OpenSsl.OpenSslLibrary;

namespace RoomAgent.Native.OpenSsl;

/// <summary>A keyed EVP_CIPHER_CTX. Per message only the nonce is set; the key schedule stays.</summary>
internal sealed unsafe class OpenSslAead : Aead
{
    private static readonly Lazy<nint> s_aes128Gcm = new(() => Fetch("AES-128-GCM"));
    private static readonly Lazy<nint> s_aes256Gcm = new(() => Fetch("AES-256-GCM"));
    private static readonly Lazy<nint> s_chaCha20Poly1305 = new(() => Fetch("ChaCha20-Poly1305"));

    private readonly KeptContext<EvpCipherCtxHandle> _context;

    public OpenSslAead(AeadAlgorithm algorithm, ReadOnlySpan<byte> key)
    {
        Algorithm = algorithm;
        EvpCipherCtxHandle context = Check(Libcrypto.EVP_CIPHER_CTX_new(), nameof(Libcrypto.EVP_CIPHER_CTX_new));

        nint cipher = algorithm switch
        {
            AeadAlgorithm.Aes128Gcm => s_aes128Gcm.Value,
            AeadAlgorithm.Aes256Gcm => s_aes256Gcm.Value,
            _ => s_chaCha20Poly1305.Value,
        };
        fixed (byte* keyBytes = key)
            Check(Libcrypto.EVP_CipherInit_ex2(context.DangerousGetHandle(), cipher, keyBytes, null, enc: 1, null), nameof(Libcrypto.EVP_CipherInit_ex2));
        _context = new(context);
    }

    public override AeadAlgorithm Algorithm { get; }

    public override void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        if (nonce.Length != Sizes.AeadNonce)
            throw new ArgumentException("A nonce has 12 bytes.", nameof(nonce));
        if (ciphertext.Length != plaintext.Length + Sizes.AeadTag)
            throw new ArgumentException("The ciphertext is 16 bytes longer than the plaintext.", nameof(ciphertext));
        RefusePartialOverlap(plaintext, ciphertext);

        EvpCipherCtxHandle handle = _context.Take();
        nint context = handle.DangerousGetHandle();
        fixed (byte* iv = nonce, aad = associatedData, input = plaintext, output = ciphertext)
        {
            int written;
            bool sealed_ = Libcrypto.EVP_CipherInit_ex2(context, 0, null, iv, enc: 1, null) == 1
                && (aad == null || Libcrypto.EVP_CipherUpdate(context, null, &written, aad, associatedData.Length) == 1)
                && (input == null || Libcrypto.EVP_CipherUpdate(context, output, &written, input, plaintext.Length) == 1)
                && Libcrypto.EVP_CipherFinal_ex(context, output + plaintext.Length, &written) == 1
                && Libcrypto.EVP_CIPHER_CTX_ctrl(context, Libcrypto.EVP_CTRL_AEAD_GET_TAG, Sizes.AeadTag, output + plaintext.Length) == 1;

            _context.PutBack(handle);
            Check(sealed_ ? 1 : 0, "EVP encryption");
        }
    }

    public override bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        int length = ciphertext.Length - Sizes.AeadTag;
        if (nonce.Length != Sizes.AeadNonce || length < 0)
            return false;
        if (plaintext.Length < length)
            throw new ArgumentException("The plaintext is 16 bytes shorter than the ciphertext.", nameof(plaintext));
        RefusePartialOverlap(plaintext, ciphertext);

        EvpCipherCtxHandle handle = _context.Take();
        nint context = handle.DangerousGetHandle();
        fixed (byte* iv = nonce, aad = associatedData, input = ciphertext, output = plaintext)
        {
            // The tag goes in before the text: in place, the output may run over it. Final needs a place to write nothing to.
            int written;
            byte nothing;
            bool opened = Libcrypto.EVP_CipherInit_ex2(context, 0, null, iv, enc: 0, null) == 1
                && Libcrypto.EVP_CIPHER_CTX_ctrl(context, Libcrypto.EVP_CTRL_AEAD_SET_TAG, Sizes.AeadTag, input + length) == 1
                && (aad == null || Libcrypto.EVP_CipherUpdate(context, null, &written, aad, associatedData.Length) == 1)
                && (length == 0 || Libcrypto.EVP_CipherUpdate(context, output, &written, input, length) == 1)
                && Libcrypto.EVP_CipherFinal_ex(context, &nothing, &written) == 1;

            _context.PutBack(handle);
            if (opened)
                return true;
        }

        // What was decrypted before the tag was checked must not be seen.
        plaintext[..length].Clear();
        return Refused();
    }

    protected override void Dispose(bool disposing) => _context.Dispose();

    private static void RefusePartialOverlap(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        if (one.Overlaps(other, out int offset) && offset != 0)
            throw new ArgumentException("Plaintext and ciphertext overlap without starting together.");
    }

    private static nint Fetch(string name) => Check(Libcrypto.EVP_CIPHER_fetch(0, name, 0), $"Fetching {name}");
}
