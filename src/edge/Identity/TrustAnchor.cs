using System.Security.Cryptography;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Identity;

/// <summary>From where a member has an anchor, and with it how much it is worth.</summary>
public enum AnchorOrigin
{
    /// <summary>Installed at the device: by file, console or image.</summary>
    Installed = 1,

    /// <summary>Came in an invitation that the organiser signed.</summary>
    Invitation = 2,

    /// <summary>Came from the service, which therefore could have made up everyone below it.</summary>
    Service = 3,
}

/// <summary>A certificate authority that is relied on, in the form of its certificate; it need not be a root. Immutable.</summary>
public sealed class TrustAnchor
{
    private TrustAnchor(ByteString certificate, CertificateFields fields, string label, AnchorOrigin origin)
    {
        Certificate = certificate;
        Fields = fields;
        KeyHash = HashOfKey(fields);
        Label = label;
        Origin = origin;
    }

    /// <summary>The certificate in DER.</summary>
    public ByteString Certificate { get; }

    /// <summary>SHA-256 of its SubjectPublicKeyInfo, by which a meeting's policy names it.</summary>
    public ByteString KeyHash { get; }

    /// <summary>What to call it when somebody asks who vouches. Chosen by whoever configured it, never taken from a stranger's certificate.</summary>
    public string Label { get; }

    /// <summary>From where we have it.</summary>
    public AnchorOrigin Origin { get; }

    internal CertificateFields Fields { get; }

    /// <summary>Takes an anchor. It must be what an issuer in a chain must be; its dates are not looked at here.</summary>
    /// <param name="certificate">The certificate in DER.</param>
    /// <param name="label">What to call it.</param>
    /// <param name="origin">From where we have it.</param>
    /// <param name="anchor">The anchor.</param>
    public static Refusal? Read(ReadOnlySpan<byte> certificate, string label, AnchorOrigin origin, out TrustAnchor? anchor)
    {
        anchor = null;
        if (certificate.Length > CertificateChain.MaxCertificateSize)
            return CertificateRules.Size;
        if (CertificateFields.Read(certificate, out CertificateFields? fields) is { } unreadable)
            return unreadable;
        if (CertificateChain.CheckAuthority(fields!) is { } refusal)
            return refusal;

        anchor = new TrustAnchor(ByteString.CopyOf(certificate), fields!, label, origin);
        return null;
    }

    internal static ByteString HashOfKey(CertificateFields fields) => ByteString.Owning(SHA256.HashData(fields.SubjectPublicKeyInfo.Span));
}

/// <summary>Anchors that a chain may lead to. Immutable.</summary>
public sealed class AnchorSet
{
    private readonly ILookup<ByteString, TrustAnchor> _bySubject;
    private readonly HashSet<ByteString> _keys;

    private AnchorSet(IEnumerable<TrustAnchor> anchors, IEnumerable<ByteString> keys)
    {
        _bySubject = anchors.ToLookup(anchor => anchor.Fields.Subject);
        _keys = [.. keys];
    }

    /// <summary>Anchors whose certificates we have, so that chains may leave them out. What their certificates forbid is forbidden.</summary>
    public static AnchorSet Of(params IEnumerable<TrustAnchor> anchors) => new(anchors, []);

    /// <summary>
    /// Anchors of which only the SHA-256 of the SubjectPublicKeyInfo is known, as in a meeting's policy. Chains must then contain their anchor;
    /// in return everyone with the same list comes to the same answer, whatever certificates they have at home.
    /// </summary>
    /// <remarks>Constraints in an anchor's certificate bind nobody here: who has a certificate of the anchor can present the anchor's key in another one without them.</remarks>
    public static AnchorSet OfKeys(IEnumerable<ByteString> keyHashes) => new([], keyHashes);

    // Those with that subject and, when it is known, with that key.
    internal IEnumerable<TrustAnchor> Issuers(ByteString subject, ByteString? keyHash) =>
        _bySubject[subject].Where(anchor => keyHash is not { } key || anchor.KeyHash == key);

    internal bool IsKnownByKeyAlone(ByteString keyHash) => _keys.Contains(keyHash);
}
