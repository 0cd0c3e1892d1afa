using RoomAgent.Mls;

namespace RoomAgent.Identity;

/// <summary>
/// The rules for identities beyond those of <see cref="CertificateRules"/>: what depends on signatures and anchors, which everyone decides alike,
/// and then what depends on a clock or a list, which is each member's own.
/// </summary>
public static class IdentityRules
{
    /// <summary>Where the chain leads.</summary>
    public static readonly Refusal Anchor = new(RefusalReason.Policy, "identity.anchor", "The chain leads to one of the anchors.");

    /// <summary>The signatures of the chain.</summary>
    public static readonly Refusal Signature = new(RefusalReason.Signature, "identity.signature", "Each certificate is signed by the key of the next (RFC 5280 section 6.1.3).");

    /// <summary>The names that an authority may give.</summary>
    public static readonly Refusal NameConstraints = new(RefusalReason.Validation, "identity.name-constraints", "The name is one that the authorities of the chain may give (RFC 5280 section 4.2.1.10).");

    /// <summary>The authorities that an authority may have below it.</summary>
    public static readonly Refusal PathLength = new(RefusalReason.Validation, "identity.path-length", "No authority has more authorities below it than it may (RFC 5280 section 4.2.1.9).");

    /// <summary>Everything else of path validation.</summary>
    public static readonly Refusal Path = new(RefusalReason.Validation, "identity.path", "The chain keeps all rules of path validation (RFC 5280 section 6.1).");

    /// <summary>The beginning of validity.</summary>
    public static readonly Refusal NotYetValid = new(RefusalReason.Policy, "identity.not-yet-valid", "The certificates of the chain are valid already (RFC 5280 section 4.1.2.5).");

    /// <summary>The end of validity.</summary>
    public static readonly Refusal Expired = new(RefusalReason.Policy, "identity.expired", "The certificates of the chain are still valid (RFC 5280 section 4.1.2.5).");

    /// <summary>A certificate that was taken back.</summary>
    public static readonly Refusal Revoked = new(RefusalReason.Policy, "identity.revoked", "No certificate of the chain is revoked (RFC 5280 section 3.3).");

    /// <summary>Nobody knows whether a certificate was taken back.</summary>
    public static readonly Refusal RevocationUnknown = new(RefusalReason.Policy, "identity.revocation-unknown", "It is known of every certificate of the chain that it is not revoked.");

    /// <summary>A guest is nobody in particular.</summary>
    public static readonly Refusal Guest = new(RefusalReason.Policy, "identity.guest", "A guest has a name of the service's making and is never verified.");
}
