using System.Security.Cryptography;
using RoomAgent.Mls;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Identity;

/// <summary>A certificate that was issued.</summary>
/// <param name="Name">The one name in it.</param>
/// <param name="Chain">In DER: the certificate, its intermediate, the root. All of them, because members may know the anchor by the hash of its key alone.</param>
/// <param name="NotAfter">Until when it is valid.</param>
public sealed record IssuedCertificate(string Name, IReadOnlyList<byte[]> Chain, DateTimeOffset NotAfter);

/// <summary>
/// The hub's own certificate authority: a root that signs two intermediates (members; guests) and nothing else, and the intermediates, which issue certificates that live for hours.
/// </summary>
/// <remarks>
/// The root's key is wrapped with a secret of its own, which is asked for when an intermediate is made, at first start and then every eight months, and forgotten right after.
/// In between that secret can lie in a safe; <see cref="NeedsRoot"/> says in time when it is missed.
/// </remarks>
public sealed class CertificateAuthority
{
    /// <summary>What the name of a guest begins with; a random UUID follows.</summary>
    internal const string GuestPrefix = "urn:uuid:";

    private const string RootPurpose = "authority-root";
    private const string MembersPurpose = "authority-members";
    private const string GuestsPurpose = "authority-guests";

    private static readonly TimeSpan s_rootLife = TimeSpan.FromDays(20 * 365);
    private static readonly TimeSpan s_intermediateLife = TimeSpan.FromDays(365);
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromDays(120);

    private readonly KeyStore _keys;
    private readonly HubSecret _secret;
    private readonly Func<HubSecret?> _openRootSecret;
    private readonly TimeProvider _clock;
    private volatile Issuers? _current;

    private CertificateAuthority(KeyStore keys, HubSecret secret, Func<HubSecret?> openRootSecret, TimeProvider clock)
    {
        _keys = keys;
        _secret = secret;
        _openRootSecret = openRootSecret;
        _clock = clock;
    }

    private Issuers Current => _current!;

    /// <summary>The root's certificate in DER: the anchor that devices install.</summary>
    public byte[] Root => Current.Root;

    /// <summary>Root and intermediates in DER, as they are published.</summary>
    public IReadOnlyList<byte[]> Published => [Current.Root, Current.Members.Certificate, Current.Guests.Certificate];

    /// <summary>Whether an intermediate is due for renewal. When <see cref="RenewAsync"/> leaves it so, the secret of the root was not there.</summary>
    public bool NeedsRoot => IsDue(Current);

    /// <summary>Issues a certificate. That the one who asks has that name is for the caller to know.</summary>
    /// <param name="kind">Whom it names.</param>
    /// <param name="name">The name, in the form of its kind, in lower case.</param>
    /// <param name="request">A PKCS #10 request in DER: any bytes.</param>
    /// <param name="otherKey">A key that this must not be, as SubjectPublicKeyInfo: keys have one purpose (MEETING section 8). May be empty.</param>
    /// <param name="issued">The certificate.</param>
    /// <returns>What is wrong with the request or the name; <see langword="null"/> when it was issued.</returns>
    public string? Issue(CertifiedKind kind, string name, ReadOnlySpan<byte> request, ReadOnlySpan<byte> otherKey, out IssuedCertificate? issued)
    {
        issued = null;
        const string noName = "that name cannot stand in a certificate";
        if (name.Length == 0 || name.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return noName;
        if (kind == CertifiedKind.Guest && !(name.StartsWith(GuestPrefix, StringComparison.Ordinal) && Guid.TryParseExact(name.AsSpan(GuestPrefix.Length), "D", out _)))
            return noName;
        if (SigningRequest.Read(request, out SigningRequest? asked) is { } problem)
            return problem;
        if (asked!.SubjectPublicKeyInfo.AsSpan().SequenceEqual(otherKey))
            return "the key of the machine account is for nothing else: make another for the certificate";
        if (asked.Name is { } wanted && !wanted.AsSpan().SequenceEqual(CertificateProfile.NameOf(kind, name).RawData))
            return "it asks for another name";

        Issuers issuers = Current;
        Issuer issuer = kind == CertifiedKind.Guest ? issuers.Guests : issuers.Members;
        DateTimeOffset now = _clock.GetUtcNow();
        if (issuer.NotAfter <= now)
            return "the hub's authority has expired: whoever runs the hub has to renew it";

        byte[] certificate = CertificateProfile.Participant(kind, name, asked.Label, asked.Key, issuer, now);

        // What our own members would refuse never leaves the house.
        byte[][] chain = [certificate, issuer.Certificate, issuers.Root];
        Refusal? refusal = CertificateChain.Read(Credential.X509([.. chain.Select(ByteString.Owning)]), out CertificateChain? read);
        if (refusal is not null || read!.Name.Value.Reveal() != name || read.Name.Kind != KindOf(kind))
            return noName;

        issued = new IssuedCertificate(name, chain, read.Leaf.NotAfter);
        return null;
    }

    /// <summary>Makes new intermediates when they are due and the root's secret is there, and takes over what other hubs have made.</summary>
    public async Task RenewAsync(CancellationToken cancel = default)
    {
        KeptKey root = await LoadOrMakeRootAsync(cancel);
        Issuer members = await LoadOrMakeAsync(MembersPurpose, "RoomHub members", root, _current?.Members, cancel);
        Issuer guests = await LoadOrMakeAsync(GuestsPurpose, "RoomHub guests", root, _current?.Guests, cancel);
        _current = new Issuers(root.Certificate!, members, guests);
    }

    /// <summary>Loads the authority, which is made at first start.</summary>
    /// <exception cref="CryptographicException">A secret does not belong to this database, or the root's is missing when it is needed.</exception>
    internal static async Task<CertificateAuthority> OpenAsync(KeyStore keys, HubSecret secret, Func<HubSecret?> openRootSecret, TimeProvider clock, CancellationToken cancel = default)
    {
        var authority = new CertificateAuthority(keys, secret, openRootSecret, clock);
        await authority.RenewAsync(cancel);
        return authority;
    }

    private static NameKind KindOf(CertifiedKind kind) => kind switch
    {
        CertifiedKind.Device => NameKind.Dns,
        CertifiedKind.Person => NameKind.Mailbox,
        _ => NameKind.Uri,
    };

    private bool IsDue(Issuers issuers) => IsDue(issuers.Members) || IsDue(issuers.Guests);

    private bool IsDue(Issuer issuer) => issuer.NotAfter - s_renewBefore < _clock.GetUtcNow();

    private async Task<KeptKey> LoadOrMakeRootAsync(CancellationToken cancel)
    {
        while (true)
        {
            if ((await _keys.AllAsync(RootPurpose, cancel)).FirstOrDefault() is { } there)
                return there;

            using HubSecret rootSecret = _openRootSecret() ?? throw NoRootSecret();
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = _clock.GetUtcNow();
            byte[] certificate = CertificateProfile.Authority(NewName("RoomHub root"), key, issuer: null, authoritiesBelow: 1, now, s_rootLife);
            await _keys.TryAddAsync(KeptKey.Wrap(RootPurpose, key, rootSecret, now, certificate), newest: null, cancel);
        }
    }

    private async Task<Issuer> LoadOrMakeAsync(string purpose, string name, KeptKey root, Issuer? current, CancellationToken cancel)
    {
        while (true)
        {
            KeptKey? newest = (await _keys.AllAsync(purpose, cancel)).FirstOrDefault();
            Issuer? issuer = null;
            if (newest is not null)
            {
                bool isCurrent = current is not null && current.Certificate.AsSpan().SequenceEqual(newest.Certificate);
                issuer = isCurrent ? current! : Issuer.Of(newest.Certificate!, newest.Unwrap(_secret));
                if (!IsDue(issuer))
                    return issuer;
            }

            using HubSecret? rootSecret = _openRootSecret();
            if (rootSecret is null)
                return issuer ?? throw NoRootSecret();

            using ECDsa rootKey = root.Unwrap(rootSecret);
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DateTimeOffset now = _clock.GetUtcNow();
            byte[] certificate = CertificateProfile.Authority(NewName(name), key, Issuer.Of(root.Certificate!, rootKey), authoritiesBelow: 0, now, s_intermediateLife);
            await _keys.TryAddAsync(KeptKey.Wrap(purpose, key, _secret, now, certificate), newest?.Id, cancel);
        }
    }

    private static CryptographicException NoRootSecret() => new("The secret of the certificate authority's root is needed to make an intermediate: give it to the hub for one start.");

    // No two authorities have the same name, so that names alone lead from one certificate to the next.
    private static string NewName(string name) => $"{name} {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";

    private sealed record Issuers(byte[] Root, Issuer Members, Issuer Guests);
}
