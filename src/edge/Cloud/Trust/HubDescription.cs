using System.Security.Cryptography;
using System.Text.Json;
using RoomAgent.Cloud.Calls;
using RoomAgent.Enrolment;

namespace RoomAgent.Cloud.Trust;

/// <summary>That the hub serves TLS with a key. Signed.</summary>
internal sealed record HubTlsKey(byte[] KeyHash, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>That the hub has moved. Signed.</summary>
internal sealed record HubMove(ulong Number, HubAddress Address);

/// <summary>What a hub says of itself (<c>GET /hub/identity</c>). What has to be signed has been found to be signed by <see cref="Key"/>; whether that is the right key is another question.</summary>
internal sealed record HubDescription(HubKey Key, HubAddress Address, HubTlsKey? Tls, HubMove? Move)
{
    /// <summary>Reads one: <see langword="null"/> when it is not of that form or a signature is wrong.</summary>
    public static HubDescription? Read(JsonElement answer)
    {
        if (HubKey.Read(Json.Bytes(answer, "identity_key", 200)) is not { } key
            || HubAddress.Read(Json.Text(answer, "address", HubAddress.MaxLength)) is not { } address
            || !TryReadTls(answer, key, out HubTlsKey? tls)
            || !TryReadMove(answer, key, out HubMove? move))
        {
            return null;
        }

        return new HubDescription(key, address, tls, move);
    }

    private static bool TryReadTls(JsonElement answer, HubKey key, out HubTlsKey? tls)
    {
        tls = null;
        if (!answer.TryGetProperty("tls_key", out JsonElement said) || said.ValueKind == JsonValueKind.Null)
            return true;
        if (Json.Bytes(said, "spki_sha256", SHA256.HashSizeInBytes) is not { Length: SHA256.HashSizeInBytes } hash
            || Json.Seconds(said, "not_before") is not { } notBefore
            || Json.Seconds(said, "not_after") is not { } notAfter
            || Json.Bytes(said, "signature", Json.MaxSignature) is not { } signature
            || !key.HasSigned(HubStatement.TlsKey(hash, notBefore, notAfter), signature))
        {
            return false;
        }

        tls = new HubTlsKey(hash, notBefore, notAfter);
        return true;
    }

    private static bool TryReadMove(JsonElement answer, HubKey key, out HubMove? move)
    {
        move = null;
        if (!answer.TryGetProperty("move", out JsonElement said) || said.ValueKind == JsonValueKind.Null)
            return true;
        if (Json.Number(said, "number") is not { } number
            || HubAddress.Read(Json.Text(said, "address", HubAddress.MaxLength)) is not { } address
            || Json.Seconds(said, "since") is not { } since
            || Json.Bytes(said, "signature", Json.MaxSignature) is not { } signature
            || !key.HasSigned(HubStatement.Move(number, address, since), signature))
        {
            return false;
        }

        move = new HubMove(number, address);
        return true;
    }
}
