using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RoomAgent.Enrolment;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Devices;

/// <summary>Why a proof was refused.</summary>
internal enum DpopFault
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>There is none, more than one, or what there is has not the form of one or is not signed by the key in it.</summary>
    Malformed,

    /// <summary>It is for another method or address.</summary>
    OtherRequest,

    /// <summary>It names no nonce, or not one of ours that is fresh. The answer has a new one.</summary>
    Nonce,

    /// <summary>The device's clock is more than <see cref="DpopProofs.Leeway"/> from ours. The answer's Date says how late it is.</summary>
    Clock,

    /// <summary>It is for another token.</summary>
    OtherToken,

    /// <summary>It was used before.</summary>
    Replayed,

    /// <summary>Too many at the time.</summary>
    Busy,
}

/// <summary>A proof as it came (RFC 9449 section 4.2): its key signed it, and that is all that is known.</summary>
/// <remarks><code>{"typ":"dpop+jwt","alg":"ES256","jwk":{...}} . {"jti":"...","htm":"POST","htu":"https://...","iat":1770000000,"nonce":"...","ath":"..."} . signature</code></remarks>
internal sealed record DpopProof(DeviceKey Key, string Id, string Method, string Address, DateTimeOffset IssuedAt, string? Nonce, string? TokenHash)
{
    // What a jti may be long, so that remembering them is bounded.
    private const int MaxId = 128;

    /// <summary>Reads a proof and verifies its signature: <see langword="null"/> when either is wrong.</summary>
    public static DpopProof? Read(string? text)
    {
        if (CompactJws.Read(text) is not { } jws
            || CompactJws.Text(jws.Header, "typ") != "dpop+jwt"
            || !jws.Header.TryGetProperty("jwk", out JsonElement jwk)
            || CompactJws.Text(jws.Claims, "jti") is not { Length: >= 8 and <= MaxId } id
            || CompactJws.Text(jws.Claims, "htm") is not { } method
            || CompactJws.Text(jws.Claims, "htu") is not { } address
            || jws.Date("iat") is not { } issuedAt
            || DeviceKey.Read(jwk) is not { } key
            || !jws.IsSignedBy(key))
        {
            return null;
        }

        return new DpopProof(key, id, method, address, issuedAt, CompactJws.Text(jws.Claims, "nonce"), CompactJws.Text(jws.Claims, "ath"));
    }
}

/// <summary>Checks proofs: all of RFC 9449 section 4.3.</summary>
internal sealed class DpopProofs(HubAddress hub, TimeProvider clock)
{
    /// <summary>How far a device's clock may be from ours.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromMinutes(5);

    private readonly ReplayGuard _replays = new(clock, DpopNonces.Life);

    /// <summary>The nonces that proofs have to name.</summary>
    public DpopNonces Nonces { get; } = new(clock);

    /// <summary>Checks a proof, all but whether it was used before.</summary>
    /// <param name="header">The values of the header <c>DPoP</c>.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="path">The request's path. The rest of its address is the hub's, whatever the request says of its host.</param>
    /// <param name="token">The token that is presented with it; <see langword="null"/> when none is.</param>
    /// <param name="proof">The proof, when nothing is wrong with it.</param>
    public DpopFault Check(IReadOnlyList<string?> header, string method, string path, string? token, out DpopProof? proof)
    {
        proof = null;
        if (header.Count != 1 || DpopProof.Read(header[0]) is not { } read)
            return DpopFault.Malformed;
        if (read.Method != method || !IsAddress(read.Address, hub.Of(path)))
            return DpopFault.OtherRequest;
        if (!Nonces.IsGood(read.Nonce))
            return DpopFault.Nonce;
        if ((read.IssuedAt - clock.GetUtcNow()).Duration() > Leeway)
            return DpopFault.Clock;
        if (token is not null && read.TokenHash != HashOf(token))
            return DpopFault.OtherToken;

        proof = read;
        return DpopFault.None;
    }

    /// <summary>Uses a proof, which is good once. That is remembered, so it comes after everything that a stranger could not pass.</summary>
    public DpopFault Use(DpopProof proof) => _replays.Use(proof.Key.Thumbprint, proof.Id) switch
    {
        FirstUse.Yes => DpopFault.None,
        FirstUse.Busy => DpopFault.Busy,
        _ => DpopFault.Replayed,
    };

    /// <summary>The hash by which a proof names a token (<c>ath</c>).</summary>
    public static string HashOf(string token) => Base64UrlText.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    // Without query and fragment (RFC 9449 section 4.2); scheme and host in whatever case.
    private static bool IsAddress(string presented, string wanted)
    {
        int end = presented.AsSpan().IndexOfAny('?', '#');
        ReadOnlySpan<char> bare = end < 0 ? presented : presented.AsSpan(0, end);
        int path = wanted.IndexOf('/', "https://".Length);
        return bare.Length == wanted.Length
            && bare[..path].Equals(wanted.AsSpan(0, path), StringComparison.OrdinalIgnoreCase)
            && bare[path..].SequenceEqual(wanted.AsSpan(path));
    }
}
