using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Trust;
using RoomAgent.Enrolment;
using RoomAgent.Wire;

namespace RoomAgent.Cloud.Calls;

/// <summary>The hub's calls for identities and accounts, one method each: what is sent, and how a good answer is read. What follows from it is decided elsewhere.</summary>
internal static class HubEndpoints
{
    private const string PublicClient = "roomagent-pairing";
    private const string RegisterScope = "device.register";
    private const string DeviceCodeGrant = "urn:ietf:params:oauth:grant-type:device_code";
    private const string PairingGrant = "urn:roomagent:params:oauth:grant-type:pairing";
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    private const int MaxToken = 6_000;
    private const int MaxCode = 200;

    private static readonly TimeSpan s_longestShown = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_longestAccess = TimeSpan.FromDays(7);

    public static HubCall Identity { get; } = new(HttpMethod.Get, "/hub/identity");

    public static HubCall Authority { get; } = new(HttpMethod.Get, "/hub/authority");

    public static HubCall Time(byte[] nonce) => new(HttpMethod.Post, "/hub/time") { Content = () => Body(new JsonObject { ["nonce"] = Base64UrlText.Encode(nonce) }) };

    /// <summary>The time that the hub has signed over our nonce: <see langword="null"/> when it has not.</summary>
    public static DateTimeOffset? ReadTime(HubAnswer answer, byte[] nonce, HubKey hub)
    {
        return answer is { Status: 200, Json: { } json }
            && Json.Number(json, "milliseconds") is { } milliseconds and < long.MaxValue
            && HubClock.Plausible((long)milliseconds) is { } time
            && Json.Bytes(json, "signature", Json.MaxSignature) is { } signature
            && hub.HasSigned(HubStatement.Time(nonce, time), signature)
                ? time
                : null;
    }

    public static HubCall StartShowing(IDeviceKey key, CloudSettings settings) => Form("/oauth/device_authorization", key, new()
    {
        ["client_id"] = PublicClient,
        ["scope"] = RegisterScope,
        ["serial"] = settings.Serial,
        ["model"] = settings.Model,
    });

    /// <summary>RFC 8628 section 3.2, and the nonce from which both sides make six digits.</summary>
    public static ShownCode? ReadShown(HubAnswer answer, IDeviceKey key, DateTimeOffset now)
    {
        if (answer is not { Status: 200, Json: { } json }
            || Json.Ascii(json, "device_code", MaxCode) is not { } deviceCode
            || Json.Ascii(json, "user_code", 20) is not { } userCode
            || Page(json, "verification_uri") is not { } page
            || Json.Number(json, "expires_in") is not { } seconds
            || Json.Ascii(json, "confirmation_nonce", 100) is not { } text || Base64UrlText.Decode(text) is not { Length: >= 16 } nonce)
        {
            return null;
        }

        TimeSpan life = TimeSpan.FromSeconds(Math.Min(seconds, s_longestShown.TotalSeconds));
        int pause = (int)Math.Clamp(Json.Number(json, "interval") ?? 5, 1, 60);
        return new ShownCode(deviceCode, userCode, page, Page(json, "verification_uri_complete") ?? page, Digits(key, nonce), now + life, pause);
    }

    public static HubCall Poll(IDeviceKey key, string deviceCode) => Form("/oauth/token", key, new()
    {
        ["grant_type"] = DeviceCodeGrant,
        ["client_id"] = PublicClient,
        ["device_code"] = deviceCode,
    });

    /// <summary>What an entered code gives. It is tried whatever its life: the hub says when it is over.</summary>
    public static RegistrationRight? ReadRight(HubAnswer answer) =>
        answer is { Status: 200, Json: { } json } && Json.Ascii(json, "access_token", MaxToken) is { } token ? new RegistrationRight(token) : null;

    /// <param name="key">The key that is registered.</param>
    /// <param name="settings">What the device is.</param>
    /// <param name="scheme"><c>Bearer</c> with an activation code, <c>DPoP</c> with what an entered code gave.</param>
    /// <param name="token">One of the two.</param>
    public static HubCall Register(IDeviceKey key, CloudSettings settings, string scheme, string token) =>
        new(HttpMethod.Post, "/oauth/register") { Content = () => Body(Metadata(key, settings)), Key = key, Scheme = scheme, Token = token };

    public static (MachineAccount Account, string Grant)? ReadAccount(HubAnswer answer) =>
        answer is { Status: 201, Json: { } json }
        && Json.Ascii(json, "client_id", 100) is { } client && Guid.TryParse(client, out _)
        && Json.Ascii(json, "registration_access_token", MaxToken) is { } token
        && Json.Ascii(json, "organisation_id", 100) is { } organisation
        && Json.Ascii(json, "dns_name", 255) is { } name
        && Json.Ascii(json, "pairing_grant", MaxToken) is { } grant
            ? (new MachineAccount(client, token, organisation, Json.Label(json, "organisation_name") ?? "", name), grant)
            : null;

    public static HubCall FirstTokens(HubLine line, IDeviceKey key, string client, string grant) => Tokens(line, key, client, PairingGrant, "pairing_grant", grant);

    public static HubCall Refresh(HubLine line, IDeviceKey key, string client, string token) => Tokens(line, key, client, "refresh_token", "refresh_token", token);

    public static TokenPair? ReadTokens(HubAnswer answer, string? previous, DateTimeOffset now) =>
        answer is { Status: 200, Json: { } json }
        && Json.Ascii(json, "access_token", MaxToken) is { } access
        && string.Equals(Json.Ascii(json, "token_type", 20), "DPoP", StringComparison.OrdinalIgnoreCase)
        && Json.Ascii(json, "refresh_token", MaxToken) is { } refresh
        && Json.Number(json, "expires_in") is { } seconds and > 0
            ? new TokenPair(access, now, now + TimeSpan.FromSeconds(Math.Min(seconds, s_longestAccess.TotalSeconds)), refresh, previous)
            : null;

    /// <summary>Whether the account still is: 200, or 401 with <c>invalid_token</c>.</summary>
    public static HubCall ReadRegistration(IDeviceKey key, MachineAccount account) =>
        new(HttpMethod.Get, RegistrationPath(account)) { Key = key, Scheme = "Bearer", Token = account.RegistrationToken };

    public static HubCall Remove(IDeviceKey key, MachineAccount account) =>
        new(HttpMethod.Delete, RegistrationPath(account)) { Key = key, Scheme = "Bearer", Token = account.RegistrationToken };

    /// <summary>Puts <paramref name="next"/> in the place of the account's key. Proven by <paramref name="key"/>, and by the new one in the body.</summary>
    public static HubCall ReplaceKey(HubLine line, IDeviceKey key, IDeviceKey next, MachineAccount account, CloudSettings settings)
    {
        string path = RegistrationPath(account);
        return new HubCall(HttpMethod.Put, path)
        {
            Content = () =>
            {
                JsonObject metadata = Metadata(next, settings);
                metadata["client_id"] = account.Client;
                metadata["new_key_proof"] = line.Proof(next, HttpMethod.Put.Method, path, account.RegistrationToken);
                return Body(metadata);
            },
            Key = key,
            Scheme = "Bearer",
            Token = account.RegistrationToken,
        };
    }

    /// <summary>Six digits that device and page both show: SHA-256(key thumbprint || nonce), its first 8 bytes as a number, modulo 10^6.</summary>
    internal static string Digits(IDeviceKey key, ReadOnlySpan<byte> nonce)
    {
        byte[] hash = SHA256.HashData([.. key.Thumbprint.Span, .. nonce]);
        return (BinaryPrimitives.ReadUInt64BigEndian(hash) % 1_000_000).ToString("D6");
    }

    private static string RegistrationPath(MachineAccount account) => $"/oauth/register/{account.Client}";

    private static HubCall Tokens(HubLine line, IDeviceKey key, string client, string grantType, string parameter, string value) =>
        new(HttpMethod.Post, "/oauth/token")
        {
            // Each attempt has an assertion of its own: one is good once.
            Content = () => new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = grantType,
                [parameter] = value,
                ["client_assertion_type"] = AssertionType,
                ["client_assertion"] = Proofs.Assertion(key, client, line.Address.Url, line.Clock.Now),
            }),
            Key = key,
        };

    private static HubCall Form(string path, IDeviceKey key, Dictionary<string, string> form) => new(HttpMethod.Post, path) { Content = () => new FormUrlEncodedContent(form), Key = key };

    private static JsonObject Metadata(IDeviceKey key, CloudSettings settings) => new()
    {
        ["jwks"] = new JsonObject { ["keys"] = new JsonArray(JsonNode.Parse(key.Jwk)) },
        ["token_endpoint_auth_method"] = "private_key_jwt",
        ["dpop_bound_access_tokens"] = true,
        ["software_version"] = settings.Software,
        ["device_serial"] = settings.Serial,
        ["device_model"] = settings.Model,
    };

    private static ByteArrayContent Body(JsonObject json) =>
        new(Encoding.UTF8.GetBytes(json.ToJsonString())) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static string? Page(JsonElement json, string name) =>
        Json.Ascii(json, name, 300) is { } text && Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps ? text : null;
}
