using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using RoomAgent.Mls;
using RoomAgent.Wire;
using Answer = RoomAgent.Hub.Testing.Answer;

namespace RoomAgent.Hub.Tests;

/// <summary>Rooms, meetings and calendars over HTTP, as administrators and devices use them (issue 6, D01, L04, L15).</summary>
public sealed class ApiTests : IAsyncLifetime
{
    private readonly CalendarHub _calendar = new();
    private Administrator _alice = null!;
    private TestDevice _device = null!;
    private Guid _room;

    public async ValueTask InitializeAsync()
    {
        await _calendar.InitializeAsync();
        _alice = _calendar.Hub.Administrator();
        (_device, _room) = await _calendar.PairIntoRoomAsync(_alice, "Room 1");
    }

    public ValueTask DisposeAsync() => _calendar.DisposeAsync();

    private DateTimeOffset Now => _calendar.Hub.Clock.GetUtcNow();

    [Fact]
    public async Task ADeviceThatIsPlacedMakesARoomOfItsName()
    {
        Answer room = await _alice.GetAsync($"/api/rooms/{_room}");

        Assert.Equal(("Room 1", "Europe/Berlin", _device.ClientId), (room.Text("name"), room.Text("zone"), room.Text("device")));

        // The next device with the name of a room that is there, whatever its capitals, stands in it.
        Answer other = await _alice.PostAsync("/api/rooms", new { name = "ROOM 2", zone = "Europe/London" });
        (TestDevice second, Guid placed) = await _calendar.PairIntoRoomAsync(_alice, "Room 2");
        Assert.Equal(other.Text("id"), placed.ToString());

        // And it may be carried into another one, where it takes the place of what was there.
        Answer moved = await _alice.SendAsync(HttpMethod.Put, $"/api/devices/{second.ClientId}/room", new { room = _room });
        Assert.Equal(second.ClientId, moved.Text("device"));
        Assert.Null((await _alice.GetAsync($"/api/rooms/{placed}")).Body!["device"]);
        Assert.Equal(HttpStatusCode.NotFound, (await _device.CallAsync("/calendar")).Status);
        Assert.Equal("no_room", (await _device.CallAsync("/calendar")).Error);
    }

    [Fact]
    public async Task RoomsAreMadeChangedListedAndRemoved()
    {
        Answer made = await _alice.PostAsync("/api/rooms", new { name = "Hall", zone = "Europe/Paris", mailbox = "Hall@Example.org" });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("hall@example.org", made.Text("mailbox"));
        string path = $"/api/rooms/{made.Text("id")}";

        Assert.Equal(HttpStatusCode.Conflict, (await _alice.PostAsync("/api/rooms", new { name = "hALL", zone = "Europe/Paris" })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await _alice.PostAsync("/api/rooms", new { name = "Other", zone = "Europe/Paris", mailbox = "hall@example.org" })).Status);
        Assert.Equal("Great hall", (await _alice.SendAsync(HttpMethod.Put, path, new { name = "Great hall", zone = "Europe/Paris" })).Text("name"));
        Assert.Equal(2, (await _alice.GetAsync("/api/rooms")).Body!["rooms"]!.AsArray().Count);
        Assert.Equal(HttpStatusCode.NoContent, (await _alice.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.GetAsync(path)).Status);

        Assert.Equal([CalendarEvents.RoomMade, CalendarEvents.RoomMade, CalendarEvents.RoomChanged, CalendarEvents.RoomRemoved], (await _alice.EventsAsync()).Where(kind => kind.StartsWith("room-", StringComparison.Ordinal)));
        Assert.Equal(made.Text("id"), (string?)(await _alice.GetAsync("/api/access-events")).Body![0]!["about"]);
    }

    // By name: cross-organisation access.
    [Fact]
    public async Task WhatBelongsToAnotherOrganisationIsNotThere()
    {
        Answer meeting = await _alice.PostAsync("/api/meetings", Meeting(_room));
        string path = $"/api/meetings/{meeting.Text("id")}";
        Answer link = await _alice.PostAsync($"{path}/guest-link", new { });
        Administrator mallory = _calendar.Hub.Administrator(name: "Thieves", id: "mallory");

        Assert.Empty((await mallory.GetAsync("/api/rooms")).Body!["rooms"]!.AsArray());
        Assert.Empty((await mallory.GetAsync("/api/meetings")).Body!["meetings"]!.AsArray());
        foreach ((HttpMethod method, string target, object? body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, $"/api/rooms/{_room}", null),
            (HttpMethod.Put, $"/api/rooms/{_room}", new { name = "Mine", zone = "Europe/Paris" }),
            (HttpMethod.Delete, $"/api/rooms/{_room}", null),
            (HttpMethod.Put, $"/api/devices/{_device.ClientId}/room", new { }),
            (HttpMethod.Post, "/api/rooms", new { name = "Mine", zone = "Europe/Paris", device = _device.ClientId }),
            (HttpMethod.Get, path, null),
            (HttpMethod.Put, path, Meeting()),
            (HttpMethod.Delete, path, null),
            (HttpMethod.Put, $"{path}/occurrences/2026-12-01T09:00:00", new { cancelled = true }),
            (HttpMethod.Get, $"/api/calendar?from=2026-11-25T00:00:00Z&to=2026-12-01T00:00:00Z&room={_room}", null),
            (HttpMethod.Post, $"{path}/guest-link", new { }),
            (HttpMethod.Get, $"{path}/guest-links", null),
            (HttpMethod.Delete, $"{path}/guest-links/{link.Text("id")}", null),
            (HttpMethod.Post, "/api/calendar/feeds", new { address = "https://calendar.example.org/a.ics", room = _room }),
        })
        {
            Answer answer = await mallory.SendAsync(method, target, body);
            Assert.Equal((target, HttpStatusCode.NotFound), (target, answer.Status));
            Assert.Equal("application/problem+json", answer.Response.Content.Headers.ContentType!.MediaType);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await mallory.PostAsync("/api/meetings", Meeting(_room))).Status);
        Assert.Equal(HttpStatusCode.OK, (await _alice.GetAsync(path)).Status);
        Assert.Empty(await mallory.EventsAsync());
    }

    [Fact]
    public async Task ADeviceHasItsComingDaysWithAllThatAnInvitationNeeds()
    {
        Answer made = await _alice.PostAsync("/api/meetings", Meeting(_room));
        Assert.Equal(HttpStatusCode.Created, made.Status);

        Answer calendar = await _device.CallAsync("/calendar");
        JsonArray entries = calendar.Body!["entries"]!.AsArray();

        // Weekly on Thursdays, and it is Wednesday: one in seven days.
        JsonNode entry = Assert.Single(entries)!;
        Assert.Equal(("Weekly", "2026-11-26T08:00:00+00:00", "2026-11-26T09:00:00+00:00", "end-to-end"), ((string?)entry["title"], (string?)entry["starts_at"], (string?)entry["ends_at"], (string?)entry["class"]));
        RoomPolicy policy = RoomPolicy.Decode(Convert.FromBase64String((string)entry["policy"]!))!;
        Assert.Equal(Guid.Parse(made.Text("id")).ToByteArray(bigEndian: true), policy.Name.MeetingId.ToArray());
        Assert.Equal((string?)entry["instance"], Base64UrlText.Encode(policy.Name.Instance.Span));
        Assert.Equal((0u, MeetingClass.EndToEnd, false, false), (policy.Name.Generation, policy.Class, policy.IsStrict, policy.IsLocked));

        // With nobody invited the room is host, by the name in its certificate and the hub's own root.
        MeetingHost host = Assert.Single(policy.Hosts);
        Assert.Equal(NameKind.Dns, host.Name.Kind);
        Assert.Equal(await NameAsync(), Encoding.ASCII.GetString(host.Name.Value.Span));
        Assert.Equal(SpkiHash(_calendar.Hub.Accounts.Authority.Root), host.Anchor.ToArray());
        Assert.Equal([host.Anchor], policy.Anchors);

        // Asked again, nothing is sent again.
        Assert.Equal(HttpStatusCode.NotModified, (await CallWithTagAsync(calendar.Header("ETag")!)).StatusCode);
        await _alice.SendAsync(HttpMethod.Delete, $"/api/meetings/{made.Text("id")}");
        Assert.Equal(HttpStatusCode.OK, (await CallWithTagAsync(calendar.Header("ETag")!)).StatusCode);
    }

    [Fact]
    public async Task TheDirectoryKnowsWhatTheDeviceWasTold()
    {
        await _calendar.AddPersonAsync(_alice.Organisation, "bob@example.org");
        await _alice.PostAsync("/api/meetings", Meeting(_room) with { People = ["Bob@Example.org"], Strict = false, JoinBeforeHost = true });
        RoomPolicy told = await FirstPolicyAsync();

        ScheduledMeeting scheduled = (await FindAsync(told))!;

        Assert.Equal(told, scheduled.Policy);
        Assert.Equal(_alice.Organisation, scheduled.Organisation);
        Assert.Equal(TimeSpan.FromMinutes(75), scheduled.EndsAt - scheduled.OpensAt);
        Assert.Equal(["dns:" + await NameAsync(), "mail:bob@example.org"], scheduled.Invited.Select(identity => Encoding.ASCII.GetString(identity.Span)).Order());
        Assert.Equal("bob@example.org", Encoding.ASCII.GetString(Assert.Single(scheduled.Policy.Hosts).Name.Value.Span));
        Assert.Null(await _calendar.Get<IMeetingDirectory>().FindAsync(new MeetingInstance(told.Name.MeetingId, ByteString.CopyOf(new byte[16])), default));
        Assert.Null(await _calendar.Get<IMeetingDirectory>().FindAsync(new MeetingInstance(ByteString.CopyOf([1]), ByteString.CopyOf([2])), default));
    }

    // By name: nobody has verified a mailbox, and the certificates of all organisations come from one root.
    [Fact]
    public async Task AMailboxIsNobodyUntilItHasAnAccountInTheOwnOrganisation()
    {
        await _calendar.AddPersonAsync(OrganisationId.New(), "boss@example.org");
        await _alice.PostAsync("/api/meetings", Meeting(_room) with { People = ["boss@example.org", "carol@example.org"] });
        string room = "dns:" + await NameAsync();

        await IsAsync([room], [room]);

        PersonId carol = await _calendar.AddPersonAsync(_alice.Organisation, "carol@example.org");
        await IsAsync(["mail:carol@example.org"], [room, "mail:carol@example.org"]);

        // The devices of the organisation hear of it, since what they have is not what the hub would say now.
        var device = new DeviceId(Guid.Parse(_device.ClientId!));
        int before = _calendar.ToldOf(device);
        var people = new PeopleStore(_calendar.Hub.Database);
        Assert.Equal(Change.Made, await people.SetDisabledAsync(_alice.Organisation, carol, isDisabled: true, "alice", Now));
        await SettleAsync(device, before + 1);
        await IsAsync([room], [room]);

        async Task IsAsync(string[] hosts, string[] invited)
        {
            ScheduledMeeting scheduled = (await FindAsync(await FirstPolicyAsync()))!;
            Assert.Equal(hosts, scheduled.Policy.Hosts.Select(host => $"{(host.Name.Kind == NameKind.Dns ? "dns" : "mail")}:{Encoding.ASCII.GetString(host.Name.Value.Span)}"));
            Assert.Equal(invited, scheduled.Invited.Select(identity => Encoding.ASCII.GetString(identity.Span)).Order());
        }
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task WhetherOneHasToWaitForAHostIsSaid(bool strict, bool joinBeforeHost)
    {
        await _alice.PostAsync("/api/meetings", Meeting(_room) with { Strict = strict, JoinBeforeHost = joinBeforeHost });

        ScheduledMeeting scheduled = (await FindAsync(await FirstPolicyAsync()))!;

        Assert.Equal(strict, scheduled.Policy.IsStrict);
        Assert.True(scheduled.WaitsForHost);
        Assert.Single(scheduled.Invited);
    }

    [Fact]
    public async Task ADeviceWithoutAccessIsNeitherInvitedNorHost()
    {
        await _alice.PostAsync("/api/meetings", Meeting(_room));
        RoomPolicy told = await FirstPolicyAsync();

        await _alice.PostAsync($"/api/devices/{_device.ClientId}/reset-access");

        ScheduledMeeting scheduled = (await FindAsync(told))!;
        Assert.Empty(scheduled.Policy.Hosts);
        Assert.Empty(scheduled.Invited);
    }

    [Fact]
    public async Task AnAuthorityFromOutsideIsInThePoliciesOfItsOrganisationAlone()
    {
        await _alice.PostAsync("/api/meetings", Meeting(_room));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509Certificate2 root = NewRoot(key);
        string pem = root.ExportCertificatePem();

        Answer added = await _alice.PostAsync("/api/anchors", new { label = "School", certificate = pem });

        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal([SpkiHash(_calendar.Hub.Accounts.Authority.Root), SpkiHash(root.RawData)], (await FirstPolicyAsync()).Anchors.Select(anchor => anchor.ToArray()));
        Assert.Equal(added.Text("id"), (await _alice.PostAsync("/api/anchors", new { label = "Again", certificate = pem })).Text("id"));
        Assert.Equal(HttpStatusCode.NotFound, (await _calendar.Hub.Administrator().SendAsync(HttpMethod.Delete, $"/api/anchors/{added.Text("id")}")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await _alice.SendAsync(HttpMethod.Delete, $"/api/anchors/{added.Text("id")}")).Status);
        Assert.Single((await FirstPolicyAsync()).Anchors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [InlineData("leaf")]
    [InlineData("bundle")]
    public async Task WhatIsNoAuthorityIsNotRelied(string certificate)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string root = NewRoot(key).ExportCertificatePem();
        string pem = certificate switch { "bundle" => root + "\n" + root, "leaf" => new CertificateRequest("CN=leaf", key, HashAlgorithmName.SHA256).CreateSelfSigned(Now, Now.AddDays(1)).ExportCertificatePem(), _ => certificate };

        Assert.Equal(HttpStatusCode.BadRequest, (await _alice.PostAsync("/api/anchors", new { label = "School", certificate = pem })).Status);
    }

    [Fact]
    public async Task OneOccurrenceIsMovedCalledOffAndAsTheOthersAgain()
    {
        Answer made = await _alice.PostAsync("/api/meetings", Meeting(_room));
        string path = $"/api/meetings/{made.Text("id")}";
        string second = (string)made.Body!["occurrences"]![1]!["original"]!;
        Dictionary<string, string> before = Instances(made);

        Answer moved = await _alice.SendAsync(HttpMethod.Put, $"{path}/occurrences/{second}", new { start = "2026-12-03T15:00", end = "2026-12-03T15:30", title = "Later" });
        Assert.Equal("2026-12-03T14:00:00+00:00", (string?)moved.Body!["occurrences"]![1]!["starts_at"]);
        Assert.Equal(before, Instances(moved));

        Answer cancelled = await _alice.SendAsync(HttpMethod.Put, $"{path}/occurrences/{second}", new { cancelled = true });
        Assert.Equal(before.Where(one => one.Key != second), Instances(cancelled));
        Assert.Null(await _calendar.Get<IMeetingDirectory>().FindAsync(new MeetingInstance(Id(made), ByteString.Owning(Base64UrlText.Decode(before[second])!)), default));

        Answer again = await _alice.SendAsync(HttpMethod.Put, $"{path}/occurrences/{second}", new { });
        Assert.Equal(before.Keys, Instances(again).Keys);

        // It was called off, which its members were told; what comes instead is another one.
        Assert.NotEqual(before[second], Instances(again)[second]);
        Assert.Equal(HttpStatusCode.NotFound, (await _alice.SendAsync(HttpMethod.Put, $"{path}/occurrences/2026-12-04T09:00:00", new { cancelled = true })).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await _alice.SendAsync(HttpMethod.Put, $"{path}/occurrences/{second}", new { start = "2026-12-03T15:00", end = "2026-12-03T14:00" })).Status);
    }

    [Fact]
    public async Task TheClassOfAMeetingNeverChanges()
    {
        Answer made = await _alice.PostAsync("/api/meetings", Meeting(_room));

        Answer changed = await _alice.SendAsync(HttpMethod.Put, $"/api/meetings/{made.Text("id")}", Meeting(_room) with { Class = "encrypted" });

        Assert.Equal(HttpStatusCode.Conflict, changed.Status);
        Assert.Equal("end-to-end", (await _alice.GetAsync($"/api/meetings/{made.Text("id")}")).Text("class"));
    }

    [Fact]
    public async Task NobodyOverwritesWhatTheyHaveNotSeen()
    {
        Answer made = await _alice.PostAsync("/api/meetings", Meeting(_room));
        string path = $"/api/meetings/{made.Text("id")}";
        await _alice.SendAsync(HttpMethod.Put, path, Meeting(_room) with { Title = "First" });

        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = System.Net.Http.Json.JsonContent.Create(Meeting(_room), options: s_json) };
        request.Headers.IfMatch.Add(new EntityTagHeaderValue(made.Header("ETag")!));
        request.Headers.Add(TestHub.PersonHeader, $"{_alice.Organisation}|School|alice|{HubClaims.AdministratorRole}");

        Assert.Equal(HttpStatusCode.PreconditionFailed, (await _calendar.Hub.Http.SendAsync(request)).StatusCode);
        Assert.Equal("First", (await _alice.GetAsync(path)).Text("title"));
    }

    [Theory]
    [InlineData("title", "")]
    [InlineData("title", "a\u0000b")]
    [InlineData("zone", "Mars/Olympus")]
    [InlineData("zone", "W. Europe Standard Time")]
    [InlineData("start", "2026-11-26T09:00:00Z")]
    [InlineData("start", "tomorrow")]
    [InlineData("start", "1969-11-26T09:00")]
    [InlineData("end", "2026-11-26T08:00")]
    [InlineData("end", "2026-12-26T08:00")]
    [InlineData("rule", "FREQ=SECONDLY")]
    [InlineData("class", "secret")]
    [InlineData("unknown", "x")]
    public async Task ABadMeetingIsRefusedAndNothingHappens(string member, string value)
    {
        JsonNode body = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(Meeting(_room), s_json))!;
        body[member] = value;

        Answer answer = await Answer.ReadAsync(await _alice.SendRawAsync(HttpMethod.Post, "/api/meetings", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json")));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotEmpty(answer.Text("title"));
        Assert.Empty((await _alice.GetAsync("/api/meetings")).Body!["meetings"]!.AsArray());
    }

    [Fact]
    public async Task APersonalRoomHasOneAddressAndAFreshMeetingEachTime()
    {
        string address = $"ada-{Guid.NewGuid():N}"[..20];
        await _calendar.AddPersonAsync(_alice.Organisation, "ada@example.org");
        Answer made = await _alice.PostAsync("/api/rooms", new { name = "Ada's room", zone = "Europe/Berlin", owner = "ada@example.org", address });
        Assert.Equal(HttpStatusCode.Created, made.Status);

        Answer first = await _device.CallAsync($"/calendar/personal/{address}", HttpMethod.Post);
        Answer second = await _device.CallAsync($"/calendar/personal/{address}", HttpMethod.Post);
        Assert.Equal(first.Text("instance"), second.Text("instance"));

        ScheduledMeeting scheduled = (await FindAsync(RoomPolicy.Decode(Convert.FromBase64String(first.Text("policy")))!))!;
        Assert.Equal("ada@example.org", Encoding.ASCII.GetString(Assert.Single(scheduled.Policy.Hosts).Name.Value.Span));
        Assert.True(scheduled.WaitsForHost);

        // Who is in it for longer than a day is not cut off from who comes then; only an end makes room for a fresh one.
        (byte[] id, byte[] instance) = (Base64UrlText.Decode(first.Text("meeting_id"))!, Base64UrlText.Decode(first.Text("instance"))!);
        await _calendar.Hub.Database.WriteAsync(transaction => transaction.ExecuteAsync($"INSERT INTO meeting (meeting_id, instance, last_seq, last_generation, floor) VALUES ({id}, {instance}, 1, 0, 0)"));
        _calendar.Hub.Clock.Advance(MeetingDirectory.PersonalLife);
        await _device.RefreshAsync();
        Assert.Equal(first.Text("instance"), (await _device.CallAsync($"/calendar/personal/{address}", HttpMethod.Post)).Text("instance"));
        await _calendar.Hub.Database.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE meeting SET over_at = {Now} WHERE meeting_id = {id}"));
        Answer later = await _device.CallAsync($"/calendar/personal/{address}", HttpMethod.Post);
        Assert.Equal(first.Text("meeting_id"), later.Text("meeting_id"));
        Assert.NotEqual(first.Text("instance"), later.Text("instance"));
        Assert.Null(await FindAsync(RoomPolicy.Decode(Convert.FromBase64String(first.Text("policy")))!));
        Assert.Equal("no_room", (await _device.CallAsync("/calendar/personal/nobody", HttpMethod.Post)).Error);

        // To a device of another organisation it is not there.
        (TestDevice stranger, _) = await _calendar.PairIntoRoomAsync(_calendar.Hub.Administrator(name: "Thieves", id: "mallory"), "Den");
        Answer refused = await stranger.CallAsync($"/calendar/personal/{address}", HttpMethod.Post);
        Assert.Equal((HttpStatusCode.NotFound, "no_room"), (refused.Status, refused.Error));
    }

    [Fact]
    public async Task TheDeviceIsToldWithinASecondOfEveryChange()
    {
        var device = new DeviceId(Guid.Parse(_device.ClientId!));
        await SettleAsync(device, _calendar.ToldOf(device));
        Answer made = await ToldAfterAsync(device, () => _alice.PostAsync("/api/meetings", Meeting(_room)));
        string path = $"/api/meetings/{made.Text("id")}";

        await ToldAfterAsync(device, () => _alice.SendAsync(HttpMethod.Put, path, Meeting(_room) with { Title = "Other" }));
        await ToldAfterAsync(device, () => _alice.SendAsync(HttpMethod.Put, $"{path}/occurrences/{(string)made.Body!["occurrences"]![0]!["original"]!}", new { cancelled = true }));
        await ToldAfterAsync(device, () => _alice.SendAsync(HttpMethod.Put, path, Meeting()));
        await ToldAfterAsync(device, () => _alice.SendAsync(HttpMethod.Put, path, Meeting(_room)));
        await ToldAfterAsync(device, () => _alice.SendAsync(HttpMethod.Delete, path));
    }

    [Fact]
    public async Task AFileIsImportedChangedAndCalledOff()
    {
        await _alice.SendAsync(HttpMethod.Put, $"/api/rooms/{_room}", new { name = "Room 1", zone = "Europe/Berlin", mailbox = "room1@example.org", device = _device.ClientId });
        Answer added = await ImportAsync(Samples.Outlook);
        Assert.Equal((1L, 0L), (added.Number("added"), added.Number("left_out")));
        Assert.Equal(1, (await ImportAsync(Samples.Outlook)).Number("unchanged"));

        Answer listed = await _alice.GetAsync("/api/calendar?from=2026-11-25T00:00:00Z&to=2026-12-20T00:00:00Z");
        Assert.Equal(["2026-12-01T08:30:00+00:00", "2026-12-08T08:30:00+00:00", "2026-12-15T08:30:00+00:00"], listed.Body!["entries"]!.AsArray().Select(entry => (string?)entry!["starts_at"]));
        string[] before = [.. listed.Body!["entries"]!.AsArray().Select(entry => (string)entry!["instance"]!)];

        // The organiser moves all of them by an hour; they stay the same meetings.
        string later = Samples.Outlook.Replace("T093000", "T103000", StringComparison.Ordinal).Replace("T101500", "T111500", StringComparison.Ordinal).Replace("SEQUENCE:0", "SEQUENCE:1", StringComparison.Ordinal);
        Assert.Equal(1, (await ImportAsync(later)).Number("changed"));
        JsonArray moved = (await _alice.GetAsync("/api/calendar?from=2026-11-25T00:00:00Z&to=2026-12-20T00:00:00Z")).Body!["entries"]!.AsArray();
        Assert.Equal("2026-12-01T09:30:00+00:00", (string?)moved[0]!["starts_at"]);
        Assert.Equal(before, moved.Select(entry => (string)entry!["instance"]!));

        // What is older than what is known changes nothing.
        Assert.Equal(1, (await ImportAsync(Samples.Outlook)).Number("unchanged"));
        Assert.Equal(1, (await ImportAsync(later.Replace("METHOD:REQUEST", "METHOD:CANCEL", StringComparison.Ordinal).Replace("SEQUENCE:1", "SEQUENCE:2", StringComparison.Ordinal))).Number("removed"));
        Assert.Empty((await _alice.GetAsync("/api/meetings")).Body!["meetings"]!.AsArray());
    }

    [Fact]
    public async Task AnImportedMeetingKeepsWhatWasDecidedHere()
    {
        Answer added = await ImportAsync(Samples.Thunderbird);
        Assert.Equal(1, added.Number("added"));
        Answer meeting = await Answer.ReadAsync(await _alice.SendRawAsync(HttpMethod.Get, "/api/meetings", null));
        string id = (string)meeting.Body!["meetings"]![0]!["id"]!;
        Assert.True((bool)meeting.Body!["meetings"]![0]!["imported"]!);
        await _alice.SendAsync(HttpMethod.Put, $"/api/meetings/{id}", Meeting(_room) with { Strict = true, Rule = null });

        await ImportAsync(Samples.Thunderbird.Replace("SUMMARY:", "SEQUENCE:1\nSUMMARY:", StringComparison.Ordinal), "&class=encrypted");

        Answer now = await _alice.GetAsync($"/api/meetings/{id}");
        Assert.Equal(("Grüße aus München", true, "end-to-end"), (now.Text("title"), (bool)now.Body!["strict"]!, now.Text("class")));
    }

    [Fact]
    public async Task ABadFileIsRefusedWithItsLine()
    {
        Answer bad = await ImportAsync(Samples.Google.Replace("END:VTIMEZONE", "END:VEVENT", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, bad.Status);
        Assert.Equal($"Line {1 + Samples.Google[..Samples.Google.IndexOf("END:VTIMEZONE", StringComparison.Ordinal)].Count(letter => letter == '\n')}: the end of something that did not begin.", bad.Text("title"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await ImportAsync(new string('x', ImportEndpoints.MaxFile + 1))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await ImportAsync(new string('x', 200_000))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Answer.ReadAsync(await _alice.SendRawAsync(HttpMethod.Post, "/api/calendar/import", new StringContent(Samples.Google, Encoding.UTF8, "text/plain")))).Status);
        Assert.Empty((await _alice.GetAsync("/api/meetings")).Body!["meetings"]!.AsArray());
    }

    private static readonly System.Text.Json.JsonSerializerOptions s_json = new() { PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower };

    private static MeetingRequestBody Meeting(params Guid[] rooms) => new() { Rooms = rooms };

    private static ByteString Id(Answer meeting) => ByteString.Owning(Guid.Parse(meeting.Text("id")).ToByteArray(bigEndian: true));

    private static Dictionary<string, string> Instances(Answer meeting) =>
        meeting.Body!["occurrences"]!.AsArray().ToDictionary(one => (string)one!["original"]!, one => (string)one!["instance"]!);

    private static X509Certificate2 NewRoot(ECDsa key)
    {
        var request = new CertificateRequest("CN=A root from outside", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2036, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static byte[] SpkiHash(byte[] certificate)
    {
        using X509Certificate2 read = X509CertificateLoader.LoadCertificate(certificate);
        return SHA256.HashData(read.PublicKey.ExportSubjectPublicKeyInfo());
    }

    [Fact]
    public async Task AnImportedMeetingAtAnotherServiceSaysWhichAndNothingElseOfItsLink()
    {
        const string Link = "https://teams.microsoft.com/l/meetup-join/19%3ameeting_secret%40thread.v2/0?context=x";
        string file = Samples.Outlook.Replace("DESCRIPTION:Hello", $"DESCRIPTION:{Link} Hello", StringComparison.Ordinal).Replace("20261201T", "20261126T", StringComparison.Ordinal);
        file = file.Replace("RRULE:FREQ=WEEKLY;UNTIL=20270302T083000Z;INTERVAL=1;BYDAY=TU;WKST=MO", "RRULE:FREQ=DAILY;COUNT=2", StringComparison.Ordinal);
        file = file.Replace(
            "END:VCALENDAR",
            "BEGIN:VEVENT\nUID:040000008200E00074C5B7101A82E0080000000010A1B2C3D4E5DA01000000000000000010000000A1B2C3D4E5F60718293A4B5C6D7E8F90\nRECURRENCE-ID;TZID=\"W. Europe Standard Time\":20261127T093000\n"
            + "DTSTART;TZID=\"W. Europe Standard Time\":20261127T093000\nDTEND;TZID=\"W. Europe Standard Time\":20261127T101500\nLOCATION:Room 1\nSUMMARY:Here for once\nEND:VEVENT\nEND:VCALENDAR",
            StringComparison.Ordinal);
        Assert.Equal(1, (await ImportAsync(file)).Number("added"));

        Answer calendar = await _device.CallAsync("/calendar");

        Assert.Equal([("Planning; next quarter", "Microsoft Teams"), ("Here for once", null)], calendar.Body!["entries"]!.AsArray().Select(entry => ((string?)entry!["title"], (string?)entry["elsewhere"])));
        Assert.DoesNotContain("secret", calendar.Body.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsPlannedHereIsHereWhateverItIsCalled()
    {
        await _alice.PostAsync("/api/meetings", Meeting(_room) with { Title = "https://zoom.us/j/123456" });

        Assert.Null((await _device.CallAsync("/calendar")).Body!["entries"]![0]!["elsewhere"]);
    }

    private Task<ScheduledMeeting?> FindAsync(RoomPolicy policy) => _calendar.Get<IMeetingDirectory>().FindAsync(new MeetingInstance(policy.Name.MeetingId, policy.Name.Instance), default);

    private async Task<RoomPolicy> FirstPolicyAsync() => RoomPolicy.Decode(Convert.FromBase64String((string)(await _device.CallAsync("/calendar")).Body!["entries"]![0]!["policy"]!))!;

    private async Task<string> NameAsync() => (string)(await _alice.GetAsync("/api/devices")).Body!["devices"]!.AsArray().First(device => (string?)device!["id"] == _device.ClientId)!["dns_name"]!;

    private async Task<HttpResponseMessage> CallWithTagAsync(string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/calendar");
        request.Headers.Add("DPoP", _device.Proof("GET", "/calendar", _device.AccessToken));
        request.Headers.TryAddWithoutValidation("Authorization", $"DPoP {_device.AccessToken}");
        request.Headers.Add("If-None-Match", tag);
        return await _calendar.Hub.Http.SendAsync(request);
    }

    private async Task<Answer> ImportAsync(string file, string more = "") =>
        await Answer.ReadAsync(await _alice.SendRawAsync(HttpMethod.Post, $"/api/calendar/import?zone=Europe/Berlin{more}", new StringContent(file, Encoding.UTF8, "text/calendar")));

    private async Task<Answer> ToldAfterAsync(DeviceId device, Func<Task<Answer>> change)
    {
        int before = _calendar.ToldOf(device);
        Answer answer = await change();
        Assert.True(answer.Response.IsSuccessStatusCode);
        await SettleAsync(device, before + 1);
        return answer;
    }

    private async Task SettleAsync(DeviceId device, int times)
    {
        for (int waited = 0; _calendar.ToldOf(device) < times; waited += 10)
        {
            Assert.True(waited < 1_000, "the device was not told");
            await Task.Delay(10);
        }
    }

    private sealed record MeetingRequestBody
    {
        [System.Text.Json.Serialization.JsonPropertyName("title")]
        public string Title { get; init; } = "Weekly";

        [System.Text.Json.Serialization.JsonPropertyName("zone")]
        public string Zone { get; init; } = "Europe/Berlin";

        [System.Text.Json.Serialization.JsonPropertyName("start")]
        public string Start { get; init; } = "2026-11-26T09:00";

        [System.Text.Json.Serialization.JsonPropertyName("end")]
        public string End { get; init; } = "2026-11-26T10:00";

        [System.Text.Json.Serialization.JsonPropertyName("rule")]
        public string? Rule { get; init; } = "FREQ=WEEKLY";

        [System.Text.Json.Serialization.JsonPropertyName("rooms")]
        public Guid[] Rooms { get; init; } = [];

        [System.Text.Json.Serialization.JsonPropertyName("people")]
        public string[] People { get; init; } = [];

        [System.Text.Json.Serialization.JsonPropertyName("class")]
        public string? Class { get; init; }

        [System.Text.Json.Serialization.JsonPropertyName("strict")]
        public bool Strict { get; init; }

        [System.Text.Json.Serialization.JsonPropertyName("join_before_host")]
        public bool JoinBeforeHost { get; init; } = true;
    }
}
