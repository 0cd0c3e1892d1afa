using System.Security.Cryptography;

namespace RoomAgent.Crypto;

/// <summary>Bytes that must not outlive their use: zeroed on <see cref="Dispose"/>, compared in constant time, never printed.</summary>
/// <remarks>
/// The memory is a pinned array, so the collector leaves no copies of it behind. It is not native memory behind a handle, and there is
/// no finalizer: a span of a managed array keeps the array alive, whereas a finalizer could zero or free the bytes under
/// a span that is still being read, and a key of zeros would then be used in silence. The price is that a secret which nobody disposes of
/// stays readable until its memory is used again.
/// </remarks>
public sealed class Secret : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    /// <summary>A secret of <paramref name="length"/> zero bytes, to be filled through <see cref="Buffer"/>.</summary>
    public Secret(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    /// <summary>A secret with a copy of <paramref name="bytes"/>. The caller zeroes the original.</summary>
    public static Secret CopyOf(ReadOnlySpan<byte> bytes)
    {
        var secret = new Secret(bytes.Length);
        bytes.CopyTo(secret._bytes);
        return secret;
    }

    /// <summary>A secret of <paramref name="length"/> bytes from <paramref name="random"/>.</summary>
    public static Secret Generate(IRandom random, int length)
    {
        var secret = new Secret(length);
        random.Fill(secret._bytes);
        return secret;
    }

    /// <summary>Bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes, to read.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public ReadOnlySpan<byte> Bytes => Buffer;

    /// <summary>The bytes, to write, for whoever makes the secret.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public Span<byte> Buffer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _bytes;
        }
    }

    /// <summary>Whether the bytes are equal, in a time that depends only on the lengths.</summary>
    public bool FixedTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Bytes, other);

    /// <summary>Zeroes the bytes.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
    }

    /// <summary>Says that it is a secret and how long, nothing else.</summary>
    public override string ToString() => $"(secret, {_bytes.Length} bytes)";
}
