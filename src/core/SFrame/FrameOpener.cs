namespace RoomAgent.SFrame;

/// <summary>What came of opening a frame.</summary>
public enum OpenOutcome
{
    /// <summary>Authenticated, decrypted, and not seen before.</summary>
    Opened,

    /// <summary>No whole header in its shortest form, or no room for a tag behind it.</summary>
    Malformed,

    /// <summary>Nobody in the epochs that we hold has this KID.</summary>
    UnknownKey,

    /// <summary>The KID belongs to an epoch still to come: the frame may wait in <see cref="WaitingFrames{TInfo}"/>.</summary>
    KeyAhead,

    /// <summary>The sender has been removed from the group.</summary>
    RemovedSender,

    /// <summary>The KID is one of ours: somebody sends our frames back.</summary>
    OwnFrame,

    /// <summary>So many senders have keys already that no more are derived.</summary>
    TooManyKeys,

    /// <summary>Its counter was seen before, or is older than the replay window.</summary>
    Replayed,

    /// <summary>The tag does not fit: another key, or a changed header, text, tag or metadata.</summary>
    Undecryptable,
}

/// <summary>Opens sealed frames (RFC 9605 section 4.4.4), and counts what becomes of them.</summary>
/// <remarks>Takes whatever bytes come and allocates nothing, except when a sender is heard for the first time in an epoch. One caller at a time.</remarks>
/// <param name="keys">Where keys come from.</param>
public sealed class FrameOpener(IFrameKeys keys)
{
    private readonly long[] _counts = new long[(int)OpenOutcome.Undecryptable + 1];

    /// <summary>How many frames had this outcome. One that waited for its key counts twice: as <see cref="OpenOutcome.KeyAhead"/>, and by what became of it then.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such outcome.</exception>
    public long Count(OpenOutcome outcome) => _counts[(int)outcome];

    /// <summary>Verifies and decrypts <paramref name="frame"/>.</summary>
    /// <param name="frame">Header, ciphertext and tag, from anyone.</param>
    /// <param name="metadata">What was authenticated along with it; empty in meetings.</param>
    /// <param name="plaintext">
    /// Room for the text: a buffer as long as <paramref name="frame"/> is always enough. May start where the ciphertext starts behind the header,
    /// and overlap it in no other way. Zeroed when the tag does not fit.
    /// </param>
    /// <param name="header">The header. Nobody has authenticated it unless the frame was opened. Zero when there is none.</param>
    /// <param name="length">Bytes of text; 0 unless it was opened.</param>
    /// <exception cref="ArgumentException"><paramref name="plaintext"/> is too short or overlaps in another way.</exception>
    public OpenOutcome Open(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> metadata, Span<byte> plaintext, out SFrameHeader header, out int length)
    {
        length = 0;
        OpenOutcome outcome = OpenOutcome.Malformed;
        if (SFrameHeader.TryRead(frame, out header) && keys.FindOpening(header.KeyId, out outcome) is { } key)
            outcome = key.Open(header, frame, metadata, plaintext, out length);

        _counts[(int)outcome]++;
        return outcome;
    }
}
