using RoomAgent.Crypto;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Mls.Tests;

/// <summary>Accepts every credential: for tests alone, where the library has no such default.</summary>
internal sealed class TrustEveryone : IIdentityProvider
{
    public static TrustEveryone Instance { get; } = new();

    public bool IsValid(Credential credential, ByteString signatureKey, IdentityRole role, DateTimeOffset date) => true;

    public ByteString? IdentityOf(Credential credential) =>
        credential.Type == CredentialType.Basic ? credential.Identity : credential.Certificates is [var own, ..] ? own : null;

    public bool IsSuccessor(Credential before, Credential after) => IdentityOf(before) == IdentityOf(after);
}

/// <summary>External pre-shared keys by their ids.</summary>
internal sealed class PskTable(IReadOnlyDictionary<ByteString, byte[]> keys) : IPreSharedKeys
{
    public Secret? Find(PreSharedKeyId id) => id.Type == PskType.External && keys.TryGetValue(id.ExternalId, out byte[]? key) ? Secret.CopyOf(key) : null;
}

internal static class TestClients
{
    public static GroupTime Time { get; } = new(new Instant(1_000), new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero));

    public static Lifetime Valid { get; } = new(0, ulong.MaxValue);

    public static CipherSuite Suite(int number) => CipherSuite.Find(OpenSslCrypto.Instance, (CipherSuiteId)number)!;

    /// <summary>A client whose keys follow from its name and seed. Each call begins the same random bytes anew: keep it.</summary>
    public static MlsClient Client(CipherSuite suite, string name, int seed = 1)
    {
        var random = new SeededRandom(name.Aggregate(seed, (hash, c) => unchecked((hash * 16_777_619) ^ c)));
        using Secret key = SignatureKeys.Generate(suite.Crypto, random, suite.Signature);
        return new MlsClient(suite, TrustEveryone.Instance, random, suite.Crypto.ImportSigningKey(suite.Signature, key.Bytes)!, Credential.Basic(System.Text.Encoding.UTF8.GetBytes(name)));
    }
}
