using System.Buffers.Binary;
using RoomAgent.Crypto;

namespace RoomAgent.SFrame;

/// <summary>The key and salt of one KID: encrypts and decrypts with a counter (RFC 9605 sections 4.4.3 and 4.4.4).</summary>
internal sealed class FrameKey(FrameCipher cipher, Secret salt) : IDisposable
{
    private const int OnStack = 512;

    public int Tag => cipher.Tag;

    public void Seal(ulong counter, ReadOnlySpan<byte> header, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        Span<byte> nonce = stackalloc byte[SFrameSizes.Nonce];
        FormNonce(counter, nonce);
        if (metadata.IsEmpty)
        {
            cipher.Seal(nonce, header, plaintext, ciphertext);
            return;
        }

        int length = header.Length + metadata.Length;
        Span<byte> associatedData = length <= OnStack ? stackalloc byte[length] : new byte[length];
        Join(header, metadata, associatedData);
        cipher.Seal(nonce, associatedData, plaintext, ciphertext);
    }

    public bool TryOpen(ulong counter, ReadOnlySpan<byte> header, ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        Span<byte> nonce = stackalloc byte[SFrameSizes.Nonce];
        FormNonce(counter, nonce);
        if (metadata.IsEmpty)
            return cipher.TryOpen(nonce, header, ciphertext, plaintext);

        int length = header.Length + metadata.Length;
        Span<byte> associatedData = length <= OnStack ? stackalloc byte[length] : new byte[length];
        Join(header, metadata, associatedData);
        return cipher.TryOpen(nonce, associatedData, ciphertext, plaintext);
    }

    public void Dispose()
    {
        cipher.Dispose();
        salt.Dispose();
    }

    // nonce = salt XOR CTR, which stands at the end of a field of Nn bytes.
    private void FormNonce(ulong counter, Span<byte> nonce)
    {
        salt.Bytes.CopyTo(nonce);
        Span<byte> low = nonce[(SFrameSizes.Nonce - sizeof(ulong))..];
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ counter);
    }

    // aad = header || metadata
    private static void Join(ReadOnlySpan<byte> header, ReadOnlySpan<byte> metadata, Span<byte> associatedData)
    {
        header.CopyTo(associatedData);
        metadata.CopyTo(associatedData[header.Length..]);
    }
}
