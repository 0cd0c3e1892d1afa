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

    /// <summary>Where a leaf comes from.</summary>
    public static readonly Refusal LeafSource = new(RefusalReason.Validation, "leaf.source", "A leaf comes from where it is used: a key package, an update or a commit (7.3).");

    /// <summary>A leaf's own extensions.</summary>
    public static readonly Refusal LeafExtensionNotSupported = new(RefusalReason.Validation, "leaf.extension-not-supported", "A leaf supports its own extensions (7.3).");

    /// <summary>A leaf's own credential.</summary>
    public static readonly Refusal LeafCredentialNotSupported = new(RefusalReason.Validation, "leaf.credential-not-supported", "A leaf supports the type of its own credential (7.3).");

    /// <summary>The group's version and suite.</summary>
    public static readonly Refusal LeafSuiteNotSupported = new(RefusalReason.Validation, "leaf.suite-not-supported", "A leaf supports the version and cipher suite of its group (7.2, 7.3).");

    /// <summary>A leaf's signature.</summary>
    public static readonly Refusal LeafSignature = new(RefusalReason.Signature, "leaf.signature", "The signature of a leaf verifies with its own key, for its group and index (7.3).");

    /// <summary>A credential.</summary>
    public static readonly Refusal Credential = new(RefusalReason.Policy, "credential.invalid", "The identity provider accepts the credential (5.3.1).");

    /// <summary>A changed credential.</summary>
    public static readonly Refusal Successor = new(RefusalReason.Policy, "credential.successor", "The identity provider accepts the new credential in the place of the old (5.3.1).");

    /// <summary>Extensions of a list.</summary>
    public static readonly Refusal ExtensionTwice = new(RefusalReason.Validation, "extension.twice", "No extension stands twice in a list (7.2, 10, 12.1.7).");

    /// <summary>The data of an extension.</summary>
    public static readonly Refusal ExtensionEncoding = new(RefusalReason.Codec, "extension.encoding", "The data of a known extension is its encoding.");

    /// <summary>Version and suite of a key package.</summary>
    public static readonly Refusal KeyPackageSuite = new(RefusalReason.Validation, "key-package.suite", "A key package has the group's version and cipher suite (10.1).");

    /// <summary>The init key.</summary>
    public static readonly Refusal KeyPackageInitKey = new(RefusalReason.Validation, "key-package.init-key", "The init key of a key package is not the encryption key of its leaf (10.1).");

    /// <summary>A key package's signature.</summary>
    public static readonly Refusal KeyPackageSignature = new(RefusalReason.Signature, "key-package.signature", "The signature of a key package verifies with the key of its leaf (10.1).");

    /// <summary>A key package's lifetime.</summary>
    public static readonly Refusal Lifetime = new(RefusalReason.Validation, "key-package.lifetime", "A key package is used within its lifetime (7.3).");

    /// <summary>Identities of the members.</summary>
    public static readonly Refusal IdentityTwice = new(RefusalReason.Validation, "leaf.identity-twice", "Nobody is in the group twice (12.2).");

    /// <summary>Credential types of the members.</summary>
    public static readonly Refusal CredentialNotSupportedByAll = new(RefusalReason.Validation, "leaf.credential-not-supported-by-all", "All members support the credential types of all (7.3).");

    /// <summary>Required capabilities.</summary>
    public static readonly Refusal RequiredCapabilitiesMissing = new(RefusalReason.Validation, "capabilities.required", "All members have the required capabilities (7.3, 11.1).");

    /// <summary>Extensions of the group context.</summary>
    public static readonly Refusal ExtensionNotSupportedByAll = new(RefusalReason.Validation, "capabilities.extensions", "All members support the extensions of the group context (12.1.7).");

    /// <summary>Proposals of an external commit.</summary>
    public static readonly Refusal ExternalCommitProposals = new(RefusalReason.Validation, "external-commit.proposals", "An external commit holds one ExternalInit, at most one Remove, and pre-shared keys, all by value (12.2).");

    /// <summary>An ExternalInit.</summary>
    public static readonly Refusal ExternalInitInside = new(RefusalReason.Validation, "proposal.external-init", "ExternalInit stands in external commits alone (12.2).");

    /// <summary>Changes of the extensions.</summary>
    public static readonly Refusal ExtensionsProposalTwice = new(RefusalReason.Validation, "proposal.extensions-twice", "A commit changes the extensions at most once (12.2).");

    /// <summary>A ReInit.</summary>
    public static readonly Refusal ReInitNotAlone = new(RefusalReason.Validation, "proposal.re-init-alone", "ReInit stands alone in its commit (12.2).");

    /// <summary>The version of a ReInit.</summary>
    public static readonly Refusal ReInitVersion = new(RefusalReason.Validation, "proposal.re-init-version", "ReInit does not go back to an older version (12.1.5).");

    /// <summary>Who proposes what.</summary>
    public static readonly Refusal ProposalSender = new(RefusalReason.Validation, "proposal.sender", "This sender may not make this proposal (12.1.8, 12.2).");

    /// <summary>Updates of the committer.</summary>
    public static readonly Refusal CommitterUpdates = new(RefusalReason.Validation, "proposal.committer-updates", "A committer does not cover its own update (12.2).");

    /// <summary>Removal of the committer.</summary>
    public static readonly Refusal CommitterRemoved = new(RefusalReason.Validation, "proposal.committer-removed", "A committer does not remove itself (12.2).");

    /// <summary>Leaves that are not there.</summary>
    public static readonly Refusal LeafUnknown = new(RefusalReason.Validation, "proposal.leaf-unknown", "The leaf is in the tree and not blank (12.1.2, 12.1.3).");

    /// <summary>Several changes of one leaf.</summary>
    public static readonly Refusal LeafTouchedTwice = new(RefusalReason.Validation, "proposal.leaf-twice", "A commit updates or removes a leaf at most once (12.2).");

    /// <summary>The nonce of a pre-shared key.</summary>
    public static readonly Refusal PskNonce = new(RefusalReason.Validation, "psk.nonce", "The nonce of a pre-shared key has the length of a hash (12.1.4).");

    /// <summary>The usage of a resumption key.</summary>
    public static readonly Refusal PskUsage = new(RefusalReason.Validation, "psk.usage", "Inside a group a resumption key is used for the application alone (12.1.4).");

    /// <summary>A pre-shared key twice.</summary>
    public static readonly Refusal PskTwice = new(RefusalReason.Validation, "psk.twice", "A commit uses a pre-shared key at most once (12.2).");

    /// <summary>An unknown pre-shared key.</summary>
    public static readonly Refusal PskUnknown = new(RefusalReason.Policy, "psk.unknown", "The pre-shared key is known (12.4.2).");

    /// <summary>The group of a message.</summary>
    public static readonly Refusal GroupOther = new(RefusalReason.WrongEpoch, "message.group", "The message is for this group (6.1).");

    /// <summary>The epoch of a message.</summary>
    public static readonly Refusal EpochOther = new(RefusalReason.WrongEpoch, "message.epoch", "The message is for the present epoch or one that is still kept (6.1).");

    /// <summary>The kind of a message.</summary>
    public static readonly Refusal MessageKind = new(RefusalReason.Usage, "message.kind", "Only public and private messages are received inside a group (6).");

    /// <summary>The sender of a message.</summary>
    public static readonly Refusal SenderUnknown = new(RefusalReason.Validation, "message.sender", "The sender is a member, a listed external sender, or may send from outside (6.1).");

    /// <summary>The signature of a message.</summary>
    public static readonly Refusal MessageSignature = new(RefusalReason.Signature, "message.signature", "The signature of a message verifies with the key of its sender (6.1).");

    /// <summary>The membership tag.</summary>
    public static readonly Refusal MembershipTag = new(RefusalReason.Signature, "message.membership-tag", "The membership tag of a member's public message verifies (6.2).");

    /// <summary>Application data in the open.</summary>
    public static readonly Refusal ApplicationInPublic = new(RefusalReason.Validation, "message.application-public", "Application data travels in private messages alone (6.2).");

    /// <summary>What a sender sends.</summary>
    public static readonly Refusal ContentSender = new(RefusalReason.Validation, "message.content-sender", "This kind of sender may not send this kind of content (6.1).");

    /// <summary>An unknown proposal.</summary>
    public static readonly Refusal ProposalUnknown = new(RefusalReason.Validation, "commit.proposal-unknown", "A proposal by reference was received in this epoch (12.4.2).");

    /// <summary>A missing path.</summary>
    public static readonly Refusal PathMissing = new(RefusalReason.Validation, "commit.path-missing", "A commit that is empty, updates, removes or changes extensions has a path (12.4).");

    /// <summary>The confirmation tag.</summary>
    public static readonly Refusal ConfirmationTag = new(RefusalReason.Signature, "commit.confirmation-tag", "The confirmation tag of a commit verifies (12.4.2).");

    /// <summary>A group that is over.</summary>
    public static readonly Refusal GroupClosed = new(RefusalReason.Usage, "group.closed", "The group was closed by a ReInit, or we are no longer in it.");

    /// <summary>A commit staged on another epoch.</summary>
    public static readonly Refusal StaleCommit = new(RefusalReason.Usage, "commit.stale", "A staged commit is merged into the epoch that it was staged on.");

    /// <summary>A Welcome for others.</summary>
    public static readonly Refusal WelcomeNotForUs = new(RefusalReason.Usage, "welcome.not-for-us", "The Welcome names our key package (12.4.3.1).");

    /// <summary>The encryption of a Welcome.</summary>
    public static readonly Refusal WelcomeDecryption = new(RefusalReason.Crypto, "welcome.decryption", "The group secrets and the GroupInfo of a Welcome decrypt (12.4.3.1).");

    /// <summary>The content of a Welcome.</summary>
    public static readonly Refusal WelcomeEncoding = new(RefusalReason.Codec, "welcome.encoding", "A Welcome contains group secrets and a GroupInfo (12.4.3.1).");

    /// <summary>The suite of a Welcome.</summary>
    public static readonly Refusal WelcomeSuite = new(RefusalReason.Validation, "welcome.suite", "Welcome, GroupInfo and key package have the same suite (12.4.3.1).");

    /// <summary>A missing tree.</summary>
    public static readonly Refusal TreeMissing = new(RefusalReason.Usage, "group-info.tree-missing", "The tree comes in the GroupInfo or apart (12.4.3.3).");

    /// <summary>The signer of a GroupInfo.</summary>
    public static readonly Refusal GroupInfoSigner = new(RefusalReason.Validation, "group-info.signer", "The signer of a GroupInfo is a member (12.4.3.1).");

    /// <summary>The signature of a GroupInfo.</summary>
    public static readonly Refusal GroupInfoSignature = new(RefusalReason.Signature, "group-info.signature", "The signature of a GroupInfo verifies (12.4.3).");

    /// <summary>Our own leaf.</summary>
    public static readonly Refusal OwnLeafMissing = new(RefusalReason.Validation, "welcome.own-leaf", "Our leaf is in the tree as we made it (12.4.3.1).");

    /// <summary>The key for external commits.</summary>
    public static readonly Refusal ExternalPubMissing = new(RefusalReason.Validation, "group-info.external-pub", "A GroupInfo for external commits has the key for them (12.4.3.2).");

    /// <summary>A degenerate public key.</summary>
    public static readonly Refusal NothingRandom = new(RefusalReason.Crypto, "hpke.degenerate", "A secret can be agreed with the public key.");

    /// <summary>Our own message came back.</summary>
    public static readonly Refusal OwnMessage = new(RefusalReason.Usage, "message.own", "Our own message came back; what it does is known already.");

    /// <summary>Too many proposals.</summary>
    public static readonly Refusal TooManyProposals = new(RefusalReason.Policy, "proposal.too-many", "No more proposals are kept for one epoch than the settings allow.");

    /// <summary>A re-initialisation that nobody announced.</summary>
    public static readonly Refusal RestartNotAnnounced = new(RefusalReason.Usage, "restart.not-announced", "A group is re-initialised after a commit with a ReInit (11.2).");

    /// <summary>The parameters of a group that continues another.</summary>
    public static readonly Refusal RestartParameters = new(RefusalReason.Validation, "restart.parameters", "A group that continues another begins in its last epoch, at epoch 1, with the announced or the same parameters (11.2, 11.3).");

    /// <summary>The members of a group that continues another.</summary>
    public static readonly Refusal RestartMembers = new(RefusalReason.Validation, "restart.members", "A branch has members of its group, a re-initialised group has all of them (11.2, 11.3).");

    /// <summary>A group that continues one that we do not have.</summary>
    public static readonly Refusal RestartFormerMissing = new(RefusalReason.Usage, "restart.former-missing", "Joining a group that continues another takes that other group.");

    /// <summary>The end of counting.</summary>
    public static readonly Refusal LastEpoch = new(RefusalReason.Validation, "group.last-epoch", "Epoch 2^64 - 1 has no successor (8.1).");

    /// <summary>Too many pre-shared keys.</summary>
    public static readonly Refusal TooManyPsks = new(RefusalReason.Validation, "psk.too-many", "No more pre-shared keys are used at once than 16 bits count (8.4).");
}
