namespace RoomAgent.Crypto;

/// <summary>One key of AES in counter mode (NIST SP 800-38A section 6.5), with its native context kept between messages.</summary>
/// <remarks>
/// Allocates nothing per message. One caller at a time. It authenticates nothing: a <see cref="Mac"/> has to.
/// No counter block is used twice under one key: that is the caller's duty.
/// </remarks>
public abstract class Keystream : IDisposable
{
    /// <summary>Bytes of a counter block.</summary>
    public const int CounterBlock = 16;

    /// <summary>Adds the keystream to <paramref name="input"/>, which encrypts a plaintext and decrypts a ciphertext.</summary>
    /// <param name="counterBlock">The first counter block, <see cref="CounterBlock"/> bytes; it counts up as one big-endian number.</param>
    /// <param name="input">Any number of bytes.</param>
    /// <param name="output">As many bytes. May start where <paramref name="input"/> starts, and overlap it in no other way.</param>
    /// <exception cref="ArgumentException">A buffer has the wrong size or overlaps in another way.</exception>
    public abstract void Apply(ReadOnlySpan<byte> counterBlock, ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>Zeroes and frees the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Zeroes and frees the key.</summary>
    protected abstract void Dispose(bool disposing);
}
