namespace RoomAgent.SFrame;

/// <summary>What came of sealing a frame.</summary>
public enum SealOutcome
{
    /// <summary>It is sealed.</summary>
    Sealed,

    /// <summary>The counter is at its end: the group needs a new epoch, and until then nothing can be sent in this context.</summary>
    KeyUsedUp,

    /// <summary>The key has been replaced or is too old: ask <see cref="IFrameKeys"/> for the present one.</summary>
    KeyGone,
}

/// <summary>The one key with which we seal the frames of one context in one epoch, and the counter that belongs to it.</summary>
/// <remarks>
/// All encoders and layers of the context share this object. Its counter starts at 0, is part of the object, and can be neither set nor saved:
/// after a crash there is no key to go on with, so that a pair of key and counter never comes twice (RFC 9605 section 9.1).
/// Only <see cref="EpochKeyring"/> makes one, once for each epoch and context. One caller at a time.
/// </remarks>
public sealed class SealingKey
{
    private readonly FrameKey _key;
    private readonly ulong _mostFrames;
    private ulong _counter;
    private bool _gone;

    internal SealingKey(FrameSecret secret, KeyId keyId, ulong epoch, ulong mostFrames)
    {
        _key = secret.Derive(keyId);
        _mostFrames = mostFrames;
        KeyId = keyId;
        Epoch = epoch;
    }

    /// <summary>The KID that its frames carry.</summary>
    public KeyId KeyId { get; }

    /// <summary>The epoch, in full. A sender that sees it change makes a key frame.</summary>
    public ulong Epoch { get; }

    /// <summary>Frames sealed so far, which is also the next CTR.</summary>
    public ulong FramesSealed => _counter;

    /// <summary>Whether more than half of the counter is used, so that the group should make a new epoch.</summary>
    public bool IsHalfUsed => _counter > _mostFrames / 2;

    /// <summary>Bytes of the frame that <see cref="Seal"/> would make next of <paramref name="plaintextLength"/> bytes; at most <see cref="SFrameSizes.LargestOverhead"/> more.</summary>
    public int SealedLength(int plaintextLength) => checked(new SFrameHeader(KeyId, _counter).Length + plaintextLength + _key.Tag);

    /// <summary>Encrypts <paramref name="plaintext"/> and authenticates it together with the header and <paramref name="metadata"/> (RFC 9605 section 4.4.3).</summary>
    /// <param name="metadata">Authenticated, not sent: the receiver has to know it. Empty in meetings. Up to some 500 bytes cost no memory.</param>
    /// <param name="plaintext">Any number of bytes. It does not overlap <paramref name="frame"/>.</param>
    /// <param name="frame">Gets header, ciphertext and tag: at least <see cref="SealedLength"/> bytes.</param>
    /// <param name="written">Bytes written; 0 unless it is sealed.</param>
    /// <exception cref="ArgumentException"><paramref name="frame"/> is too short or overlaps; no counter is used up then.</exception>
    public SealOutcome Seal(ReadOnlySpan<byte> metadata, ReadOnlySpan<byte> plaintext, Span<byte> frame, out int written)
    {
        written = 0;
        if (_gone)
            return SealOutcome.KeyGone;
        if (_counter >= _mostFrames)
            return SealOutcome.KeyUsedUp;

        var header = new SFrameHeader(KeyId, _counter);
        int length = checked(header.Length + plaintext.Length + _key.Tag);
        if (frame.Length < length)
            throw new ArgumentException($"The sealed frame has {length} bytes.", nameof(frame));
        if (plaintext.Overlaps(frame[..length]))
            throw new ArgumentException("The header would run over the plaintext.", nameof(frame));

        // The counter moves before it is used: whatever fails below, the nonce is spent.
        _counter++;
        header.Write(frame);
        _key.Seal(header.Counter, frame[..header.Length], metadata, plaintext, frame[header.Length..length]);
        written = length;
        return SealOutcome.Sealed;
    }

    /// <summary>Zeroes the key. Whoever still holds the object is told so.</summary>
    internal void Drop()
    {
        _gone = true;
        _key.Dispose();
    }
}
