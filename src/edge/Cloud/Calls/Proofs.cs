using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RoomAgent.Cloud.Account;
using RoomAgent.Wire;

namespace RoomAgent.Cloud.Calls;

/// <summary>What a device signs at the hub: proofs that it has its key (RFC 9449 section 4.2) and assertions that it is its account (RFC 7523 section 3).</summary>
internal static class Proofs
{
    private const int IdSize = 16;

    private static readonly TimeSpan s_assertionLife = TimeSpan.FromMinutes(5);

    /// <summary>A proof for one request.</summary>
    /// <param name="key">The device's key.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="address">The request's address, without a query.</param>
    /// <param name="now">How late it is at the hub.</param>
    /// <param name="nonce">The nonce that the hub gave last.</param>
    /// <param name="token">The token that is presented with it.</param>
    public static string Proof(IDeviceKey key, string method, string address, DateTimeOffset now, string? nonce, string? token)
    {
        byte[] header = Write(json =>
        {
            json.WriteString("typ", "dpop+jwt");
            json.WriteString("alg", "ES256");
            json.WritePropertyName("jwk");
            json.WriteRawValue(key.Jwk);
        });
        byte[] claims = Write(json =>
        {
            json.WriteString("jti", NewId());
            json.WriteString("htm", method);
            json.WriteString("htu", address);
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            if (nonce is not null)
                json.WriteString("nonce", nonce);
            if (token is not null)
                json.WriteString("ath", Base64UrlText.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(token))));
        });
        return Sign(key, header, claims);
    }

    /// <summary>An assertion (<c>private_key_jwt</c>) for one request.</summary>
    /// <param name="key">The key of the account.</param>
    /// <param name="client">The account.</param>
    /// <param name="audience">The hub's address.</param>
    /// <param name="now">How late it is at the hub.</param>
    public static string Assertion(IDeviceKey key, string client, string audience, DateTimeOffset now)
    {
        byte[] header = Write(json =>
        {
            json.WriteString("typ", "JWT");
            json.WriteString("alg", "ES256");
        });
        byte[] claims = Write(json =>
        {
            json.WriteString("iss", client);
            json.WriteString("sub", client);
            json.WriteString("aud", audience);
            json.WriteString("jti", NewId());
            json.WriteNumber("iat", now.ToUnixTimeSeconds());
            json.WriteNumber("exp", now.ToUnixTimeSeconds() + (long)s_assertionLife.TotalSeconds);
        });
        return Sign(key, header, claims);
    }

    private static string NewId() => Base64UrlText.Encode(RandomNumberGenerator.GetBytes(IdSize));

    private static string Sign(IDeviceKey key, byte[] header, byte[] claims)
    {
        string text = $"{Base64UrlText.Encode(header)}.{Base64UrlText.Encode(claims)}";
        return $"{text}.{Base64UrlText.Encode(key.Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
