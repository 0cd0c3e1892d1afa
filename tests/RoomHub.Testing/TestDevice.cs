using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Testing;

/// <summary>
/// A device as it would behave: one key, a clock that may be wrong and is corrected by the hub's Date, the nonce that came last.
/// What it holds can be copied, as a thief would; what it sends can be spoiled.
/// </summary>
public sealed class TestDevice(IDeviceHub hub, ECDsa? key = null)
{
    /// <summary>The header that says from where a request comes, to hubs that are made for tests.</summary>
    public const string SourceHeader = "Test-Source";

    public ECDsa Key { get; private set; } = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string? Nonce { get; set; }

    /// <summary>How far the device's clock is from the hub's.</summary>
    public TimeSpan ClockError { get; set; }

    /// <summary>Whether it corrects its clock.</summary>
    public bool MindsDate { get; set; } = true;

    public string Source { get; set; } = "192.0.2.1";

    /// <summary>Spoils a proof before it is signed: header and claims.</summary>
    public Action<JsonObject, JsonObject>? SpoilProof { get; set; }

    public string? ClientId { get; set; }

    public string? RegistrationToken { get; set; }

    public string? Grant { get; set; }

    public string? AccessToken { get; set; }

    public string? RefreshToken { get; set; }

    private DateTimeOffset Now => hub.Clock.GetUtcNow() + ClockError;

    public JsonObject Jwk => JwkOf(Key);

    public DeviceKey PublicKey => DeviceKey.Read(JsonSerializer.SerializeToElement(Jwk))!;

    public static JsonObject JwkOf(ECDsa key)
    {
        ECParameters parameters = key.ExportParameters(includePrivateParameters: false);
        return new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Base64UrlText.Encode(parameters.Q.X), ["y"] = Base64UrlText.Encode(parameters.Q.Y) };
    }

    /// <summary>One that has all that this one has: the key, the tokens.</summary>
    public TestDevice Clone() => new(hub, Key) { Nonce = Nonce, ClientId = ClientId, RegistrationToken = RegistrationToken, Grant = Grant, AccessToken = AccessToken, RefreshToken = RefreshToken };

    public async Task<Answer> StartPairingAsync(string serial = "SN-1", string model = "Pi 5") =>
        await FormAsync(DevicePaths.DeviceAuthorization, new() { ["client_id"] = "roomagent-pairing", ["scope"] = "device.register", ["serial"] = serial, ["model"] = model });

    public Task<Answer> PollAsync(string deviceCode) =>
        FormAsync(DevicePaths.Token, new() { ["grant_type"] = TokenEndpoint.DeviceCodeGrant, ["client_id"] = "roomagent-pairing", ["device_code"] = deviceCode });

    /// <summary>Registers, and keeps what it is given.</summary>
    public async Task<Answer> RegisterAsync(string scheme, string right, JsonObject? metadata = null)
    {
        metadata ??= Metadata();
        Answer answer = await SendAsync(HttpMethod.Post, DevicePaths.Register, () => Json(metadata), $"{scheme} {right}", scheme == "DPoP" ? right : null);
        if (answer.Status == System.Net.HttpStatusCode.Created)
            (ClientId, RegistrationToken, Grant) = (answer.Text("client_id"), answer.Text("registration_access_token"), answer.Text("pairing_grant"));
        return answer;
    }

    public Task<Answer> RegisterAsync(ActivationCode code) => RegisterAsync("Bearer", code.Reveal());

    public JsonObject Metadata() => new()
    {
        ["jwks"] = new JsonObject { ["keys"] = new JsonArray(Jwk) },
        ["token_endpoint_auth_method"] = "private_key_jwt",
        ["dpop_bound_access_tokens"] = true,
        ["software_version"] = "46.11",
        ["device_serial"] = "SN-1",
        ["device_model"] = "Pi 5",
        ["logo_uri"] = "https://example.org/not-understood.png",
    };

    /// <summary>Exchanges what registering gave for the first pair of tokens.</summary>
    public Task<Answer> FirstTokensAsync() => TokensAsync(TokenEndpoint.PairingGrant, "pairing_grant", Grant!);

    public Task<Answer> RefreshAsync(string? scope = null) => TokensAsync("refresh_token", "refresh_token", RefreshToken!, scope);

    /// <summary>Asks for tokens; keeps them when there are some, unless <paramref name="isLost"/>: the answer never arrives.</summary>
    public async Task<Answer> TokensAsync(string grantType, string parameter, string value, string? scope = null, bool isLost = false, string? assertion = null)
    {
        Answer answer = await SendAsync(HttpMethod.Post, DevicePaths.Token, () =>
        {
            Dictionary<string, string> form = new()
            {
                ["grant_type"] = grantType,
                [parameter] = value,
                ["client_assertion_type"] = ClientAssertion.Type,
                ["client_assertion"] = assertion ?? Assertion(),
            };
            if (scope is not null)
                form["scope"] = scope;
            return new FormUrlEncodedContent(form);
        });
        if (answer.Status == System.Net.HttpStatusCode.OK && !isLost)
            (AccessToken, RefreshToken) = (answer.Text("access_token"), answer.Text("refresh_token"));
        return answer;
    }

    /// <summary>Calls an endpoint with the access token.</summary>
    public Task<Answer> CallAsync(string path, HttpMethod? method = null, Func<HttpContent>? content = null) =>
        SendAsync(method ?? HttpMethod.Get, path, content, $"DPoP {AccessToken}", AccessToken);

    public Task<Answer> RegistrationAsync(HttpMethod method, JsonObject? metadata = null, string? client = null) =>
        SendAsync(method, $"{DevicePaths.Register}/{client ?? ClientId}", metadata is null ? null : () => Json(metadata), $"Bearer {RegistrationToken}", RegistrationToken);

    /// <summary>What a device sends to put <paramref name="next"/> in place of its key.</summary>
    public async Task<Answer> ReplaceKeyAsync(ECDsa next, bool isLost = false, bool withProof = true)
    {
        string path = $"{DevicePaths.Register}/{ClientId}";
        Answer answer = await SendAsync(HttpMethod.Put, path, () =>
        {
            JsonObject metadata = Metadata();
            metadata["client_id"] = ClientId;
            metadata["jwks"] = new JsonObject { ["keys"] = new JsonArray(JwkOf(next)) };
            if (withProof)
                metadata["new_key_proof"] = Proof("PUT", path, RegistrationToken, next);
            return Json(metadata);
        }, $"Bearer {RegistrationToken}", RegistrationToken);
        if (answer.Status == System.Net.HttpStatusCode.OK && !isLost)
            Key = next;
        return answer;
    }

    public Task<Answer> FormAsync(string path, Dictionary<string, string> form) => SendAsync(HttpMethod.Post, path, () => new FormUrlEncodedContent(form));

    /// <summary>Sends a request with a proof; once more when the hub wants a nonce or, having told the time, another clock.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, Func<HttpContent?>? content = null, string? authorization = null, string? token = null)
    {
        for (int attempt = 1; ; attempt++)
        {
            DateTimeOffset before = Now;
            using var request = new HttpRequestMessage(method, path) { Content = content?.Invoke() };
            request.Headers.Add("DPoP", Proof(method.Method, path, token));
            request.Headers.Add(SourceHeader, Source);
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            Answer answer = await Answer.ReadAsync(await hub.Http.SendAsync(request));

            string? nonceBefore = Nonce;
            Nonce = answer.Header("DPoP-Nonce") ?? Nonce;
            bool wantsNonce = answer.Error == "use_dpop_nonce";
            bool wantsClock = MindsDate && answer.Response.Headers.Date is { } date && (date - before).Duration() > TimeSpan.FromMinutes(1);
            if (wantsClock)
                ClockError += answer.Response.Headers.Date!.Value - before;
            bool isProofRefused = wantsNonce || (wantsClock && answer.Error is "invalid_dpop_proof" or "invalid_client");
            if (attempt == 3 || !isProofRefused || (SpoilProof is not null && !(wantsNonce && nonceBefore is null)))
                return answer;
        }
    }

    public string Proof(string method, string path, string? token, ECDsa? by = null)
    {
        ECDsa signer = by ?? Key;
        var header = new JsonObject { ["typ"] = "dpop+jwt", ["alg"] = "ES256", ["jwk"] = JwkOf(signer) };
        var claims = new JsonObject { ["jti"] = Guid.NewGuid().ToString("N"), ["htm"] = method, ["htu"] = hub.Address.Of(path), ["iat"] = Now.ToUnixTimeSeconds() };
        if (Nonce is not null)
            claims["nonce"] = Nonce;
        if (token is not null)
            claims["ath"] = DpopProofs.HashOf(token);
        SpoilProof?.Invoke(header, claims);
        return Sign(header, claims, signer);
    }

    public string Assertion(Action<JsonObject, JsonObject>? spoil = null, ECDsa? by = null)
    {
        var header = new JsonObject { ["alg"] = "ES256" };
        var claims = new JsonObject
        {
            ["iss"] = ClientId,
            ["sub"] = ClientId,
            ["aud"] = hub.Address.Url,
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["iat"] = Now.ToUnixTimeSeconds(),
            ["exp"] = Now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        spoil?.Invoke(header, claims);
        return Sign(header, claims, by ?? Key);
    }

    public static string Sign(JsonObject header, JsonObject claims, ECDsa key)
    {
        string text = $"{Base64UrlText.Encode(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64UrlText.Encode(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        byte[] signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{text}.{Base64UrlText.Encode(signature)}";
    }

    public static HttpContent Json(JsonNode body) => new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
}
