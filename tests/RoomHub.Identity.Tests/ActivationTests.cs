using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>An administrator makes a code for a device (RFC 7591 with an initial access token; E02, L15), and the registration that it gives (RFC 7592).</summary>
public sealed class ActivationTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
{
    private TestHub _hub = null!;
    private TestDevice _device = null!;
    private Administrator _alice = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await shared.RefreshAsync();
        _device = new TestDevice(_hub);
        _alice = _hub.Administrator();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("letters")]
    [InlineData("digits")]
    public async Task ACodeMakesADeviceAMember(string form)
    {
        ActivationCode code = await _alice.MakeCodeAsync(form);

        Answer registered = await _device.RegisterAsync("bearer", code.RevealGrouped());

        Assert.Equal(HttpStatusCode.Created, registered.Status);
        Assert.Equal("private_key_jwt", registered.Text("token_endpoint_auth_method"));
        Assert.Equal($"https://hub.example.org/oauth/register/{_device.ClientId}", registered.Text("registration_client_uri"));
        Assert.EndsWith(".devices.hub.example.org", registered.Text("dns_name"));
        Assert.Equal("no-store", registered.Header("Cache-Control"));
        await _device.FirstTokensAsync();
        Assert.True(await _device.HasAccessAsync());
        Assert.Equal(["code-made", "paired"], await _alice.EventsAsync());
    }

    [Fact]
    public async Task TheSetupCodeOfTheHubPairsADevice()
    {
        SetupCode? setup = await _hub.Accounts.MakeSetupCodeAsync(_alice.Organisation, "School", "Room 1", "console", TimeSpan.FromDays(7));

        SetupCode read = SetupCode.Read(setup!.Reveal(OpenSslCrypto.Instance), OpenSslCrypto.Instance)!;

        Assert.Equal(HttpStatusCode.Created, (await _device.RegisterAsync(read.Code)).Status);
    }

    [Fact]
    public async Task ACodeIsGoodForOneDevice()
    {
        ActivationCode code = await _alice.MakeCodeAsync();
        await _device.RegisterAsync(code);

        Answer second = await new TestDevice(_hub).RegisterAsync(code);

        Assert.Equal(HttpStatusCode.Unauthorized, second.Status);
        Assert.Equal("invalid_token", second.Error);
    }

    [Fact]
    public async Task TwoDevicesAtTheSameTimeDoNotShareACode()
    {
        ActivationCode code = await _alice.MakeCodeAsync();

        // Each knows its nonce already, so that they meet.
        TestDevice[] devices = [.. Enumerable.Range(0, 4).Select(i => new TestDevice(_hub) { Source = $"192.0.2.{i}", Nonce = _hub.Accounts.Proofs.Nonces.Next() })];
        Answer[] answers = await Task.WhenAll(devices.Select(device => device.RegisterAsync(code)));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(3, answers.Count(answer => answer.Error == "invalid_token"));
    }

    [Fact]
    public async Task TheSameCodeWithTheSameKeyGivesTheSameAccountForADay()
    {
        ActivationCode code = await _alice.MakeCodeAsync();
        string first = (await _device.RegisterAsync(code)).Text("client_id");
        await _device.FirstTokensAsync();
        TestDevice forgetful = _device.Clone();

        _hub.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(first, (await forgetful.RegisterAsync(code)).Text("client_id"));
        Assert.Equal(HttpStatusCode.OK, (await forgetful.FirstTokensAsync()).Status);

        // What was given before is void, without an alarm.
        Assert.False(await _device.HasAccessAsync());
        Assert.Equal("invalid_grant", (await _device.RefreshAsync()).Error);
        Assert.True(await forgetful.HasAccessAsync());

        _hub.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("invalid_token", (await forgetful.RegisterAsync(code)).Error);
        Assert.True(await forgetful.HasAccessAsync());
    }

    [Theory]
    [InlineData("letters", 24, 24)]
    [InlineData("letters", 720, 720)]
    [InlineData("digits", 24, 24)]
    [InlineData("letters", null, 24)]
    public async Task ACodeExpires(string form, int? hours, int life)
    {
        ActivationCode code = await _alice.MakeCodeAsync(form, hours);
        ActivationCode other = await _alice.MakeCodeAsync(form, hours);

        _hub.Clock.Advance(TimeSpan.FromHours(life) - TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.Created, (await _device.RegisterAsync(code)).Status);
        _hub.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_token", (await new TestDevice(_hub).RegisterAsync(other)).Error);
    }

    [Theory]
    [InlineData("letters", 721)]
    [InlineData("letters", 0)]
    [InlineData("digits", 25)]
    [InlineData("runes", 1)]
    public async Task ACodeOfAnotherKindOrLifeIsNotMade(string form, int hours) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _alice.PostAsync("/api/activation-codes", new { device_name = "Room", form, life_hours = hours })).Status);

    [Fact]
    public async Task ACodeThatWasTakenBackIsWorthNothing()
    {
        ActivationCode code = await _alice.MakeCodeAsync();
        string id = (string)(await _alice.GetAsync("/api/activation-codes")).Body![0]!["id"]!;

        Assert.Equal(HttpStatusCode.NotFound, (await _hub.Administrator().SendAsync(HttpMethod.Delete, $"/api/activation-codes/{id}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _alice.SendAsync(HttpMethod.Delete, $"/api/activation-codes/{id}")).Status);

        Assert.Equal("invalid_token", (await _device.RegisterAsync(code)).Error);
    }

    // By name: guessing pairing codes.
    [Fact]
    public async Task ASourceThatGuessesIsLockedOutForAnHour()
    {
        ActivationCode good = await _alice.MakeCodeAsync(hours: 48);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("invalid_token", (await _device.RegisterAsync(ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance))).Error);
            _hub.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        Answer locked = await _device.RegisterAsync(good);
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
        Assert.True(int.Parse(locked.Header("Retry-After")!) > 3000);

        // Nobody else is, and the code is as good as before.
        Assert.Equal(HttpStatusCode.Created, (await new TestDevice(_hub) { Source = "192.0.2.99" }.RegisterAsync(good)).Status);
        _hub.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("invalid_token", (await _device.RegisterAsync(ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance))).Error);
    }

    [Fact]
    public async Task ManySourcesTogetherGuessTenTimesASecond()
    {
        int refused = 0;
        for (int i = 0; i < 20; i++)
            refused += (await new TestDevice(_hub) { Source = $"198.51.100.{i}" }.RegisterAsync(ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance))).Status == HttpStatusCode.TooManyRequests ? 1 : 0;

        Assert.Equal(10, refused);
        _hub.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("invalid_token", (await new TestDevice(_hub) { Source = "198.51.100.200" }.RegisterAsync(ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance))).Error);
    }

    [Fact]
    public async Task OneHouseholdOfIPv6IsOneSource()
    {
        for (int i = 0; i < 5; i++)
            await new TestDevice(_hub) { Source = $"2001:db8:1:2::{i + 1}" }.RegisterAsync(ActivationCode.Generate(ActivationCodeForm.Letters, OpenSslRandom.Instance));

        Assert.Equal(HttpStatusCode.TooManyRequests, (await new TestDevice(_hub) { Source = "2001:db8:1:2:ffff::1" }.RegisterAsync(await _alice.MakeCodeAsync())).Status);
        Assert.Equal(HttpStatusCode.Created, (await new TestDevice(_hub) { Source = "2001:db8:1:3::1" }.RegisterAsync(await _alice.MakeCodeAsync())).Status);
    }

    [Fact]
    public async Task ASlipOfTheHandIsNoGuess()
    {
        string good = (await _alice.MakeCodeAsync()).Reveal();
        for (int i = 0; i < 8; i++)
            Assert.Equal("invalid_token", (await _device.RegisterAsync("Bearer", (good[0] == 'A' ? 'B' : 'A') + good[1..])).Error);

        Assert.Equal(HttpStatusCode.Created, (await _device.RegisterAsync("Bearer", good)).Status);
    }

    public static TheoryData<string, string> BadMetadata => new()
    {
        { "{}", "invalid_client_metadata" },
        { """{"jwks":{"keys":[]}}""", "invalid_client_metadata" },
        { """{"jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}}""", "invalid_client_metadata" },
        { """{"jwks":{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}}""", "invalid_client_metadata" },
        { """{"jwks":{"keys":[{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]}}""", "invalid_client_metadata" },
        { """{"token_endpoint_auth_method":"none"}""", "invalid_client_metadata" },
        { """{"dpop_bound_access_tokens":false}""", "invalid_client_metadata" },
        { """{"grant_types":["password"]}""", "invalid_client_metadata" },
        { """{"scope":"device.register"}""", "invalid_client_metadata" },
        { """{"jwks":1,"jwks":2}""", "invalid_request" },
        { """{"scope":7}""", "invalid_request" },
        { "[]", "invalid_request" },
        { "{", "invalid_request" },
        { "", "invalid_request" },
        { """{"scope":"\ud800"}""", "invalid_request" },
        { "{\"a\":" + new string('[', 60) + new string(']', 60) + "}", "invalid_request" },
    };

    [Theory]
    [MemberData(nameof(BadMetadata))]
    public async Task BadMetadataIsRefusedAndTheCodeStaysGood(string body, string error)
    {
        ActivationCode code = await _alice.MakeCodeAsync();

        Answer answer = await _device.SendAsync(HttpMethod.Post, DevicePaths.Register, () => new StringContent(body, Encoding.UTF8, "application/json"), $"Bearer {code.Reveal()}");

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(error, answer.Error);
        Assert.Equal(HttpStatusCode.Created, (await _device.RegisterAsync(code)).Status);
    }

    [Fact]
    public async Task ABodyOfMoreThan16KilobytesIsRefused()
    {
        JsonObject metadata = _device.Metadata();
        metadata["junk"] = new string('x', 20_000);

        Answer answer = await _device.RegisterAsync("Bearer", (await _alice.MakeCodeAsync()).Reveal(), metadata);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.Status);
    }

    [Fact]
    public async Task NobodyRegistersAKeyThatIsNotTheirs()
    {
        // The proof is by the thief's key, the key in the body is the device's; and a private key is never taken.
        JsonObject metadata = _device.Metadata();
        Answer stolen = await new TestDevice(_hub).RegisterAsync("Bearer", (await _alice.MakeCodeAsync()).Reveal(), metadata);
        JsonObject leaked = _device.Metadata();
        leaked["jwks"]!["keys"]![0]!["d"] = Base64UrlText.Encode(_device.Key.ExportParameters(true).D);
        Answer privately = await _device.RegisterAsync("Bearer", (await _alice.MakeCodeAsync()).Reveal(), leaked);

        Assert.Equal("invalid_dpop_proof", stolen.Error);
        Assert.Equal("invalid_client_metadata", privately.Error);
    }

    [Fact]
    public async Task ADeviceThatIsPairedAnewLeavesItsOldAccount()
    {
        await _device.PairAsync(_alice);
        TestDevice before = _device.Clone();
        Administrator bob = _hub.Administrator(name: "Company");

        await _device.PairAsync(bob);

        Assert.True(await _device.HasAccessAsync());
        Assert.False(await before.HasAccessAsync());
        Assert.Contains((before.ClientId, "replaced"), _hub.Ended.Select(ended => (ended.Account.Id.ToString(), ended.Reason))!);
        Assert.Contains("replaced", await _alice.EventsAsync());
    }

    [Fact]
    public async Task ADeviceReadsItsRegistration()
    {
        await _device.PairAsync(_alice);

        Answer read = await _device.RegistrationAsync(HttpMethod.Get);

        Assert.Equal(_device.ClientId, read.Text("client_id"));
        Assert.Equal(_device.RegistrationToken, read.Text("registration_access_token"));
        Assert.Equal((string?)_device.Jwk["x"], (string?)read.Body!["jwks"]!["keys"]![0]!["x"]);
        Assert.Null(read.Body!["pairing_grant"]);
    }

    [Fact]
    public async Task AKeyIsReplacedByOneThatIsThere()
    {
        await _device.PairAsync(_alice);
        TestDevice before = _device.Clone();
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.Equal("invalid_dpop_proof", (await _device.ReplaceKeyAsync(next, withProof: false)).Error);
        Assert.Equal(HttpStatusCode.OK, (await _device.ReplaceKeyAsync(next)).Status);

        // The old access token was the old key's; the refresh token is the account's.
        Assert.False(await _device.HasAccessAsync());
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.True(await _device.HasAccessAsync());
        Assert.Equal("invalid_client", (await before.RefreshAsync()).Error);
        Assert.Contains("key-replaced", await _alice.EventsAsync());
    }

    [Fact]
    public async Task APowerCutWhileTheKeyIsReplacedIsMendedByEitherKey()
    {
        await _device.PairAsync(_alice);
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // The hub has replaced it, the device does not know: it tries with the old key, then with the new one.
        Assert.Equal(HttpStatusCode.OK, (await _device.ReplaceKeyAsync(next, isLost: true)).Status);
        Assert.Equal("invalid_token", (await _device.ReplaceKeyAsync(next)).Error);
        var renewed = new TestDevice(_hub, next) { ClientId = _device.ClientId, RegistrationToken = _device.RegistrationToken, RefreshToken = _device.RefreshToken };
        Assert.Equal(HttpStatusCode.OK, (await renewed.ReplaceKeyAsync(next)).Status);

        Assert.Equal(HttpStatusCode.OK, (await renewed.RefreshAsync()).Status);
        Assert.True(await renewed.HasAccessAsync());
    }

    [Fact]
    public async Task ADeviceRemovesItself()
    {
        await _device.PairAsync(_alice);

        Assert.Equal(HttpStatusCode.NoContent, (await _device.RegistrationAsync(HttpMethod.Delete)).Status);

        Assert.False(await _device.HasAccessAsync());
        Assert.Equal("invalid_token", (await _device.RegistrationAsync(HttpMethod.Get)).Error);
        Assert.Equal("invalid_client", (await _device.RefreshAsync()).Error);
        Assert.Equal([(_device.ClientId, "removed")], _hub.Ended.Select(ended => (ended.Account.Id.ToString(), ended.Reason))!);
    }

    [Fact]
    public async Task ARegistrationIsOpenToItsOwnDeviceAlone()
    {
        await _device.PairAsync(_alice);
        var other = new TestDevice(_hub);
        await other.PairAsync(_alice);

        // A thief with the token but without the key; a device with its own token at another's registration; a wrong token.
        TestDevice thief = new(_hub) { ClientId = _device.ClientId, RegistrationToken = _device.RegistrationToken };
        Assert.Equal("invalid_token", (await thief.RegistrationAsync(HttpMethod.Get)).Error);
        Assert.Equal("invalid_token", (await thief.RegistrationAsync(HttpMethod.Delete)).Error);
        Assert.Equal("invalid_token", (await other.RegistrationAsync(HttpMethod.Get, client: _device.ClientId)).Error);
        _device.RegistrationToken = other.RegistrationToken;
        Assert.Equal("invalid_token", (await _device.RegistrationAsync(HttpMethod.Get)).Error);
        Assert.Equal("invalid_token", (await _device.RegistrationAsync(HttpMethod.Get, client: "nobody")).Error);
    }

    [Fact]
    public async Task NoCodeAndNoTokenStandsInTheDatabase()
    {
        ActivationCode code = await _alice.MakeCodeAsync();
        Answer started = await _device.StartPairingAsync();
        await _device.RegisterAsync(code);
        await _device.FirstTokensAsync();

        byte[] file = await _hub.BackUpAsync();

        string[] secrets = [code.Reveal(), started.Text("device_code"), started.Text("user_code").Replace("-", ""), _device.RegistrationToken!, _device.Grant!, _device.RefreshToken!, _device.AccessToken!];
        Assert.All(secrets, secret => Assert.True(file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)) < 0));
        Assert.True(file.AsSpan().IndexOf("machine_account"u8) >= 0);
    }
}
