using RoomAgent.Agent.Ports;
using System.Net;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Testing;
using Answer = RoomAgent.Hub.Testing.Answer;
using Keys = OpenQA.Selenium.Keys;

namespace RoomAgent.Hub.Tests;

/// <summary>The whole way in a real browser with real members, by the keyboard alone (issue 6: invitation, login, create room, pair, schedule, lobby admit, eject, revoke).</summary>
[Trait("Category", "Peer")]
public sealed class LobbyBrowserTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private RunningHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await RunningHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Fact]
    public async Task FromTheInvitationToALobbyAndBack()
    {
        using var browser = new Browser(_hub);

        // 1. invitation and sign-in
        browser.Open(_hub.FirstInvitation!.AbsolutePath);
        foreach ((string field, string text) in ((string, string)[])[("Organisation", "Riverside School"), ("MailboxText", Visitor.Mailbox), ("Name", "Alice Example"), ("Password", Visitor.Password), ("Again", Visitor.Password)])
            browser.Type(field, text);
        browser.PressEnter();
        browser.Type("MailboxText", Visitor.Mailbox);
        browser.Type("Password", Visitor.Password);
        browser.PressEnter();
        Assert.Equal("Riverside School - RoomHub", browser.Title);

        // 2. a room
        browser.Open("/rooms");
        browser.See("rooms-none");
        browser.Choose("Make a room");
        browser.See("room-new");
        browser.Type("Name", "Library");
        browser.Type("Zone", "Nowhere/Land");
        browser.PressEnter();
        Assert.StartsWith("Error: ", browser.Title, StringComparison.Ordinal);
        browser.See("room-refused");
        browser.Type("Zone", "Etc/UTC");
        browser.Type("MailboxText", "library@riverside.example");
        browser.PressEnter();
        Assert.EndsWith("?done=room-made", browser.Address, StringComparison.Ordinal);
        Assert.Equal("Library - RoomHub", browser.Title);
        string room = browser.Address.Split('?')[0];

        // 3. a device, by its code, and its place
        using var wire = new TestHub(_hub.Address, _hub.EndPoint);
        TestDevice device = await PairAsync(browser, wire);
        await using Room library = await Room.CertifyAsync(wire, device);
        browser.Open("/");
        browser.See("home-homeless");
        browser.Open(room);
        browser.TabTo("#Placed");
        browser.Choose("Place it here");
        Assert.Equal($"{room}?done=placed", browser.Address);
        browser.See("room");
        browser.Open("/rooms");
        browser.See("rooms");

        // 4. a meeting, which may be joined now
        browser.Open("/meetings");
        browser.See("meetings-none");
        browser.Choose("Schedule a meeting");
        browser.See("meeting-new");
        DateTime start = DateTime.UtcNow.AddMinutes(-10);
        browser.Type("Title", "Staff");
        browser.Type("Start", start);
        browser.Type("End", start.AddHours(2));
        browser.TabTo("#Repeat");
        browser.Press("Every week");
        Assert.Equal("weekly", browser.Value("Repeat"));
        browser.TabTo("input[name=Rooms]");
        browser.Press(Keys.Space);
        browser.TabTo("main button");
        browser.PressEnter();
        Assert.Equal("Staff - RoomHub", browser.Title);
        Assert.Contains("Every week", browser.Text, StringComparison.Ordinal);
        string page = browser.Address.Split('?')[0];
        browser.Choose("Make a link");
        Assert.StartsWith("https://hub.example.org/join/", browser.Value("guest-link"), StringComparison.Ordinal);
        browser.See("meeting-link");
        SeeTheRest(browser, page);

        // 5. its device enters and is host; another one of the organisation waits
        RoomAgent.Meetings.RoomPolicy policy = await PolicyAsync(Guid.Parse(page.Split('/')[^1]));
        library.Join(policy);
        await UntilAsync(() => library.IsIn, "the host did not get in");
        await using Room guest = await Room.PairAsync(_hub.Get<Accounts>(), await OrganisationAsync(), _hub.EndPoint);
        guest.Join(policy);
        await UntilAsync(() => WaitingAsync(guest), "nobody came to the lobby");
        Assert.False(guest.IsIn);

        // 6. let in by the page, and put out again
        browser.Open("/");
        browser.See("home-open");
        browser.Open("/devices");
        Assert.Contains("Paired, connected", browser.Text, StringComparison.Ordinal);
        browser.See("devices-online");
        browser.Open("/open");
        browser.See("open");
        browser.Choose("Staff");
        browser.Choose("Let this page stand still");
        browser.See("open-meeting");
        browser.Choose("Let in");
        Assert.EndsWith("?done=let-in&still=true", browser.Address, StringComparison.Ordinal);
        await UntilAsync(() => guest.IsIn && library.Look(member => member.Roster.Count()) == 2, "the guest did not get in");
        Assert.Contains(library.Look(member => member.Roster.ToArray()), entry => entry.Who.Name == guest.Who.Name);
        browser.Choose("Keep this page up to date");
        browser.Choose("Let this page stand still");
        browser.See("open-meeting-two");
        browser.Choose("Remove Room");
        Assert.EndsWith("?done=put-out&still=true", browser.Address, StringComparison.Ordinal);
        await UntilAsync(() => !guest.IsIn && library.Look(member => member.Roster.Count()) == 1, "the guest is still there");

        // 7. the device loses its access, and its place in the meeting
        browser.Open("/devices");
        browser.Choose("Library");
        browser.Choose("End its access");
        browser.Choose("End its access");
        Assert.Contains("Ended by an administrator", browser.Text, StringComparison.Ordinal);
        await UntilAsync(() => library.Events.OfType<AccessEnded>().Any(), "the device was not told");
        Assert.Equal(HttpStatusCode.Unauthorized, (await device.CallAsync("/certificates/device", HttpMethod.Post)).Status);
        browser.Open("/audit");
        Assert.Contains("admitted by service", browser.Text, StringComparison.Ordinal);
        Assert.Contains("removed by service", browser.Text, StringComparison.Ordinal);
    }

    // One occurrence, calendars from elsewhere, the network.
    private static void SeeTheRest(Browser browser, string meeting)
    {
        browser.Open(meeting);
        browser.Choose("Move or call off");
        browser.See("occurrence");
        browser.Open(meeting);
        browser.See("meeting");
        browser.Choose("Change the meeting");
        browser.See("meeting-change");
        browser.Type("Title", "Staff and others");
        browser.PressEnter();
        Assert.Equal("Staff and others - RoomHub", browser.Title);
        browser.Open($"{meeting}/change");
        browser.Type("Title", "Staff");
        browser.PressEnter();
        browser.Open($"{meeting}/remove");
        browser.See("meeting-remove");
        browser.Open("/meetings");
        browser.See("meetings");
        browser.Open("/calendars");
        browser.Type("Address", "http://calendar.example/a.ics");
        browser.PressEnter();
        browser.See("calendars-refused");
        browser.Type("Address", "https://calendar.invalid/a.ics");
        browser.PressEnter();
        Assert.Equal("/calendars?done=feed-made", browser.Address);
        browser.See("calendars");
        browser.Open("/network");
        browser.See("network");
    }

    private static async Task<TestDevice> PairAsync(Browser browser, TestHub wire)
    {
        var device = new TestDevice(wire);
        Answer started = await device.StartPairingAsync("SN-4711", "Raspberry Pi 5");
        Assert.Equal("authorization_pending", (await device.PollAsync(started.Text("device_code"))).Error);
        browser.Open("/pair");
        browser.Type("Code", started.Text("user_code"));
        browser.PressEnter();
        browser.Type("DeviceName", "Library display");
        browser.TabTo("button[value=yes]");
        browser.PressEnter();
        Assert.Equal("/devices?done=approved", browser.Address);
        await Task.Delay(TimeSpan.FromSeconds(GrantStore.FirstPause));
        Answer approved = await device.PollAsync(started.Text("device_code"));
        Assert.Equal(HttpStatusCode.Created, (await device.RegisterAsync("DPoP", approved.Text("access_token"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await device.FirstTokensAsync()).Status);
        return device;
    }

    private async Task<OrganisationId> OrganisationAsync() => (await _hub.Get<PeopleDesk>().Store.OrganisationsAsync()).Single().Id;

    private async Task<RoomAgent.Meetings.RoomPolicy> PolicyAsync(Guid meeting)
    {
        (_, List<KeptOccurrence> occurrences) = await _hub.Get<PlanStore>().FindAsync(await OrganisationAsync(), meeting, DateTimeOffset.UtcNow, default);
        var instance = new MeetingInstance(Wire.ByteString.Owning(meeting.ToByteArray(bigEndian: true)), Wire.ByteString.Owning(occurrences[0].Instance));
        return (await _hub.Get<IMeetingDirectory>().FindAsync(instance, default))!.Policy;
    }

    private async Task<bool> WaitingAsync(Room guest) =>
        (await _hub.Get<IMeetingDesks>().ListAsync(await OrganisationAsync(), default)).Any(open => open.Waiting.Contains(guest.Identity));

    private static Task UntilAsync(Func<bool> isSo, string otherwise) => UntilAsync(() => Task.FromResult(isSo()), otherwise);

    private static async Task UntilAsync(Func<Task<bool>> isSo, string otherwise)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await isSo())
        {
            Assert.True(watch.Elapsed < s_patience, otherwise);
            await Task.Delay(50);
        }
    }
}
