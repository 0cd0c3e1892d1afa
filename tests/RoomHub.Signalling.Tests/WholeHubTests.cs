using RoomAgent.Agent.Ports;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Agent.Meetings;
using RoomAgent.Cloud;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.People;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using Answer = RoomAgent.Hub.Testing.Answer;
using EnterOutcome = RoomAgent.Agent.Ports.EnterOutcome;

namespace RoomAgent.Hub.Tests;

/// <summary>The parts of the hub together, nothing stands in for any: an administrator schedules through the API, rooms find it in their calendar and meet, a guest waits in the lobby.</summary>
public sealed class WholeHubTests : IAsyncLifetime
{
    private readonly List<Room> _rooms = [];
    private RunningHub _hub = null!;
    private Visitor _alice = null!;
    private OrganisationId _school;

    public async ValueTask InitializeAsync()
    {
        _hub = await RunningHub.StartAsync();
        _alice = await Visitor.FirstAsync(_hub);
        _school = Assert.Single(await _hub.Get<PeopleDesk>().Store.OrganisationsAsync()).Id;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Room room in _rooms)
            await room.DisposeAsync();
        _alice.Dispose();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task RoomsFindTheirMeetingAndAGuestIsLetInByTheService()
    {
        Room host = await InRoomAsync("Library"), other = await InRoomAsync("Lab");
        host.Signalling.Start();
        await Meeting.UntilAsync(() => host.Signalling.State == SignallingState.Connected, () => "not connected");

        string meeting = (string)(await ApiAsync(HttpMethod.Post, "/api/meetings", HttpStatusCode.Created, MeetingOf(await RoomIdAsync("Library"), await RoomIdAsync("Lab"))))["id"]!;
        await Meeting.UntilAsync(() => Told<CalendarChanged>(host), () => "nobody told the room that its calendar changed");
        RoomPolicy policy = await PolicyAsync(host);
        Assert.Equal(policy, await PolicyAsync(other));

        host.Join(policy);
        other.Join(policy);
        await Meeting.AgreeAsync([host, other]);

        // D05: a guest waits until somebody lets it in, here the service, which everybody is told.
        string link = (string)(await ApiAsync(HttpMethod.Post, $"/api/meetings/{meeting}/guest-link", HttpStatusCode.Created, new { }))["url"]!;
        Room guest = await Room.GuestAsync(_hub.Address, new Uri(link).AbsolutePath, _hub.EndPoint);
        _rooms.Add(guest);
        guest.Join(policy);
        var desks = _hub.Get<IMeetingDesks>();
        OpenOccurrence? open = null;
        await Meeting.UntilAsync(() => (open = desks.ListAsync(_school, default).Result.SingleOrDefault()) is { Waiting.Count: 1, Members.Count: 2 }, () => $"{open}");
        Assert.Equal(SeatIdentity.OfGuest(guest.DnsName), open!.Waiting[0]);
        JsonNode listed = Assert.Single((await ApiAsync(HttpMethod.Get, "/api/open-meetings", HttpStatusCode.OK)).AsArray())!;
        Assert.Equal(["Lab", "Library"], listed["members"]!.AsArray().Select(member => (string)member!["name"]!).Order());
        JsonNode waiting = Assert.Single(listed["waiting"]!.AsArray())!;
        Assert.True((bool)waiting["is_guest"]!);
        await ApiAsync(HttpMethod.Post, "/api/open-meetings/admit", HttpStatusCode.Conflict, Deed(listed, "dns:nobody.example"));
        await ApiAsync(HttpMethod.Post, "/api/open-meetings/admit", HttpStatusCode.BadRequest, new { meeting_id = "!", instance = "", identity = "" });
        await ApiAsync(HttpMethod.Post, "/api/open-meetings/admit", HttpStatusCode.NoContent, Deed(listed, (string)waiting["identity"]!));
        await Meeting.AgreeAsync([host, other, guest]);

        // It comes to no other meeting.
        var elsewhere = new HubSignalling(new DeviceCalls(guest.Device, guest.Hub), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<HubSignalling>.Instance);
        await using (elsewhere)
        {
            elsewhere.Start();
            elsewhere.Enter(policy.Name.MeetingId, Wire.ByteString.Owning(new byte[Limits.Instance]));
            Assert.Equal(EnterOutcome.Unknown, Assert.IsType<SeatRefused>(await elsewhere.Events.ReadAsync()).Outcome);
        }
    }

    [Fact]
    public async Task AMeetingThatWasCalledOffIsNotEntered()
    {
        Room host = await InRoomAsync("Library");
        string meeting = (string)(await ApiAsync(HttpMethod.Post, "/api/meetings", HttpStatusCode.Created, MeetingOf(await RoomIdAsync("Library"))))["id"]!;
        RoomPolicy policy = await PolicyAsync(host);
        await ApiAsync(HttpMethod.Delete, $"/api/meetings/{meeting}", HttpStatusCode.NoContent);

        host.Join(policy);

        await Meeting.UntilAsync(() => host.Events.OfType<SeatRefused>().Any(refused => refused.Outcome == EnterOutcome.Unknown), () => "it was let in");
    }

    [Fact]
    public async Task TheLogOfAMeetingThatIsOverIsDeletedAndOfOneThatIsNotIsKept()
    {
        Room host = await InRoomAsync("Library");
        await ApiAsync(HttpMethod.Post, "/api/meetings", HttpStatusCode.Created, MeetingOf(await RoomIdAsync("Library")));
        RoomPolicy policy = await PolicyAsync(host);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        MeetingInstance name = Meeting.NameOf(policy);
        var store = _hub.Get<MeetingStore>();

        // 1. Somebody is in it. 2. Nobody is, but it was to go on today. 3. It was called off.
        Assert.Equal(0, await _hub.Get<MeetingEnds>().StepAsync(default));
        await host.DisposeAsync();
        _rooms.Clear();
        _hub = await _hub.RestartAsync();
        Assert.Equal(0, await _hub.Get<MeetingEnds>().StepAsync(default));
        store = _hub.Get<MeetingStore>();
        Assert.NotEmpty((await store.OpenAsync(name, default)).Entries);

        await _hub.Get<Database>().WriteAsync(transaction => transaction.ExecuteAsync($"DELETE FROM calendar_occurrence"));
        Assert.Equal(1, await _hub.Get<MeetingEnds>().StepAsync(default));
        Assert.Empty((await store.OpenAsync(name, default)).Entries);
        Assert.Equal(0, await _hub.Get<MeetingEnds>().StepAsync(default));
    }

    [Fact]
    public async Task AGuestWhoseLinkIsTakenBackIsTurnedOutAndClosed()
    {
        Room host = await InRoomAsync("Library");
        (Room guest, string links) = await GuestAsync(host);

        JsonNode listed = await ApiAsync(HttpMethod.Get, links, HttpStatusCode.OK);
        await ApiAsync(HttpMethod.Delete, $"{links}/{(string)listed[0]!["id"]!}", HttpStatusCode.NoContent);

        await Meeting.UntilAsync(() => guest.Signalling.State == SignallingState.Ended, () => $"{guest.Signalling.State}");
        await Meeting.UntilAsync(() => _hub.Get<SignalConnections>().All.All(connection => connection.Who.Only is null), () => "still connected");
        await Meeting.AgreeAsync([host]);
    }

    [Fact]
    public async Task WhatRunsOutIsNoticedAtConnectionsThatSayNothing()
    {
        Room host = await InRoomAsync("Library");
        (Room guest, _) = await GuestAsync(host);
        SignalConnection connection = _hub.Get<SignalConnections>().All.Single(one => one.Who.Only is not null);

        // As time does it: nobody says anything.
        await _hub.Get<Database>().WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE guest_link SET expires_at = {DateTimeOffset.UtcNow.AddSeconds(-1)}"));
        connection.CheckedAt = new Wire.Instant(long.MinValue);
        Assert.False(await _hub.Get<SignalConnections>().HasAccessAsync(connection));

        await Meeting.UntilAsync(() => guest.Signalling.State == SignallingState.Ended, () => $"{guest.Signalling.State}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AConnectionEndsWithTheSessionThatOpenedIt(bool isTold)
    {
        using ClientWebSocket socket = await ConnectAsync(_alice);
        SignalConnections connections = _hub.Get<SignalConnections>();
        await Meeting.UntilAsync(() => connections.Count == 1, () => "not connected");
        SignalConnection connection = connections.All.Single();

        // It is signed out, or its session runs out and nobody says so.
        if (isTold)
        {
            await _hub.Get<PeopleDesk>().Sessions.EndAsync(await SessionAsync());
        }
        else
        {
            await _hub.Get<Database>().WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE person_session SET created_at = {DateTimeOffset.UtcNow.AddYears(-1)}"));
            connection.CheckedAt = new Wire.Instant(long.MinValue);
            Assert.False(await connections.HasAccessAsync(connection));
        }

        await Meeting.UntilAsync(() => connections.Count == 0, () => "still connected");
        Assert.True(connection.IsEnded);
    }

    [Fact]
    public async Task OneLinkBringsOnlySoManyGuestsAndTheOthersStillComeIn()
    {
        await _hub.DisposeAsync();
        _alice.Dispose();
        _hub = await RunningHub.StartAsync(services: services => services.AddSingleton(new Meetings.SignallingSettings { ConnectionsOfLink = 2 }));
        _alice = await Visitor.FirstAsync(_hub);
        _school = Assert.Single(await _hub.Get<PeopleDesk>().Store.OrganisationsAsync()).Id;
        Room host = await InRoomAsync("Library");
        (_, string links) = await GuestAsync(host);
        string again = (string)(await ApiAsync(HttpMethod.Post, links[..^1], HttpStatusCode.Created, new { }))["url"]!;
        SignalConnections connections = _hub.Get<SignalConnections>();
        async Task<Room> ComeAsync()
        {
            Room guest = await Room.GuestAsync(_hub.Address, new Uri(again).AbsolutePath, _hub.EndPoint);
            _rooms.Add(guest);
            guest.Signalling.Start();
            return guest;
        }

        // Three by one link, of whom two get in, beside the room and the guest of another link.
        for (int i = 0; i < 3; i++)
        {
            Room guest = await ComeAsync();
            if (i < 2)
                await Meeting.UntilAsync(() => guest.Signalling.State == SignallingState.Connected, () => $"{guest.Signalling.State}");
        }

        await Meeting.UntilAsync(() => connections.Refused > 0, () => "nobody was refused");
        Assert.Equal(4, connections.Count);
        Room device = await InRoomAsync("Lab");
        device.Signalling.Start();
        await Meeting.UntilAsync(() => device.Signalling.State == SignallingState.Connected, () => $"{device.Signalling.State}");
    }

    [Fact]
    public async Task ABrowserFetchesABodyWithoutAnOriginAndUploadsNoneWithoutOne()
    {
        using ClientWebSocket socket = await ConnectAsync(_alice);
        await Meeting.UntilAsync(() => _hub.Get<SignalConnections>().Count == 1, () => "not connected");
        Bodies bodies = _hub.Get<SignalConnections>().All.Single().Bodies;
        string path = $"/signal/bodies/{bodies.Connection}";

        Assert.Equal(HttpStatusCode.OK, (await _alice.GetAsync($"{path}/{bodies.Put([1, 2, 3])}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Get, $"{path}/{bodies.Put([1, 2, 3])}", "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, path, null));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Post, path, _hub.Address.Url));

        async Task<HttpStatusCode> AskAsync(HttpMethod method, string where, string? origin)
        {
            var request = new HttpRequestMessage(method, where);
            if (method == HttpMethod.Post)
                request.Content = new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new("application/octet-stream") } };
            if (origin is not null)
                request.Headers.Add("Origin", origin);
            request.Headers.Add("Cookie", $"__Host-roomhub={_alice.Session}");
            using HttpResponseMessage response = await _hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return response.StatusCode;
        }
    }

    private Task<byte[]> SessionAsync() => _hub.Get<Database>().ReadAsync(async transaction => (await transaction.FirstAsync($"SELECT hash FROM person_session", row => row.Bytes(0)))!);

    // A connection of a browser, as SignalR begins it.
    private async Task<ClientWebSocket> ConnectAsync(Visitor person)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", $"__Host-roomhub={person.Session}");
        socket.Options.SetRequestHeader("Origin", _hub.Address.Url);
        await socket.ConnectAsync(new Uri(_hub.Address.Url.Replace("https:", "wss:", StringComparison.Ordinal) + "/signal"), _hub.Http, default);
        await socket.SendAsync("{\"protocol\":\"json\",\"version\":1}\u001e"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, default);
        return socket;
    }

    // A guest in the lobby of a meeting that this room is in.
    private async Task<(Room Guest, string Links)> GuestAsync(Room host)
    {
        string meeting = (string)(await ApiAsync(HttpMethod.Post, "/api/meetings", HttpStatusCode.Created, MeetingOf(await RoomIdAsync("Library"))))["id"]!;
        RoomPolicy policy = await PolicyAsync(host);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        string link = (string)(await ApiAsync(HttpMethod.Post, $"/api/meetings/{meeting}/guest-link", HttpStatusCode.Created, new { }))["url"]!;
        Room guest = await Room.GuestAsync(_hub.Address, new Uri(link).AbsolutePath, _hub.EndPoint);
        _rooms.Add(guest);
        guest.Join(policy);
        await Meeting.UntilAsync(() => guest.Look(member => member.Phase == MeetingPhase.Lobby), () => $"{guest.Look(member => member.Phase)}");
        return (guest, $"/api/meetings/{meeting}/guest-links");
    }

    private static object Deed(JsonNode meeting, string identity) => new { meeting_id = (string)meeting["meeting_id"]!, instance = (string)meeting["instance"]!, identity };

    private static bool Told<T>(Room room)
        where T : SignallingEvent
    {
        while (room.Signalling.Events.TryRead(out SignallingEvent? happened))
            room.Events.Add(happened);
        return room.Events.OfType<T>().Any();
    }

    private static object MeetingOf(params string[] rooms)
    {
        DateTime now = DateTime.UtcNow;
        return new { title = "Weekly", zone = "UTC", start = now.ToString("yyyy-MM-ddTHH:mm"), end = now.AddHours(1).ToString("yyyy-MM-ddTHH:mm"), rooms };
    }

    private async Task<Room> InRoomAsync(string name)
    {
        Room room = await _hub.PairAsync(_school);
        _rooms.Add(room);
        await ApiAsync(HttpMethod.Post, "/api/rooms", HttpStatusCode.Created, new { name, zone = "UTC", device = room.Device.ClientId });
        return room;
    }

    private async Task<string> RoomIdAsync(string name) =>
        (string)(await ApiAsync(HttpMethod.Get, "/api/rooms", HttpStatusCode.OK))["rooms"]!.AsArray().Single(room => (string)room!["name"]! == name)!["id"]!;

    private static async Task<RoomPolicy> PolicyAsync(Room room)
    {
        Answer calendar = await room.Device.CallAsync("/calendar");
        Assert.Equal(HttpStatusCode.OK, calendar.Status);
        JsonNode item = Assert.Single(calendar.Body!["entries"]!.AsArray())!;
        return RoomPolicy.Decode(Convert.FromBase64String((string)item["policy"]!))!;
    }

    private async Task<JsonNode> ApiAsync(HttpMethod method, string path, HttpStatusCode expected, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("X-Requested-With", "test");
        Page page = await _alice.SendAsync(request);
        Assert.True(page.Status == expected, $"{page.Status}: {page.Html}");
        return page.Html.Length == 0 ? new JsonObject() : JsonNode.Parse(page.Html)!;
    }
}
