using System.Net;
using System.Net.Http.Headers;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Links for guests: what they give, to whom, and when no more (issue 6, MEETING section 8).</summary>
public sealed class GuestTests : IAsyncLifetime
{
    private TestHub _hub = null!;
    private Administrator _alice = null!;
    private string _meeting = null!;

    public async ValueTask InitializeAsync()
    {
        _hub = await TestHub.StartAsync(
            add: (hub, services) => services.AddSingleton<TimeProvider>(hub.Clock).AddSingleton(hub.Database).AddCalendar(mayPollPrivate: false),
            map: web =>
            {
                web.MapCalendar();
                web.MapGet("/test/guest", (ClaimsPrincipal user) => Results.Json(new { name = user.FindFirstValue(ClaimTypes.NameIdentifier), meeting = user.FindFirstValue(HubClaims.GuestMeeting), instance = user.FindFirstValue(HubClaims.GuestInstance) }))
                    .RequireAuthorization(HubClaims.GuestPolicy);
            });
        _alice = _hub.Administrator();
        Answer made = await _alice.PostAsync("/api/meetings", new { title = "Open day", zone = "Europe/Berlin", start = "2026-11-25T10:00", end = "2026-11-25T11:00" });
        _meeting = $"/api/meetings/{made.Text("id")}";
    }

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task ALinkGivesANameACertificateAndATokenForOneMeeting()
    {
        (string path, _) = await LinkAsync();
        _hub.Clock.Advance(TimeSpan.FromMinutes(50));
        var guest = new TestDevice(_hub);

        Answer joined = await JoinAsync(guest, path);

        Assert.Equal(HttpStatusCode.OK, joined.Status);
        Assert.StartsWith("urn:uuid:", joined.Text("name"), StringComparison.Ordinal);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPem(joined.Text("certificates"));
        Assert.Equal(3, chain.Count);
        Assert.Contains("guests", chain[1].Subject, StringComparison.Ordinal);
        Assert.Equal("Open day", (string?)joined.Body!["meeting"]!["title"]);
        Assert.InRange(joined.Number("expires_in"), 1, 4 * 3600);

        guest.AccessToken = joined.Text("access_token");
        Answer seen = await guest.CallAsync("/test/guest");
        Assert.Equal((joined.Text("name"), (string?)joined.Body!["meeting"]!["meeting_id"], (string?)joined.Body!["meeting"]!["instance"]), (seen.Text("name"), seen.Text("meeting"), seen.Text("instance")));

        // Another time, another name.
        Assert.NotEqual(joined.Text("name"), (await JoinAsync(new TestDevice(_hub), path)).Text("name"));
    }

    // By name: stolen token from another key.
    [Fact]
    public async Task AGuestsTokenIsWorthNothingElsewhere()
    {
        (string path, _) = await LinkAsync();
        _hub.Clock.Advance(TimeSpan.FromMinutes(50));
        var guest = new TestDevice(_hub);
        guest.AccessToken = (await JoinAsync(guest, path)).Text("access_token");

        Assert.Equal("invalid_token", (await new TestDevice(_hub) { AccessToken = guest.AccessToken }.CallAsync("/test/guest")).Error);
        foreach (string scope in Scopes.OfDevices)
            Assert.Equal("invalid_token", (await guest.CallAsync($"/test/{scope}")).Error);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guest.CallAsync("/calendar")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await guest.CallAsync("/api/meetings")).Status);

        // And a device is no guest.
        var device = new TestDevice(_hub);
        await device.PairAsync(_alice);
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.CallAsync("/test/guest")).Status);

        _hub.Clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal("invalid_token", (await guest.CallAsync("/test/guest")).Error);
    }

    [Fact]
    public async Task ARevokedLinkIsOverAtOnce()
    {
        (string path, string id) = await LinkAsync();
        _hub.Clock.Advance(TimeSpan.FromMinutes(50));
        var guest = new TestDevice(_hub);
        guest.AccessToken = (await JoinAsync(guest, path)).Text("access_token");

        Assert.Equal(HttpStatusCode.NoContent, (await _alice.SendAsync(HttpMethod.Delete, $"{_meeting}/guest-links/{id}")).Status);

        Assert.Equal("invalid_token", (await guest.CallAsync("/test/guest")).Error);
        Assert.Equal("invalid_link", (await JoinAsync(guest, path)).Error);
        Assert.Equal([CalendarEvents.GuestLinkMade, CalendarEvents.GuestLinkRevoked], (await _alice.EventsAsync()).Where(kind => kind.StartsWith("guest", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ALinkOpensAQuarterOfAnHourBeforeAndClosesAnHourAfter()
    {
        (string path, _) = await LinkAsync();

        Answer early = await JoinAsync(new TestDevice(_hub), path);
        Assert.Equal(("too_early", "2700"), (early.Error, early.Header("Retry-After")));
        _hub.Clock.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(HttpStatusCode.OK, (await JoinAsync(new TestDevice(_hub), path)).Status);
        _hub.Clock.Advance(TimeSpan.FromMinutes(15 + 60 + 59));
        Assert.Equal(HttpStatusCode.OK, (await JoinAsync(new TestDevice(_hub), path)).Status);
        _hub.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("invalid_link", (await JoinAsync(new TestDevice(_hub), path)).Error);
    }

    [Fact]
    public async Task TheSecretIsShownOnceAndNotKept()
    {
        (string path, string id) = await LinkAsync();
        string secret = path.Split('/')[^1];

        Answer listed = await _alice.GetAsync($"{_meeting}/guest-links");

        Assert.Equal(id, (string?)Assert.Single(listed.Body!.AsArray())!["id"]);
        Assert.DoesNotContain(secret, listed.Body!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, System.Text.Encoding.Latin1.GetString(await _hub.BackUpAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotGoodGivesNothing()
    {
        (string path, _) = await LinkAsync();
        _hub.Clock.Advance(TimeSpan.FromMinutes(50));
        var guest = new TestDevice(_hub);

        Assert.Equal("invalid_link", (await JoinAsync(guest, "/join/AAAAAAAAAAAAAAAAAAAAAA")).Error);
        Assert.Equal("invalid_link", (await JoinAsync(guest, "/join/x")).Error);
        Assert.Equal("invalid_link", (await JoinAsync(guest, path + "A")).Error);
        Assert.Equal("bad_csr", (await JoinAsync(guest, path, guest.Key)).Error);
        Assert.Equal("bad_csr", (await guest.SendAsync(HttpMethod.Post, path, () => Body([1, 2, 3]))).Error);
        Assert.Equal("invalid_request", (await guest.SendAsync(HttpMethod.Post, path, () => new StringContent("{}"))).Error);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await guest.SendAsync(HttpMethod.Post, path, () => Body(new byte[5_000]))).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _hub.Http.GetAsync(path)).StatusCode);
        using var bare = new HttpRequestMessage(HttpMethod.Post, path) { Content = Body(Request(guest.Key)) };
        Assert.Equal(HttpStatusCode.BadRequest, (await _hub.Http.SendAsync(bare)).StatusCode);
    }

    [Fact]
    public async Task ThereIsAnEndToLinks()
    {
        for (int i = 0; i < GuestLinks.MostLinks; i++)
            await LinkAsync();

        Assert.Equal(HttpStatusCode.Conflict, (await _alice.PostAsync($"{_meeting}/guest-link", new { })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _alice.PostAsync($"{_meeting}/guest-link", new { life_hours = 0 })).Status);
    }

    private async Task<(string Path, string Id)> LinkAsync()
    {
        Answer made = await _alice.PostAsync($"{_meeting}/guest-link", new { });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        return (new Uri(made.Text("url")).AbsolutePath, made.Text("id"));
    }

    private static async Task<Answer> JoinAsync(TestDevice guest, string path, ECDsa? key = null)
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] request = Request(key ?? own);
        return await guest.SendAsync(HttpMethod.Post, path, () => Body(request));
    }

    private static byte[] Request(ECDsa key) => new CertificateRequest("CN=guest", key, HashAlgorithmName.SHA256).CreateSigningRequest();

    private static ByteArrayContent Body(byte[] request) => new(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/pkcs10") } };
}
