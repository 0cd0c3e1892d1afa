namespace RoomAgent.Mls;

/// <summary>Every rule by which this library refuses, with its id. The table in <c>tests/RoomAgent.Mls.Tests/RULES.md</c> says which test holds which.</summary>
public static class Rules
{
    /// <summary>The encoding of a ratchet tree.</summary>
    public static readonly Refusal TreeEncoding = new(RefusalReason.Codec, "tree.encoding", "A ratchet tree is a list of optional nodes, leaves at even places, the last one not blank (12.4.3.3).");

    /// <summary>A tree larger than this library takes.</summary>
    public static readonly Refusal TreeSize = new(RefusalReason.Validation, "tree.size", "The tree has more leaves than are supported.");

    /// <summary>The tree is the one the group context speaks of.</summary>
    public static readonly Refusal TreeHash = new(RefusalReason.Validation, "tree.hash", "The tree hash equals the one of the group context (12.4.3.1).");

    /// <summary>Each parent node chains to a leaf.</summary>
    public static readonly Refusal TreeParentHash = new(RefusalReason.Validation, "tree.parent-hash", "Each parent node is bound to a leaf by parent hashes (7.9.2).");

    /// <summary>The lists of unmerged leaves.</summary>
    public static readonly Refusal TreeUnmergedLeaves = new(RefusalReason.Validation, "tree.unmerged-leaves", "Unmerged leaves are sorted, below the node, not blank, and unmerged at each node between (12.4.3.1).");

    /// <summary>No encryption key twice.</summary>
    public static readonly Refusal EncryptionKeyTwice = new(RefusalReason.Validation, "tree.encryption-key-twice", "No encryption key stands twice in the tree (7.3, 12.4.3.1).");

    /// <summary>No signature key twice.</summary>
    public static readonly Refusal SignatureKeyTwice = new(RefusalReason.Validation, "tree.signature-key-twice", "No signature key stands twice in the tree (7.3).");

    /// <summary>A public key that cannot be used.</summary>
    public static readonly Refusal PublicKey = new(RefusalReason.Validation, "key.public", "A public key has the length of its suite and is a point of the group.");

    /// <summary>The shape of an update path.</summary>
    public static readonly Refusal PathShape = new(RefusalReason.Validation, "path.shape", "An update path has one node for each node of the filtered direct path, one ciphertext for each node of the resolution (7.5).");

    /// <summary>The path's parent hashes.</summary>
    public static readonly Refusal PathParentHash = new(RefusalReason.Validation, "path.parent-hash", "The leaf of an update path has the parent hash that the path gives it (7.9, 12.4.2).");

    /// <summary>The path secret opens.</summary>
    public static readonly Refusal PathDecryption = new(RefusalReason.Crypto, "path.decryption", "The path secret of the common ancestor decrypts with our key (7.5).");

    /// <summary>The path secret fits the public keys.</summary>
    public static readonly Refusal PathPublicKey = new(RefusalReason.Validation, "path.public-key", "The public keys derived from the path secret are those of the path (7.5).");

    /// <summary>The encrypted sender data.</summary>
    public static readonly Refusal SenderData = new(RefusalReason.Crypto, "message.sender-data", "The sender data of a private message decrypts (6.3.2).");

    /// <summary>The generation of the key.</summary>
    public static readonly Refusal Generation = new(RefusalReason.Crypto, "message.generation", "A message key is used once, and is neither too old nor too far ahead (9.1, 15.3).");

    /// <summary>The encrypted content.</summary>
    public static readonly Refusal MessageDecryption = new(RefusalReason.Crypto, "message.decryption", "The content of a private message decrypts (6.3.1).");

    /// <summary>The decrypted content.</summary>
    public static readonly Refusal MessageEncoding = new(RefusalReason.Codec, "message.encoding", "A private message contains one content of its type, then zeros (6.3.1).");
}
