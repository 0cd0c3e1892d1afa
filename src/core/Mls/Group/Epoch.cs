using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>One epoch as a member knows it: the public state, and the secrets.</summary>
internal sealed class Epoch(GroupState state, EpochSecrets secrets, PrivateTree keys, MlsClient client, RatchetWindow window) : IDisposable
{
    public GroupState State { get; } = state;

    public EpochSecrets Secrets { get; } = secrets;

    /// <summary>Our private keys of the tree. Whoever goes to the next epoch disposes of those that it does not have.</summary>
    public PrivateTree Keys { get; } = keys;

    /// <summary>Who we are in this epoch: a commit or update can change our signature key.</summary>
    public MlsClient Client { get; } = client;

    public SecretTree Messages { get; } = SecretTree.Consuming(secrets.EncryptionSecret, state.Suite, state.Tree.Leaves, window);

    public LeafIndex Self => Keys.Self;

    public ulong Number => State.Context.Epoch;

    /// <summary>The confirmation tag of the epoch (section 6.1).</summary>
    public static ByteString ConfirmationTag(CipherSuite suite, EpochSecrets secrets, ByteString confirmedTranscriptHash) =>
        suite.Mac(secrets.ConfirmationKey.Bytes, confirmedTranscriptHash);

    /// <summary>Keeps only what is needed to read messages that are late.</summary>
    public void Retire() => Secrets.DisposeAllButSenderData();

    public void Dispose()
    {
        Messages.Dispose();
        Secrets.Dispose();
    }
}
