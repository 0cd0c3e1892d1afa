using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Identity;

/// <summary>
/// Comes to a member's own <see cref="Verdict"/> about a credential, from the anchors that it has itself, the date, and what it knows of revocation.
/// It decides nothing that the group must agree on.
/// </summary>
public sealed class IdentityJudge
{
    private readonly CertificatePaths _paths;
    private readonly SignatureScheme _scheme;
    private readonly IRevocation _revocation;
    private readonly UnknownRevocation _unknown;

    // The best origin first: one who can be verified is not merely vouched for.
    private readonly (AnchorSet Set, TrustAnchor[] Anchors)[] _anchors;

    /// <summary>Sets up a judge.</summary>
    /// <param name="paths">Validates paths; best the one that admission uses.</param>
    /// <param name="scheme">The signature scheme of the group's suite.</param>
    /// <param name="anchors">Our own anchors, from wherever we have them.</param>
    /// <param name="revocation">What is known of revocation.</param>
    /// <param name="unknown">What becomes of those of whom nothing is known.</param>
    public IdentityJudge(CertificatePaths paths, SignatureScheme scheme, IEnumerable<TrustAnchor> anchors, IRevocation revocation, UnknownRevocation unknown)
    {
        _paths = paths;
        _scheme = scheme;
        _revocation = revocation;
        _unknown = unknown;
        _anchors = [.. anchors.GroupBy(anchor => anchor.Origin).OrderBy(group => group.Key).Select(group => (AnchorSet.Of(group), group.ToArray()))];
    }

    /// <summary>Judges a credential.</summary>
    /// <param name="credential">Any credential.</param>
    /// <param name="signatureKey">The signature key of its leaf.</param>
    /// <param name="date">The present. Without a clock to rely on there is no verdict.</param>
    public Verdict Judge(Credential credential, ByteString signatureKey, DateTimeOffset date)
    {
        if (CertificateChain.Read(credential, out CertificateChain? chain) is { } unreadable)
            return Unverified(unreadable, null);
        if (chain!.CheckKey(_scheme, signatureKey) is { } otherKey)
            return Unverified(otherKey, null);
        if (FindPath(chain, out CertificatePath? path, out TrustAnchor? anchor) is { } noPath)
            return Unverified(noPath, chain.Name);

        (Standing standing, Refusal? reason) = Weigh(path!, anchor!, date);
        return new Verdict(standing, reason, chain.Name, anchor, path!.NotBefore, path.NotAfter);
    }

    private static Verdict Unverified(Refusal reason, CertifiedName? name) => new(Standing.Unverified, reason, name, null, null, null);

    private Refusal? FindPath(CertificateChain chain, out CertificatePath? path, out TrustAnchor? anchor)
    {
        path = null;
        anchor = null;
        Refusal? refusal = IdentityRules.Anchor;
        foreach ((AnchorSet set, TrustAnchor[] anchors) in _anchors)
        {
            Refusal? here = _paths.Find(chain, set, out path);
            if (here is null)
            {
                ByteString key = path!.AnchorKey;
                anchor = anchors.First(candidate => candidate.KeyHash == key);
                return null;
            }

            // That a chain is bad says more than that it leads elsewhere.
            if (refusal == IdentityRules.Anchor)
                refusal = here;
        }

        return refusal;
    }

    private (Standing Standing, Refusal? Reason) Weigh(CertificatePath path, TrustAnchor anchor, DateTimeOffset date)
    {
        RevocationStatus revocation = WorstRevocation(path, date);
        if (revocation == RevocationStatus.Revoked)
            return (Standing.Revoked, IdentityRules.Revoked);
        if (path.CheckDates(date) is { } untimely)
            return (untimely == IdentityRules.Expired ? Standing.Expired : Standing.Unverified, untimely);
        if (path.Chain.Name.IsGuest)
            return (Standing.Unverified, IdentityRules.Guest);
        if (revocation == RevocationStatus.Unknown && _unknown == UnknownRevocation.Unverified)
            return (Standing.Unverified, IdentityRules.RevocationUnknown);

        return (anchor.Origin == AnchorOrigin.Service ? Standing.Vouched : Standing.Verified, null);
    }

    // Of every certificate but the anchor's, which nobody could revoke.
    private RevocationStatus WorstRevocation(CertificatePath path, DateTimeOffset date)
    {
        RevocationStatus worst = RevocationStatus.Good;
        for (int i = 0; i + 1 < path.Certificates.Count; i++)
        {
            RevocationStatus status = _revocation.StatusOf(path.Certificates[i], path.Certificates[i + 1], date);
            if (status == RevocationStatus.Revoked)
                return status;
            if (status == RevocationStatus.Unknown)
                worst = status;
        }

        return worst;
    }
}
