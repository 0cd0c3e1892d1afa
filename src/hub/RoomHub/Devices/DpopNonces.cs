using System.Buffers.Binary;
using System.Security.Cryptography;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>
/// Nonces that a proof has to name (RFC 9449 section 8). They are kept nowhere: a nonce is the time at which it was given and an HMAC over it,
/// with a key that this process made for itself. How wrong a device's clock is does not matter to them.
/// </summary>
internal sealed class DpopNonces(TimeProvider clock)
{
    private const int TimeSize = 8;
    private const int TagSize = 16;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    /// <summary>How long one may be used.</summary>
    public static TimeSpan Life { get; } = TimeSpan.FromMinutes(5);

    /// <summary>A new one.</summary>
    public string Next()
    {
        Span<byte> nonce = stackalloc byte[TimeSize + TagSize];
        BinaryPrimitives.WriteInt64BigEndian(nonce, clock.GetUtcNow().ToUnixTimeMilliseconds());
        Tag(nonce[..TimeSize], nonce[TimeSize..]);
        return Base64UrlText.Encode(nonce);
    }

    /// <summary>Whether a nonce is ours and fresh.</summary>
    public bool IsGood(string? text)
    {
        if (text is not { Length: 32 } || Base64UrlText.Decode(text) is not { Length: TimeSize + TagSize } nonce)
            return false;

        Span<byte> tag = stackalloc byte[TagSize];
        Tag(nonce.AsSpan(0, TimeSize), tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, nonce.AsSpan(TimeSize)))
            return false;

        // Ours, so it is a date. A clock of ours that was set back makes some from the future, which are no better than old ones.
        TimeSpan age = clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(nonce));
        return age >= TimeSpan.Zero && age < Life;
    }

    private void Tag(ReadOnlySpan<byte> time, Span<byte> tag)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, time, whole);
        whole[..TagSize].CopyTo(tag);
    }
}
