using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>One who takes part in groups: its identity and what it needs to act. Immutable; the caller owns the key and disposes of it.</summary>
/// <param name="Suite">The suite; the signature key is of its scheme.</param>
/// <param name="Identities">Who decides on the credentials of others.</param>
/// <param name="Random">Where keys, nonces and path secrets come from.</param>
/// <param name="SigningKey">The signature key of the client's own credential.</param>
/// <param name="Credential">The client's own credential.</param>
public sealed record MlsClient(CipherSuite Suite, IIdentityProvider Identities, IRandom Random, SigningKey SigningKey, Credential Credential)
{
    /// <summary>Extensions, besides the defaults, that the client understands in leaves and group contexts.</summary>
    public IReadOnlyList<ushort> SupportedExtensions { get; init; } = [];

    /// <summary>Credential types that the client understands; both by default.</summary>
    public IReadOnlyList<ushort> SupportedCredentials { get; init; } = [(ushort)CredentialType.Basic, (ushort)CredentialType.X509];

    /// <summary>Extensions in the client's own leaves.</summary>
    public IReadOnlyList<Extension> LeafExtensions { get; init; } = [];

    internal Capabilities Capabilities => new(
        [ProtocolVersion.Mls10],
        [(ushort)Suite.Id, Grease(0)],
        [.. SupportedExtensions.Append((ushort)ExtensionType.LastResort).Distinct(), Grease(1)],
        [Grease(2)],
        [.. SupportedCredentials, Grease(3)]);

    /// <summary>Makes a key package, by which others can add the client while it is away.</summary>
    /// <param name="lifetime">When it may be used.</param>
    /// <param name="isLastResort">Whether it may be used again when no other is left.</param>
    public OwnKeyPackage CreateKeyPackage(Lifetime lifetime, bool isLastResort = false)
    {
        KemPrivateKey initKey = Suite.Hpke.GenerateKeyPair(Random);
        Secret leafSeed = Secret.Generate(Random, Suite.Hpke.Kem.PrivateKey());
        KemPrivateKey leafKey = Suite.Hpke.DeriveKeyPair(leafSeed.Bytes);
        LeafNode leaf = SignLeaf(ByteString.CopyOf(leafKey.PublicKey), LeafNodeSource.KeyPackage, lifetime, default, null);
        IReadOnlyList<Extension> extensions = isLastResort ? [new Extension(ExtensionType.LastResort, default)] : [];
        return new OwnKeyPackage(KeyPackage.Sign(Suite, ByteString.CopyOf(initKey.PublicKey), leaf, extensions, SigningKey), initKey, leafKey, leafSeed);
    }

    internal LeafNode SignLeaf(ByteString encryptionKey, LeafNodeSource source, Lifetime lifetime, ByteString parentHash, LeafPlace? place) => LeafNode.Sign(
        Suite,
        new LeafNode.Content(encryptionKey, ByteString.CopyOf(SigningKey.PublicKey), Credential, Capabilities, source, lifetime, parentHash, LeafExtensions),
        SigningKey,
        place);

    // Section 13.5: values that mean nothing, so that implementations which cannot bear unknown values are found early.
    // Taken from the key, so that a client says the same each time. None are reserved among the versions.
    private ushort Grease(int place)
    {
        int nibble = SigningKey.PublicKey[^(1 + place)] % 15;
        return (ushort)((nibble << 12) | 0x0a00 | (nibble << 4) | 0x0a);
    }
}

/// <summary>
/// A key package with its private keys. Disposing of it zeroes those, unless a group took them over. A group that one joins by it later, as with a
/// last-resort package, has a copy: a group zeroes its key when it has a newer one.
/// </summary>
public sealed class OwnKeyPackage : IDisposable
{
    private readonly Secret? _leafSeed;

    internal OwnKeyPackage(KeyPackage keyPackage, KemPrivateKey initKey, KemPrivateKey leafKey, Secret? leafSeed = null)
    {
        _leafSeed = leafSeed;
        KeyPackage = keyPackage;
        InitKey = initKey;
        LeafKey = leafKey;
    }

    /// <summary>The part to publish.</summary>
    public KeyPackage KeyPackage { get; }

    internal KemPrivateKey InitKey { get; }

    internal KemPrivateKey LeafKey { get; }

    internal bool LeafKeyTaken { get; set; }

    /// <summary>The leaf's key for a group: the first one has our own, each later one another object with the same key.</summary>
    internal KemPrivateKey LeafKeyFor(CipherSuite suite) => LeafKeyTaken && _leafSeed is not null ? suite.Hpke.DeriveKeyPair(_leafSeed.Bytes) : LeafKey;

    /// <summary>Zeroes the private keys.</summary>
    public void Dispose()
    {
        InitKey.Dispose();
        _leafSeed?.Dispose();
        if (!LeafKeyTaken)
            LeafKey.Dispose();
    }
}

/// <summary>How a group behaves; the same for all its epochs.</summary>
public sealed record GroupSettings
{
    /// <summary>How far messages may come out of order.</summary>
    public RatchetWindow Window { get; init; } = RatchetWindow.Default;

    /// <summary>Past epochs whose application messages can still be read.</summary>
    public int PastEpochs { get; init; } = 5;

    /// <summary>How long a past epoch can be read at the most.</summary>
    public TimeSpan PastEpochLifetime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Epochs whose resumption key is kept.</summary>
    public int ResumptionEpochs { get; init; } = 5;

    /// <summary>Proposals of one epoch that are kept for a commit to cover.</summary>
    public int MaxProposals { get; init; } = 4_096;

    /// <summary>Whether handshakes are encrypted. The meeting's service orders handshakes by looking at them, so they are not by default.</summary>
    public bool EncryptHandshakes { get; init; }

    /// <summary>Private messages are padded to a multiple of this many bytes.</summary>
    public int PaddingBlock { get; init; } = 32;
}
