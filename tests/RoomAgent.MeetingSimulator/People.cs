using RoomAgent.Agent.Meetings;
using RoomAgent.Crypto;
using RoomAgent.Identity;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.MeetingSimulator;

/// <summary>One who has a certificate: hosts and rooms, all under one authority.</summary>
public sealed record Person(string Name, SigningKey Key, Credential Credential)
{
    public ByteString Identity => CertificateChain.NameOf(Credential)!.Value.Identity;

    public Participant Participant => new(Participant.HashOfKey(OpenSslCrypto.Instance, Key.PublicKey), ParticipantName.Of(Credential)!.Value);
}

/// <summary>The authority and those whom it knows; made once, since certificates cost time and say the same in every meeting.</summary>
public static class People
{
    private static readonly CertificatePaths s_paths = new(OpenSslCrypto.Instance);
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, Person> s_people = [];

    public static CipherSuite Suite { get; } = CipherSuite.Find(OpenSslCrypto.Instance, CipherSuiteId.P256Aes128GcmSha256P256)!;

    public static DateTimeOffset Today { get; } = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    public static TestAuthority Root { get; } = TestAuthority.Root(CertificateContent.Authority("Root"), TestSigner.Of(NewKey(-1)));

    public static ByteString Anchor { get; } = AnchorOf(Root);

    public static IMeetingIdentities Identities { get; } = new MeetingIdentities(s_paths, Suite.Signature, [Anchor]);

    /// <summary>The person of a name, always the same one.</summary>
    public static Person Named(string name)
    {
        lock (s_lock)
        {
            if (!s_people.TryGetValue(name, out Person? person))
                s_people.Add(name, person = Make(name, s_people.Count));
            return person;
        }
    }

    /// <summary>Somebody else with that name: another key, and another authority when one is given.</summary>
    public static Person Make(string name, int seed, TestAuthority? authority = null, DateTimeOffset? end = null)
    {
        authority ??= Root;
        SigningKey key = NewKey(seed);
        var content = new CertificateContent { Names = [SubjectNames.Dns($"{name}.example.org")], NotAfter = end ?? CertificateContent.End };
        byte[] certificate = authority.Issue(content, TestSigner.PublicKeyOf(key.Scheme, key.PublicKey));
        return new Person(name, key, Credential.X509([ByteString.CopyOf(certificate), ByteString.CopyOf(authority.Certificate)]));
    }

    public static ByteString AnchorOf(TestAuthority authority) =>
        TrustAnchor.Read(authority.Certificate, "test", AnchorOrigin.Installed, out TrustAnchor? anchor) is null
            ? anchor!.KeyHash
            : throw new ArgumentException("The authority is none.", nameof(authority));

    public static SigningKey NewKey(int seed)
    {
        using Secret key = SignatureKeys.Generate(OpenSslCrypto.Instance, new SeededRandom(seed + 1_000_000), SignatureScheme.EcdsaSecp256r1Sha256);
        return OpenSslCrypto.Instance.ImportSigningKey(SignatureScheme.EcdsaSecp256r1Sha256, key.Bytes)!;
    }

    /// <summary>A policy with these hosts.</summary>
    public static RoomPolicy Policy(bool strict, byte instance, params Person[] hosts) => new()
    {
        Name = new GroupName(ByteString.CopyOf("weekly"u8), ByteString.Owning([.. Enumerable.Repeat(instance, Limits.Instance)]), 0),
        IsStrict = strict,
        Hosts = [.. hosts.Select(host => new MeetingHost(host.Participant.Name, Anchor))],
        Anchors = [Anchor],
    };

    /// <summary>How a person takes part.</summary>
    public static MemberSettings Member(Person person, RoomPolicy policy, int seed) => new()
    {
        Invitation = new Invitation { Policy = policy, IsTrusted = true },
        Suite = Suite,
        Credential = person.Credential,
        SigningKey = person.Key,
        Random = new SeededRandom(seed),
        Identities = Identities,
        Judge = EveryoneIsWelcome.Instance,
        SpareKeyPackages = 1,
    };
}

/// <summary>Minds nobody.</summary>
public sealed class EveryoneIsWelcome : IMemberJudge
{
    public static EveryoneIsWelcome Instance { get; } = new();

    public Refusal? Judge(Credential credential, ByteString signatureKey, DateTimeOffset date) => null;
}
