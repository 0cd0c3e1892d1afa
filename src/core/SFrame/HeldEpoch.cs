using RoomAgent.Wire;

namespace RoomAgent.SFrame;

/// <summary>An epoch whose keys we have. All of it is zeroed when it goes.</summary>
internal sealed class HeldEpoch : IDisposable
{
    private readonly FrameSecret _secret;
    private readonly SealingKey?[] _sealing = new SealingKey?[KeyId.Contexts];
    private readonly OpeningKey?[] _opening;
    private readonly bool[] _removed;
    private readonly ulong _mostFrames;

    public HeldEpoch(FrameEpoch epoch, FrameSecret secret, KeyringSettings settings, Instant now)
    {
        _secret = secret;
        _opening = new OpeningKey?[KeyId.Contexts * epoch.LeafCount];
        _removed = new bool[epoch.LeafCount];
        _mostFrames = (ulong)settings.KeyFrames;
        Number = epoch.Number;
        OwnLeaf = epoch.OwnLeaf;
        LeafCount = epoch.LeafCount;
        MergedAt = now;
    }

    public ulong Number { get; }

    public int OwnLeaf { get; }

    public int LeafCount { get; }

    public Instant MergedAt { get; }

    /// <summary>When its keys go; never as long as it is the newest.</summary>
    public Instant ExpiresAt { get; set; } = Instant.Never;

    /// <summary>Whether it seals no more.</summary>
    public bool SealingEnded { get; private set; }

    /// <summary>How many opening keys it has.</summary>
    public int OpeningKeys { get; private set; }

    /// <summary>Whether a sealing key is past half of its frames.</summary>
    public bool IsHalfUsed
    {
        get
        {
            foreach (SealingKey? key in _sealing)
            {
                if (key is { IsHalfUsed: true })
                    return true;
            }

            return false;
        }
    }

    /// <summary>The one sealing key of a context. An entry that is made is never replaced.</summary>
    public SealingKey? Sealing(FrameContext context)
    {
        if (SealingEnded)
            return null;

        return _sealing[(int)context] ??= new SealingKey(_secret, KeyId.Of(context, OwnLeaf, Number), Number, _mostFrames);
    }

    public void EndSealing()
    {
        SealingEnded = true;
        foreach (SealingKey? key in _sealing)
            key?.Drop();
    }

    public OpeningKey? Opening(KeyId keyId) => _opening[Index(keyId)];

    public OpeningKey DeriveOpening(KeyId keyId)
    {
        OpeningKeys++;
        return _opening[Index(keyId)] = new OpeningKey(_secret, keyId);
    }

    /// <summary>Drops <paramref name="key"/> if it is still held here.</summary>
    public void Forget(OpeningKey key)
    {
        int index = Index(key.KeyId);
        if (index < _opening.Length && ReferenceEquals(_opening[index], key))
            Drop(index);
    }

    public bool IsRemoved(int leaf) => _removed[leaf];

    /// <summary>Drops the keys of a leaf and derives none for it any more.</summary>
    public void Remove(int leaf)
    {
        if (leaf >= LeafCount)
            return;

        _removed[leaf] = true;
        for (int context = 0; context < KeyId.Contexts; context++)
            Drop((KeyId.Contexts * leaf) + context);
    }

    public void Dispose()
    {
        EndSealing();
        for (int index = 0; index < _opening.Length; index++)
            Drop(index);
        _secret.Dispose();
    }

    private static int Index(KeyId keyId) => (KeyId.Contexts * keyId.Leaf) + (int)keyId.Context;

    private void Drop(int index)
    {
        if (_opening[index] is not { } key)
            return;

        key.Drop();
        _opening[index] = null;
        OpeningKeys--;
    }
}
