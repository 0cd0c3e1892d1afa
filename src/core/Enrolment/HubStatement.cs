using System.Buffers.Text;
using System.Text;
using RoomAgent.Crypto;
using RoomAgent.Wire;

namespace RoomAgent.Enrolment;

/// <summary>
/// What the hub says under its identity key, in the form that is signed. Each kind has its own label, so that no signature of one kind passes for another.
/// </summary>
/// <remarks>
/// <code>
/// struct {
///   opaque label&lt;V&gt;;                     "RoomHub statement 1 " and the kind
///   select (kind) {
///     case "tls-key": opaque spki_sha256[32]; uint64 not_before; uint64 not_after;   seconds since 1970
///     case "move":    uint64 number; opaque url&lt;V&gt;; uint64 since;
///     case "time":    opaque nonce&lt;V&gt;; uint64 milliseconds;
///   };
/// }
/// </code>
/// The signature is ecdsa_secp256r1_sha256 in DER, as MLS has it (RFC 9420 section 5.1.2), so that a room verifies it by the same port.
/// </remarks>
public sealed class HubStatement
{
    /// <summary>The shortest nonce of a client, in bytes: 128 bits.</summary>
    public const int MinNonce = 16;

    /// <summary>The longest nonce of a client, in bytes.</summary>
    public const int MaxNonce = 64;

    private readonly byte[] _encoded;

    private HubStatement(byte[] encoded) => _encoded = encoded;

    /// <summary>The bytes that are signed.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded;

    /// <summary>"This is the key of my TLS certificate."</summary>
    /// <param name="keyHash">SHA-256 of its SubjectPublicKeyInfo, 32 bytes.</param>
    /// <param name="notBefore">From when.</param>
    /// <param name="notAfter">Until when.</param>
    public static HubStatement TlsKey(ReadOnlySpan<byte> keyHash, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        WireWriter writer = Begin("tls-key");
        writer.WriteBytes(keyHash);
        writer.WriteUInt64((ulong)notBefore.ToUnixTimeSeconds());
        writer.WriteUInt64((ulong)notAfter.ToUnixTimeSeconds());
        return End(ref writer);
    }

    /// <summary>"From now on I am at this address." Of two of these the one with the higher number counts; a room never goes back to a lower one.</summary>
    /// <param name="number">Rises with each move.</param>
    /// <param name="address">Where it is now.</param>
    /// <param name="since">Since when.</param>
    public static HubStatement Move(ulong number, HubAddress address, DateTimeOffset since)
    {
        WireWriter writer = Begin("move");
        writer.WriteUInt64(number);
        writer.WriteVector(Encoding.ASCII.GetBytes(address.Url));
        writer.WriteUInt64((ulong)since.ToUnixTimeSeconds());
        return End(ref writer);
    }

    /// <summary>"When I was asked with this nonce it was this late." A room that made up the nonce knows that the answer is not older than its question.</summary>
    /// <param name="nonce">The client's, <see cref="MinNonce"/> to <see cref="MaxNonce"/> bytes.</param>
    /// <param name="time">The time.</param>
    public static HubStatement Time(ReadOnlySpan<byte> nonce, DateTimeOffset time)
    {
        WireWriter writer = Begin("time");
        writer.WriteVector(nonce);
        writer.WriteUInt64((ulong)time.ToUnixTimeMilliseconds());
        return End(ref writer);
    }

    /// <summary>Whether a signature is that of the key over this.</summary>
    /// <param name="key">The hub's identity key, of the scheme <see cref="SignatureScheme.EcdsaSecp256r1Sha256"/>.</param>
    /// <param name="signature">Any bytes.</param>
    public bool IsSignedBy(VerifyingKey key, ReadOnlySpan<byte> signature) => key.Verify(_encoded, signature);

    /// <summary>Reads a client's nonce in base64url.</summary>
    /// <param name="text">Any text.</param>
    /// <returns><see langword="null"/> when it is none, or has fewer than <see cref="MinNonce"/> or more than <see cref="MaxNonce"/> bytes.</returns>
    public static byte[]? ReadNonce(string? text)
    {
        if (text is null || text.Length > Base64Url.GetEncodedLength(MaxNonce))
            return null;
        return Base64UrlText.Decode(text) is { Length: >= MinNonce and <= MaxNonce } nonce ? nonce : null;
    }

    private static WireWriter Begin(string kind)
    {
        var writer = WireWriter.Growing();
        writer.WriteVector(Encoding.ASCII.GetBytes($"RoomHub statement 1 {kind}"));
        return writer;
    }

    private static HubStatement End(ref WireWriter writer)
    {
        byte[] encoded = writer.ToArray();
        writer.Dispose();
        return new HubStatement(encoded);
    }
}
