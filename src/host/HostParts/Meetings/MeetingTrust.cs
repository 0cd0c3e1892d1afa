using RoomAgent.Agent.Ports;
using RoomAgent.Crypto;
using RoomAgent.Hal;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Host.Meetings;

/// <summary>Gives the room's meetings OpenSSL's cryptography, and the edge's opinion of certificates. On the room's loop.</summary>
/// <param name="installed">Anchors that were installed at this device.</param>
internal sealed class MeetingTrust(IReadOnlyList<TrustAnchor> installed) : IMeetingTrust
{
    private readonly CertificatePaths _paths = new(OpenSslCrypto.Instance);
    private IdentityJudge? _judge;
    private IReadOnlyList<TrustAnchor> _ofHub = [];

    public CipherSuite Suite { get; } = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;

    public IRandom Random => OpenSslRandom.Instance;

    public IMeetingIdentities IdentitiesOf(RoomPolicy policy) => new MeetingIdentities(_paths, Suite.Signature, policy.Anchors);

    public void LearnAuthorities(IReadOnlyList<ReadOnlyMemory<byte>> certificates)
    {
        var anchors = new List<TrustAnchor>();
        foreach (ReadOnlyMemory<byte> certificate in certificates)
        {
            if (TrustAnchor.Read(certificate.Span, "hub", AnchorOrigin.Service, out TrustAnchor? anchor) is null)
                anchors.Add(anchor!);
        }

        (_ofHub, _judge) = (anchors, null);
    }

    public MemberOpinion Judge(Credential credential, ByteString signatureKey, DateTimeOffset date)
    {
        // Of certificates that live for hours nobody publishes what was revoked.
        _judge ??= new IdentityJudge(_paths, Suite.Signature, [.. installed, .. _ofHub], new NothingKnown(), UnknownRevocation.Tolerated);
        Verdict verdict = _judge.Judge(credential, signatureKey, date);
        string name = verdict.Name is { } certified ? NameOf(certified, credential) : "?";
        return new MemberOpinion(name, VerdictOf(verdict.Standing), verdict.Reason?.Rule ?? "", verdict.Anchor?.Label ?? "", verdict.Standing is Standing.Expired or Standing.Revoked ? verdict.Reason : null);
    }

    // The random name of a guest tells people nothing by itself.
    private static string NameOf(CertifiedName name, Credential credential) =>
        name.IsGuest && CertificateChain.Read(credential, out CertificateChain? chain) is null ? GuestLabel.Describe(name.Value.Reveal(), GuestLabel.Read(chain!.Leaf.Subject.Span)) : name.Value.Reveal();

    private static IdentityVerdict VerdictOf(Standing standing) => standing switch
    {
        Standing.Verified => IdentityVerdict.Verified,
        Standing.Vouched => IdentityVerdict.Vouched,
        Standing.Expired => IdentityVerdict.Expired,
        Standing.Revoked => IdentityVerdict.Revoked,
        _ => IdentityVerdict.Unverified,
    };

    private sealed class NothingKnown : IRevocation
    {
        public RevocationStatus StatusOf(ByteString certificate, ByteString issuer, DateTimeOffset date) => RevocationStatus.Unknown;
    }
}
