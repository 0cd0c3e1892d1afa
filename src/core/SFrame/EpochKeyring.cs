using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.SFrame;

/// <summary>The keys of the epochs of a meeting: which one seals now, which ones still open, and when they go.</summary>
/// <remarks>
/// <para>
/// An epoch opens frames from the moment it is added. It seals as soon as all connected members are ready for it, or <see cref="KeyringSettings.SendSwitch"/> later,
/// or at once when somebody was removed. The one before it opens for <see cref="KeyringSettings.OldKeys"/> more, for <see cref="KeyringSettings.OldKeysAfterRemove"/> after a Remove.
/// </para>
/// <para>
/// For each generation, epoch and context there is one <see cref="SealingKey"/> and never a second: an epoch can be added once, only upwards, and its keys are made once.
/// Two keyrings must not be given the same base key.
/// </para>
/// <para>One caller at a time. After each call of a Handle method or a verb ask <see cref="PollTimeout"/> when to call <see cref="HandleTimeout"/>.</para>
/// </remarks>
public sealed class EpochKeyring : IFrameKeys, IDisposable
{
    // As far as half the circle of 256 a KID's epoch lies ahead, on the other half behind.
    private const int Circle = 256;

    // Keys that have opened nothing yet may be made by anyone who names a KID. So few are held that making them fills no memory;
    // a sender's first frame that passes takes its key out of this number.
    private const int MostUnproven = 64;

    private readonly ICryptoProvider _crypto;
    private readonly KeyringSettings _settings;
    private readonly HeldEpoch?[] _byLowBits = new HeldEpoch?[Circle];
    private readonly List<HeldEpoch> _held = []; // oldest first
    private readonly OpeningKey?[] _unproven = new OpeningKey?[MostUnproven];
    private int _nextUnproven;

    private uint _generation;
    private HeldEpoch? _newest;
    private HeldEpoch? _sending;
    private bool _halfLifePassed;
    private bool _disposed;

    /// <summary>A keyring without keys.</summary>
    /// <exception cref="ArgumentException">A setting is outside its range.</exception>
    public EpochKeyring(ICryptoProvider crypto, KeyringSettings settings)
    {
        settings.Check();
        _crypto = crypto;
        _settings = settings;
    }

    /// <summary>The newest epoch that was added; <see langword="null"/> before the first.</summary>
    public ulong? NewestEpoch => _newest?.Number;

    /// <summary>The epoch that seals; <see langword="null"/> before the first.</summary>
    public ulong? SendEpoch => _sending?.Number;

    /// <summary>Epochs that open frames.</summary>
    public int HeldEpochs => _held.Count;

    /// <summary>Opening keys derived and held.</summary>
    public int OpeningKeys => _held.Sum(epoch => epoch.OpeningKeys);

    /// <summary>Whether half of the life or of the frames of the newest epoch's keys is used up: ask the group for a new epoch.</summary>
    public bool IsNewKeyDue => _halfLifePassed || _newest is { IsHalfUsed: true };

    /// <summary>Adds an epoch at the moment it is merged.</summary>
    /// <param name="epoch">Which one, and who is in it.</param>
    /// <param name="baseKey">MLS-Exporter("SFrame 1.0 Base Key", "", Nk) of RFC 9605 section 5.2: 32 bytes in the suite of meetings. Taken over and zeroed.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">
    /// The base key has another length, a leaf is outside the tree, or the epoch is not newer than every one before; nothing has changed then,
    /// and the base key is still the caller's.
    /// </exception>
    public void AddEpoch(FrameEpoch epoch, Secret baseKey, Instant now)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RefuseImpossible(epoch, baseKey);

        // 1. What is due goes first. A new generation leaves nothing of the old one.
        HandleTimeout(now);
        if (epoch.Generation > _generation)
            DropAll();
        _generation = epoch.Generation;

        // 2. The older epochs go sooner, and removed leaves at once.
        TimeSpan life = epoch.RemovedLeaves.Count > 0 ? _settings.OldKeysAfterRemove : _settings.OldKeys;
        foreach (HeldEpoch older in _held)
        {
            older.ExpiresAt = Instant.Min(older.ExpiresAt, now + life);
            foreach (int leaf in epoch.RemovedLeaves)
                older.Remove(leaf);
        }

        // 3. Of two epochs that a KID cannot tell apart the older one goes (RFC 9605 section 5.2).
        if (_byLowBits[(byte)epoch.Number] is { } alike)
            Drop(alike);

        // 4. The new one opens at once.
        var secret = new FrameSecret(_crypto, _settings.Suite, baseKey.Bytes);
        baseKey.Dispose();
        var added = new HeldEpoch(epoch, secret, _settings, now);
        _byLowBits[(byte)epoch.Number] = added;
        _held.Add(added);
        _newest = added;
        _halfLifePassed = false;

        // 5. It seals at once when no other does, or when the removed must not understand us any longer.
        bool hurries = epoch.RemovedLeaves.Count > 0 && !epoch.IsResync;
        if (_sending is null or { SealingEnded: true } || hurries || _settings.SendSwitch == TimeSpan.Zero)
            SwitchTo(added);
    }

    /// <summary>All connected members have merged <paramref name="epoch"/>: it seals from now on. Without effect when it is not held or not newer than the one that seals.</summary>
    public void HandleAllReady(ulong epoch)
    {
        if (_byLowBits[(byte)epoch] is { } ready && ready.Number == epoch && ready.Number > _sending?.Number)
            SwitchTo(ready);
    }

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next; <see cref="Instant.Never"/> when nothing waits.</summary>
    public Instant PollTimeout()
    {
        if (_newest is null)
            return Instant.Never;

        Instant next = _halfLifePassed ? Instant.Never : HalfLifeOf(_newest);
        if (_sending is { SealingEnded: false })
            next = Instant.Min(next, _sending.MergedAt + _settings.KeyLife);
        foreach (HeldEpoch epoch in _held)
        {
            next = Instant.Min(next, epoch.ExpiresAt);
            if (epoch.Number > _sending?.Number)
                next = Instant.Min(next, epoch.MergedAt + _settings.SendSwitch);
        }

        return next;
    }

    /// <summary>Does what is due: switches the sealing key, and drops keys whose time is over.</summary>
    public void HandleTimeout(Instant now)
    {
        // 1. The newest epoch whose time to seal has come. Each counts from its own merge, so that many in a row do not put it off.
        for (int i = _held.Count - 1; i >= 0 && _held[i].Number > _sending?.Number; i--)
        {
            if (_held[i].MergedAt + _settings.SendSwitch <= now)
                SwitchTo(_held[i]);
        }

        // 2. Old epochs. Only the newest never expires, so it is never among them.
        for (int i = _held.Count - 1; i >= 0; i--)
        {
            if (_held[i].ExpiresAt <= now)
                Drop(_held[i]);
        }

        // 3. Keys that are too old to seal.
        if (_newest is null || _sending is null)
            return;
        _halfLifePassed |= HalfLifeOf(_newest) <= now;
        if (!_sending.SealingEnded && _sending.MergedAt + _settings.KeyLife <= now)
            _sending.EndSealing();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="context"/> is none.</exception>
    public SealingKey? FindSealing(FrameContext context)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((int)context, KeyId.Contexts, nameof(context));
        return _sending?.Sealing(context);
    }

    /// <inheritdoc/>
    public OpeningKey? FindOpening(KeyId keyId, out OpenOutcome refusal)
    {
        refusal = Judge(keyId, out HeldEpoch? epoch);
        if (refusal != OpenOutcome.Opened)
            return null;
        if (epoch!.Opening(keyId) is { } known)
            return known;

        // Makes room before it counts: one that has opened nothing has nothing to lose, since its replay window is empty.
        ref OpeningKey? place = ref _unproven[_nextUnproven];
        if (place is { Proven: false } unproven)
            _byLowBits[unproven.KeyId.Epoch]?.Forget(unproven);
        place = null;
        if (OpeningKeys >= _settings.MostOpeningKeys)
        {
            refusal = OpenOutcome.TooManyKeys;
            return null;
        }

        _nextUnproven = (_nextUnproven + 1) % MostUnproven;
        return place = epoch.DeriveOpening(keyId);
    }

    /// <inheritdoc/>
    public bool IsAhead(KeyId keyId) => !_disposed && keyId.IsInLayout && _byLowBits[keyId.Epoch] is null && LiesAhead(keyId.Epoch);

    /// <summary>Zeroes and drops everything. From now on nothing is sealed or opened.</summary>
    public void Dispose()
    {
        DropAll();
        _disposed = true;
    }

    private void RefuseImpossible(FrameEpoch epoch, Secret baseKey)
    {
        if (baseKey.Length != _settings.Suite.Key())
            throw new ArgumentException($"The base key has {_settings.Suite.Key()} bytes.", nameof(baseKey));
        if (epoch.LeafCount is < 1 or > KeyId.MostLeaves)
            throw new ArgumentException($"A tree has 1 to {KeyId.MostLeaves} leaves.", nameof(epoch));
        if (epoch.OwnLeaf < 0 || epoch.OwnLeaf >= epoch.LeafCount)
            throw new ArgumentException("Our leaf is outside the tree.", nameof(epoch));
        if (epoch.RemovedLeaves.Any(leaf => leaf is < 0 or >= KeyId.MostLeaves))
            throw new ArgumentException("A removed leaf is outside every tree.", nameof(epoch));
        if (epoch.IsResync && epoch.RemovedLeaves.Count != 1)
            throw new ArgumentException("A resync removes one leaf.", nameof(epoch));
        if (epoch.Generation < _generation || (epoch.Generation == _generation && epoch.Number <= _newest?.Number))
            throw new ArgumentException("An epoch is added once, and only upwards.", nameof(epoch));
    }

    private OpenOutcome Judge(KeyId keyId, out HeldEpoch? epoch)
    {
        epoch = _byLowBits[keyId.Epoch];
        if (!keyId.IsInLayout)
            return OpenOutcome.UnknownKey;
        if (epoch is null)
            return IsAhead(keyId) ? OpenOutcome.KeyAhead : OpenOutcome.UnknownKey;
        if (keyId.Leaf >= epoch.LeafCount)
            return OpenOutcome.UnknownKey;
        if (keyId.Leaf == epoch.OwnLeaf)
            return OpenOutcome.OwnFrame;

        return epoch.IsRemoved(keyId.Leaf) ? OpenOutcome.RemovedSender : OpenOutcome.Opened;
    }

    // Before the first epoch all lie ahead: a joiner may hear the others before it has its Welcome.
    private bool LiesAhead(byte lowBits) => _newest is null || (byte)(lowBits - (byte)_newest.Number) is > 0 and < Circle / 2;

    private Instant HalfLifeOf(HeldEpoch epoch) => epoch.MergedAt + (_settings.KeyLife / 2);

    private void SwitchTo(HeldEpoch epoch)
    {
        _sending?.EndSealing();
        _sending = epoch;
    }

    private void Drop(HeldEpoch epoch)
    {
        _held.Remove(epoch);
        _byLowBits[(byte)epoch.Number] = null;
        if (ReferenceEquals(_sending, epoch))
            _sending = null;
        epoch.Dispose();
    }

    private void DropAll()
    {
        foreach (HeldEpoch epoch in _held)
            epoch.Dispose();
        _held.Clear();
        Array.Clear(_byLowBits);
        Array.Clear(_unproven);
        _newest = null;
        _sending = null;
    }
}
