namespace RoomAgent.Crypto;

/// <summary>One key of HMAC (RFC 2104), with its native context kept between messages. A message may come in pieces.</summary>
/// <remarks>Allocates nothing per message. One caller at a time.</remarks>
public abstract class Mac : IDisposable
{
    /// <summary>Takes the next piece of the message.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Ends the message; the next <see cref="Append"/> starts another.</summary>
    /// <param name="mac">Gets the first bytes of the HMAC: 1 up to <see cref="Sizes.Digest"/> of them.</param>
    /// <exception cref="ArgumentException"><paramref name="mac"/> is empty or longer.</exception>
    public abstract void Finish(Span<byte> mac);

    /// <summary>Zeroes and frees the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Zeroes and frees the key.</summary>
    protected abstract void Dispose(bool disposing);
}
