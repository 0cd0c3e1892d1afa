using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Account;
using RoomAgent.Cloud.Calls;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;

namespace RoomAgent.Cloud.Tests;

/// <summary>Staying a member: refreshing, clocks, outages, copies (E08, E11 to E17, E24, E29).</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private Lab _lab = null!;
    private int _refreshes;

    public async ValueTask InitializeAsync()
    {
        _lab = await Lab.StartAsync(more: web =>
        {
            web.UseWebSockets();
            web.MapGet("/test/socket", async context =>
            {
                using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }).RequireScope(Scopes.Mls);
        });
        _lab.Hub.Between = (context, next) =>
        {
            if (context.Request.Path == "/oauth/token")
                _refreshes++;
            return next(context);
        };
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task ADayOfADevice()
    {
        Room room = await PairAsync();
        string device = ((CloudState.Paired)room.State).Device;
        _refreshes = 0;

        for (int hour = 0; hour < 24; hour++)
        {
            await room.LiveAsync(TimeSpan.FromHours(1));
            Assert.Equal(200, (await room.CallAsync()).Status);
        }

        // 12 h of life, so one each 9 h, or 27 minutes more or less. Each is asked once for a nonce when the last one has become old.
        Assert.InRange(_refreshes, 2, 4);
        Assert.Equal(device, ((CloudState.Paired)room.State).Device);
        Assert.All(room.States, state => Assert.IsNotType<CloudState.Unpaired>(state));
    }

    [Fact]
    public async Task RefreshingIsDueAtThreeQuartersOfALife()
    {
        var shares = new List<double>();
        for (int i = 0; i < 10; i++)
        {
            Room room = await PairAsync();
            TimeSpan pause = await room.Membership.StepAsync(CancellationToken.None);
            shares.Add(pause / TimeSpan.FromHours(12));
            _lab.Hub.Clock.Advance(TimeSpan.FromMinutes(5));
        }

        Assert.All(shares, share => Assert.InRange(share, 0.75 * 0.94, 0.75 * 1.05));
        Assert.True(shares.Distinct().Count() > 5);
    }

    [Theory]
    [InlineData(-56 * 365)]
    [InlineData(-3)]
    [InlineData(10 * 365)]
    public async Task AClockThatIsWrongByYearsIsNoObstacle(int days)
    {
        Room room = _lab.NewRoom(TimeSpan.FromDays(days));

        await room.PairAsync(await _lab.MakeSetupCodeAsync());

        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.InRange((room.Membership.TrustedTime!.Value - _lab.Hub.Clock.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task AClockThatIsSetWhileTheDeviceRunsIsNoObstacle()
    {
        Room room = _lab.NewRoom(TimeSpan.FromDays(-2000));
        await room.PairAsync(await _lab.MakeSetupCodeAsync());

        room.Clock.Error = TimeSpan.Zero;
        await room.LiveAsync(TimeSpan.FromHours(1));

        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.IsType<CloudState.Paired>((await room.UntilAsync<CloudState.Paired>()));
        Assert.InRange((room.Membership.TrustedTime!.Value - _lab.Hub.Clock.GetUtcNow()).Duration(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task AHubThatRestartsIsNoObstacle()
    {
        Room room = await PairAsync();

        await _lab.Hub.RestartAsync();

        // The connection that was kept may have to be made anew.
        HubAnswer answer = await room.CallAsync();
        answer = answer.Fault == HubFault.NoConnection ? await room.CallAsync() : answer;
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task AHubThatIsDownForTwoDaysFindsItsDevicesAgain()
    {
        Room room = await PairAsync();
        string device = ((CloudState.Paired)room.State).Device;
        _lab.Network.IsDown = true;
        await _lab.Hub.RestartAsync();
        int before = _lab.Network.Connections;

        await room.LiveAsync(TimeSpan.FromDays(2));

        Assert.True(Assert.IsType<CloudState.Unreachable>(room.State).IsPaired);
        Assert.Equal(HubFault.NoToken, (await room.CallAsync()).Fault);
        Assert.InRange(_lab.Network.Connections - before, 400, 1_200);

        _lab.Network.IsDown = false;
        Assert.Equal(device, (await room.UntilAsync<CloudState.Paired>(TimeSpan.FromMinutes(6))).Device);
        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    [Fact]
    public async Task ADeviceThatStartsWhileTheHubIsDownIsStillAMember()
    {
        Room room = await PairAsync();
        _lab.Network.IsDown = true;
        room.Restart();

        Assert.True((await room.UntilAsync<CloudState.Unreachable>()).IsPaired);

        _lab.Network.IsDown = false;
        _refreshes = 0;
        await room.UntilAsync<CloudState.Paired>();
        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.Equal(0, _refreshes);
    }

    // E13, E17: not a crash loop, but a state that says so.
    [Fact]
    public async Task ADeviceThatWasOffForTooLongIsPairedAnew()
    {
        Room room = await PairAsync();
        _lab.Hub.Clock.Advance(TimeSpan.FromDays(61));
        room.Restart();

        Assert.Equal(UnpairedReason.TokensRefused, (await room.UntilAsync<CloudState.Unpaired>()).Why);

        Assert.True(await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync()));
        await room.UntilAsync<CloudState.Paired>();
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task AHubThatIsBusyIsLeftAloneAsLongAsItSays(int status)
    {
        Room room = await PairAsync();
        var asked = new List<DateTimeOffset>();
        _lab.Hub.Between = async (context, next) =>
        {
            if (context.Request.Path != "/oauth/token" || asked.Count == 3)
            {
                await next(context);
                return;
            }

            asked.Add(_lab.Hub.Clock.GetUtcNow());
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = "600";
            await context.Response.WriteAsJsonAsync(new { error = "temporarily_unavailable" });
        };

        await room.LiveAsync(TimeSpan.FromHours(11));

        Assert.Equal(3, asked.Count);
        Assert.All(asked.Zip(asked.Skip(1), (one, next) => next - one), pause => Assert.InRange(pause, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11)));
        Assert.IsType<CloudState.Paired>(room.State);
    }

    [Fact]
    public async Task WhoseAccessIsResetIsUnpaired()
    {
        Room room = await PairAsync();
        string device = ((CloudState.Paired)room.State).Device;
        await _lab.Alice.PostAsync($"/api/devices/{device}/reset-access");

        Assert.Equal(401, (await room.CallAsync()).Status);

        Assert.Equal(UnpairedReason.AccessEnded, (await room.UntilAsync<CloudState.Unpaired>()).Why);
        Assert.Equal(HubFault.NoToken, (await room.CallAsync()).Fault);
        room.Restart();
        Assert.Equal(UnpairedReason.AccessEnded, (await room.UntilAsync<CloudState.Unpaired>()).Why);
    }

    // The hub says invalid_client as well when it cannot check at the moment.
    [Fact]
    public async Task AHubThatDoesNotKnowUsForAMomentDoesNotUnpairUs()
    {
        Room room = await PairAsync();
        int refused = 0;
        _lab.Hub.Between = async (context, next) =>
        {
            if (context.Request.Path != "/oauth/token" || refused == 2)
            {
                await next(context);
                return;
            }

            refused++;
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { error = "invalid_client" });
        };

        await room.LiveAsync(TimeSpan.FromHours(12));

        Assert.Equal(2, refused);
        Assert.IsType<CloudState.Paired>(room.State);
    }

    [Fact]
    public async Task TheTokenBeforeHelpsWhenTheNewOneIsRefused()
    {
        Room room = await PairAsync();
        await room.LiveAsync(TimeSpan.FromHours(10));
        bool wasRefused = false;
        _lab.Hub.Between = async (context, next) =>
        {
            if (context.Request.Path != "/oauth/token" || wasRefused)
            {
                await next(context);
                return;
            }

            wasRefused = true;
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { error = "invalid_grant" });
        };

        await room.LiveAsync(TimeSpan.FromHours(10));

        Assert.True(wasRefused);
        Assert.IsType<CloudState.Paired>(room.State);
        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    // By name: replayed refresh token, cloned device.
    [Fact]
    public async Task AReplayedRefreshTokenEndsTheAccountAsAClonedDevice()
    {
        Room room = await PairAsync();
        await room.LiveAsync(TimeSpan.FromHours(1));
        Room copy = _lab.NewRoom(vault: room.Vault.Copy());

        for (int day = 0; day < 4 && _lab.Hub.Ended.Count == 0; day++)
        {
            await copy.LiveAsync(TimeSpan.FromHours(12));
            await room.LiveAsync(TimeSpan.FromHours(12));
        }

        Assert.Equal("cloned-device", Assert.Single(_lab.Hub.Ended).Reason);
        await room.UntilAsync<CloudState.Unpaired>(TimeSpan.FromHours(24));
        await copy.UntilAsync<CloudState.Unpaired>(TimeSpan.FromHours(24));
        Assert.Empty(await _lab.ActiveAccountsAsync());
    }

    // By name: stolen token from another key.
    [Fact]
    public async Task AStolenTokenFromAnotherKeyIsOfNoUse()
    {
        Room room = await PairAsync();
        var kept = JsonNode.Parse(room.Vault.Kept["cloud"])!;
        string access = (string)kept["Tokens"]!["Access"]!;
        string refresh = (string)kept["Tokens"]!["Refresh"]!;
        string client = (string)kept["Account"]!["Client"]!;
        var settings = new CloudSettings { Serial = "", Model = "", Software = "", Connect = _lab.Network.ConnectAsync };
        var clock = new HubClock(room.Clock);
        using var line = new HubLine(HubAddress.Read($"https://{Lab.Host}")!, settings, clock);
        line.Door.Welcome(new Trust.HubTlsKey(System.Security.Cryptography.SHA256.HashData(_lab.Hub.TlsCertificate!.PublicKey.ExportSubjectPublicKeyInfo()), DateTimeOffset.MinValue.AddDays(1), DateTimeOffset.MaxValue.AddDays(-1)));
        using IDeviceKey own = new VaultKeys(room.Vault).Open(1)!;
        using IDeviceKey other = new VaultKeys(new MemoryVault()).Create(1);

        HubAnswer rightful = await line.CallAsync(new HubCall(HttpMethod.Get, "/test/mls") { Key = own, Token = access }, CancellationToken.None);
        HubAnswer stolen = await line.CallAsync(new HubCall(HttpMethod.Get, "/test/mls") { Key = other, Token = access }, CancellationToken.None);
        HubAnswer refreshed = await line.CallAsync(HubEndpoints.Refresh(line, other, client, refresh), CancellationToken.None);

        Assert.Equal(200, rightful.Status);
        Assert.Equal((401, "invalid_token"), (stolen.Status, stolen.Error));
        Assert.Equal((401, "invalid_client"), (refreshed.Status, refreshed.Error));
        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    [Fact]
    public async Task ManyCallsWithAnExpiredTokenRefreshOnce()
    {
        Room room = await PairAsync();
        _lab.Hub.Clock.Advance(TimeSpan.FromHours(13));
        _refreshes = 0;

        HubAnswer[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => room.CallAsync()));

        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
        Assert.InRange(_refreshes, 1, 2);
    }

    [Fact]
    public async Task AnotherKeyTakesTheDevicesPlaceAtTheHub()
    {
        Room room = await PairAsync();
        Assert.Equal(200, (await room.CallAsync()).Status);

        Assert.True(await room.Membership.ReplaceKeyAsync());
        await room.LiveAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.DoesNotContain("device-key-1", room.Vault.Kept.Keys);
        Assert.Contains("device-key-2", room.Vault.Kept.Keys);
    }

    [Fact]
    public async Task AKeyThatTheHubDoesNotWantLeavesTheOneBefore()
    {
        Room room = await PairAsync();
        _lab.Hub.Between = async (context, next) =>
        {
            if (context.Request.Method != "PUT")
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new { error = "invalid_client_metadata" });
        };

        await room.Membership.ReplaceKeyAsync();
        await room.LiveAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.Contains("device-key-1", room.Vault.Kept.Keys);
        Assert.DoesNotContain("device-key-2", room.Vault.Kept.Keys);
    }

    [Fact]
    public async Task CallsGoOnWhileTheHubHasNotAnsweredAboutAKey()
    {
        Room room = await PairAsync();
        _lab.Hub.Between = (context, next) =>
        {
            if (context.Request.Method != "PUT")
                return next(context);

            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };

        await room.Membership.ReplaceKeyAsync();
        await room.LiveAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    [Fact]
    public async Task AKeyThatIsLostIsSaid()
    {
        Room room = await PairAsync();
        room.Vault.Remove("device-key-1");
        room.Restart();

        Assert.Equal(UnpairedReason.KeyLost, (await room.UntilAsync<CloudState.Unpaired>()).Why);
        Assert.True(await room.Membership.PairAnewAsync());
        await room.UntilAsync<CloudState.Pairing>();
    }

    [Fact]
    public async Task ASocketIsOpenedInTheNameOfTheAccount()
    {
        Room room = await PairAsync();

        // Nonces of the process before are not good any more, so the first attempt is refused.
        await _lab.Hub.RestartAsync();
        HubSocket opened = await room.Membership.OpenSocketAsync("/test/socket?x=1", CancellationToken.None);

        Assert.Equal((HubFault.None, 101), (opened.Fault, opened.Status));
        using WebSocket socket = opened.Socket!;
        byte[] room5 = new byte[16];
        ValueWebSocketReceiveResult received = await socket.ReceiveAsync(room5.AsMemory(), CancellationToken.None);
        Assert.Equal("hello", Encoding.UTF8.GetString(room5, 0, received.Count));
    }

    [Fact]
    public async Task ASocketThatIsNotToBeHadIsNoException()
    {
        Room room = await PairAsync();

        Assert.Equal(404, (await room.Membership.OpenSocketAsync("/nothing", CancellationToken.None)).Status);
        _lab.Network.IsDown = true;
        await _lab.Hub.RestartAsync();
        Assert.Equal(HubFault.NoConnection, (await room.Membership.OpenSocketAsync("/test/socket", CancellationToken.None)).Fault);
    }

    [Fact]
    public async Task TheLoopLivesByItself()
    {
        Room room = _lab.NewRoom();
        var paired = new TaskCompletionSource();
        room.Membership.Changed += state =>
        {
            if (state is CloudState.Claimed)
                paired.TrySetResult();
        };
        using var stopping = new CancellationTokenSource();
        Task loop = room.Membership.RunAsync(stopping.Token);

        Assert.True(await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync()));
        await paired.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await stopping.CancelAsync();
        await loop.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task StorageThatIsFullIsSaidAndTriedAgain()
    {
        Room room = _lab.NewRoom();
        await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync());
        room.Vault.SwitchOff();
        var seen = new TaskCompletionSource();
        var paired = new TaskCompletionSource();
        room.Membership.Changed += state =>
        {
            if (state is CloudState.StorageFailed)
                seen.TrySetResult();
            if (state is CloudState.Claimed)
                paired.TrySetResult();
        };
        using var stopping = new CancellationTokenSource();
        Task loop = room.Membership.RunAsync(stopping.Token);

        await seen.Task.WaitAsync(TimeSpan.FromSeconds(30));
        room.Vault.SwitchOn();
        await paired.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await stopping.CancelAsync();
        await loop.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Single(await _lab.ActiveAccountsAsync());
    }

    private async Task<Room> PairAsync()
    {
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());
        return room;
    }
}
