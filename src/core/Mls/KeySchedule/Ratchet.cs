using RoomAgent.Crypto;

namespace RoomAgent.Mls;

/// <summary>
/// The key that a message which came is tried with. Until <see cref="Use"/> says that the message is authentic the ratchet is as it was,
/// so that whoever forged it uses up no key of the true ones.
/// </summary>
internal sealed class TakenKey : IDisposable
{
    private readonly Ratchet _ratchet;
    private readonly Ratchet.Step? _step;
    private bool _over;

    /// <summary>A key that the ratchet keeps, of a message that was skipped.</summary>
    public TakenKey(Ratchet ratchet, uint generation, MessageKey kept)
    {
        _ratchet = ratchet;
        Generation = generation;
        Key = kept;
    }

    /// <summary>A key that the ratchet does not have yet.</summary>
    public TakenKey(Ratchet ratchet, uint generation, Ratchet.Step step)
        : this(ratchet, generation, step.Key) => _step = step;

    public uint Generation { get; }

    public MessageKey Key { get; }

    /// <summary>The message is authentic: the ratchet goes on, the key is zeroed and does not come again.</summary>
    public void Use()
    {
        _over = true;
        _ratchet.Use(Generation, _step);
        Key.Dispose();
    }

    /// <summary>Zeroes what the ratchet does not keep.</summary>
    public void Dispose()
    {
        if (!_over)
            _step?.Dispose();
        _over = true;
    }
}

/// <summary>A symmetric ratchet of one leaf (RFC 9420 section 9.1). Keeps no old secret, only the keys of messages that were skipped.</summary>
internal sealed class Ratchet(CipherSuite suite, Secret first, RatchetWindow window) : IDisposable
{
    private readonly SortedDictionary<uint, MessageKey> _skipped = [];
    private Secret _secret = first;
    private bool _exhausted;

    /// <summary>The generation of the next key.</summary>
    public uint Generation { get; private set; }

    /// <summary>The next key.</summary>
    /// <exception cref="InvalidOperationException">2^32 messages were sent in this epoch.</exception>
    public MessageKey Next()
    {
        if (_exhausted)
            throw new InvalidOperationException("The ratchet has given all its 2^32 keys: start a new epoch.");

        MessageKey key = DeriveKey(_secret, Generation);
        GoOn(Generation, DeriveNext(_secret, Generation));
        return key;
    }

    /// <summary>The key of <paramref name="generation"/>: <see langword="null"/> when it was used, or is outside the window.</summary>
    public TakenKey? Take(uint generation)
    {
        if (generation < Generation || _exhausted)
            return _skipped.TryGetValue(generation, out MessageKey kept) ? new TakenKey(this, generation, kept) : null;

        if (generation - Generation > window.Ahead)
            return null;

        var skipped = new Queue<(uint, MessageKey)>();
        Secret secret = _secret;
        for (uint at = Generation; at < generation; at++)
        {
            if (generation - at <= window.Skipped)
                skipped.Enqueue((at, DeriveKey(secret, at)));
            secret = Replace(secret, DeriveNext(secret, at));
        }

        MessageKey key = DeriveKey(secret, generation);
        return new TakenKey(this, generation, new Step(skipped, key, Replace(secret, DeriveNext(secret, generation))));
    }

    /// <summary>The key of <paramref name="generation"/>, one that was kept or the last of <paramref name="step"/>, is used.</summary>
    public void Use(uint generation, Step? step)
    {
        if (step is null)
        {
            _skipped.Remove(generation);
            return;
        }

        foreach ((uint skipped, MessageKey key) in step.Skipped)
            Keep(skipped, key);
        GoOn(generation, step.Next);
    }

    public void Dispose()
    {
        _secret.Dispose();
        foreach (MessageKey key in _skipped.Values)
            key.Dispose();
        _skipped.Clear();
    }

    /// <summary>The way from the present generation to a later one.</summary>
    /// <param name="Skipped">Keys between, as many of the last as are kept.</param>
    /// <param name="Key">The later one's key.</param>
    /// <param name="Next">The secret after it.</param>
    public sealed record Step(IReadOnlyCollection<(uint Generation, MessageKey Key)> Skipped, MessageKey Key, Secret Next) : IDisposable
    {
        public void Dispose()
        {
            foreach ((_, MessageKey key) in Skipped)
                key.Dispose();
            Key.Dispose();
            Next.Dispose();
        }
    }

    private MessageKey DeriveKey(Secret secret, uint generation)
    {
        var key = new Secret(suite.Aead.Key());
        var nonce = new Secret(Sizes.AeadNonce);
        suite.DeriveTreeSecret(secret.Bytes, "key"u8, generation, key.Buffer);
        suite.DeriveTreeSecret(secret.Bytes, "nonce"u8, generation, nonce.Buffer);
        return new MessageKey(key, nonce);
    }

    private Secret DeriveNext(Secret secret, uint generation)
    {
        var next = new Secret(suite.HashSize);
        suite.DeriveTreeSecret(secret.Bytes, "secret"u8, generation, next.Buffer);
        return next;
    }

    // The ratchet's own secret stays until the step is used.
    private Secret Replace(Secret secret, Secret next)
    {
        if (secret != _secret)
            secret.Dispose();
        return next;
    }

    private void GoOn(uint used, Secret next)
    {
        _secret.Dispose();
        _secret = next;
        _exhausted = used == uint.MaxValue;
        Generation = _exhausted ? used : used + 1;
    }

    private void Keep(uint generation, MessageKey key)
    {
        _skipped.Add(generation, key);
        if (_skipped.Count <= window.Skipped)
            return;

        uint oldest = _skipped.Keys.First();
        _skipped[oldest].Dispose();
        _skipped.Remove(oldest);
    }
}
