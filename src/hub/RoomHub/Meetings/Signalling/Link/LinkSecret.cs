using System.Security.Cryptography;
using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Meetings;

/// <summary>
/// How two hubs prove to each other that they are hubs of one installation: by a key from the secret that they share, over a random number of each, both names,
/// and the TLS certificate that the caller saw and the other side serves. Whoever sits in between has another certificate, so what it passes on is worth nothing.
/// </summary>
/// <remarks><code>
/// home -> caller: opaque nonce[32]; opaque hub[16]
/// caller -> home: opaque nonce[32]; opaque hub[16]; opaque proof[32] = HMAC-SHA256(key, "caller" || all of the above || SHA-256(certificate))
/// home -> caller: opaque proof[32] = HMAC-SHA256(key, "home" || the same)
/// </code></remarks>
internal sealed class LinkSecret : IDisposable
{
    public const int NonceSize = 32, ProofSize = 32, GreetingSize = NonceSize + HubName.Size;

    private readonly byte[] _key;

    /// <summary>A key of its own from the hub's secret.</summary>
    public LinkSecret(HubSecret secret) => _key = secret.Derive("hub link", 32);

    /// <summary>A random number and a name, to begin with.</summary>
    public static byte[] Greet(HubName hub) => [.. RandomNumberGenerator.GetBytes(NonceSize), .. hub.Value.Span];

    public byte[] ProveCaller(ReadOnlySpan<byte> home, ReadOnlySpan<byte> caller, ReadOnlySpan<byte> certificate) => Prove("caller"u8, home, caller, certificate);

    public byte[] ProveHome(ReadOnlySpan<byte> home, ReadOnlySpan<byte> caller, ReadOnlySpan<byte> certificate) => Prove("home"u8, home, caller, certificate);

    /// <summary>Zeroes the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private byte[] Prove(ReadOnlySpan<byte> role, ReadOnlySpan<byte> home, ReadOnlySpan<byte> caller, ReadOnlySpan<byte> certificate) =>
        HMACSHA256.HashData(_key, (byte[])[.. role, 0, .. home, .. caller, .. certificate]);
}
