using RoomAgent.Agent.Ports;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Testing;
using RoomAgent.Hub.Tests;
using HubMove = RoomAgent.Hub.Identity.HubMove;

namespace RoomAgent.Cloud.Tests;

/// <summary>Whom a device takes for its hub, and whom it does not (E01).</summary>
public sealed class HubTrustTests : IAsyncLifetime
{
    private Lab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await Lab.StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    // Another hub has taken the name: a device with a setup code says nothing to it.
    [Fact]
    public async Task ARogueHubAtPairingGetsNothing()
    {
        await using TestHub rogue = await TestHub.StartAsync(_lab.Hub.Clock, $"https://{Lab.Host}", TlsCertificates.Own(Lab.Host));
        List<string> asked = Listen(rogue);
        _lab.Network[Lab.Host] = () => rogue.Port;
        Room room = _lab.NewRoom();
        await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync());

        CloudState.HubRefused refused = await room.UntilAsync<CloudState.HubRefused>();

        Assert.Equal(RefusedHub.OtherIdentity, refused.Why);
        Assert.Equal(["/hub/identity"], asked);

        // It is gone: the device needs no help.
        _lab.Network[Lab.Host] = () => _lab.Hub.Port;
        await room.UntilAsync<CloudState.Paired>();
    }

    // It passes on what the real hub says of itself, and listens.
    [Fact]
    public async Task ARogueHubAtPairingThatPassesEverythingOnIsNoticedByItsTlsKey()
    {
        var asked = new List<string>();
        await using WebApplication between = await RelayAsync(TlsCertificates.Of(_lab.Authority, Lab.Host), asked);
        _lab.Network[Lab.Host] = () => new Uri(between.Urls.Single()).Port;
        Room room = _lab.NewRoom();
        await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync());

        Assert.Equal(RefusedHub.OtherTlsKey, (await room.UntilAsync<CloudState.HubRefused>()).Why);

        await room.LiveAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(["/hub/identity", "/hub/time"], asked.Distinct());
        Assert.Empty(await _lab.ActiveAccountsAsync());
    }

    // It pairs at the real hub in the device's place, with a key of its own, and shows the device's people the code that it got.
    [Fact]
    public async Task ARogueHubAtPairingByDisplayIsNoticedByDigitsAndWords()
    {
        using X509Certificate2 certificate = TlsCertificates.Of(_lab.Authority, Lab.Host);
        await using TestHub rogue = await TestHub.StartAsync(_lab.Hub.Clock, $"https://{Lab.Host}", certificate);
        _lab.Network[Lab.Host] = () => rogue.Port;
        Room room = _lab.NewRoom();
        await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!);
        CloudState.Pairing shown = await room.UntilAsync<CloudState.Pairing>();

        _lab.Network[Lab.Host] = () => _lab.Hub.Port;
        Room thief = _lab.NewRoom();
        await PairingTests.TrustByWordsAsync(thief);
        CloudState.Pairing stolen = await thief.UntilAsync<CloudState.Pairing>();
        Answer looked = await _lab.Alice.PostAsync("/api/pairing/lookup", new { user_code = stolen.Code });

        Assert.NotEqual(shown.Digits, looked.Text("confirmation"));
        Assert.NotEqual(shown.Words, _lab.Hub.Accounts.Identity.Fingerprint);
    }

    [Fact]
    public async Task AHubThatNobodyVouchesForWaitsForItsWords()
    {
        Room room = _lab.NewRoom();
        await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!);

        CloudState.HubUnknown unknown = await room.UntilAsync<CloudState.HubUnknown>();

        Assert.Equal(_lab.Hub.Accounts.Identity.Fingerprint, unknown.Words);
        Assert.False(await room.Membership.TrustHubAsync("babab-babab-babab-babab-babab-babab"));
        Assert.True(await room.Membership.TrustHubAsync(unknown.Words));
        await room.UntilAsync<CloudState.Pairing>();
    }

    [Fact]
    public async Task APublicAuthorityVouchesForTheNameThatWasEntered()
    {
        await using Lab lab = await Lab.StartAsync(isPublic: true);
        Room room = lab.NewRoom();
        await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!);

        CloudState.Pairing shown = await room.UntilAsync<CloudState.Pairing>();

        Assert.Equal(lab.Hub.Accounts.Identity.Fingerprint, shown.Words);
    }

    [Fact]
    public async Task SomethingInFrontOfTheHubIsTakenWhenThatIsAllowed()
    {
        var asked = new List<string>();
        await using WebApplication between = await RelayAsync(TlsCertificates.Of(_lab.Authority, Lab.Host), asked);
        _lab.Network[Lab.Host] = () => new Uri(between.Urls.Single()).Port;
        Room room = _lab.NewRoom(change: settings => settings with { TrustsAuthorities = true });

        await room.PairAsync(await _lab.MakeSetupCodeAsync());

        Assert.Contains("/oauth/register", asked);
    }

    [Fact]
    public async Task ACertificateOfNobodyIsNotTakenInFrontOfTheHub()
    {
        var asked = new List<string>();
        await using WebApplication between = await RelayAsync(TlsCertificates.Own(Lab.Host), asked);
        _lab.Network[Lab.Host] = () => new Uri(between.Urls.Single()).Port;
        Room room = _lab.NewRoom(change: settings => settings with { TrustsAuthorities = true });
        await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync());

        Assert.Equal(RefusedHub.OtherTlsKey, (await room.UntilAsync<CloudState.HubRefused>()).Why);
    }

    // Tokens that the device has already are not for those who take the hub's place later.
    [Fact]
    public async Task AMemberSendsNoTokenToWhoeverTakesTheHubsPlace()
    {
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());
        await using TestHub rogue = await TestHub.StartAsync(_lab.Hub.Clock, $"https://{Lab.Host}", TlsCertificates.Of(_lab.Authority, Lab.Host));
        List<string> asked = Listen(rogue);
        _lab.Network[Lab.Host] = () => rogue.Port;
        await _lab.Hub.RestartAsync();

        // The connection there was is gone with the hub's process.
        Calls.HubAnswer first = await room.CallAsync();
        if (first.Fault != HubFault.NotTheHub)
            Assert.Equal(HubFault.NotTheHub, (await room.CallAsync()).Fault);
        Assert.Equal(RefusedHub.OtherIdentity, (await room.UntilAsync<CloudState.HubRefused>()).Why);
        Assert.Equal(HubFault.NoToken, (await room.CallAsync()).Fault);
        Assert.Equal(["/hub/identity"], asked);

        _lab.Network[Lab.Host] = () => _lab.Hub.Port;
        await room.UntilAsync<CloudState.Paired>();
        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    [Fact]
    public async Task AHubThatHasMovedIsFollowedForGood()
    {
        Room room = _lab.NewRoom();
        CloudState.Paired before = await room.PairAsync(await _lab.MakeSetupCodeAsync());
        _lab.Network[Lab.NewHost] = () => _lab.Hub.Port;
        _lab.Hub.Move = new HubMove(1, HubAddress.Read($"https://{Lab.NewHost}")!, _lab.Hub.Clock.GetUtcNow());
        await _lab.Hub.RestartAsync($"https://{Lab.NewHost}");

        await room.LiveAsync(TimeSpan.FromHours(12));
        Assert.Equal(before.Device, (await room.UntilAsync<CloudState.Paired>()).Device);
        Assert.Equal(200, (await room.CallAsync()).Status);

        // The old address is somebody else's now, or nobody's.
        _lab.Network[Lab.Host] = () => throw new InvalidOperationException("Nobody asks there any more.");
        room.Restart();
        await room.UntilAsync<CloudState.Paired>();
    }

    [Fact]
    public async Task AnOlderMoveIsNotFollowed()
    {
        Room room = _lab.NewRoom();
        _lab.Hub.Move = new HubMove(2, _lab.Hub.Address, _lab.Hub.Clock.GetUtcNow());
        await _lab.Hub.RestartAsync();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());

        _lab.Network[Lab.NewHost] = () => _lab.Hub.Port;
        _lab.Hub.Move = new HubMove(1, HubAddress.Read($"https://{Lab.NewHost}")!, _lab.Hub.Clock.GetUtcNow());
        await _lab.Hub.RestartAsync($"https://{Lab.NewHost}");
        room.Restart();

        Assert.Equal(RefusedHub.OtherAddress, (await room.UntilAsync<CloudState.HubRefused>()).Why);
    }

    [Fact]
    public async Task AMoveThatAnotherKeyHasSignedIsNotFollowed()
    {
        await using TestHub rogue = await TestHub.StartAsync(_lab.Hub.Clock, $"https://{Lab.NewHost}", TlsCertificates.Own(Lab.Host));
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());
        using HttpResponseMessage real = await _lab.Hub.Http.GetAsync("/hub/identity");
        var said = System.Text.Json.Nodes.JsonNode.Parse(await real.Content.ReadAsStringAsync())!;
        byte[] signature = rogue.Accounts.Identity.Sign(HubStatement.Move(7, rogue.Address, DateTimeOffset.UnixEpoch));
        said["move"] = new System.Text.Json.Nodes.JsonObject { ["number"] = 7, ["address"] = rogue.Address.Url, ["since"] = 0, ["signature"] = Convert.ToBase64String(signature) };
        Answer(_lab.Hub, "/hub/identity", said.ToJsonString());
        room.Restart();

        Assert.Equal(HubFault.Malformed, (await room.UntilAsync<CloudState.Unreachable>()).Why);
    }

    [Fact]
    public async Task WhoCannotSignTheTimeIsNotTheHub()
    {
        Answer(_lab.Hub, "/hub/time", """{"nonce":"x","milliseconds":1,"signature":"MAYCAQECAQE="}""");
        Room room = _lab.NewRoom();
        await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync());

        Assert.Equal(RefusedHub.NotSigned, (await room.UntilAsync<CloudState.HubRefused>()).Why);
        Assert.Null(room.Membership.TrustedTime);
    }

    [Fact]
    public async Task AHubWithANewTlsKeyIsKnownByItsIdentity()
    {
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());

        using X509Certificate2 next = TlsCertificates.Own(Lab.Host);
        await _lab.Hub.RestartAsync(tls: next);
        HubFault first = (await room.CallAsync()).Fault;
        first = first == HubFault.NoConnection ? (await room.CallAsync()).Fault : first;

        Assert.Equal(HubFault.NotTheHub, first);
        await room.UntilAsync<CloudState.Paired>();
        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    // A hub that nobody has vouched for does not set the time by which certificates are judged.
    [Fact]
    public async Task OnlyTheHubItselfIsBelievedTheTime()
    {
        Room room = _lab.NewRoom();
        await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!);
        CloudState.HubUnknown unknown = await room.UntilAsync<CloudState.HubUnknown>();
        Assert.Null(room.Membership.TrustedTime);

        await room.Membership.TrustHubAsync(unknown.Words);
        await room.UntilAsync<CloudState.Pairing>();
        Assert.NotNull(room.Membership.TrustedTime);
    }

    [Fact]
    public async Task ATlsKeyThatIsOverIsNotTaken()
    {
        await using TestHub old = await TestHub.StartAsync(_lab.Hub.Clock, $"https://{Lab.Host}", TlsCertificates.Own(Lab.Host, new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero)));
        _lab.Network[Lab.Host] = () => old.Port;
        Administrator administrator = old.Administrator();
        Room room = _lab.NewRoom();
        await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync(administrator));

        Assert.Equal(RefusedHub.OtherTlsKey, (await room.UntilAsync<CloudState.HubRefused>()).Why);
    }

    private static List<string> Listen(TestHub hub)
    {
        var asked = new List<string>();
        hub.Between = (context, next) =>
        {
            asked.Add(context.Request.Path);
            return next(context);
        };
        return asked;
    }

    private static void Answer(TestHub hub, string path, string json) => hub.Between = (context, next) =>
    {
        if (context.Request.Path != path)
            return next(context);

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    };

    // Speaks TLS with a key of its own and passes all on.
    private async Task<WebApplication> RelayAsync(X509Certificate2 certificate, List<string> asked)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(server => server.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        WebApplication relay = builder.Build();
        relay.Run(async context =>
        {
            asked.Add(context.Request.Path);
            using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path);
            if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
                request.Content = new StreamContent(context.Request.Body);
            foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in context.Request.Headers)
            {
                if (!name.StartsWith("Transfer", StringComparison.Ordinal) && name != "Host" && !request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                    request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }

            using HttpResponseMessage response = await _lab.Hub.Http.SendAsync(request);
            context.Response.StatusCode = (int)response.StatusCode;
            foreach ((string name, IEnumerable<string> values) in response.Headers.Concat(response.Content.Headers))
            {
                if (!name.StartsWith("Transfer", StringComparison.Ordinal))
                    context.Response.Headers[name] = values.ToArray();
            }

            await response.Content.CopyToAsync(context.Response.Body);
        });
        await relay.StartAsync();
        return relay;
    }
}
