using System.Net;
using System.Net.Http.Headers;
using System.Text;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.People;

namespace RoomAgent.Hub.Tests;

/// <summary>Rooms, meetings and calendars by the pages: who may see them, and what they refuse.</summary>
public sealed class MeetingPageTests(PeopleHub shared) : IClassFixture<PeopleHub>
{
    private static readonly string[] s_administration =
    [
        "/rooms", "/rooms/new", "/rooms/{room}", "/rooms/{room}/remove",
        "/meetings", "/meetings?room={room}", "/meetings/new", "/meetings/{meeting}", "/meetings/{meeting}/change", "/meetings/{meeting}/remove", "/meetings/{meeting}/occurrences/{original}",
        "/calendars", "/open", "/open/AAAA/AAAA",
        "/devices", "/devices/codes", "/devices/reset-all", "/pair", "/people", "/people/invite", "/settings", "/audit",
    ];

    private static readonly string[] s_forms =
    [
        "/rooms/new", "/rooms/{room}?handler=Change", "/rooms/{room}?handler=Place", "/rooms/{room}?handler=Vacate", "/rooms/{room}/remove",
        "/meetings/new", "/meetings/{meeting}/change", "/meetings/{meeting}/remove", "/meetings/{meeting}?handler=Link", "/meetings/{meeting}?handler=Revoke&link=6d1ea7dd-7f3c-4a0f-9c68-1e1ffd5a1c11",
        "/meetings/{meeting}/occurrences/{original}?handler=Move", "/meetings/{meeting}/occurrences/{original}?handler=CallOff", "/meetings/{meeting}/occurrences/{original}?handler=Restore",
        "/calendars?handler=Add", "/calendars?handler=Import", "/calendars?handler=Remove&id=6d1ea7dd-7f3c-4a0f-9c68-1e1ffd5a1c11",
        "/open/AAAA/AAAA?handler=Admit", "/open/AAAA/AAAA?handler=Remove",
    ];

    // All pages in one test each, since signing in takes its time on purpose.
    [Fact]
    public async Task PagesOfAdministrationAreForAdministratorsAlone()
    {
        using Visitor alice = await shared.SignInAsync();
        Func<string, string> real = await RealAsync(alice);
        using Visitor bob = await shared.PersonAsync();
        using var nobody = new Visitor(shared.Hub);

        foreach (string path in s_administration)
        {
            Page refused = await nobody.GetAsync(real(path));
            HttpStatusCode person = (await bob.GetAsync(real(path))).Status, administrator = (await alice.GetAsync(real(path))).Status;
            HttpStatusCode expected = path.StartsWith("/open/", StringComparison.Ordinal) ? HttpStatusCode.NotFound : HttpStatusCode.OK;
            Assert.Equal((path, HttpStatusCode.Redirect, HttpStatusCode.Forbidden, expected), (path, refused.Status, person, administrator));
            Assert.StartsWith("/sign-in", refused.Location, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task WhatBelongsToAnotherOrganisationIsNotThere()
    {
        using Visitor alice = await shared.SignInAsync();
        Func<string, string> real = await RealAsync(alice);
        using Visitor mallory = await shared.StrangerAsync();
        await mallory.GetAsync("/account");

        foreach (string path in s_administration.Where(path => path.Contains('{', StringComparison.Ordinal)))
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await mallory.GetAsync(real(path))).Status));

        // Nor for a form, with a token of her own.
        foreach (string path in s_forms.Where(path => path.Contains('{', StringComparison.Ordinal) || path.StartsWith("/open", StringComparison.Ordinal)))
            Assert.Equal((path, HttpStatusCode.NotFound), (path, (await mallory.PostAsync(real(path), ("Name", "Stolen"), ("Zone", "Etc/UTC"), ("Who", "AAAA"))).Status));
        foreach (string path in s_administration.Where(path => path.Contains('{', StringComparison.Ordinal)))
            Assert.Equal((path, HttpStatusCode.OK), (path, (await alice.GetAsync(real(path))).Status));
    }

    [Fact]
    public async Task AFormWithoutItsTokenChangesNothing()
    {
        using Visitor alice = await shared.SignInAsync();
        Func<string, string> real = await RealAsync(alice);
        await alice.GetAsync("/account");

        foreach (string path in s_forms)
        {
            foreach (string? token in (string?[])[null, "CfDJ8AAAA", alice.Token[..^4] + "AAAA"])
            {
                Page refused = await alice.SendAsync(Visitor.Form(real(path), token, ("Name", "Stolen"), ("Zone", "Etc/UTC"), ("Start", "2026-12-02T09:00"), ("End", "2026-12-02T10:00")));
                Assert.Equal((path, HttpStatusCode.BadRequest), (path, refused.Status));
            }
        }

        Assert.DoesNotContain("Stolen", (await alice.GetAsync("/rooms")).Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(real("/meetings/{meeting}/occurrences/{original}"))).Status);
    }

    [Fact]
    public async Task ARoomThatIsNoneIsRefusedInTheWordsOfTheApi()
    {
        (string Field, string Value, string Problem)[] wrong =
        [
            ("Name", "", "Name is 1 to 100 letters"),
            ("Name", "a\u202eb", "Name is 1 to 100 letters"),
            ("Zone", "Mars/Olympus", "Zone is the IANA name"),
            ("MailboxText", "not a mailbox", "mailboxes in ASCII"),
            ("Owner", "owner@school.example", "A personal room has an owner and an address"),
            ("Address", "UPPER", "A personal room has an owner and an address"),
        ];
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/rooms/new");

        foreach ((string field, string value, string problem) in wrong)
        {
            Dictionary<string, string?> fields = new() { ["Name"] = $"Room {Guid.NewGuid():N}", ["Zone"] = "Europe/Berlin", [field] = value };
            Page refused = await alice.PostAsync("/rooms/new", [.. fields.Select(given => (given.Key, given.Value))]);
            Assert.Equal(HttpStatusCode.OK, refused.Status);
            Assert.Contains("<title>Error: ", refused.Html, StringComparison.Ordinal);
            Assert.Contains(problem, refused.Html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ARoomIsMadeChangedAndRemovedAndNoTwoHaveOneName()
    {
        using Visitor alice = await shared.SignInAsync();
        string room = await RoomAsync(alice, "Aula");

        Assert.Contains("Another room has that name", (await PostRoomAsync(alice, "/rooms/new", "aula")).Html, StringComparison.Ordinal);
        Assert.Equal($"{room}?done=saved", (await PostRoomAsync(alice, $"{room}?handler=Change", "Great hall")).Location);
        Assert.Contains("Great hall", (await alice.GetAsync("/rooms")).Html, StringComparison.Ordinal);
        Assert.Contains("is not there any more", (await alice.PostAsync($"{room}?handler=Place", ("Placed", Guid.NewGuid().ToString()))).Html, StringComparison.Ordinal);
        Assert.Equal("/rooms?done=room-removed", (await alice.PostAsync($"{room}/remove")).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(room)).Status);
    }

    [Fact]
    public async Task AMeetingThatIsNoneIsRefusedAndNothingIsScheduled()
    {
        (string Field, string Value, string Problem)[] wrong =
        [
            ("Title", "", "Title is 1 to 200 letters"),
            ("Zone", "Mars/Olympus", "Zone is the IANA name"),
            ("Start", "yesterday", "Start and end are local times"),
            ("End", "2026-12-01T08:00", "Start and end are local times"),
            ("Repeat", "hourly", "Choose how it repeats"),
            ("Repeat", "own", "A part of the rule is not NAME=VALUE"),
            ("Last", "never", "Write a day"),
            ("Mailboxes", "alice@school.example nobody", "mailboxes"),
            ("Class", "open", "Class is end-to-end or encrypted"),
            ("Rooms", "6d1ea7dd-7f3c-4a0f-9c68-1e1ffd5a1c11", "Rooms are rooms of the organisation"),
        ];
        using Visitor alice = await shared.SignInAsync();
        string title = $"Refused {Guid.NewGuid():N}";

        foreach ((string field, string value, string problem) in wrong)
        {
            Page refused = await ScheduleAsync(alice, title, (field, value));
            Assert.Equal((field, HttpStatusCode.OK), (field, refused.Status));
            Assert.Contains(problem, refused.Html, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await ScheduleAsync(alice, title, ("Rooms", "not an id"))).Status);
        Assert.DoesNotContain(title, (await alice.GetAsync("/meetings")).Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASeriesIsScheduledMovedCalledOffRestoredChangedAndRemoved()
    {
        using Visitor alice = await shared.SignInAsync();
        string room = (await RoomAsync(alice, $"Room {Guid.NewGuid():N}")).Split('/')[^1];
        string title = $"Weekly {Guid.NewGuid():N}";

        Page made = await ScheduleAsync(alice, title, ("Repeat", "weekly"), ("Last", "2026-12-15"), ("Rooms", room), ("Mailboxes", "alice@school.example\r\nbob@school.example"));
        string meeting = made.Location!.Split('?')[0];
        Page page = await alice.GetAsync(meeting);
        foreach (string wanted in (string[])["Tue 1 Dec 2026, 09:00 to 10:00 (Europe/Berlin)", "Tue 15 Dec 2026", "Every week, until 2026-12-15", "alice@school.example, bob@school.example", "End-to-end encrypted"])
            Assert.Contains(wanted, page.Html, StringComparison.Ordinal);
        Assert.DoesNotContain("22 Dec 2026", page.Html, StringComparison.Ordinal);
        Assert.Contains(title, (await alice.GetAsync($"/meetings?room={room}")).Html, StringComparison.Ordinal);

        string second = $"{meeting}/occurrences/2026-12-08T09:00:00";
        Assert.Contains("Write a start and an end", (await alice.PostAsync($"{second}?handler=Move", ("Start", "2026-12-09T11:00"), ("End", "2026-12-09T10:00"))).Html, StringComparison.Ordinal);
        Assert.Equal($"{meeting}?done=moved", (await alice.PostAsync($"{second}?handler=Move", ("Start", "2026-12-09T11:00"), ("End", "2026-12-09T12:30"))).Location);
        Assert.Contains("Wed 9 Dec 2026, 11:00 to 12:30", (await alice.GetAsync(meeting)).Html, StringComparison.Ordinal);
        Assert.Equal($"{meeting}?done=called-off", (await alice.PostAsync($"{second}?handler=CallOff")).Location);
        Assert.Contains("Called off", (await alice.GetAsync(meeting)).Html, StringComparison.Ordinal);
        Assert.Equal($"{meeting}?done=restored", (await alice.PostAsync($"{second}?handler=Restore")).Location);
        Assert.Contains("Tue 8 Dec 2026, 09:00 to 10:00", (await alice.GetAsync(meeting)).Html, StringComparison.Ordinal);
        foreach (string none in (string[])["2026-12-08T09:30:00", "2026-12-22T09:00:00", "yesterday", "2026-12-08"])
            Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync($"{meeting}/occurrences/{none}")).Status);

        // Whoever has seen an older one changes nothing.
        Assert.Equal($"{meeting}?done=saved", (await ChangeAsync(alice, meeting, "New name", version: await VersionAsync(alice, meeting))).Location);
        Assert.Contains("Somebody has changed the meeting", (await ChangeAsync(alice, meeting, "Newer name", version: "1")).Html, StringComparison.Ordinal);
        page = await alice.GetAsync(meeting);
        Assert.Contains("<h1>New name</h1>", page.Html, StringComparison.Ordinal);
        Assert.Contains("End-to-end encrypted", page.Html, StringComparison.Ordinal);
        Assert.Equal("/meetings?done=meeting-removed", (await alice.PostAsync($"{meeting}/remove")).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(meeting)).Status);
    }

    [Fact]
    public async Task ALinkForGuestsIsShownOnceAndMadeVoid()
    {
        using Visitor alice = await shared.SignInAsync();
        string meeting = (await ScheduleAsync(alice, "With guests")).Location!.Split('?')[0];

        Page made = await alice.PostAsync($"{meeting}?handler=Link");
        Assert.Contains("value=\"https://hub.example.org/join/", made.Html, StringComparison.Ordinal);
        Page again = await alice.GetAsync(meeting);
        Assert.DoesNotContain("/join/", again.Html, StringComparison.Ordinal);
        string revoke = again.Html.Split("handler=Revoke")[0].Split('"')[^1] + "handler=Revoke" + again.Html.Split("handler=Revoke")[1].Split('"')[0];
        Assert.Equal($"{meeting}?done=link-revoked", (await alice.PostAsync(WebUtility.HtmlDecode(revoke))).Location);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.PostAsync(WebUtility.HtmlDecode(revoke))).Status);
    }

    [Fact]
    public async Task ALinkThatIsOpenedInABrowserSaysWhatToDoAndNotWhetherItIsGood()
    {
        using Visitor alice = await shared.SignInAsync();
        string meeting = (await ScheduleAsync(alice, "Open day")).Location!.Split('?')[0];
        string link = (await alice.PostAsync($"{meeting}?handler=Link")).Html.Split("value=\"https://hub.example.org")[1].Split('"')[0];
        using var guest = new Visitor(shared.Hub);

        Page page = await guest.GetAsync(link.Split('#')[0]);

        Assert.Equal(6, link.Split('#')[1].Split('-').Length);
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Contains("no way into a meeting from a browser or a phone yet", page.Html, StringComparison.Ordinal);
        Assert.Equal(page.Html, (await guest.GetAsync("/join/AAAAAAAAAAAAAAAAAAAAAA")).Html);
    }

    [Fact]
    public async Task AFileBringsMeetingsWithRoomsOfOurs()
    {
        using Visitor alice = await shared.SignInAsync();
        string name = $"Lab {Guid.NewGuid():N}"[..20];
        await RoomAsync(alice, name);
        string title = $"Brought {Guid.NewGuid():N}";
        string file = $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{title}\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261201T080000Z\r\nDTEND:20261201T090000Z\r\nSUMMARY:{title}\r\nLOCATION:{name}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

        Page taken = await UploadAsync(alice, file);

        Assert.Contains("New: 1.", taken.Html, StringComparison.Ordinal);
        Assert.Contains(title, (await alice.GetAsync("/meetings")).Html, StringComparison.Ordinal);
        Assert.Contains("As before: 1.", (await UploadAsync(alice, file)).Html, StringComparison.Ordinal);
        Assert.Contains("This is no calendar", (await UploadAsync(alice, "<html>")).Html, StringComparison.Ordinal);
        Assert.Contains("Choose a file", (await UploadAsync(alice, "")).Html, StringComparison.Ordinal);
        Assert.Contains("Choose a file", (await UploadAsync(alice, new string('x', ImportEndpoints.MaxFile + 1))).Html, StringComparison.Ordinal);

        // Larger than a file may be with all that is around it: not even read.
        Assert.Contains((await UploadAsync(alice, new string('x', ImportEndpoints.MaxFile + 200_000))).Status, (HttpStatusCode[])[HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge]);
    }

    [Fact]
    public async Task ACalendarThatMayNotBeFetchedIsRefused()
    {
        (string Field, string Value)[] wrong =
        [
            ("Address", "http://calendar.example/a.ics"),
            ("Address", "file:///etc/passwd"),
            ("Zone", "Mars/Olympus"),
            ("Class", "open"),
            ("Room", "6d1ea7dd-7f3c-4a0f-9c68-1e1ffd5a1c11"),
        ];
        using Visitor alice = await shared.SignInAsync();
        await alice.GetAsync("/calendars");

        foreach ((string field, string value) in wrong)
        {
            Dictionary<string, string?> fields = new() { ["Address"] = "https://calendar.invalid/refused.ics", ["Zone"] = "Etc/UTC", ["Class"] = "encrypted", [field] = value };
            Page refused = await alice.PostAsync("/calendars?handler=Add", [.. fields.Select(given => (given.Key, given.Value))]);
            Assert.Contains("<title>Error: ", refused.Html, StringComparison.Ordinal);
        }

        Assert.Empty(await FeedsAsync());
    }

    [Fact]
    public async Task WhatANetworkMustAllowIsThereForEverybodyWhoHasSignedIn()
    {
        using Visitor bob = await shared.PersonAsync();
        using var nobody = new Visitor(shared.Hub);

        Page page = await bob.GetAsync("/network");

        Assert.Contains("hub.example.org", page.Html, StringComparison.Ordinal);
        Assert.Contains("tcp 443", page.Html, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await nobody.GetAsync("/network")).Status);
    }

    // Puts ids of this organisation into an address.
    private static async Task<Func<string, string>> RealAsync(Visitor alice)
    {
        string room = (await RoomAsync(alice, $"Room {Guid.NewGuid():N}")).Split('/')[^1];
        string meeting = (await ScheduleAsync(alice, "Real", ("Repeat", "daily"), ("Rooms", room))).Location!.Split('?')[0].Split('/')[^1];
        return path => path.Replace("{room}", room, StringComparison.Ordinal).Replace("{meeting}", meeting, StringComparison.Ordinal).Replace("{original}", "2026-12-02T09:00:00", StringComparison.Ordinal);
    }

    private static async Task<string> RoomAsync(Visitor alice, string name)
    {
        await alice.GetAsync("/rooms/new");
        return (await PostRoomAsync(alice, "/rooms/new", name)).Location!.Split('?')[0];
    }

    private static Task<Page> PostRoomAsync(Visitor alice, string path, string name) => alice.PostAsync(path, ("Name", name), ("Zone", "Europe/Berlin"));

    private static async Task<Page> ScheduleAsync(Visitor alice, string title, params (string Name, string Value)[] others)
    {
        await alice.GetAsync("/meetings/new");
        Dictionary<string, string?> fields = Fields(title);
        foreach ((string name, string value) in others)
            fields[name] = value;
        return await alice.PostAsync("/meetings/new", [.. fields.Select(field => (field.Key, field.Value))]);
    }

    private static async Task<Page> ChangeAsync(Visitor alice, string meeting, string title, string version)
    {
        Dictionary<string, string?> fields = Fields(title);
        (fields["Class"], fields["Version"]) = ("encrypted", version);
        return await alice.PostAsync($"{meeting}/change", [.. fields.Select(field => (field.Key, field.Value))]);
    }

    private static async Task<string> VersionAsync(Visitor alice, string meeting) =>
        (await alice.GetAsync($"{meeting}/change")).Html.Split("name=\"Version\" value=\"")[1].Split('"')[0];

    private static Dictionary<string, string?> Fields(string title) => new()
    {
        ["Title"] = title,
        ["Start"] = "2026-12-01T09:00",
        ["End"] = "2026-12-01T10:00",
        ["Zone"] = "Europe/Berlin",
        ["Repeat"] = "never",
        ["Class"] = "end-to-end",
        ["JoinBeforeHost"] = "true",
    };

    private static async Task<Page> UploadAsync(Visitor alice, string file)
    {
        await alice.GetAsync("/calendars");
        var upload = new ByteArrayContent(Encoding.UTF8.GetBytes(file)) { Headers = { ContentType = new MediaTypeHeaderValue("text/calendar") } };
        var form = new MultipartFormDataContent
        {
            { new StringContent(alice.Token), "__RequestVerificationToken" },
            { new StringContent("Europe/Berlin"), "Zone" },
            { new StringContent("encrypted"), "Class" },
            { upload, "Upload", "calendar.ics" },
        };
        var request = new HttpRequestMessage(HttpMethod.Post, "/calendars?handler=Import") { Content = form };
        request.Headers.ExpectContinue = true;
        return await alice.SendAsync(request);
    }

    private async Task<List<Feed>> FeedsAsync()
    {
        OrganisationId school = (await shared.Hub.Get<PeopleDesk>().Store.OrganisationsAsync())[0].Id;
        return await shared.Hub.Get<FeedStore>().ListAsync(school, default);
    }
}
