using RoomAgent.Crypto;

namespace RoomAgent.Mls;

/// <summary>The key and nonce of one message. Disposing of it zeroes the key.</summary>
internal readonly struct MessageKey(Secret key, Secret nonce) : IDisposable
{
    public ReadOnlySpan<byte> Key => key.Bytes;

    public ReadOnlySpan<byte> Nonce => nonce.Bytes;

    public void Dispose()
    {
        key.Dispose();
        nonce.Dispose();
    }
}

/// <summary>
/// The message keys of one epoch (RFC 9420 section 9): a tree that is expanded towards a leaf when its first message comes or goes,
/// and two ratchets at each leaf. What was used is zeroed at once.
/// </summary>
internal sealed class SecretTree : IDisposable
{
    private readonly CipherSuite _suite;
    private readonly RatchetWindow _window;
    private readonly uint _leaves;

    // The secrets of nodes that were not expanded yet, by node index; and the ratchets of leaves that were.
    private readonly Dictionary<uint, Secret> _nodes = [];
    private readonly Dictionary<uint, (Ratchet Handshake, Ratchet Application)> _ratchets = [];

    /// <param name="suite">The group's suite.</param>
    /// <param name="encryptionSecret">The epoch's encryption_secret; copied.</param>
    /// <param name="leaves">Leaves of the tree, blank ones included: a power of two.</param>
    /// <param name="window">How far messages may come out of order.</param>
    public SecretTree(CipherSuite suite, ReadOnlySpan<byte> encryptionSecret, uint leaves, RatchetWindow window)
    {
        _suite = suite;
        _window = window;
        _leaves = leaves;
        _nodes.Add(TreeMath.Root(leaves), Secret.CopyOf(encryptionSecret));
    }

    /// <summary>The tree of an epoch, whose encryption_secret is zeroed: with it all keys that were used could be derived again (section 9.2).</summary>
    public static SecretTree Consuming(Secret encryptionSecret, CipherSuite suite, uint leaves, RatchetWindow window)
    {
        using (encryptionSecret)
            return new SecretTree(suite, encryptionSecret.Bytes, leaves, window);
    }

    /// <summary>The key of the next message of <paramref name="leaf"/>, and its generation.</summary>
    public (uint Generation, MessageKey Key) Next(LeafIndex leaf, ContentType type)
    {
        Ratchet ratchet = RatchetOf(leaf, type);
        return (ratchet.Generation, ratchet.Next());
    }

    /// <summary>The key of a message that came. It is taken: the same message does not find it again.</summary>
    /// <returns>
    /// <see langword="null"/> when the leaf is outside the tree, the generation was used, lies further back than the window keeps or
    /// further ahead than the window goes.
    /// </returns>
    public TakenKey? Take(LeafIndex leaf, ContentType type, uint generation)
    {
        if (leaf.Value >= _leaves)
            return null;

        return RatchetOf(leaf, type).Take(generation);
    }

    public void Dispose()
    {
        foreach (Secret secret in _nodes.Values)
            secret.Dispose();
        foreach ((Ratchet handshake, Ratchet application) in _ratchets.Values)
        {
            handshake.Dispose();
            application.Dispose();
        }

        _nodes.Clear();
        _ratchets.Clear();
    }

    private Ratchet RatchetOf(LeafIndex leaf, ContentType type)
    {
        if (!_ratchets.TryGetValue(leaf.Value, out var ratchets))
            _ratchets.Add(leaf.Value, ratchets = Expand(leaf));

        return type == ContentType.Application ? ratchets.Application : ratchets.Handshake;
    }

    // From the lowest ancestor that has a secret down to the leaf; each secret on the way is replaced by its children's.
    private (Ratchet Handshake, Ratchet Application) Expand(LeafIndex leaf)
    {
        uint target = TreeMath.Node(leaf);
        uint node = TreeMath.Root(_leaves);
        while (node != target)
        {
            uint left = TreeMath.Left(node);
            uint right = TreeMath.Right(node);
            if (_nodes.Remove(node, out Secret? secret))
            {
                _nodes.Add(left, Derive(secret, "tree"u8, "left"u8));
                _nodes.Add(right, Derive(secret, "tree"u8, "right"u8));
                secret.Dispose();
            }

            node = target < node ? left : right;
        }

        _nodes.Remove(target, out Secret? leafSecret);
        using (leafSecret)
        {
            return (
                new Ratchet(_suite, Derive(leafSecret!, "handshake"u8, []), _window),
                new Ratchet(_suite, Derive(leafSecret!, "application"u8, []), _window));
        }
    }

    private Secret Derive(Secret secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> context)
    {
        var derived = new Secret(_suite.HashSize);
        _suite.ExpandWithLabel(secret.Bytes, label, context, derived.Buffer);
        return derived;
    }
}

/// <summary>How far the messages of one sender may come out of order within an epoch.</summary>
/// <param name="Skipped">Keys of messages that did not come yet that are kept for each ratchet; the oldest goes first.</param>
/// <param name="Ahead">How far a message may be ahead of those that came: each step costs three derivations.</param>
public readonly record struct RatchetWindow(int Skipped, uint Ahead)
{
    /// <summary>64 skipped keys, 1,000 messages ahead.</summary>
    public static RatchetWindow Default => new(64, 1_000);
}
