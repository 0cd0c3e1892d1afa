using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

/// <summary>Revocations by certificate; of all others something is known that the test chooses.</summary>
internal sealed class KnownRevocations(RevocationStatus others = RevocationStatus.Good, params byte[][] revoked) : IRevocation
{
    public List<(ByteString Certificate, ByteString Issuer)> Asked { get; } = [];

    public RevocationStatus StatusOf(ByteString certificate, ByteString issuer, DateTimeOffset date)
    {
        Asked.Add((certificate, issuer));
        return revoked.Any(bytes => ByteString.CopyOf(bytes) == certificate) ? RevocationStatus.Revoked : others;
    }
}

public sealed class VerdictTests
{
    private readonly SigningKey _key = NewKey();

    [Theory]
    [InlineData(AnchorOrigin.Installed, Standing.Verified)]
    [InlineData(AnchorOrigin.Invitation, Standing.Verified)]
    [InlineData(AnchorOrigin.Service, Standing.Vouched)]
    public void AnAnchorFromTheServiceOnlyVouches(AnchorOrigin origin, Standing expected)
    {
        TrustAnchor anchor = AnchorOf(Root, origin);

        Verdict verdict = Judge(Good(), [anchor]);

        Assert.Equal((expected, null, anchor), (verdict.Standing, verdict.Reason, verdict.Anchor));
        Assert.Equal("room1.example.org", verdict.Name?.Value.Reveal());
        Assert.Equal((CertificateContent.Begin, CertificateContent.End), (verdict.NotBefore, verdict.NotAfter));
    }

    [Fact]
    public void WhoCanBeVerifiedIsNotMerelyVouchedFor()
    {
        TrustAnchor service = AnchorOf(Intermediate, AnchorOrigin.Service), installed = AnchorOf(Root);

        Assert.Equal((Standing.Verified, installed), Shown(Judge(Good(), [service, installed])));
        Assert.Equal((Standing.Vouched, service), Shown(Judge(Good(), [service])));

        static (Standing Standing, TrustAnchor? Anchor) Shown(Verdict verdict) => (verdict.Standing, verdict.Anchor);
    }

    [Fact]
    public void WithoutAnAnchorOfOurOwnTheNameIsAClaim()
    {
        Verdict verdict = Judge(Good(), []);

        Assert.Equal((Standing.Unverified, IdentityRules.Anchor, null), (verdict.Standing, verdict.Reason, verdict.Anchor));
        Assert.NotNull(verdict.Name);
    }

    [Fact]
    public void ACertificateOfAnotherKeyIsNotEvenAClaim()
    {
        var judge = new IdentityJudge(new CertificatePaths(OpenSslCrypto.Instance), P256, [Anchor], new KnownRevocations(), UnknownRevocation.Tolerated);

        Verdict verdict = judge.Judge(Good(), NewKey().PublicKey(), Today);

        Assert.Equal((Standing.Unverified, CertificateRules.KeyMismatch, null), (verdict.Standing, verdict.Reason, verdict.Name));
    }

    [Fact]
    public void AGuestIsNeverVerified()
    {
        var content = new CertificateContent { Names = [SubjectNames.Uri("urn:uuid:B2A6EE59-283a-431f-adfc-492186fe72b4")] };

        Verdict verdict = Judge(Chain(Certify(Intermediate, content, _key), Intermediate.Certificate), [Anchor]);

        Assert.Equal((Standing.Unverified, IdentityRules.Guest), (verdict.Standing, verdict.Reason));
        Assert.Equal("urn:uuid:b2a6ee59-283a-431f-adfc-492186fe72b4", verdict.Name?.Value.Reveal());
    }

    [Fact]
    public void ExpiryShowsInTheVerdictAndDoesNotDecideAdmission()
    {
        Credential credential = Good();
        DateTimeOffset late = CertificateContent.End.AddSeconds(1), early = CertificateContent.Begin.AddSeconds(-1);
        X509IdentityProvider meeting = Provider(dates: AdmissionDates.Ignored), strict = Provider(dates: AdmissionDates.DecideOnJoin);

        Assert.Equal((Standing.Expired, IdentityRules.Expired), (Judge(credential, [Anchor], late).Standing, Judge(credential, [Anchor], late).Reason));
        Assert.Equal((Standing.Unverified, IdentityRules.NotYetValid), (Judge(credential, [Anchor], early).Standing, Judge(credential, [Anchor], early).Reason));
        Assert.Equal(Standing.Verified, Judge(credential, [Anchor], CertificateContent.End.AddMilliseconds(999)).Standing);
        Assert.True(meeting.IsValid(credential, _key.PublicKey(), IdentityRole.Joiner, late));
        Assert.False(strict.IsValid(credential, _key.PublicKey(), IdentityRole.Joiner, late));
        Assert.True(strict.IsValid(credential, _key.PublicKey(), IdentityRole.Member, late));
    }

    [Fact]
    public void RevocationOfAnyCertificateOfThePathRevokes()
    {
        byte[] leaf = Certify(Intermediate, Room(), _key);
        Credential credential = Chain(leaf, Intermediate.Certificate, Root.Certificate);

        foreach (byte[] revoked in new[] { leaf, Intermediate.Certificate })
        {
            Verdict verdict = Judge(credential, [Anchor], revocation: new KnownRevocations(RevocationStatus.Unknown, revoked));
            Assert.Equal((Standing.Revoked, IdentityRules.Revoked), (verdict.Standing, verdict.Reason));
        }

        Assert.Equal(Standing.Revoked, Judge(credential, [Anchor], Today.AddYears(9), new KnownRevocations(RevocationStatus.Good, leaf)).Standing);
        Assert.True(Provider().IsValid(credential, _key.PublicKey(), IdentityRole.Joiner, Today));
    }

    [Fact]
    public void RevocationIsAskedOfEachCertificateWithItsIssuerButNotOfTheAnchor()
    {
        byte[] leaf = Certify(Intermediate, Room(), _key);
        var revocation = new KnownRevocations();

        Judge(Chain(leaf, Intermediate.Certificate), [Anchor], revocation: revocation);

        (ByteString, ByteString) Pair(byte[] certificate, byte[] issuer) => (ByteString.CopyOf(certificate), ByteString.CopyOf(issuer));
        Assert.Equal([Pair(leaf, Intermediate.Certificate), Pair(Intermediate.Certificate, Root.Certificate)], revocation.Asked);
    }

    [Theory]
    [InlineData(UnknownRevocation.Tolerated, Standing.Verified)]
    [InlineData(UnknownRevocation.Unverified, Standing.Unverified)]
    public void WhatBecomesOfUnknownRevocationIsSaidByThePolicy(UnknownRevocation policy, Standing expected)
    {
        Verdict verdict = Judge(Good(), [Anchor], revocation: new KnownRevocations(RevocationStatus.Unknown), unknown: policy);

        Assert.Equal(expected, verdict.Standing);
        Assert.Equal(policy == UnknownRevocation.Unverified ? IdentityRules.RevocationUnknown : null, verdict.Reason);
    }

    [Fact]
    public void ASuccessorThatStandsLowerIsSeen()
    {
        Verdict verified = Judge(Good(), [Anchor]), vouched = Judge(Good(), [AnchorOf(Root, AnchorOrigin.Service)]);

        Assert.True(vouched.IsLowerThan(verified));
        Assert.False(verified.IsLowerThan(vouched));
        Assert.False(verified.IsLowerThan(verified));
    }

    private Credential Good() => BadIdentity.Good(_key);

    private Verdict Judge(
        Credential credential,
        TrustAnchor[] anchors,
        DateTimeOffset? date = null,
        KnownRevocations? revocation = null,
        UnknownRevocation unknown = UnknownRevocation.Tolerated) =>
        new IdentityJudge(new CertificatePaths(OpenSslCrypto.Instance), P256, anchors, revocation ?? new KnownRevocations(), unknown).Judge(credential, _key.PublicKey(), date ?? Today);
}
