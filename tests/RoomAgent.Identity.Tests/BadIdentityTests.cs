using System.Reflection;
using RoomAgent.Crypto;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;
using static RoomAgent.Identity.Tests.TestWorld;

namespace RoomAgent.Identity.Tests;

/// <summary>Every way to be wrong, once.</summary>
public sealed class BadIdentityTests
{
    // What one judgement may allocate: the certificates are at most 48 KiB, and the platform's objects for them come on top.
    private const int MaxAllocation = 256 * 1024;

    // Decided by each member for itself; see VerdictTests.
    private static readonly Refusal[] s_ownVerdict = [IdentityRules.Revoked, IdentityRules.RevocationUnknown, IdentityRules.Guest];

    static BadIdentityTests()
    {
        // The platform loads what it needs for its first path, once.
        SigningKey key = NewKey();
        Assert.True(Provider().IsValid(BadIdentity.Good(key), key.PublicKey(), IdentityRole.Joiner, Today));
    }

    public static TheoryData<string> Names => [.. BadIdentity.All.Select(bad => bad.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ItIsRefusedForTheRightReasonAndWithoutMuchWork(string name)
    {
        BadIdentity bad = BadIdentity.All.Single(candidate => candidate.Name == name);
        (Credential credential, ByteString key) = bad.Present();
        var paths = new CertificatePaths(OpenSslCrypto.Instance);
        X509IdentityProvider provider = Provider(paths);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal? refusal = provider.Admit(credential, key, IdentityRole.Joiner, Today);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(bad.Rule, refusal);
        Assert.False(provider.IsValid(credential, key, IdentityRole.Joiner, Today));
        Assert.InRange(allocated, 0, MaxAllocation);
        Assert.InRange(paths.Validations, 0, NeedsSignatures(bad.Rule) ? 2 : 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ItIsNeverVerifiedNorVouchedFor(string name)
    {
        (Credential credential, ByteString key) = BadIdentity.All.Single(candidate => candidate.Name == name).Present();
        var judge = new IdentityJudge(new CertificatePaths(OpenSslCrypto.Instance), P256, [Anchor], new KnownRevocations(), UnknownRevocation.Tolerated);

        Verdict verdict = judge.Judge(credential, key, Today);

        Assert.InRange(verdict.Standing, Standing.Revoked, Standing.Unverified);
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public void EveryRuleIsBrokenBySomeCase()
    {
        IEnumerable<Refusal> rules = new[] { typeof(CertificateRules), typeof(IdentityRules) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Select(field => (Refusal)field.GetValue(null)!);

        Assert.Empty(rules.Except(s_ownVerdict).Except(BadIdentity.All.Select(bad => bad.Rule)));
    }

    [Fact]
    public void ACertificateCutAnywhereIsRefused()
    {
        byte[] leaf = Certify(Intermediate, Room(), NewKey());

        Assert.Empty(Truncation.AcceptedLengths(leaf, bytes => CertificateFields.Read(bytes, out _) is null));
    }

    [Fact]
    public void ACertificateInBerIsRefusedWhicheverLengthIsOdd()
    {
        byte[] leaf = Certify(Intermediate, Room() with { Purposes = ["1.3.6.1.5.5.7.3.1"] }, NewKey());
        byte[][] variants = [.. DerTree.BerVariants(leaf)];

        Assert.True(variants.Length > 60, $"{variants.Length} variants");
        Assert.All(variants, variant => Assert.Equal(CertificateRules.Encoding, CertificateFields.Read(variant, out _)));
    }

    [Fact]
    public void AnyChangedBitOfAChainIsRefused()
    {
        SigningKey key = NewKey();
        byte[][] good = [Certify(Intermediate, Room(), key), Intermediate.Certificate];
        X509IdentityProvider provider = Provider();
        Assert.True(provider.IsValid(Chain(good), key.PublicKey(), IdentityRole.Joiner, Today));

        for (int i = 0; i < good.Length; i++)
        {
            for (int at = 0; at < good[i].Length; at++)
            {
                byte[][] changed = [.. good];
                changed[i] = [.. good[i]];
                changed[i][at] ^= (byte)(1 << (at % 8));
                Assert.False(provider.IsValid(Chain(changed), key.PublicKey(), IdentityRole.Joiner, Today), $"certificate {i}, byte {at}");
            }
        }
    }

    private static bool NeedsSignatures(Refusal rule) => rule.Rule.StartsWith("identity.", StringComparison.Ordinal) && rule != IdentityRules.Anchor;
}
