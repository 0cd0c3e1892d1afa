using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Identity;

/// <summary>A chain that was found to lead to an anchor, every signature and constraint of it verified. Whether it is valid today is another question.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Certificates">The path in DER, from the member's own certificate to the anchor's.</param>
/// <param name="AnchorKey">SHA-256 of the SubjectPublicKeyInfo of the anchor.</param>
/// <param name="Fields">What the certificates of the path say.</param>
/// <param name="NotBefore">From when all certificates of the path are valid.</param>
/// <param name="NotAfter">Until when, the second included.</param>
public sealed record CertificatePath(
    CertificateChain Chain,
    IReadOnlyList<ByteString> Certificates,
    ByteString AnchorKey,
    IReadOnlyList<CertificateFields> Fields,
    DateTimeOffset NotBefore,
    DateTimeOffset NotAfter)
{
    /// <summary>Whether all certificates of the path are valid at <paramref name="date"/>.</summary>
    public Refusal? CheckDates(DateTimeOffset date)
    {
        // To the second, as certificates count.
        long second = date.ToUnixTimeSeconds();
        if (second > NotAfter.ToUnixTimeSeconds())
            return IdentityRules.Expired;

        return second < NotBefore.ToUnixTimeSeconds() ? IdentityRules.NotYetValid : null;
    }
}

/// <summary>
/// Validates certificate paths (RFC 5280 section 6) without clock, list or network, and remembers the answers: a joiner asks about everyone in the group.
/// May be used by several threads, and by several meetings.
/// </summary>
/// <remarks>
/// The platform's X509Chain verifies signatures, name constraints, path lengths and policies, over exactly the certificates of the chain
/// in exactly their order: an answer that needed another certificate, such as one that this machine happens to have, is a refusal.
/// Where no issuer limits those below it, nothing but the member's own signature differs between two members of the same issuers (RFC 5280 section 6.1.3);
/// the issuers are then validated once, and of each member the signature.
/// </remarks>
public sealed class CertificatePaths
{
    // Dates are looked at apart; a fixed one keeps the clock out. The last certificate is trusted because it is one of the anchors,
    // whether it signed itself or not.
    private const X509ChainStatusFlags OfNoConcern = X509ChainStatusFlags.NotTimeValid;
    private const X509ChainStatusFlags OfNoConcernAtAnchor = OfNoConcern | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot;

    private const X509ChainStatusFlags AnyNameConstraint =
        X509ChainStatusFlags.InvalidNameConstraints
        | X509ChainStatusFlags.HasNotSupportedNameConstraint
        | X509ChainStatusFlags.HasNotDefinedNameConstraint
        | X509ChainStatusFlags.HasNotPermittedNameConstraint
        | X509ChainStatusFlags.HasExcludedNameConstraint;

    private readonly ICryptoProvider _crypto;
    private readonly Lock _lock = new();
    private readonly int _remembered;

    // Two generations: when the new one is full it becomes the old one, so that what is still asked for stays.
    private Dictionary<ByteString, Refusal?> _new = [];
    private Dictionary<ByteString, Refusal?> _old = [];

    /// <summary>Starts with nothing remembered.</summary>
    /// <param name="crypto">Verifies the signatures of members' certificates.</param>
    /// <param name="remembered">Answers that are remembered, some 150 bytes each; up to twice as many for a time.</param>
    public CertificatePaths(ICryptoProvider crypto, int remembered = 2_048)
    {
        _crypto = crypto;
        _remembered = remembered;
    }

    /// <summary>How many paths were validated, of members and of their issuers; those that were remembered are not counted.</summary>
    public long Validations { get; private set; }

    /// <summary>How many answers are remembered at present.</summary>
    public int Remembered => _new.Count + _old.Count;

    /// <summary>Finds the path of a chain to an anchor: to the first issuer in the chain that is one, or to one that issued the last certificate.</summary>
    /// <param name="chain">The chain. What it has beyond the anchor is of no account.</param>
    /// <param name="anchors">The anchors.</param>
    /// <param name="path">The path.</param>
    public Refusal? Find(CertificateChain chain, AnchorSet anchors, out CertificatePath? path)
    {
        path = null;
        Refusal refusal = IdentityRules.Anchor;
        for (int issued = 0; issued < chain.Certificates.Count; issued++)
        {
            CertificateFields? next = issued + 1 < chain.Certificates.Count ? chain.Certificates[issued + 1] : null;
            if (next is null && chain.Top.IsSelfIssued)
                break;

            ByteString? key = next is null ? null : TrustAnchor.HashOfKey(next);
            foreach (TrustAnchor anchor in anchors.Issuers(chain.Certificates[issued].Issuer, key))
            {
                // Our own certificate of the anchor, not the one that was presented: it has the constraints.
                CertificatePath candidate = Path(chain, issued, anchor.Certificate, anchor.Fields, anchor.KeyHash);
                if (Validate(candidate) is { } bad)
                {
                    refusal = bad;
                    continue;
                }

                path = candidate;
                return null;
            }

            if (key is { } known && anchors.IsKnownByKeyAlone(known))
            {
                CertificatePath found = Path(chain, issued, chain.Encoded[issued + 1], next!, known);
                Refusal? bad = Validate(found);
                path = bad is null ? found : null;
                return bad;
            }
        }

        return refusal;
    }

    private static CertificatePath Path(CertificateChain chain, int issued, ByteString anchor, CertificateFields anchorFields, ByteString anchorKey)
    {
        CertificateFields[] certificates = [.. chain.Certificates.Take(issued + 1), anchorFields];
        return new CertificatePath(
            chain,
            [.. chain.Encoded.Take(issued + 1), anchor],
            anchorKey,
            certificates,
            certificates.Max(certificate => certificate.NotBefore),
            certificates.Min(certificate => certificate.NotAfter));
    }

    private Refusal? Validate(CertificatePath path) => Recall(path.Certificates, () =>
    {
        IReadOnlyList<CertificateFields> fields = path.Fields;
        if (fields[0].SignedBy is not { } scheme || fields[1].Scheme != scheme || fields.Skip(1).Any(issuer => issuer.LimitsThoseBelow))
            return Build(path.Certificates);

        // 1. the issuers
        ByteString[] issuers = [.. path.Certificates.Skip(1)];
        if (issuers.Length > 1 && Recall(issuers, () => Build(issuers)) is { } badIssuers)
            return badIssuers;

        // 2. how many they are: the one at place i has i - 1 authorities below it
        for (int i = 1; i < fields.Count; i++)
        {
            if (fields[i].PathLength < i - 1)
                return IdentityRules.PathLength;
        }

        // 3. the member's own signature
        using VerifyingKey? key = _crypto.ImportVerifyingKey(scheme, fields[1].PublicKey);
        if (key is null)
            return IdentityRules.Path;

        return CertificateFields.VerifySignature(path.Certificates[0], key) ? null : IdentityRules.Signature;
    });

    // Paths of members and of issuers do not get mixed up: the first certificate of one is never an authority, of the other always.
    private Refusal? Recall(IReadOnlyList<ByteString> certificates, Func<Refusal?> validate)
    {
        ByteString key = HashOf(certificates);
        lock (_lock)
        {
            if (_new.TryGetValue(key, out Refusal? known))
                return known;
            if (_old.TryGetValue(key, out known))
            {
                Remember(key, known);
                return known;
            }
        }

        // Outside the lock: it takes as long as a few signatures.
        Refusal? refusal = validate();
        lock (_lock)
        {
            Validations++;
            Remember(key, refusal);
        }

        return refusal;
    }

    private void Remember(ByteString key, Refusal? refusal)
    {
        if (_new.Count >= _remembered)
            (_old, _new) = (_new, []);
        _new[key] = refusal;
    }

    private static ByteString HashOf(IReadOnlyList<ByteString> certificates)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (ByteString certificate in certificates)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, certificate.Length);
            hash.AppendData(length);
            hash.AppendData(certificate);
        }

        return ByteString.Owning(hash.GetHashAndReset());
    }

    // 1. load what was read strictly before    2. build with the last as the only root, the others as the only helpers
    // 3. see that exactly this was built       4. see what the platform objects to
    private static Refusal? Build(IReadOnlyList<ByteString> certificates)
    {
        var loaded = new List<X509Certificate2>(certificates.Count);
        using var chain = new X509Chain();
        try
        {
            foreach (ByteString certificate in certificates)
                loaded.Add(X509CertificateLoader.LoadCertificate(certificate.Span));

            X509ChainPolicy policy = chain.ChainPolicy;
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.Add(loaded[^1]);
            foreach (X509Certificate2 issuer in loaded[1..^1])
                policy.ExtraStore.Add(issuer);
            policy.RevocationMode = X509RevocationMode.NoCheck;
            policy.DisableCertificateDownloads = true;
            policy.VerificationTimeIgnored = false;
            policy.VerificationTime = DateTime.UnixEpoch;
            chain.Build(loaded[0]);

            return Judge(chain.ChainElements, certificates);
        }
        catch (CryptographicException)
        {
            // The platform cannot load what our reader could, such as a point that is not on its curve.
            return IdentityRules.Path;
        }
        finally
        {
            foreach (X509ChainElement element in chain.ChainElements)
                element.Certificate.Dispose();
            foreach (X509Certificate2 certificate in loaded)
                certificate.Dispose();
        }
    }

    private static Refusal? Judge(X509ChainElementCollection built, IReadOnlyList<ByteString> certificates)
    {
        X509ChainStatusFlags objections = default;
        for (int i = 0; i < built.Count; i++)
        {
            X509ChainStatusFlags ignored = i == certificates.Count - 1 ? OfNoConcernAtAnchor : OfNoConcern;
            foreach (X509ChainStatus status in built[i].ChainElementStatus)
                objections |= status.Status & ~ignored;
        }

        if (objections.HasFlag(X509ChainStatusFlags.NotSignatureValid))
            return IdentityRules.Signature;
        if ((objections & AnyNameConstraint) != 0)
            return IdentityRules.NameConstraints;
        if (objections.HasFlag(X509ChainStatusFlags.InvalidBasicConstraints))
            return IdentityRules.PathLength;

        bool isExactlyTheChain = built.Count == certificates.Count
            && built.Select((element, i) => element.Certificate.RawDataMemory.Span.SequenceEqual(certificates[i])).All(same => same);
        return objections == 0 && isExactlyTheChain ? null : IdentityRules.Path;
    }
}
