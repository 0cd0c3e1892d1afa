using RoomAgent.Wire;

namespace RoomAgent.Mls;

/// <summary>What a leaf and a key package must be before they are let into a tree (RFC 9420 sections 7.3 and 10.1).</summary>
internal static class LeafRules
{
    /// <summary>Checks a leaf for a place in a group. Whether its keys stand elsewhere in the tree is checked where it is put there.</summary>
    /// <param name="suite">The group's suite.</param>
    /// <param name="leaf">The leaf.</param>
    /// <param name="source">Where it must come from; none for the leaves that a joiner finds.</param>
    /// <param name="place">Its group and index.</param>
    /// <param name="identities">Who decides on credentials.</param>
    /// <param name="role">In which role it comes.</param>
    /// <param name="date">The present.</param>
    /// <param name="identity">Who it is.</param>
    public static Refusal? Check(
        CipherSuite suite,
        LeafNode leaf,
        LeafNodeSource? source,
        LeafPlace? place,
        IIdentityProvider identities,
        IdentityRole role,
        DateTimeOffset date,
        out ByteString identity)
    {
        identity = default;
        if (source is { } expected && leaf.Source != expected)
            return Rules.LeafSource;
        if (leaf.Extensions.HasDuplicates())
            return Rules.ExtensionTwice;
        if (!leaf.Capabilities.SupportAll(leaf.Extensions))
            return Rules.LeafExtensionNotSupported;
        if (!leaf.Capabilities.Supports(leaf.Credential.Type))
            return Rules.LeafCredentialNotSupported;
        if (!leaf.Capabilities.Supports(ProtocolVersion.Mls10, suite.Id))
            return Rules.LeafSuiteNotSupported;
        if (leaf.ImportSignatureKey(suite) is null || leaf.ImportEncryptionKey(suite) is null)
            return Rules.PublicKey;
        if (!leaf.VerifySignature(suite, place))
            return Rules.LeafSignature;
        if (!identities.IsValid(leaf.Credential, leaf.SignatureKey, role, date) || identities.IdentityOf(leaf.Credential) is not { } known)
            return Rules.Credential;

        identity = known;
        return null;
    }

    /// <summary>Checks a key package and the leaf in it.</summary>
    public static Refusal? Check(CipherSuite suite, KeyPackage keyPackage, IIdentityProvider identities, DateTimeOffset date, out ByteString identity)
    {
        identity = default;
        LeafNode leaf = keyPackage.LeafNode;
        if (keyPackage.Version != ProtocolVersion.Mls10 || keyPackage.CipherSuite != suite.Id)
            return Rules.KeyPackageSuite;
        if (keyPackage.InitKey == leaf.EncryptionKey)
            return Rules.KeyPackageInitKey;
        if (keyPackage.Extensions.HasDuplicates())
            return Rules.ExtensionTwice;
        if (leaf.Source == LeafNodeSource.KeyPackage && date != GroupTime.NoDate && !leaf.Lifetime.Includes(date))
            return Rules.Lifetime;
        if (Check(suite, leaf, LeafNodeSource.KeyPackage, null, identities, IdentityRole.Joiner, date, out identity) is { } refusal)
            return refusal;
        if (!keyPackage.VerifySignature(leaf.ImportSignatureKey(suite)!))
            return Rules.KeyPackageSignature;

        return keyPackage.ImportInitKey(suite) is null ? Rules.PublicKey : null;
    }
}
