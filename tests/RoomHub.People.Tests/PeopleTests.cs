using System.Net;
using System.Text.RegularExpressions;
using RoomAgent.Enrolment;
using RoomAgent.Hub.People;
using RoomAgent.Hub.StoreLab;
using RoomAgent.Hub.Testing;

namespace RoomAgent.Hub.Tests;

/// <summary>Who may do what to whom.</summary>
public sealed class PeopleTests(PeopleHub shared) : IClassFixture<PeopleHub>
{
    [Fact]
    public async Task APersonIsNoAdministrator()
    {
        using Visitor bob = await shared.PersonAsync();
        await bob.GetAsync("/account");

        foreach (string path in (string[])["/devices", "/devices/codes", "/devices/reset-all", "/pair", "/people", "/people/invite", "/settings", "/audit", "/api/devices"])
            Assert.Equal(HttpStatusCode.Forbidden, (await bob.GetAsync(path)).Status);
        foreach (string path in (string[])["/devices/reset-all", "/people/invite", "/settings?handler=Name"])
            Assert.Equal(HttpStatusCode.Forbidden, (await bob.PostAsync(path, ("Name", "Bobs"))).Status);
        foreach (string path in (string[])["/", "/account", "/about"])
            Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(path)).Status);
    }

    [Fact]
    public async Task WhatBelongsToAnotherOrganisationIsNotThere()
    {
        using Visitor alice = await shared.SignInAsync();
        using Visitor bob = await alice.InviteAsync("foreign-bob@school.example");
        using Visitor mallory = await shared.StrangerAsync();
        string person = await IdOfAsync(alice, "foreign-bob@school.example");
        await alice.InvitationAsync("foreign-carol@school.example");
        string invitation = Regex.Match((await alice.GetAsync("/people")).Html, "[?&;]id=([0-9a-f-]{36})").Groups[1].Value;
        await alice.GetAsync("/devices/codes");
        Page made = await alice.PostAsync("/devices/codes?handler=Make", ("DeviceName", "Room"), ("Form", "letters"), ("Hours", "2"));
        string code = Regex.Match(made.Html, "[?&;]id=([0-9a-f-]{36})").Groups[1].Value;
        var device = new TestDevice(shared.Hub);
        await device.RegisterAsync(ActivationCode.Read(Regex.Match(made.Html, "id=\"made-code\" readonly value=\"([^\"]+)\"").Groups[1].Value)!);
        string account = device.ClientId!;

        await mallory.GetAsync("/account");
        foreach (string path in (string[])[$"/people/{person}", $"/people/{person}/remove", $"/devices/{account}", $"/devices/{account}/reset"])
            Assert.Equal(HttpStatusCode.NotFound, (await mallory.GetAsync(path)).Status);
        string[] deeds =
        [
            $"/people/{person}?handler=Role", $"/people/{person}?handler=Disable", $"/people/{person}?handler=Enable", $"/people/{person}?handler=NewPassword",
            $"/people/{person}/remove", $"/people?handler=Remove&id={invitation}", $"/devices/codes?handler=Remove&id={code}", $"/devices/{account}/reset",
        ];
        foreach (string path in deeds)
            Assert.Equal(HttpStatusCode.NotFound, (await mallory.PostAsync(path, ("Role", "person"))).Status);

        // Resetting all of one's own leaves those of others.
        await mallory.PostAsync("/devices/reset-all");
        Assert.True(await bob.IsSignedInAsync());
        Assert.Contains("Paired", (await alice.GetAsync($"/devices/{account}")).Html, StringComparison.Ordinal);
        foreach (string path in (string[])["/people", "/devices", "/devices/codes", "/audit"])
            Assert.DoesNotContain("school.example", (await mallory.GetAsync(path)).Html, StringComparison.Ordinal);
        foreach (string unknown in (string[])["/people/not-an-id", $"/people/{Guid.NewGuid()}", $"/devices/{Guid.NewGuid()}"])
            Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(unknown)).Status);
    }

    [Fact]
    public async Task AnOrganisationKeepsAnAdministrator()
    {
        await using RunningHub hub = await RunningHub.StartAsync(new VirtualClock());
        using Visitor alice = await Visitor.FirstAsync(hub);
        string id = await IdOfAsync(alice, Visitor.Mailbox);

        foreach ((string path, string? role) in ((string, string?)[])[($"/people/{id}?handler=Role", "person"), ($"/people/{id}?handler=Disable", null), ($"/people/{id}/remove", null)])
            Assert.Contains("only administrator", (await alice.PostAsync(path, ("Role", role))).Html, StringComparison.Ordinal);
        Assert.True(await alice.IsSignedInAsync());

        using Visitor bob = await alice.InviteAsync("bob@school.example", "administrator");
        await alice.GetAsync("/account");
        Assert.Equal("/people?done=removed", (await alice.PostAsync($"/people/{id}/remove")).Location);
        Assert.False(await alice.IsSignedInAsync());
    }

    [Fact]
    public async Task OfTwoAdministratorsWhoRemoveEachOtherOneStays()
    {
        await using RunningHub hub = await RunningHub.StartAsync(new VirtualClock());
        using Visitor alice = await Visitor.FirstAsync(hub);
        using Visitor bob = await alice.InviteAsync("bob@school.example", "administrator");
        string[] ids = [await IdOfAsync(alice, "bob@school.example"), await IdOfAsync(bob, Visitor.Mailbox)];
        var store = hub.Get<PeopleDesk>().Store;
        var organisation = (await store.OrganisationsAsync()).Single().Id;

        Change[] changes = await Task.WhenAll(ids.Select(id => store.RemoveAsync(organisation, PersonId.Read(id)!.Value, "test", DateTimeOffset.UnixEpoch)));

        Assert.Equal([Change.Made, Change.LastAdministrator], changes.Order());
    }

    [Fact]
    public async Task WhatSomebodyIsCalledIsShownAndNeverRun()
    {
        using Visitor alice = await shared.SignInAsync();
        Uri link = await alice.InvitationAsync("script@school.example");
        using var script = new Visitor(shared.Hub);
        await script.AcceptAsync(link, null, "<script>alert(1)</script>\"'", Visitor.Password);

        string html = (await alice.GetAsync("/people")).Html;

        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("signed out everywhere", (await alice.GetAsync("/?done=<b>hello</b>")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheAuditLogHasPagesAndSaysWho()
    {
        await using RunningHub hub = await RunningHub.StartAsync(new VirtualClock());
        using Visitor alice = await Visitor.FirstAsync(hub);
        for (int i = 0; i < 60; i++)
            await hub.Get<PeopleDesk>().Store.RenameAsync((await hub.Get<PeopleDesk>().Store.OrganisationsAsync()).Single().Id, $"School {i}", "console", hub.Clock.GetUtcNow());

        string first = (await alice.GetAsync("/audit")).Html;
        string next = Regex.Match(first, "href=\"(/audit\\?before=[^\"]+)\"").Groups[1].Value;
        string second = (await alice.GetAsync(next)).Html;

        Assert.Equal(50, Regex.Count(first, "organisation renamed"));
        Assert.Equal(10, Regex.Count(second, "organisation renamed"));
        Assert.Contains("signed in", second, StringComparison.Ordinal);
        Assert.Contains("person joined", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SettingsAreKeptWithinBounds()
    {
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/settings");

        Page refused = await alice.PostAsync("/settings?handler=Policy", ("Class", "device"), ("Access-device", "4"), ("Refresh-device", "366"));
        Assert.Contains("from 5 to 1440", refused.Html, StringComparison.Ordinal);
        Assert.Contains("from 1 to 365", refused.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await alice.PostAsync("/settings?handler=Policy", ("Class", "everything"))).Status);

        Assert.Equal("/settings?done=saved", (await alice.PostAsync("/settings?handler=Policy", ("Class", "device"), ("Access-device", "60"), ("Refresh-device", "30"), ("Extend", "true"))).Location);
        Assert.Contains("\"access_seconds\":3600,\"refresh_seconds\":2592000,\"auto_extend\":true", (await alice.GetAsync("/api/token-policies/device")).Html, StringComparison.Ordinal);
    }

    // I16
    [Fact]
    public async Task ItIsDecidedWhenDevicesTakeNewVersions()
    {
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/settings");

        Page refused = await alice.PostAsync("/settings?handler=Updates", ("Cadence", "Schedule"), ("From", "22:00"), ("Until", "late"));
        Assert.Contains("Choose at least one day.", refused.Html, StringComparison.Ordinal);
        Assert.Contains("such as 04:00", refused.Html, StringComparison.Ordinal);
        Assert.Matches("id=\"Cadence-Schedule\"[^>]*checked", refused.Html);
        Page brief = await alice.PostAsync("/settings?handler=Updates", ("Cadence", "Schedule"), ("Days", "monday"), ("From", "22:00"), ("Until", "22:10"));
        Assert.Contains("Leave at least 30 minutes.", brief.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await alice.PostAsync("/settings?handler=Updates", ("Cadence", "Perhaps"))).Status);

        Assert.Equal("/settings?done=saved", (await alice.PostAsync("/settings?handler=Updates", ("Cadence", "Schedule"), ("Days", "monday"), ("Days", "friday"), ("From", "22:00"), ("Until", "04:30"))).Location);
        Assert.Contains("""{"cadence":"schedule","days":["monday","friday"],"from":"22:00","until":"04:30"}""", (await alice.GetAsync("/api/update-policy")).Html, StringComparison.Ordinal);
        string shown = (await alice.GetAsync("/settings")).Html;
        Assert.Matches("id=\"Days-friday\"[^>]*checked", shown);
        Assert.DoesNotMatch("id=\"Days-tuesday\"[^>]*checked", shown);

        Assert.Equal("/settings?done=saved", (await alice.PostAsync("/settings?handler=Updates", ("Cadence", "Latest"))).Location);
        Assert.Contains("\"cadence\":\"latest\"", (await alice.GetAsync("/api/update-policy")).Html, StringComparison.Ordinal);
    }

    internal static async Task<string> IdOfAsync(Visitor administrator, string mailbox)
    {
        string html = (await administrator.GetAsync("/people")).Html;
        return Regex.Match(html, $"/people/([0-9a-f-]{{36}})\">(?:(?!/people/).)*{Regex.Escape(mailbox)}", RegexOptions.Singleline).Groups[1].Value;
    }
}

/// <summary>Two hubs that share a PostgreSQL server have the same people and sessions.</summary>
[Trait("Category", "Peer")]
public sealed class TwoHubsTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    [Fact]
    public async Task WhatOneHubEndsIsOverOnTheOther()
    {
        string database = server.NewDatabase();
        var clock = new VirtualClock();
        await using RunningHub first = await RunningHub.StartAsync(clock, settings => settings with { Database = database });
        using Visitor alice = await Visitor.FirstAsync(first);
        await using RunningHub second = await RunningHub.StartAsync(clock, settings => settings with { Database = database, Data = first.Settings.Data });
        Assert.Null(second.FirstInvitation);

        // The session and the token of a form of one are good at the other.
        Assert.Equal(HttpStatusCode.OK, (await SignInTests.WithCookieAsync(second, alice.Session!, "/account")).Status);
        await alice.GetAsync("/account");
        await alice.PostAsync("/account?handler=Everywhere");

        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.WithCookieAsync(second, alice.Session!, "/account")).Status);
    }
}
