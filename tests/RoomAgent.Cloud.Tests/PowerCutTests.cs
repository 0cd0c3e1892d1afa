using RoomAgent.Agent.Ports;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Tests;

namespace RoomAgent.Cloud.Tests;

/// <summary>The power is cut at each step there is: a device never loses its membership, and never has two (E08, E15).</summary>
public sealed class PowerCutTests : IAsyncLifetime
{
    private Lab _lab = null!;
    private int _answers;
    private int? _lostAnswer;
    private Room? _cutWith;

    public async ValueTask InitializeAsync()
    {
        _lab = await Lab.StartAsync();

        // The hub has done what it was asked; the device's power is gone before it learns of it.
        _lab.Hub.Between = async (context, next) =>
        {
            await next(context);
            if (_cutWith is { } room && _answers++ == _lostAnswer)
            {
                room.Vault.SwitchOff();
                context.Abort();
            }
        };
    }

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task ACutAtAnyWriteOfPairingByCode(bool isCutAfter) => EachWriteAsync(isCutAfter, PairByCodeAsync);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task ACutAtAnyWriteOfPairingByDisplay(bool isCutAfter) => EachWriteAsync(isCutAfter, PairByDisplayAsync);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task ACutAtAnyWriteOfAKeyChange(bool isCutAfter) => EachWriteAsync(isCutAfter, ReplaceKeyAsync);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task ACutAtAnyWriteOfRefreshing(bool isCutAfter) => EachWriteAsync(isCutAfter, RefreshTwiceAsync);

    [Fact]
    public Task ACutBeforeAnyAnswerOfPairingByCode() => EachAnswerAsync(PairByCodeAsync);

    [Fact]
    public Task ACutBeforeAnyAnswerOfPairingByDisplay() => EachAnswerAsync(PairByDisplayAsync);

    [Fact]
    public Task ACutBeforeAnyAnswerOfAKeyChange() => EachAnswerAsync(ReplaceKeyAsync);

    [Fact]
    public Task ACutBeforeAnyAnswerOfRefreshing() => EachAnswerAsync(RefreshTwiceAsync);

    // For each n until a run gets by without an nth write.
    private async Task EachWriteAsync(bool isCutAfter, Func<Room, Administrator, Task> act)
    {
        int cuts = 0;
        for (int at = 0; ; at++)
        {
            Room room = _lab.NewRoom();
            room.Vault.CutAt = at;
            room.Vault.IsCutAfter = isCutAfter;
            if (!await LiveThroughAsync(room, act))
                break;
            cuts++;
        }

        Assert.InRange(cuts, 4, 30);
    }

    private async Task EachAnswerAsync(Func<Room, Administrator, Task> act)
    {
        int cuts = 0;
        for (int at = 0; ; at++)
        {
            Room room = _lab.NewRoom();
            (_cutWith, _answers, _lostAnswer) = (room, 0, at);
            if (!await LiveThroughAsync(room, act))
                break;
            cuts++;
        }

        Assert.InRange(cuts, 4, 60);
    }

    // Whether there was a cut.
    private async Task<bool> LiveThroughAsync(Room room, Func<Room, Administrator, Task> act)
    {
        _lab.Hub.Clock.Advance(TimeSpan.FromHours(2));
        Administrator owner = _lab.Hub.Administrator();
        bool wasCut = false;
        while (true)
        {
            try
            {
                await act(room, owner);
                if (room.Vault.HasPower)
                    break;
            }
            catch (Exception) when (!room.Vault.HasPower)
            {
                // As a process ends: in the middle of anything.
            }

            Assert.False(wasCut, "One cut, one restart.");
            wasCut = true;
            room.Restart();
        }

        _cutWith = null;
        Assert.Equal(200, (await room.CallAsync()).Status);
        Assert.Equal([((CloudState.Paired)room.State).Device], await _lab.ActiveAccountsAsync(owner));
        Assert.DoesNotContain(_lab.Hub.Ended, ended => ended.Reason == "cloned-device");
        return wasCut;
    }

    // Each of these is what people and the hub do until it has worked; it begins wherever the device is.
    private async Task PairByCodeAsync(Room room, Administrator owner)
    {
        if (await HasNoHubAsync(room))
            await room.Membership.UseSetupCodeAsync(await _lab.MakeSetupCodeAsync(owner));
        await room.UntilAsync<CloudState.Paired>();
    }

    private async Task PairByDisplayAsync(Room room, Administrator owner)
    {
        if (await HasNoHubAsync(room))
            await room.Membership.UseHubAsync(HubAddress.Read($"https://{Lab.Host}")!);
        for (int steps = 0; room.State is not CloudState.Paired; steps++)
        {
            Assert.True(steps < 60);
            TimeSpan pause = await room.Membership.StepAsync(CancellationToken.None);
            if (!room.Vault.HasPower)
                return;
            if (room.State is CloudState.HubUnknown unknown)
                await room.Membership.TrustHubAsync(unknown.Words);
            if (room.State is CloudState.Pairing shown)
                await owner.ApproveAsync(shown.Code);
            if (pause > TimeSpan.Zero)
                _lab.Hub.Clock.Advance(pause);
        }
    }

    private async Task ReplaceKeyAsync(Room room, Administrator owner)
    {
        await PairByCodeAsync(room, owner);
        if (room.Vault.HasPower && !room.Vault.Kept.ContainsKey("device-key-2"))
            await room.Membership.ReplaceKeyAsync();
        await room.LiveAsync(TimeSpan.FromMinutes(1));
        if (!room.Vault.HasPower)
            return;

        Assert.Contains("device-key-2", room.Vault.Kept.Keys);
        await room.UntilAsync<CloudState.Paired>();
    }

    private async Task RefreshTwiceAsync(Room room, Administrator owner)
    {
        await PairByCodeAsync(room, owner);
        await room.LiveAsync(TimeSpan.FromHours(20));
        if (room.Vault.HasPower)
            await room.UntilAsync<CloudState.Paired>();
    }

    private static async Task<bool> HasNoHubAsync(Room room)
    {
        await room.Membership.StepAsync(CancellationToken.None);
        return room.State is CloudState.NoHub;
    }
}
