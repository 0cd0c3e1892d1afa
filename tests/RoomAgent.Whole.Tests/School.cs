using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Testing;
using RoomAgent.Hub.Tests;

namespace RoomAgent.Whole.Tests;

/// <summary>A hub at an address of this machine, and an administrator who does everything through its API.</summary>
internal sealed class School : IAsyncDisposable
{
    private readonly Visitor _alice;
    private readonly HubAlone? _alone;
    private RunningHub? _here;

    private School(RunningHub? here, HubAlone? alone, Visitor alice) => (_here, _alone, _alice) = (here, alone, alice);

    /// <summary>The hub in this process.</summary>
    public RunningHub Hub => _here ?? throw new InvalidOperationException("The hub has a process of its own.");

    /// <summary>The hub in a process of its own.</summary>
    public HubAlone Alone => _alone ?? throw new InvalidOperationException("The hub is in this process.");

    public static async Task<School> StartAsync()
    {
        int port = FreePort();
        RunningHub hub = await RunningHub.StartAsync(change: settings => settings with
        {
            Address = HubAddress.Read($"https://127.0.0.1:{port}")!,
            Listen = [new IPEndPoint(IPAddress.Loopback, port)],
        });
        return new School(hub, alone: null, await Visitor.FirstAsync(hub));
    }

    /// <summary>The same, with the hub's program in a process of its own.</summary>
    public static async Task<School> StartAloneAsync()
    {
        HubAlone hub = await HubAlone.StartAsync();
        return new School(here: null, hub, await Visitor.FirstAsync(hub));
    }

    /// <summary>What an administrator prints for a new device.</summary>
    public async Task<string> SetupCodeAsync(string name) =>
        (string)(await ApiAsync(HttpMethod.Post, "/api/activation-codes", new { device_name = name }))["setup_code"]!;

    /// <summary>Says in which room the device of that name stands.</summary>
    public async Task PlaceAsync(string name)
    {
        JsonArray devices = (await ApiAsync(HttpMethod.Get, "/api/devices"))["devices"]!.AsArray();
        string device = (string)devices.Single(one => (string)one!["name"]! == name)!["id"]!;
        await ApiAsync(HttpMethod.Post, "/api/rooms", new { name, zone = "UTC", device });
    }

    /// <summary>Schedules a meeting, whose host is the first of the rooms.</summary>
    public Task<string> ScheduleAsync(DateTime start, DateTime end, params string[] rooms) => ScheduleAsync(start, end, isStrict: false, rooms);

    /// <summary>Schedules a meeting that may be strict, whose host is the first of the rooms.</summary>
    public async Task<string> ScheduleAsync(DateTime start, DateTime end, bool isStrict, params string[] rooms)
    {
        JsonArray known = (await ApiAsync(HttpMethod.Get, "/api/rooms"))["rooms"]!.AsArray();
        string[] ids = [.. rooms.Select(name => (string)known.Single(room => (string)room!["name"]! == name)!["id"]!)];
        return (string)(await ApiAsync(HttpMethod.Post, "/api/meetings", new { title = "Weekly", zone = "UTC", start = Text(start), end = Text(end), rooms = ids, strict = isStrict, host_rooms = ids[..1] }))["id"]!;
    }

    /// <summary>Schedules a meeting with people, of whom some are its hosts.</summary>
    public async Task<string> ScheduleAsync(DateTime start, DateTime end, string[] people, string[] hosts, string[] rooms, bool isStrict = false)
    {
        JsonArray known = (await ApiAsync(HttpMethod.Get, "/api/rooms"))["rooms"]!.AsArray();
        string[] ids = [.. rooms.Select(name => (string)known.Single(room => (string)room!["name"]! == name)!["id"]!)];
        return (string)(await ApiAsync(HttpMethod.Post, "/api/meetings", new { title = "Weekly", zone = "UTC", start = Text(start), end = Text(end), rooms = ids, people, host_people = hosts, strict = isStrict }))["id"]!;
    }

    /// <summary>Removes somebody from the meeting that is open, as administrators can.</summary>
    /// <param name="name">The name of the room's device.</param>
    public async Task RemoveAsync(string name)
    {
        JsonNode open = (await ApiAsync(HttpMethod.Get, "/api/open-meetings")).AsArray().Single()!;
        JsonNode member = open["members"]!.AsArray().Single(one => (string)one!["name"]! == name)!;
        await ApiAsync(HttpMethod.Post, "/api/open-meetings/remove", new { meeting_id = (string)open["meeting_id"]!, instance = (string)open["instance"]!, identity = (string)member["identity"]! });
    }

    public async Task<JsonNode> ApiAsync(HttpMethod method, string path, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("X-Requested-With", "test");
        Page page = await _alice.SendAsync(request);
        Assert.True((int)page.Status is >= 200 and < 300, $"{path}: {page.Status}: {page.Html}");
        return page.Html.Length == 0 ? new JsonObject() : JsonNode.Parse(page.Html)!;
    }

    /// <summary>The hub's process ends, and another one begins with what is in the database then.</summary>
    public async Task RestartHubAsync() => _here = await Hub.RestartAsync();

    public async ValueTask DisposeAsync()
    {
        _alice.Dispose();
        if (_here is { } here)
            await here.DisposeAsync();
        if (_alone is { } alone)
            await alone.DisposeAsync();
    }

    private static string Text(DateTime time) => time.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);

    /// <summary>A port that nobody had a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
