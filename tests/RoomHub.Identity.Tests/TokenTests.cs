using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>Tokens and who may use them (E07..E19, E24..E26, L01..L04).</summary>
public sealed class TokenTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
{
    private TestHub _hub = null!;
    private TestDevice _device = null!;
    private Administrator _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await shared.RefreshAsync();
        _device = new TestDevice(_hub);
        _alice = _hub.Administrator();
        await _device.PairAsync(_alice);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // E09, E10
    [Fact]
    public async Task TokensAreSignedThenEncryptedAndSayNothingToOthers()
    {
        foreach (string token in new[] { _device.AccessToken!, _device.RefreshToken!, _device.Grant! })
        {
            JsonObject header = JsonNode.Parse(Base64UrlText.Decode(token.Split('.')[0])!)!.AsObject();
            Assert.Equal(5, token.Split('.').Length);
            Assert.Equal("dir", (string?)header["alg"]);
            Assert.Equal("A256CBC-HS512", (string?)header["enc"]);
            Assert.Equal("JWT", (string?)header["cty"]);
        }

        TokenClaims claims = (await _hub.Accounts.Tokens.ReadAsync(_device.AccessToken, TokenKind.Access))!;
        Assert.Equal(_device.ClientId, claims.Subject);
        Assert.Equal(_alice.Organisation, claims.Organisation);
        Assert.Equal(Scopes.OfDevices, claims.Scope);
        Assert.Equal(_device.PublicKey.ThumbprintText, claims.KeyThumbprint);
        Assert.Equal(_hub.Clock.GetUtcNow() + TimeSpan.FromHours(12), claims.ExpiresAt);
    }

    // E11, E13, E17
    [Fact]
    public async Task AnAccessTokenLives12HoursAndARefreshToken60Days()
    {
        _hub.Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.True(await _device.HasAccessAsync());
        _hub.Clock.Advance(TimeSpan.FromSeconds(1));
        Answer late = await _device.CallAsync("/test/mls");
        Assert.Equal(HttpStatusCode.Unauthorized, late.Status);
        Assert.Contains("error=\"invalid_token\"", late.Header("WWW-Authenticate"));

        await _device.RefreshAsync();
        Assert.True(await _device.HasAccessAsync());
        _hub.Clock.Advance(TimeSpan.FromDays(60));
        Assert.Equal("invalid_grant", (await _device.RefreshAsync()).Error);
    }

    // E15
    [Fact]
    public async Task ADeviceThatIsInUseStaysPaired()
    {
        for (int day = 0; day < 200; day += 50)
        {
            _hub.Clock.Advance(TimeSpan.FromDays(50));
            Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        }

        Assert.True(await _device.HasAccessAsync());
    }

    // E14, E26, L01, L02
    [Fact]
    public async Task AnOrganisationDecidesHowLongTokensLive()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await _alice.SendAsync(HttpMethod.Put, "/api/token-policies/device", new { access_seconds = 600, refresh_seconds = 172800, auto_extend = false })).Status);
        var device = new TestDevice(_hub);
        await device.PairAsync(_alice);

        _hub.Clock.Advance(TimeSpan.FromDays(1));
        Answer refreshed = await device.RefreshAsync();
        Assert.Equal(600, refreshed.Number("expires_in"));
        Assert.Equal(86400, refreshed.Number("refresh_token_expires_in"));

        _hub.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("invalid_grant", (await device.RefreshAsync()).Error);
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.Equal(43200, (await _hub.Administrator().GetAsync("/api/token-policies/device")).Number("access_seconds"));
        Assert.Contains("token-policy-changed", await _alice.EventsAsync());
    }

    // E18, E19
    [Fact]
    public async Task ATokenOpensWhatItsScopesSayAndNothingElse()
    {
        foreach (string scope in Scopes.OfDevices)
        {
            Answer tokens = await _device.RefreshAsync(scope);
            Assert.Equal(scope, tokens.Text("scope"));

            foreach (string other in Scopes.OfDevices)
            {
                Answer called = await _device.CallAsync($"/test/{other}");
                Assert.Equal(other == scope ? HttpStatusCode.OK : HttpStatusCode.Forbidden, called.Status);
                if (other != scope)
                    Assert.Contains("insufficient_scope", called.Header("WWW-Authenticate"));
            }
        }

        Assert.Equal("invalid_scope", (await _device.RefreshAsync("mls device.register")).Error);
    }

    // By name: a stolen token from another key.
    [Fact]
    public async Task AStolenTokenIsUselessWithAnotherKeyAndWithNone()
    {
        var thief = new TestDevice(_hub) { AccessToken = _device.AccessToken, RefreshToken = _device.RefreshToken, ClientId = _device.ClientId, Grant = _device.Grant };

        Assert.Equal("invalid_token", (await thief.CallAsync("/test/mls")).Error);
        Assert.Equal("invalid_client", (await thief.RefreshAsync()).Error);
        Assert.Equal("invalid_client", (await thief.FirstTokensAsync()).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendBareAsync($"Bearer {_device.AccessToken}")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendBareAsync($"DPoP {_device.AccessToken}")).StatusCode);

        Assert.True(await _device.HasAccessAsync());
    }

    // E20
    [Fact]
    public async Task WithoutATokenOneIsToldWhichSchemeThereIs()
    {
        HttpResponseMessage answer = await SendBareAsync(null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("DPoP algs=\"ES256\"", answer.Headers.WwwAuthenticate.Single().ToString());
    }

    // By name: cross-organisation access.
    [Fact]
    public async Task AnotherDevicesTokensAreOfNoUse()
    {
        var other = new TestDevice(_hub);
        await other.PairAsync(_hub.Administrator(name: "Company"));
        string own = other.RefreshToken!;

        other.RefreshToken = _device.RefreshToken;
        Assert.Equal("invalid_grant", (await other.RefreshAsync()).Error);
        other.AccessToken = _device.AccessToken;
        Assert.Equal("invalid_token", (await other.CallAsync("/test/mls")).Error);

        // And nothing has happened to either.
        other.RefreshToken = own;
        Assert.Equal(HttpStatusCode.OK, (await other.RefreshAsync()).Status);
        Assert.True(await _device.HasAccessAsync());
    }

    // E24, E25, L03, L04
    [Fact]
    public async Task ResettingOneDevicesAccessEndsItAtOnce()
    {
        var other = new TestDevice(_hub);
        await other.PairAsync(_alice);

        Assert.Equal(HttpStatusCode.NoContent, (await _alice.PostAsync($"/api/devices/{_device.ClientId}/reset-access")).Status);

        Assert.False(await _device.HasAccessAsync());
        Assert.Equal("invalid_client", (await _device.RefreshAsync()).Error);
        Assert.Equal("invalid_client", (await _device.FirstTokensAsync()).Error);
        Assert.Equal([(_device.ClientId, "access-reset")], _hub.Ended.Select(ended => (ended.Account.Id.ToString(), ended.Reason))!);
        Assert.True(await other.HasAccessAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.PostAsync($"/api/devices/{_device.ClientId}/reset-access")).Status);
    }

    [Fact]
    public async Task AccessIsEndedForAllEvenWhenAPartOfTheHubFails()
    {
        var second = new TestDevice(_hub);
        await second.PairAsync(_alice);
        _hub.FailsWhenTold = true;

        Answer reset = await _alice.PostAsync("/api/devices/reset-access");

        _hub.FailsWhenTold = false;
        Assert.Equal(2, reset.Number("ended"));
        Assert.Equal(2, _hub.Ended.Count);
        Assert.False(await second.HasAccessAsync());
    }

    [Fact]
    public async Task ResettingAllAccessEndsThatOfOneOrganisation()
    {
        var second = new TestDevice(_hub);
        await second.PairAsync(_alice);
        var foreign = new TestDevice(_hub);
        await foreign.PairAsync(_hub.Administrator());

        Assert.Equal(2, (await _alice.PostAsync("/api/devices/reset-access")).Number("ended"));

        Assert.False(await _device.HasAccessAsync());
        Assert.False(await second.HasAccessAsync());
        Assert.True(await foreign.HasAccessAsync());
        Assert.Equal(2, _hub.Ended.Count);
    }

    [Fact]
    public async Task ADeviceWhoseAccessWasResetIsPairedWithANewCodeAndNotWithTheOld()
    {
        var device = new TestDevice(_hub);
        ActivationCode code = await _alice.MakeCodeAsync();
        await device.RegisterAsync(code);
        await _alice.PostAsync($"/api/devices/{device.ClientId}/reset-access");

        Assert.Equal("invalid_token", (await device.RegisterAsync(code)).Error);
        await device.PairAsync(_alice);
        Assert.True(await device.HasAccessAsync());
    }

    [Fact]
    public async Task OneKindOfTokenDoesNotPassForAnother()
    {
        string[] tokens = [_device.AccessToken!, _device.RefreshToken!, _device.Grant!, _hub.Accounts.Tokens.Registration([1, 2, 3], _device.PublicKey)];

        for (int i = 0; i < tokens.Length; i++)
        {
            TokenKind own = new[] { TokenKind.Access, TokenKind.Refresh, TokenKind.PairingGrant, TokenKind.Registration }[i];
            foreach (TokenKind kind in Enum.GetValues<TokenKind>())
                Assert.Equal(kind == own, await _hub.Accounts.Tokens.ReadAsync(tokens[i], kind) is not null);
        }
    }

    // No "none", no other algorithm, no unencrypted token, no other keys.
    [Fact]
    public async Task NothingIsATokenThatWeHaveNotMadeExactlySo()
    {
        TokenKey key = _hub.Accounts.TokenKeys.Current;
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var foreignSigning = new SigningCredentials(new ECDsaSecurityKey(foreign) { KeyId = key.Id }, SecurityAlgorithms.EcdsaSha256);
        var hmac = new SigningCredentials(new SymmetricSecurityKey(((SymmetricSecurityKey)key.Encrypting.Key).Key) { KeyId = key.Id }, SecurityAlgorithms.HmacSha256);
        var ours = new EncryptingCredentials(key.Encrypting.Key, "dir", "A256CBC-HS512");
        var foreignEncryption = new EncryptingCredentials(new SymmetricSecurityKey(new byte[64]) { KeyId = key.Id }, "dir", "A256CBC-HS512");
        var shorter = new EncryptingCredentials(new SymmetricSecurityKey(((SymmetricSecurityKey)key.Encrypting.Key).Key[..32]) { KeyId = key.Id }, "dir", "A128CBC-HS256");

        Assert.NotNull(await ReadAsync(key.Signing, ours));
        Assert.Null(await ReadAsync(foreignSigning, ours));
        Assert.Null(await ReadAsync(hmac, ours));
        Assert.Null(await ReadAsync(null, ours));
        Assert.Null(await ReadAsync(key.Signing, null));
        Assert.Null(await ReadAsync(key.Signing, foreignEncryption));
        Assert.Null(await ReadAsync(key.Signing, shorter));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.Issuer = "urn:roomhub:other"));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.Audience = "urn:roomhub:other"));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.TokenType = "JWT"));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.Expires = null));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.Expires = _hub.Clock.GetUtcNow().UtcDateTime));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.NotBefore = _hub.Clock.GetUtcNow().AddMinutes(1).UtcDateTime));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.Claims.Remove("cnf")));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.Claims["num"] = "one"));
        Assert.Null(await ReadAsync(key.Signing, ours, descriptor => descriptor.CompressionAlgorithm = CompressionAlgorithms.Deflate));
    }

    [Fact]
    public async Task EveryChangedCharacterOfATokenIsFound()
    {
        string token = _device.AccessToken!;
        for (int i = 0; i < token.Length; i += 7)
        {
            string changed = token[..i] + (token[i] == 'A' ? 'B' : 'A') + token[(i + 1)..];
            Assert.Null(await _hub.Accounts.Tokens.ReadAsync(changed, TokenKind.Access));
        }

        string?[] bad = [null, "", ".", "....", "a.b.c.d.e", token + "A", token[..^1], new string('a', 100_000), "e30.e30.e30.e30.e30", $"{token}.x"];
        foreach (string? text in bad)
            Assert.Null(await _hub.Accounts.Tokens.ReadAsync(text, TokenKind.Access));
    }

    [Fact]
    public async Task AnotherHubsTokensAreNotOurs()
    {
        await using TestHub other = await TestHub.StartAsync(_hub.Clock);

        Assert.Null(await other.Accounts.Tokens.ReadAsync(_device.AccessToken, TokenKind.Access));
    }

    [Fact]
    public async Task KeysAreRenewedAndOldTokensStayGood()
    {
        string before = _hub.Accounts.TokenKeys.Current.Id;
        using Accounts second = await Accounts.OpenAsync(_hub.Database, _hub.Address, _hub.Secret(), () => null, _hub.Clock);

        _hub.Clock.Advance(TimeSpan.FromDays(31));
        await _hub.Accounts.TidyAsync();

        // The other hub asks the database about a key that it does not know.
        Assert.NotEqual(before, _hub.Accounts.TokenKeys.Current.Id);
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.NotNull(await second.Tokens.ReadAsync(_device.AccessToken, TokenKind.Access));
        await second.TidyAsync();
        Assert.Equal(_hub.Accounts.TokenKeys.Current.Id, second.TokenKeys.Current.Id);
    }

    [Fact]
    public async Task TokensOutliveARestartOfTheHub()
    {
        await _hub.RestartAsync();

        Assert.True(await _device.HasAccessAsync());
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
    }

    [Fact]
    public async Task WhileTheDatabaseDoesNotAnswerNothingIsDecided()
    {
        await using TestHub hub = await TestHub.StartAsync();
        var device = new TestDevice(hub);
        await device.PairAsync(hub.Administrator());
        await hub.Database.WriteAsync(transaction => transaction.ExecuteAsync($"ALTER TABLE machine_account RENAME TO elsewhere"));

        Answer called = await device.CallAsync("/test/mls");
        Answer refreshed = await device.RefreshAsync();
        await hub.Database.WriteAsync(transaction => transaction.ExecuteAsync($"ALTER TABLE elsewhere RENAME TO machine_account"));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (called.Status, called.Error));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "temporarily_unavailable"), (refreshed.Status, refreshed.Error));
        Assert.NotNull(refreshed.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await device.RefreshAsync()).Status);
        Assert.True(await device.HasAccessAsync());
    }

    [Fact]
    public async Task AHubThatMovesKeepsItsDevices()
    {
        await using TestHub hub = await TestHub.StartAsync();
        var device = new TestDevice(hub);
        await device.PairAsync(hub.Administrator());

        await hub.RestartAsync("https://new.example.org");

        Assert.True(await device.HasAccessAsync());
        Assert.Equal(HttpStatusCode.OK, (await device.RefreshAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await device.RegistrationAsync(HttpMethod.Get)).Status);
    }

    public static TheoryData<string> BadAssertions => ["iss", "sub", "aud", "aud-list", "exp", "far", "expired", "nbf", "iat", "jti", "short-jti", "alg", "typ", "crit", "key"];

    [Theory]
    [MemberData(nameof(BadAssertions))]
    public async Task AnAssertionThatIsNotQuiteRightIsNone(string what)
    {
        DateTimeOffset now = _hub.Clock.GetUtcNow();
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string bad = _device.Assertion((header, claims) =>
        {
            switch (what)
            {
                case "iss": claims["iss"] = Guid.NewGuid().ToString(); break;
                case "sub": claims.Remove("sub"); break;
                case "aud": claims["aud"] = "https://other.example.org"; break;
                case "aud-list": claims["aud"] = new JsonArray("https://hub.example.org", "https://other.example.org"); break;
                case "exp": claims.Remove("exp"); break;
                case "far": claims["exp"] = now.AddHours(1).ToUnixTimeSeconds(); break;
                case "expired": claims["exp"] = now.AddMinutes(-6).ToUnixTimeSeconds(); break;
                case "nbf": claims["nbf"] = now.AddMinutes(6).ToUnixTimeSeconds(); break;
                case "iat": claims["iat"] = now.AddMinutes(6).ToUnixTimeSeconds(); break;
                case "jti": claims.Remove("jti"); break;
                case "short-jti": claims["jti"] = "1"; break;
                case "alg": header["alg"] = "none"; break;
                case "typ": header["typ"] = "dpop+jwt"; break;
                case "crit": header["crit"] = new JsonArray("b64"); break;
                default: break;
            }
        }, what == "key" ? foreign : null);

        Answer answer = await _device.TokensAsync("refresh_token", "refresh_token", _device.RefreshToken!, assertion: bad);

        Assert.Equal("invalid_client", answer.Error);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
    }

    [Fact]
    public async Task AnAssertionIsGoodOnce()
    {
        string assertion = _device.Assertion();
        Assert.Equal(HttpStatusCode.OK, (await _device.TokensAsync("refresh_token", "refresh_token", _device.RefreshToken!, assertion: assertion)).Status);

        Assert.Equal("invalid_client", (await _device.TokensAsync("refresh_token", "refresh_token", _device.RefreshToken!, assertion: assertion)).Error);
    }

    [Theory]
    [InlineData("grant_type=password&username=a&password=b", "unsupported_grant_type")]
    [InlineData("grant_type=client_credentials", "unsupported_grant_type")]
    [InlineData("grant_type=authorization_code&code=1", "unsupported_grant_type")]
    [InlineData("grant_type=refresh_token&grant_type=refresh_token", "invalid_request")]
    [InlineData("grant_type=", "invalid_request")]
    [InlineData("", "invalid_request")]
    [InlineData("grant_type=refresh_token", "invalid_client")]
    [InlineData("grant_type=%00%ff", "unsupported_grant_type")]
    [InlineData("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1&l=1&m=1&n=1&o=1&p=1&q=1&r=1&s=1&t=1&u=1&v=1&w=1&x=1&y=1&z=1&aa=1&ab=1&ac=1&ad=1&ae=1", "invalid_request")]
    public async Task ABadTokenRequestIsRefused(string body, string error) =>
        Assert.Equal(error, (await _device.SendAsync(HttpMethod.Post, DevicePaths.Token, () => new StringContent(body, Encoding.UTF8, "application/x-www-form-urlencoded"))).Error);

    [Fact]
    public async Task ATokenRequestThatIsNoFormOrTooLargeIsRefused()
    {
        Assert.Equal("invalid_request", (await _device.SendAsync(HttpMethod.Post, DevicePaths.Token, () => new StringContent("{}", Encoding.UTF8, "application/json"))).Error);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await _device.SendAsync(HttpMethod.Post, DevicePaths.Token, () => new StringContent(new string('a', 17_000), Encoding.UTF8, "application/x-www-form-urlencoded"))).Status);
    }

    [Fact]
    public async Task ASourceThatFloodsIsHeldUpAndNobodyElse()
    {
        HttpStatusCode last = HttpStatusCode.OK;
        for (int i = 0; i < 70; i++)
            last = (await _device.FormAsync(DevicePaths.Token, [])).Status;

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
        Assert.Equal("invalid_request", (await new TestDevice(_hub) { Source = "192.0.2.2" }.FormAsync(DevicePaths.Token, [])).Error);
    }

    private string Hub => $"urn:roomhub:{Base64UrlText.Encode(_hub.Accounts.Identity.KeyHash)}";

    private async Task<TokenClaims?> ReadAsync(SigningCredentials? signing, EncryptingCredentials? encryption, Action<SecurityTokenDescriptor>? change = null)
    {
        DateTime now = _hub.Clock.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = Hub,
            Audience = Hub,
            NotBefore = now,
            Expires = now.AddHours(1),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = _device.ClientId!,
                ["cnf"] = new Dictionary<string, string> { ["jkt"] = _device.PublicKey.ThumbprintText },
                ["fam"] = Guid.Empty.ToString("N"),
                ["num"] = 0L,
                ["scope"] = "mls",
                ["cls"] = "device",
            },
            SigningCredentials = signing,
            EncryptingCredentials = encryption,
        };
        change?.Invoke(descriptor);
        string token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
        return await _hub.Accounts.Tokens.ReadAsync(token, TokenKind.Access);
    }

    private async Task<HttpResponseMessage> SendBareAsync(string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/test/mls");
        if (authorization is not null)
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        return await _hub.Http.SendAsync(request);
    }
}
