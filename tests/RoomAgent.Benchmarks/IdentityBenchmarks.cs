using BenchmarkDotNet.Attributes;
using RoomAgent.Crypto;
using RoomAgent.Identity;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Benchmarks;

/// <summary>
/// What certificates cost a joiner: a Welcome to a meeting of 50 in suite 2, with basic credentials, with certificates never seen before,
/// and with certificates that were judged in the lobby. Chains are leaf and intermediate on P-256, the anchor is installed.
/// </summary>
public class IdentityBenchmarks
{
    private const int Members = 50;

    private static readonly CipherSuite s_suite = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;
    private static readonly GroupTime s_now = new(new Instant(1_000), new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));

    private readonly CertificatePaths _seen = new(OpenSslCrypto.Instance);
    private readonly TestAuthority _root;
    private readonly TestAuthority _intermediate;
    private readonly AnchorSet _anchors;
    private readonly (Credential Credential, ByteString Key)[] _certified;
    private readonly (MlsClient Client, OwnKeyPackage Package, Welcome Welcome) _withBasic;
    private readonly (MlsClient Client, OwnKeyPackage Package, Welcome Welcome) _withCertificates;

    public IdentityBenchmarks()
    {
        _root = TestAuthority.Root(CertificateContent.Authority("Root"), TestSigner.Of(NewKey(1)));
        _intermediate = _root.Subordinate(CertificateContent.Authority("Intermediate"), TestSigner.Of(NewKey(2)));
        TrustAnchor.Read(_root.Certificate, "root", AnchorOrigin.Installed, out TrustAnchor? anchor);
        _anchors = AnchorSet.Of(anchor!);

        MlsClient[] certified = [.. Enumerable.Range(0, Members).Select(i => Client(i, Certify))];
        _certified = [.. certified.Select(client => (client.Credential, ByteString.CopyOf(client.SigningKey.PublicKey)))];
        _withCertificates = Invite(certified);
        _withBasic = Invite([.. Enumerable.Range(0, Members).Select(i => Client(i, (number, _) => Credential.Basic([(byte)number])))]);
        Judge(_seen);
    }

    [BenchmarkCategory("join of 50"), Benchmark(Baseline = true, Description = "basic credentials")]
    public Group? Basic() => Join(_withBasic, new Everyone());

    [BenchmarkCategory("join of 50"), Benchmark(Description = "X.509, never seen")]
    public Group? NeverSeen() => Join(_withCertificates, Provider(new CertificatePaths(OpenSslCrypto.Instance)));

    [BenchmarkCategory("join of 50"), Benchmark(Description = "X.509, seen before")]
    public Group? SeenBefore() => Join(_withCertificates, Provider(_seen));

    [BenchmarkCategory("admit 50"), Benchmark(Baseline = true, Description = "never seen")]
    public bool AdmitNeverSeen() => Judge(new CertificatePaths(OpenSslCrypto.Instance));

    [BenchmarkCategory("admit 50"), Benchmark(Description = "seen before")]
    public bool AdmitSeenBefore() => Judge(_seen);

    private bool Judge(CertificatePaths paths)
    {
        X509IdentityProvider provider = Provider(paths);
        return _certified.All(member => provider.IsValid(member.Credential, member.Key, IdentityRole.Member, s_now.Date))
            ? true
            : throw new InvalidOperationException("A good certificate was refused.");
    }

    private static Group? Join((MlsClient Client, OwnKeyPackage Package, Welcome Welcome) invited, IIdentityProvider identities)
    {
        Refusal? refusal = Group.Join(invited.Client with { Identities = identities }, invited.Welcome, invited.Package, default, new GroupSettings(), s_now, null, out Group? group);
        return refusal is null ? group : throw new InvalidOperationException(refusal.ToString());
    }

    private static (MlsClient Client, OwnKeyPackage Package, Welcome Welcome) Invite(MlsClient[] clients)
    {
        Group.Create(clients[0], ByteString.CopyOf("room"u8), [], new GroupSettings(), s_now, null, out Group? group);
        OwnKeyPackage[] packages = [.. clients.Skip(1).Select(client => client.CreateKeyPackage(new Lifetime(0, ulong.MaxValue)))];
        Refusal? refusal = group!.Commit(
            new CommitOptions { Proposals = [.. packages.Select(package => new AddProposal(package.KeyPackage))], ForcePath = true }, s_now, out PendingCommit? commit);
        return refusal is null ? (clients[^1], packages[^1], commit!.Welcome!) : throw new InvalidOperationException(refusal.ToString());
    }

    private MlsClient Client(int number, Func<int, SigningKey, Credential> credential)
    {
        SigningKey key = NewKey(100 + number);
        IIdentityProvider identities = credential == Certify ? Provider(_seen) : new Everyone();
        return new MlsClient(s_suite, identities, new SeededRandom(number), key, credential(number, key));
    }

    private Credential Certify(int number, SigningKey key)
    {
        var content = new CertificateContent { Names = [SubjectNames.Dns($"room{number}.example.org")] };
        byte[] leaf = _intermediate.Issue(content, TestSigner.PublicKeyOf(key.Scheme, key.PublicKey));
        return Credential.X509([ByteString.CopyOf(leaf), ByteString.CopyOf(_intermediate.Certificate)]);
    }

    private X509IdentityProvider Provider(CertificatePaths paths) => new(paths, s_suite.Signature, _anchors, AdmissionDates.Ignored);

    private static SigningKey NewKey(int seed)
    {
        using Secret key = SignatureKeys.Generate(OpenSslCrypto.Instance, new SeededRandom(seed), s_suite.Signature);
        return OpenSslCrypto.Instance.ImportSigningKey(s_suite.Signature, key.Bytes)!;
    }

    private sealed class Everyone : IIdentityProvider
    {
        public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => true;

        public ByteString? IdentityOf(Credential credential) => credential.Identity;

        public bool IsSuccessor(Credential before, Credential after) => before.Identity == after.Identity;
    }
}
