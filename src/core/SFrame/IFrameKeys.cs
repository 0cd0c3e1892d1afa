namespace RoomAgent.SFrame;

/// <summary>Where keys come from. SFrame does not know MLS: who binds the two fills an <see cref="EpochKeyring"/>.</summary>
public interface IFrameKeys
{
    /// <summary>The key to seal the next frame of <paramref name="context"/> with. To be asked for each frame, since it changes with the epoch.</summary>
    /// <returns><see langword="null"/> when there is none: nothing may be sent.</returns>
    SealingKey? FindSealing(FrameContext context);

    /// <summary>The key of exactly this KID. Nothing is tried: a key that fits by chance would let a sender show different things to different members.</summary>
    /// <param name="keyId">The KID of a frame that nobody has authenticated yet.</param>
    /// <param name="refusal">Why there is none; <see cref="OpenOutcome.Opened"/> when there is one.</param>
    OpeningKey? FindOpening(KeyId keyId, out OpenOutcome refusal);

    /// <summary>Whether the KID may belong to an epoch that is still to come, so that its frames may wait.</summary>
    bool IsAhead(KeyId keyId);
}
