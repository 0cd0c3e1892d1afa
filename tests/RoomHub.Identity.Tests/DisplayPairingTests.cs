using System.Net;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>A device shows a code and an administrator enters it (RFC 8628; E02, E06, L15).</summary>
public sealed class DisplayPairingTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
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

    [Fact]
    public async Task FromTheCodeOnTheDisplayToTheFirstCall()
    {
        // The device asks for a code; its key is fixed by then.
        Answer started = await _device.StartPairingAsync("SN-77", "Pi 5");
        Assert.Equal(HttpStatusCode.OK, started.Status);
        Assert.Equal(600, started.Number("expires_in"));
        Assert.Equal(5, started.Number("interval"));
        Assert.True(Base64UrlText.Decode(started.Text("device_code"))!.Length * 8 >= 128);
        Assert.Equal($"https://hub.example.org/pair?user_code={started.Text("user_code")}", started.Text("verification_uri_complete"));
        Assert.Equal("authorization_pending", (await _device.PollAsync(started.Text("device_code"))).Error);

        // The administrator sees what the device shows.
        Answer seen = await _alice.PostAsync("/api/pairing/lookup", new { user_code = started.Text("user_code") });
        Assert.Equal("SN-77", seen.Text("device_serial"));
        Assert.Equal("Pi 5", seen.Text("device_model"));
        Assert.Equal(Confirmation.Digits(_device.PublicKey.Thumbprint, Base64UrlText.Decode(started.Text("confirmation_nonce"))!), seen.Text("confirmation"));
        Assert.Equal(HttpStatusCode.NoContent, (await _alice.ApproveAsync(started.Text("user_code"), "Room 77")).Status);

        // The device learns who has claimed it, and gets a token that is for registering and nothing else.
        _hub.Clock.Advance(TimeSpan.FromSeconds(5));
        Answer approved = await _device.PollAsync(started.Text("device_code"));
        Assert.Equal("School", approved.Text("organisation_name"));
        Assert.Equal("DPoP", approved.Text("token_type"));
        Assert.Equal("device.register", approved.Text("scope"));
        Assert.Equal(600, approved.Number("expires_in"));

        Answer registered = await _device.RegisterAsync("DPoP", approved.Text("access_token"));
        Assert.Equal(HttpStatusCode.Created, registered.Status);
        Assert.Equal("Room 77", registered.Text("device_name"));
        Assert.Equal(_alice.Organisation.ToString(), registered.Text("organisation_id"));

        Answer tokens = await _device.FirstTokensAsync();
        Assert.Equal(12 * 3600, tokens.Number("expires_in"));
        Assert.Equal(60 * 24 * 3600, tokens.Number("refresh_token_expires_in"));
        Assert.True(await _device.HasAccessAsync());
        Assert.Equal(["pairing-approved", "paired"], await _alice.EventsAsync());
    }

    [Fact]
    public async Task WhoAsksTooOftenWaitsLongerEachTime()
    {
        string code = (await _device.StartPairingAsync()).Text("device_code");

        Assert.Equal("authorization_pending", (await _device.PollAsync(code)).Error);
        _hub.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("slow_down", (await _device.PollAsync(code)).Error);

        // 5 s were enough before, now it is 10.
        _hub.Clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("slow_down", (await _device.PollAsync(code)).Error);
        _hub.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("authorization_pending", (await _device.PollAsync(code)).Error);
    }

    [Fact]
    public async Task ACodeIsGoodForTenMinutes()
    {
        Answer started = await _device.StartPairingAsync();
        _hub.Clock.Advance(TimeSpan.FromMinutes(10));

        Assert.Equal(HttpStatusCode.NotFound, (await _alice.ApproveAsync(started.Text("user_code"))).Status);
        Assert.Equal("expired_token", (await _device.PollAsync(started.Text("device_code"))).Error);
    }

    [Fact]
    public async Task AnAdministratorMayRefuse()
    {
        Answer started = await _device.StartPairingAsync();
        await _alice.ApproveAsync(started.Text("user_code"), approve: false);

        Assert.Equal("access_denied", (await _device.PollAsync(started.Text("device_code"))).Error);
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.ApproveAsync(started.Text("user_code"))).Status);
    }

    [Fact]
    public async Task WhatOneHasDecidedNobodyElseDecidesAgain()
    {
        Answer started = await _device.StartPairingAsync();
        await _alice.ApproveAsync(started.Text("user_code"));

        Assert.Equal(HttpStatusCode.NotFound, (await _hub.Administrator(name: "Thieves", id: "mallory").ApproveAsync(started.Text("user_code"))).Status);
        Assert.Equal("School", (await _device.PollAsync(started.Text("device_code"))).Text("organisation_name"));
    }

    [Fact]
    public async Task ADeviceCodeIsWorthNothingWithAnotherKey()
    {
        Answer started = await _device.StartPairingAsync();
        await _alice.ApproveAsync(started.Text("user_code"));

        Assert.Equal("invalid_grant", (await new TestDevice(_hub).PollAsync(started.Text("device_code"))).Error);
        Assert.Equal("invalid_grant", (await _device.PollAsync(new string('A', 43))).Error);
    }

    [Fact]
    public async Task ARegistrationTokenIsWorthNothingWithAnotherKeyAndNothingElsewhere()
    {
        Answer started = await _device.StartPairingAsync();
        await _alice.ApproveAsync(started.Text("user_code"));
        string token = (await _device.PollAsync(started.Text("device_code"))).Text("access_token");
        var thief = new TestDevice(_hub);

        Assert.Equal("invalid_token", (await thief.RegisterAsync("DPoP", token)).Error);
        _device.AccessToken = token;
        Assert.Equal(HttpStatusCode.Unauthorized, (await _device.CallAsync("/test/mls")).Status);

        _hub.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal("invalid_token", (await _device.RegisterAsync("DPoP", token)).Error);
    }

    [Fact]
    public async Task APowerCutAtAnyStepLeavesTheSameAccount()
    {
        Answer started = await _device.StartPairingAsync();
        await _alice.ApproveAsync(started.Text("user_code"));

        // The answer with the token is lost, the one of the registration too, and the first tokens too.
        await _device.PollAsync(started.Text("device_code"));
        string token = (await _device.PollAsync(started.Text("device_code"))).Text("access_token");
        string first = (await _device.RegisterAsync("DPoP", token)).Text("client_id");
        string second = (await _device.RegisterAsync("DPoP", token)).Text("client_id");
        await _device.TokensAsync(TokenEndpoint.PairingGrant, "pairing_grant", _device.Grant!, isLost: true);
        Assert.Equal(HttpStatusCode.OK, (await _device.FirstTokensAsync()).Status);

        Assert.Equal(first, second);
        Assert.True(await _device.HasAccessAsync());
        Assert.Single((await _alice.GetAsync("/api/devices")).Body!["devices"]!.AsArray());
    }

    [Fact]
    public async Task TheHubMayRestartInBetween()
    {
        Answer started = await _device.StartPairingAsync();
        await _hub.RestartAsync();
        await _alice.ApproveAsync(started.Text("user_code"));
        await _hub.RestartAsync();
        string token = (await _device.PollAsync(started.Text("device_code"))).Text("access_token");
        await _hub.RestartAsync();

        Assert.Equal(HttpStatusCode.Created, (await _device.RegisterAsync("DPoP", token)).Status);
    }

    // By name: guessing pairing codes.
    [Fact]
    public async Task AnAdministratorWhoGuessesCodesIsLockedOut()
    {
        Answer started = await _device.StartPairingAsync();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _alice.PostAsync("/api/pairing/lookup", new { user_code = UserCode.Generate().Reveal() })).Status);
            _hub.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        // The right one does not help now, here and where it is approved; somebody else may go on.
        Answer locked = await _alice.PostAsync("/api/pairing/lookup", new { user_code = started.Text("user_code") });
        Assert.Equal(HttpStatusCode.TooManyRequests, locked.Status);
        Assert.True(int.Parse(locked.Header("Retry-After")!) > 60);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await _alice.ApproveAsync(started.Text("user_code"))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _hub.Administrator(_alice.Organisation, id: "bob").ApproveAsync(started.Text("user_code"))).Status);

        _hub.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.PostAsync("/api/pairing/lookup", new { user_code = UserCode.Generate().Reveal() })).Status);
    }

    [Fact]
    public async Task ManyAdministratorsTogetherGuessOnceASecond()
    {
        string guess = UserCode.Generate().Reveal();
        Assert.Equal(HttpStatusCode.NotFound, (await _hub.Administrator(id: "m1").PostAsync("/api/pairing/lookup", new { user_code = guess })).Status);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await _hub.Administrator(id: "m2").PostAsync("/api/pairing/lookup", new { user_code = guess })).Status);
        _hub.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HttpStatusCode.NotFound, (await _hub.Administrator(id: "m2").PostAsync("/api/pairing/lookup", new { user_code = guess })).Status);
    }

    [Fact]
    public async Task ASourceThatAsksForCodesAgainAndAgainHasToWait()
    {
        for (int i = 0; i < 10; i++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await _device.FormAsync(DevicePaths.DeviceAuthorization, [])).Status);

        Answer flooded = await _device.StartPairingAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, flooded.Status);
        Assert.NotNull(flooded.Header("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await new TestDevice(_hub) { Source = "192.0.2.2" }.StartPairingAsync()).Status);
    }

    [Theory]
    [InlineData("client_id", "other", "invalid_client")]
    [InlineData("client_id", null, "invalid_client")]
    [InlineData("scope", "mls", "invalid_scope")]
    [InlineData("serial", "a\u0007b", "invalid_request")]
    [InlineData("serial", "a\u202eb", "invalid_request")]
    [InlineData("model", "long", "invalid_request")]
    public async Task ABadRequestForACodeIsRefused(string parameter, string? value, string error)
    {
        Dictionary<string, string> form = new() { ["client_id"] = "roomagent-pairing", ["serial"] = "SN", ["model"] = "Pi" };
        form.Remove(parameter);
        if (value is not null)
            form[parameter] = value == "long" ? new string('x', 101) : value;

        Assert.Equal(error, (await _device.FormAsync(DevicePaths.DeviceAuthorization, form)).Error);
    }

    [Fact]
    public async Task TheMetadataSaysWhatThereIs()
    {
        Answer metadata = await Answer.ReadAsync(await _hub.Http.GetAsync(DevicePaths.Metadata));

        Assert.Equal("https://hub.example.org", metadata.Text("issuer"));
        Assert.Equal("https://hub.example.org/oauth/token", metadata.Text("token_endpoint"));
    }
}
