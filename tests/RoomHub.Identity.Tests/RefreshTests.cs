using System.Net;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Rotation of refresh tokens: a power cut never unpairs a device, two devices with the same secrets never stay unnoticed (E15).</summary>
public sealed class RefreshTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
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

    [Fact]
    public async Task TheTokenBeforeStaysGoodUntilTheNewOneIsUsed()
    {
        string first = _device.RefreshToken!;
        await UseAsync(first, isLost: true);
        await UseAsync(first, isLost: true);
        Assert.Equal(HttpStatusCode.OK, (await UseAsync(first)).Status);

        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.True(await _device.HasAccessAsync());
    }

    // The device gave up a request, made another, and the first was answered after the second.
    [Fact]
    public async Task ARequestThatWasGivenUpAndAnsweredLateDoesNoHarm()
    {
        string first = _device.RefreshToken!;
        await UseAsync(first);
        string held = _device.RefreshToken!;
        await UseAsync(first, isLost: true);

        _device.RefreshToken = held;
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.Empty(_hub.Ended);
    }

    // By name: reuse of a refresh token.
    [Fact]
    public async Task ReplayOfAnOlderTokenEndsTheAccountAndRaisesTheAlarm()
    {
        string first = _device.RefreshToken!;
        await _device.RefreshAsync();
        await _device.RefreshAsync();

        Assert.Equal("invalid_grant", (await UseAsync(first, isLost: true)).Error);

        Assert.Equal("invalid_client", (await _device.RefreshAsync()).Error);
        Assert.False(await _device.HasAccessAsync());
        Assert.Equal([(_device.ClientId, "cloned-device")], _hub.Ended.Select(ended => (ended.Account.Id.ToString(), ended.Reason))!);
        Assert.Contains("cloned-device", await _alice.EventsAsync());
        Assert.Equal("cloned-device", (string?)(await _alice.GetAsync("/api/devices")).Body!["devices"]![0]!["ended_by"]);
    }

    [Fact]
    public async Task ThePairingGrantIsNoWayAround()
    {
        string grant = _device.Grant!;
        await _device.RefreshAsync();

        Assert.Equal("invalid_grant", (await _device.TokensAsync(TokenEndpoint.PairingGrant, "pairing_grant", grant, isLost: true)).Error);

        Assert.False(await _device.HasAccessAsync());
    }

    [Fact]
    public async Task APairingGrantIsNoRefreshTokenAndNoRefreshTokenAPairingGrant()
    {
        Assert.Equal("invalid_grant", (await _device.TokensAsync("refresh_token", "refresh_token", _device.Grant!)).Error);
        Assert.Equal("invalid_grant", (await _device.TokensAsync(TokenEndpoint.PairingGrant, "pairing_grant", _device.RefreshToken!)).Error);
        Assert.True(await _device.HasAccessAsync());
    }

    [Fact]
    public async Task AHubThatWasRestoredFromABackupTakesTheDevicesBack()
    {
        byte[] backup = await _hub.BackUpAsync();
        await _device.RefreshAsync();
        await _device.RefreshAsync();

        await _hub.RestoreAsync(backup);

        Assert.True(await _device.HasAccessAsync());
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task APowerCutAtAnyStepNeverUnpairsADevice(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 40; round++)
        {
            // A call's steps: the request goes out; the hub decides; the answer comes; the device stores it. It is cut off after any of them.
            string stored = _device.RefreshToken!;
            int lastStep = random.Next(4);
            if (lastStep >= 1)
                await _device.RefreshAsync();
            if (lastStep < 3)
                _device.RefreshToken = stored;
            if (random.Next(10) == 0)
                await _hub.RestartAsync();
            _hub.Clock.Advance(TimeSpan.FromHours(random.Next(9)) + TimeSpan.FromMinutes(5));
        }

        Assert.Equal(HttpStatusCode.OK, (await _device.RefreshAsync()).Status);
        Assert.Empty(_hub.Ended);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task ACopyOfADeviceIsAlwaysNoticed(int seed)
    {
        var random = new Random(seed);
        TestDevice copy = _device.Clone();
        copy.Source = "192.0.2.66";

        // Both live on, each at its own pace, with lost answers; within a few rounds one of them comes too late.
        int rounds = 0;
        while (_hub.Ended.Count == 0 && rounds < 20)
        {
            foreach (TestDevice one in random.Next(2) == 0 ? [_device, copy] : new[] { copy, _device })
            {
                string stored = one.RefreshToken!;
                await one.RefreshAsync();
                if (random.Next(5) == 0)
                    one.RefreshToken = stored;
                _hub.Clock.Advance(TimeSpan.FromHours(1));
            }

            rounds++;
        }

        Assert.Equal("cloned-device", Assert.Single(_hub.Ended).Reason);
        Assert.False(await _device.HasAccessAsync());
        Assert.False(await copy.HasAccessAsync());
    }

    private Task<Answer> UseAsync(string token, bool isLost = false) => _device.TokensAsync("refresh_token", "refresh_token", token, isLost: isLost);
}
