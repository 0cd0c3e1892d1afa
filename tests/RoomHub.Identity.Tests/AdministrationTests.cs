using System.Net;
using System.Text;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>What administrators may do, and nobody else (L15).</summary>
public sealed class AdministrationTests(SharedHub shared) : IClassFixture<SharedHub>, IAsyncLifetime
{
    private static readonly (HttpMethod Method, string Path)[] s_all =
    [
        (HttpMethod.Post, "/api/pairing/lookup"),
        (HttpMethod.Post, "/api/pairing/decision"),
        (HttpMethod.Post, "/api/activation-codes"),
        (HttpMethod.Get, "/api/activation-codes"),
        (HttpMethod.Delete, $"/api/activation-codes/{Guid.Empty}"),
        (HttpMethod.Get, "/api/devices"),
        (HttpMethod.Post, $"/api/devices/{Guid.Empty}/reset-access"),
        (HttpMethod.Post, "/api/devices/reset-access"),
        (HttpMethod.Get, "/api/token-policies/device"),
        (HttpMethod.Put, "/api/token-policies/device"),
        (HttpMethod.Get, "/api/access-events"),
    ];

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
    public async Task NobodyElseGetsIn()
    {
        var person = new Administrator(_hub, _alice.Organisation, "School", "bob") { Role = "person" };
        foreach ((HttpMethod method, string path) in s_all)
        {
            using var anonymous = new HttpRequestMessage(method, path);
            Assert.Equal(HttpStatusCode.Unauthorized, (await _hub.Http.SendAsync(anonymous)).StatusCode);
            Assert.Equal(HttpStatusCode.Forbidden, (await person.SendAsync(method, path)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await _device.CallAsync(path, method)).Status);
        }
    }

    // By name: cross-organisation access.
    [Fact]
    public async Task AnotherOrganisationsThingsAreNotThere()
    {
        await _alice.MakeCodeAsync();
        Administrator mallory = _hub.Administrator(name: "Thieves", id: "mallory");

        Assert.Empty((await mallory.GetAsync("/api/devices")).Body!["devices"]!.AsArray());
        Assert.Empty((await mallory.GetAsync("/api/activation-codes")).Body!.AsArray());
        Assert.Empty((await mallory.GetAsync("/api/access-events")).Body!.AsArray());
        Answer reset = await mallory.PostAsync($"/api/devices/{_device.ClientId}/reset-access");
        Assert.Equal(HttpStatusCode.NotFound, reset.Status);
        Assert.Equal("application/problem+json", reset.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(0, (await mallory.PostAsync("/api/devices/reset-access")).Number("ended"));

        Assert.True(await _device.HasAccessAsync());
        Assert.Equal(2, (await _alice.GetAsync("/api/activation-codes")).Body!.AsArray().Count);
    }

    [Fact]
    public async Task DevicesAreListedWithTheirState()
    {
        Answer listed = await _alice.GetAsync("/api/devices");

        Assert.Equal("Room 1", (string?)listed.Body!["devices"]![0]!["name"]);
        Assert.Equal("SN-1", (string?)listed.Body!["devices"]![0]!["device_serial"]);
        Assert.Null(listed.Body!["devices"]![0]!["ended_at"]);
    }

    [Fact]
    public async Task CodesAreListedWithoutTheCode()
    {
        ActivationCode code = await _alice.MakeCodeAsync(name: "Room 2");

        string listed = (await _alice.GetAsync("/api/activation-codes")).Body!.ToJsonString();

        Assert.Contains("Room 2", listed);
        Assert.Contains(_device.ClientId!, listed);
        Assert.DoesNotContain(code.Reveal(), listed);
        Assert.DoesNotContain(code.RevealGrouped(), listed);
    }

    [Fact]
    public async Task ThereIsAnEndToOpenCodes()
    {
        for (int i = 0; i < PairingStore.MostOpenCodes; i++)
            await _hub.Accounts.Pairing.TryAddCodeAsync(BitConverter.GetBytes(i), Guid.NewGuid(), _alice.Organisation, "School", "Room", "alice", _hub.Clock.GetUtcNow(), _hub.Clock.GetUtcNow().AddHours(1));

        Assert.Equal(HttpStatusCode.Conflict, (await _alice.PostAsync("/api/activation-codes", new { device_name = "Room" })).Status);
        _hub.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.Created, (await _alice.PostAsync("/api/activation-codes", new { device_name = "Room" })).Status);
    }

    [Theory]
    [InlineData("/api/activation-codes", """{"device_name":"x","unknown":1}""")]
    [InlineData("/api/activation-codes", """{"device_name":"x\u0000"}""")]
    [InlineData("/api/activation-codes", """{"life_hours":1e99}""")]
    [InlineData("/api/activation-codes", "null")]
    [InlineData("/api/pairing/lookup", "{}")]
    [InlineData("/api/pairing/lookup", """{"user_code":null}""")]
    [InlineData("/api/pairing/decision", """{"user_code":"BCDF-GHJK"}""")]
    [InlineData("/api/pairing/decision", """{"user_code":"BCDF-GHJK","approve":"yes"}""")]
    public async Task ABadRequestIsRefused(string path, string body)
    {
        HttpResponseMessage answer = await _alice.SendRawAsync(HttpMethod.Post, path, new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task AFormOfAnotherSiteIsNoRequest()
    {
        HttpResponseMessage answer = await _alice.SendRawAsync(HttpMethod.Post, "/api/activation-codes", new StringContent("{}", Encoding.UTF8, "text/plain"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData(299, 172800)]
    [InlineData(86401, 172800)]
    [InlineData(3600, 86399)]
    [InlineData(3600, 31536001)]
    [InlineData(-1, 172800)]
    [InlineData(long.MaxValue, long.MaxValue)]
    public async Task AnUnreasonablePolicyIsRefused(long access, long refresh) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await _alice.SendAsync(HttpMethod.Put, "/api/token-policies/device", new { access_seconds = access, refresh_seconds = refresh, auto_extend = true })).Status);

    [Fact]
    public async Task ThereIsNoPolicyForOtherClasses() => Assert.Equal(HttpStatusCode.NotFound, (await _alice.GetAsync("/api/token-policies/toaster")).Status);

    [Fact]
    public async Task TheAuditLogRemembersAYearAndNotForEver()
    {
        await using TestHub hub = await TestHub.StartAsync();
        Administrator alice = hub.Administrator();
        await alice.MakeCodeAsync();
        hub.Clock.Advance(TimeSpan.FromDays(366));
        await hub.Accounts.TidyAsync();
        Assert.Equal(["code-made"], await alice.EventsAsync());

        hub.Clock.Advance(TimeSpan.FromDays(35));
        await hub.Accounts.TidyAsync();
        Assert.Empty(await alice.EventsAsync());
    }
}
