using System.Net;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>When devices take new versions, as an organisation decides (I16, L08).</summary>
public sealed class UpdatePolicyTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
{
    private const string Path = "/api/update-policy";

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
    public async Task UntilSomebodyDecidesDevicesTakeTheNewest()
    {
        Assert.Equal("latest", (await _alice.GetAsync(Path)).Text("cadence"));
        Assert.Equal("latest", (await _device.CallAsync("/updates/policy")).Text("cadence"));
    }

    [Fact]
    public async Task ADeviceIsToldWhatItsOrganisationDecided()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync(new { cadence = "schedule", days = (string[])["sunday", "wednesday"], from = "22:30", until = "04:00" })).Status);

        Answer told = await _device.CallAsync("/updates/policy");

        Assert.Equal("schedule", told.Text("cadence"));
        Assert.Equal(["wednesday", "sunday"], told.Body!["days"]!.AsArray().Select(day => (string)day!));
        Assert.Equal(("22:30", "04:00"), (told.Text("from"), told.Text("until")));
        Assert.Equal("latest", (await _hub.Administrator(name: "Others", id: "olga").GetAsync(Path)).Text("cadence"));
        Assert.Contains("update-policy-changed", await _alice.EventsAsync());

        Assert.Equal(HttpStatusCode.NoContent, (await DecideAsync(new { cadence = "hold" })).Status);
        Answer held = await _device.CallAsync("/updates/policy");
        Assert.Equal("hold", held.Text("cadence"));
        Assert.Null(held.Body!["days"]);
    }

    public static TheoryData<object> Unreasonable =>
    [
        new { cadence = "sometimes" },
        new { cadence = "Latest" },
        new { cadence = "latest", days = (string[])["monday"] },
        new { cadence = "hold", from = "22:00" },
        new { cadence = "schedule" },
        new { cadence = "schedule", days = (string[])[], from = "22:00", until = "04:00" },
        new { cadence = "schedule", days = (string[])["Monday"], from = "22:00", until = "04:00" },
        new { cadence = "schedule", days = (string?[])[null], from = "22:00", until = "04:00" },
        new { cadence = "schedule", days = (string[])["monday", "monday"], from = "22:00", until = "04:00" },
        new { cadence = "schedule", days = (string[])["monday"], from = "22:00", until = "22:29" },
        new { cadence = "schedule", days = (string[])["monday"], from = "22:00", until = "22:00" },
        new { cadence = "schedule", days = (string[])["monday"], from = "24:00", until = "04:00" },
        new { cadence = "schedule", days = (string[])["monday"], from = "9:00", until = "10:00" },
        new { cadence = "schedule", days = (string[])["monday"], from = "22:00", until = "04:00", unknown = 1 },
    ];

    [Theory]
    [MemberData(nameof(Unreasonable), DisableDiscoveryEnumeration = true)]
    public async Task WhatDoesNotSayOneThingIsRefused(object policy)
    {
        Assert.Equal(HttpStatusCode.BadRequest, (await DecideAsync(policy)).Status);
        Assert.Equal("latest", (await _alice.GetAsync(Path)).Text("cadence"));
    }

    // E18
    [Fact]
    public async Task OnlyAdministratorsDecideAndOnlyATokenForUpdatesAsks()
    {
        var person = new Administrator(_hub, _alice.Organisation, "School", "bob") { Role = "person" };
        Assert.Equal(HttpStatusCode.Forbidden, (await person.SendAsync(HttpMethod.Put, Path, new { cadence = "hold" })).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _device.CallAsync(Path)).Status);

        await _device.RefreshAsync(Scopes.Calendar);
        Assert.Equal(HttpStatusCode.Forbidden, (await _device.CallAsync("/updates/policy")).Status);
    }

    private Task<Answer> DecideAsync(object policy) => _alice.SendAsync(HttpMethod.Put, Path, policy);
}
