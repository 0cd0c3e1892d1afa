using RoomAgent.Crypto;

namespace RoomAgent.Mls;

/// <summary>A key taken out of a ratchet, which can be given back while the message it was meant for turns out not to be authentic.</summary>
internal sealed class TakenKey(Ratchet ratchet, uint generation, MessageKey key) : IDisposable
{
    private bool _over;

    public MessageKey Key => key;

    /// <summary>
    /// The message was not authentic: whoever forged it must not be able to use up the key of the true one.
    /// </summary>
    public void GiveBack()
    {
        _over = true;
        ratchet.GiveBack(generation, key);
    }

    /// <summary>Zeroes the key, unless it was given back.</summary>
    public void Dispose()
    {
        if (!_over)
            key.Dispose();
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

        var key = new Secret(suite.Aead.Key());
        var nonce = new Secret(Sizes.AeadNonce);
        var next = new Secret(suite.HashSize);
        suite.DeriveTreeSecret(_secret.Bytes, "key"u8, Generation, key.Buffer);
        suite.DeriveTreeSecret(_secret.Bytes, "nonce"u8, Generation, nonce.Buffer);
        suite.DeriveTreeSecret(_secret.Bytes, "secret"u8, Generation, next.Buffer);

        _secret.Dispose();
        _secret = next;
        if (Generation == uint.MaxValue)
            _exhausted = true;
        else
            Generation++;

        return new MessageKey(key, nonce);
    }

    /// <summary>The key of <paramref name="generation"/>: <see langword="null"/> when it was used, or is outside the window.</summary>
    public TakenKey? Take(uint generation)
    {
        if (generation < Generation || _exhausted)
            return _skipped.Remove(generation, out MessageKey kept) ? new TakenKey(this, generation, kept) : null;

        if (generation - Generation > window.Ahead)
            return null;

        while (Generation < generation)
        {
            uint skipped = Generation;
            Keep(skipped, Next());
        }

        return new TakenKey(this, generation, Next());
    }

    public void GiveBack(uint generation, MessageKey key) => Keep(generation, key);

    public void Dispose()
    {
        _secret.Dispose();
        foreach (MessageKey key in _skipped.Values)
            key.Dispose();
        _skipped.Clear();
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
