using RoomAgent.Agent.Ports;
using RoomAgent.Cloud.Calls;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Cloud.Tests;

/// <summary>Becoming a member, both ways (E02, E06), leaving, and what refuses to become one.</summary>
public sealed class PairingTests : IAsyncLifetime
{
    private Lab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await Lab.StartAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task WithoutAHubThereIsNothingToDo()
    {
        Room room = _lab.NewRoom();

        Assert.Equal(Timeout.InfiniteTimeSpan, await room.Membership.StepAsync(CancellationToken.None));

        Assert.IsType<CloudState.NoHub>(room.State);
        Assert.Equal(0, _lab.Network.Connections);
        Assert.Equal(HubFault.NoToken, (await room.CallAsync()).Fault);
    }

    [Fact]
    public async Task ASetupCodeMakesAMember()
    {
        Room room = _lab.NewRoom();

        CloudState.Paired paired = await room.PairAsync(await _lab.MakeSetupCodeAsync());

        Assert.Equal("School", paired.Organisation);
        Assert.Equal([paired.Device], await _lab.ActiveAccountsAsync());
        Assert.Contains(room.States, state => state is CloudState.Claimed { Organisation: "School" });
        HubAnswer answer = await room.CallAsync();
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task ACodeOnTheDisplayMakesAMember()
    {
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);

        CloudState.Pairing shown = await room.UntilAsync<CloudState.Pairing>();
        Answer looked = await _lab.Alice.PostAsync("/api/pairing/lookup", new { user_code = shown.Code });

        Assert.Equal(shown.Digits, looked.Text("confirmation"));
        Assert.Equal("SN-1", looked.Text("device_serial"));
        Assert.Equal($"https://{Lab.Host}/pair", shown.Page);
        Assert.Contains(shown.Code, shown.PageWithCode, StringComparison.Ordinal);

        await _lab.Alice.ApproveAsync(shown.Code);
        CloudState.Claimed claimed = await room.UntilAsync<CloudState.Claimed>();
        Assert.Equal("School", claimed.Organisation);
        Assert.Equal(200, (await CallWhenClaimedAsync(room)).Status);

        DateTimeOffset claimedAt = _lab.Hub.Clock.GetUtcNow();
        await room.UntilAsync<CloudState.Paired>();
        Assert.Equal(30, (_lab.Hub.Clock.GetUtcNow() - claimedAt).TotalSeconds, tolerance: 1);
    }

    [Fact]
    public async Task ADeviceAsksAsSlowlyAsItIsTold()
    {
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);
        await room.UntilAsync<CloudState.Pairing>();

        // Whoever pokes it does not make it ask sooner; 9 minutes at 5 s are 108 questions, none of which is too soon.
        int errors = 0;
        _lab.Hub.Between = async (context, next) =>
        {
            await next(context);
            if (context.Request.Path == "/oauth/token")
                errors++;
        };
        for (int i = 0; i < 20; i++)
            await room.Membership.StepAsync(CancellationToken.None);
        Assert.Equal(0, errors);

        await room.LiveAsync(TimeSpan.FromMinutes(9));
        Assert.InRange(errors, 100, 110);
    }

    [Fact]
    public async Task ACodeThatExpiresIsReplacedByItself()
    {
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);
        string first = (await room.UntilAsync<CloudState.Pairing>()).Code;

        CloudState.Pairing second = await room.UntilAsync<CloudState.Pairing>(TimeSpan.FromMinutes(11), shown => shown.Code != first);

        await _lab.Alice.ApproveAsync(second.Code);
        await room.UntilAsync<CloudState.Paired>();
    }

    [Fact]
    public async Task AnAdministratorWhoRefusesGetsAnotherCode()
    {
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);
        string first = (await room.UntilAsync<CloudState.Pairing>()).Code;

        await _lab.Alice.ApproveAsync(first, approve: false);

        Assert.NotEqual(first, (await room.UntilAsync<CloudState.Pairing>(isIt: shown => shown.Code != first)).Code);
        Assert.Empty(await _lab.ActiveAccountsAsync());
    }

    [Fact]
    public async Task AHubThatSaysSlowDownIsAskedMoreSlowly()
    {
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);
        await room.UntilAsync<CloudState.Pairing>();
        var asked = new List<DateTimeOffset>();
        _lab.Hub.Between = async (context, next) =>
        {
            if (context.Request.Path != "/oauth/token")
            {
                await next(context);
                return;
            }

            asked.Add(_lab.Hub.Clock.GetUtcNow());
            context.Response.StatusCode = 400;
            await Microsoft.AspNetCore.Http.HttpResponseJsonExtensions.WriteAsJsonAsync(context.Response, new { error = asked.Count < 4 ? "slow_down" : "authorization_pending" });
        };

        await room.LiveAsync(TimeSpan.FromMinutes(3));

        Assert.Equal([10, 15, 20, 20], asked.Zip(asked.Skip(1), (one, next) => (int)Math.Round((next - one).TotalSeconds)).Take(4));
    }

    [Fact]
    public async Task ACodeThatWasUsedSaysSo()
    {
        SetupCode setup = await _lab.MakeSetupCodeAsync();
        await _lab.NewRoom().PairAsync(setup);
        Room second = _lab.NewRoom();
        await second.Membership.UseSetupCodeAsync(setup);

        Assert.Equal(UnpairedReason.CodeRefused, (await second.UntilAsync<CloudState.Unpaired>()).Why);

        Assert.True(await second.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync()));
        await second.UntilAsync<CloudState.Paired>();
    }

    [Fact]
    public async Task ACodeOfDigitsMakesAMemberOfAHubThatIsTrusted()
    {
        Answer made = await _lab.Alice.PostAsync("/api/activation-codes", new { device_name = "Room 1", form = "digits" });
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);

        Assert.True(await room.Membership.UseActivationCodeAsync(ActivationCode.Read(made.Text("code"))!));

        await room.UntilAsync<CloudState.Paired>();
    }

    [Fact]
    public async Task AMemberTakesNoOtherHub()
    {
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());

        Assert.False(await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync()));
        Assert.False(await room.Membership.UseHubAsync(HubAddress.Read("https://other.example.org")!));
        Assert.False(await room.Membership.PairAnewAsync());
        Assert.Equal(200, (await room.CallAsync()).Status);
    }

    [Fact]
    public async Task WhoLeavesIsForgottenAtTheHubAndHere()
    {
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());
        _lab.Network.IsDown = true;
        await _lab.Hub.RestartAsync();

        Assert.True(await room.Membership.LeaveAsync());
        Assert.Equal(HubFault.NoToken, (await room.CallAsync()).Fault);
        await room.UntilAsync<CloudState.Unreachable>();
        room.Restart();
        _lab.Network.IsDown = false;

        Assert.Equal(UnpairedReason.Left, (await room.UntilAsync<CloudState.Unpaired>(TimeSpan.FromMinutes(10))).Why);
        Assert.Empty(await _lab.ActiveAccountsAsync());
        Assert.DoesNotContain("Refresh", System.Text.Encoding.UTF8.GetString(room.Vault.Kept["cloud"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoIsPairedAnewHasAnotherKey()
    {
        Room room = _lab.NewRoom();
        await room.PairAsync(await _lab.MakeSetupCodeAsync());
        await room.Membership.LeaveAsync();
        await room.UntilAsync<CloudState.Unpaired>();
        string before = Assert.Single(room.Vault.Kept.Keys, name => name.StartsWith("device-key", StringComparison.Ordinal));

        Assert.True(await room.Membership.PairAnewAsync());
        CloudState.Pairing shown = await room.UntilAsync<CloudState.Pairing>();
        await _lab.Alice.ApproveAsync(shown.Code);
        await room.UntilAsync<CloudState.Paired>();

        Assert.NotEqual(before, Assert.Single(room.Vault.Kept.Keys, name => name.StartsWith("device-key", StringComparison.Ordinal)));
        Assert.Single(await _lab.ActiveAccountsAsync());
    }

    [Fact]
    public async Task NothingThatIsSecretIsSaidInAState()
    {
        Room room = _lab.NewRoom();
        await TrustByWordsAsync(room);
        CloudState.Pairing shown = await room.UntilAsync<CloudState.Pairing>();
        await _lab.Alice.ApproveAsync(shown.Code);
        await room.UntilAsync<CloudState.Paired>();

        Assert.All(room.States, state =>
        {
            Assert.DoesNotContain(shown.Code, state.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("School", state.ToString(), StringComparison.Ordinal);
        });
    }

    internal static async Task TrustByWordsAsync(Room room)
    {
        Assert.True(await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!));
        CloudState.HubUnknown unknown = await room.UntilAsync<CloudState.HubUnknown>();
        Assert.True(await room.Membership.TrustHubAsync(unknown.Words));
    }

    // The first tokens come right after the account.
    private static async Task<HubAnswer> CallWhenClaimedAsync(Room room)
    {
        await room.Membership.StepAsync(CancellationToken.None);
        return await room.CallAsync();
    }
}
