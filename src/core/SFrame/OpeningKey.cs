namespace RoomAgent.SFrame;

/// <summary>The key that opens what one sender sealed in one context and epoch, with what it has opened already.</summary>
/// <remarks>Only <see cref="EpochKeyring"/> makes one; <see cref="FrameOpener"/> uses it. One caller at a time.</remarks>
public sealed class OpeningKey
{
    private readonly FrameKey _key;
    private readonly ReplayWindow _window = new();

    internal OpeningKey(FrameSecret secret, KeyId keyId)
    {
        _key = secret.Derive(keyId);
        KeyId = keyId;
    }

    /// <summary>The KID of its frames.</summary>
    public KeyId KeyId { get; }

    /// <summary>Whether a frame was opened with it: until then only a stranger may have named the KID.</summary>
    internal bool Proven => _window.Moved;

    /// <summary>Opens <paramref name="frame"/>, whose header has been read.</summary>
    internal OpenOutcome Open(in SFrameHeader header, ReadOnlySpan<byte> frame, ReadOnlySpan<byte> metadata, Span<byte> plaintext, out int length)
    {
        length = 0;
        int textLength = frame.Length - header.Length - _key.Tag;
        if (textLength < 0)
            return OpenOutcome.Malformed;
        if (plaintext.Length < textLength)
            throw new ArgumentException($"The plaintext has {textLength} bytes.", nameof(plaintext));
        if (!_window.IsFresh(header.Counter))
            return OpenOutcome.Replayed;
        if (!_key.TryOpen(header.Counter, frame[..header.Length], metadata, frame[header.Length..], plaintext[..textLength]))
            return OpenOutcome.Undecryptable;

        // Only now: a forged frame must not make the counters of right ones old.
        _window.Accept(header.Counter);
        length = textLength;
        return OpenOutcome.Opened;
    }

    /// <summary>Zeroes the key.</summary>
    internal void Drop() => _key.Dispose();
}
