using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using RoomAgent.Agent.Meetings;
using RoomAgent.Enrolment;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.StoreLab;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Tests;

/// <summary>Two hubs on one PostgreSQL, and hubs that are killed in the middle of meetings.</summary>
public sealed class SeveralHubsTests(TestServer server) : IClassFixture<TestServer>, IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private readonly List<Room> _rooms = [];
    private readonly List<IAsyncDisposable> _hubs = [];
    private readonly List<HubProcess> _processes = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-several-").FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (Room room in _rooms)
            await room.DisposeAsync();
        foreach (HubProcess process in _processes)
            process.Dispose();
        foreach (IAsyncDisposable hub in Enumerable.Reverse(_hubs))
            await hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ClientsOfTwoHubsAreInOneMeetingAndSeeAndRemoveEachOtherAcross()
    {
        (RunningHub one, RunningHub two) = await TwoAsync();
        Room host = await PairAsync(one, one.EndPoint), guest = await PairAsync(one, two.EndPoint), third = await PairAsync(one, two.EndPoint);
        RoomPolicy policy = Schedule(one, host, guest, third);

        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        guest.Join(policy);
        third.Join(policy);
        await Meeting.AgreeAsync([host, guest, third]);

        // One desk, of which the other hub's pages know.
        Assert.Equal(1, one.Get<MeetingDesks>().Count + two.Get<MeetingDesks>().Count);
        foreach (RunningHub hub in (RunningHub[])[one, two])
        {
            OpenOccurrence open = Assert.Single(await hub.Get<IMeetingDesks>().ListAsync(_school, TestContext.Current.CancellationToken));
            Assert.Equal(3, open.Members.Count);
        }

        Assert.True(await two.Get<IMeetingDesks>().RemoveAsync(_school, Meeting.NameOf(policy), third.Identity, TestContext.Current.CancellationToken));
        await Meeting.UntilAsync(() => third.Look(member => member.LeftBecause == LeaveReason.RemovedByService), () => $"{third.Look(member => member.Phase)}");
        await Meeting.AgreeAsync([host, guest]);
    }

    [Fact]
    public async Task ADeviceWhoseAccessEndsIsClosedOnWhicheverHubItIs()
    {
        (RunningHub one, RunningHub two) = await TwoAsync();
        Room host = await PairAsync(one, one.EndPoint), guest = await PairAsync(one, two.EndPoint);
        RoomPolicy policy = Schedule(one, host, guest);
        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);
        await Meeting.UntilAsync(() => one.Get<MeetingStore>().IsListening && two.Get<MeetingStore>().IsListening, () => "the hubs do not hear each other");

        // The page was of hub one.
        MachineAccount account = (await one.Get<Accounts>().Store.EndAsync(DeviceId.Read(guest.Device.ClientId)!.Value, AccessEvents.AccessReset, "alice", DateTimeOffset.UtcNow))!;
        foreach (IAccessListener listener in one.Get<IEnumerable<IAccessListener>>())
            await listener.AccessEndedAsync(account, AccessEvents.AccessReset);

        await Meeting.UntilAsync(() => guest.Signalling.State == Agent.Ports.SignallingState.Ended, () => $"{guest.Signalling.State}", TimeSpan.FromSeconds(3));
        await Meeting.AgreeAsync([host], TimeSpan.FromSeconds(6));
    }

    [Fact]
    public async Task AHubThatEndsInOrderHandsItsMeetingsOver()
    {
        (RunningHub one, RunningHub two) = await TwoAsync();
        Room host = await PairAsync(two, one.EndPoint, two.EndPoint), guest = await PairAsync(two, two.EndPoint);
        RoomPolicy policy = Schedule(two, host, guest);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);
        Assert.Equal(1, one.Get<MeetingDesks>().Count);
        (ulong? epoch, _) = host.State;

        var watch = Stopwatch.StartNew();
        _hubs.Remove(one);
        await one.DisposeAsync();
        await BackAsync([host, guest], epoch!.Value, TimeSpan.FromSeconds(10));
        TestContext.Current.TestOutputHelper?.WriteLine($"back in {watch.Elapsed.TotalSeconds:F1} s");
        Assert.Equal(1, two.Get<MeetingDesks>().Count);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task KillingTheHubOfAMeetingBringsItsClientsBackWithinFiveSecondsWithNothingLost()
    {
        string database = server.NewDatabase();
        RunningHub here = await StartAsync(database);
        IPEndPoint there = FreePort();
        Room host = await PairAsync(here, there, here.EndPoint), guest = await PairAsync(here, here.EndPoint, there), third = await PairAsync(here, there, here.EndPoint);
        RoomPolicy policy = Schedule(here, host, guest, third);
        HubProcess process = await ProcessAsync(here.Settings.Data, here.Address, there, database);

        // The desk is in the process, which host and third are connected to.
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        guest.Join(policy);
        third.Join(policy);
        await Meeting.AgreeAsync([host, guest, third]);
        Assert.Equal(0, here.Get<MeetingDesks>().Count);
        (ulong? epoch, _) = host.State;

        var watch = Stopwatch.StartNew();
        process.Kill();
        await BackAsync([host, guest, third], epoch!.Value, TimeSpan.FromSeconds(15));
        TestContext.Current.TestOutputHelper?.WriteLine($"back in {watch.Elapsed.TotalSeconds:F1} s");
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Equal(1, here.Get<MeetingDesks>().Count);
        await HasOneLogAsync(here, policy, host);
    }

    [Fact]
    public async Task KillingTheOnlyHubLosesNoAcceptedCommitAndTheMeetingGoesOn()
    {
        IPEndPoint there = FreePort();
        string data = Path.Combine(_folder, "one");
        RunningHub before = await RunningHub.StartAsync(change: settings => settings with { Data = data });
        Accounts accounts = before.Get<Accounts>();
        Room host = await PairAsync(before, before.EndPoint), guest = await PairAsync(before, before.EndPoint);
        RoomPolicy policy = Schedule(before, host, guest);
        HubAddress address = before.Address;
        await before.DisposeAsync();
        host.Hub.Doors = guest.Hub.Doors = [there];

        HubProcess process = await ProcessAsync(data, address, there, "-", copy: false);
        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);

        // In the middle of commits.
        for (int round = 0; round < 3; round++)
        {
            using var stop = new CancellationTokenSource();
            Task commits = Task.Run(async () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    host.Do((member, time) => member.Lock(i % 2 == 0, time));
                    await Task.Delay(40);
                }
            });
            await Task.Delay(700 + RandomNumberGenerator.GetInt32(300));
            process.Kill();
            await stop.CancelAsync();
            await commits;
            (ulong? epoch, _) = host.State;

            var watch = Stopwatch.StartNew();
            process = await ProcessAsync(data, address, there, "-", copy: false);
            TimeSpan started = watch.Elapsed;
            await BackAsync([host, guest], epoch!.Value, TimeSpan.FromSeconds(15));
            TestContext.Current.TestOutputHelper?.WriteLine($"killed in epoch {epoch}: hub again after {started.TotalSeconds:F1} s, both in a later epoch after {watch.Elapsed.TotalSeconds:F1} s");
        }
    }

    [Fact]
    public async Task WhoDoesNotKnowTheSecretLinksToNoHub()
    {
        (RunningHub one, _) = await TwoAsync();
        using var socket = new ClientWebSocket();
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await socket.ConnectAsync(new Uri("wss://hub.example.org/hub/link"), one.Http, cancel);
        Assert.NotNull(await LinkEndpoint.ReadAsync(socket, LinkSecret.GreetingSize, cancel));

        await socket.SendAsync(RandomNumberGenerator.GetBytes(LinkSecret.GreetingSize + LinkSecret.ProofSize), WebSocketMessageType.Binary, endOfMessage: true, cancel);

        byte[] buffer = new byte[100];
        try
        {
            Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer.AsMemory(), cancel)).MessageType);
        }
        catch (WebSocketException)
        {
            // Closed without a word is as good.
        }
    }

    [Fact]
    public async Task ABodyThatWasFetchedByAnotherHubIsFreed()
    {
        (RunningHub one, RunningHub two) = await TwoAsync();
        Room room = await PairAsync(one, two.EndPoint);
        room.Signalling.Start();
        await Meeting.UntilAsync(() => two.Get<SignalConnections>().Count == 1, () => "not connected");
        Bodies bodies = two.Get<SignalConnections>().All.Single().Bodies;
        byte[] body = new byte[50_000];
        string ticket = bodies.Put(body)!;

        // The requests beside the connection come to the other hub.
        room.Hub.Doors = [one.EndPoint];
        Testing.Answer fetched = await room.Device.CallAsync($"/signal/bodies/{bodies.Connection}/{ticket}");
        Assert.Equal(HttpStatusCode.OK, fetched.Status);
        Assert.Equal(body.Length, (await fetched.Response.Content.ReadAsByteArrayAsync()).Length);
        Assert.Null(bodies.Find(ticket));

        Testing.Answer put = await room.Device.CallAsync($"/signal/bodies/{bodies.Connection}", HttpMethod.Post, () => new ByteArrayContent(body) { Headers = { ContentType = new("application/octet-stream") } });
        Assert.Equal(HttpStatusCode.OK, put.Status);
        Assert.Equal(body, bodies.Take(await put.Response.Content.ReadAsStringAsync()));
    }

    // By name: somebody keeps the doors between hubs busy.
    [Fact]
    public async Task OneSourceTakesTwoDoorsBetweenHubsAndNoMore()
    {
        (RunningHub one, _) = await TwoAsync();
        IPAddress stranger = IPAddress.Parse("127.0.99.1"), other = IPAddress.Parse("127.0.99.2");

        using ClientWebSocket first = await KnockAsync(one, stranger), second = await KnockAsync(one, stranger), third = await KnockAsync(one, stranger), another = await KnockAsync(one, other);

        Assert.Equal(
            [HttpStatusCode.SwitchingProtocols, HttpStatusCode.SwitchingProtocols, HttpStatusCode.ServiceUnavailable, HttpStatusCode.SwitchingProtocols],
            [first.HttpStatusCode, second.HttpStatusCode, third.HttpStatusCode, another.HttpStatusCode]);
    }

    [Fact]
    public async Task AHubThatLivesAndCannotBeReachedKeepsItsMeetingForAWhile()
    {
        string database = server.NewDatabase();
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        RunningHub one = await StartAsync(database, reachedAt: (IPEndPoint)mute.LocalEndpoint), two = await StartAsync(database, one.Settings.Data);
        Room host = await PairAsync(one, one.EndPoint), guest = await PairAsync(one, two.EndPoint);
        RoomPolicy policy = Schedule(one, host, guest);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);

        guest.Join(policy);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromSeconds(6))
        {
            Assert.Equal((1, 0), (one.Get<MeetingDesks>().Count, two.Get<MeetingDesks>().Count));
            await Task.Delay(50);
        }

        // When it is gone, its meeting is taken over.
        _hubs.Remove(one);
        await one.DisposeAsync();
        await Meeting.UntilAsync(() => two.Get<MeetingDesks>().Count == 1, () => "nobody took it over");
    }

    private static async Task<ClientWebSocket> KnockAsync(RunningHub hub, IPAddress from)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        using HttpClient client = hub.NewClient(from: from);
        try
        {
            await socket.ConnectAsync(new Uri("wss://hub.example.org/hub/link"), client, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            // The status says why.
        }

        return socket;
    }

    [Fact]
    public void AProofIsWorthNothingOverAnotherCertificateInAnotherRoleOrAgain()
    {
        using HubSecret shared = HubSecret.CopyOf(RandomNumberGenerator.GetBytes(HubSecret.Size));
        using var secret = new LinkSecret(shared);
        byte[] home = LinkSecret.Greet(new HubName()), caller = LinkSecret.Greet(new HubName()), again = LinkSecret.Greet(new HubName());
        byte[] certificate = RandomNumberGenerator.GetBytes(32), between = RandomNumberGenerator.GetBytes(32);
        byte[] proof = secret.ProveCaller(home, caller, certificate);

        Assert.Equal(proof, secret.ProveCaller(home, caller, certificate));
        Assert.NotEqual(proof, secret.ProveCaller(home, caller, between));
        Assert.NotEqual(proof, secret.ProveHome(home, caller, certificate));
        Assert.NotEqual(proof, secret.ProveCaller(again, caller, certificate));
        Assert.NotEqual(proof, secret.ProveCaller(home, again, certificate));
    }

    // All agree, and commit: the meeting lives on.
    private static async Task BackAsync(IReadOnlyList<Room> rooms, ulong epoch, TimeSpan patience)
    {
        await Meeting.UntilAsync(
            () =>
            {
                Room host = rooms[0];
                if (host.State.Epoch <= epoch && host.Look(member => member.OpenDecisions) == 0)
                    host.Do((member, time) => member.Lock(!member.Policy!.IsLocked, time));
                return rooms.All(room => room.IsIn && room.State.Epoch > epoch) && rooms.Select(room => room.State).Distinct().Count() == 1;
            },
            () => string.Join("; ", rooms.Select(room => room.Look(member => $"{member.Phase} {member.LeftByRule?.Rule} epoch {member.Epoch} {room.Signalling.State} [{string.Join(',', room.Events.TakeLast(5))}]"))),
            patience);
        Assert.All(rooms, room => Assert.Equal(rooms.Count, room.Look(member => member.Roster.Count())));
        Assert.All(rooms, room => Assert.Equal(0u, room.Look(member => member.Generation)));
    }

    // What every member has merged is in the log, once each and without a gap.
    private static async Task HasOneLogAsync(RunningHub hub, RoomPolicy policy, Room host)
    {
        IReadOnlyList<LogEntry> entries = await hub.Get<MeetingStore>().ReadAsync(Meeting.NameOf(policy), 0, 1000, default);
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(epoch => (ulong)epoch), entries.Select(entry => entry.Epoch));
        Assert.True(entries[^1].Epoch >= host.State.Epoch);
    }

    private async Task<(RunningHub One, RunningHub Two)> TwoAsync()
    {
        string database = server.NewDatabase();
        RunningHub one = await StartAsync(database);
        return (one, await StartAsync(database, one.Settings.Data));
    }

    private async Task<RunningHub> StartAsync(string database, string? secretsOf = null, IPEndPoint? reachedAt = null)
    {
        IPEndPoint door = FreePort();
        string data = Path.Combine(_folder, $"hub{_hubs.Count}");
        CopySecrets(secretsOf, data);
        RunningHub hub = await Meeting.HubAsync(_directory, settings => settings with { Data = data, Database = database, Listen = [door], HubAddress = HubAddress.Read($"https://{reachedAt ?? door}")! });
        _hubs.Add(hub);
        return hub;
    }

    private async Task<HubProcess> ProcessAsync(string secretsOf, HubAddress address, IPEndPoint door, string database, bool copy = true)
    {
        string data = copy ? Path.Combine(_folder, "process") : secretsOf;
        if (copy)
            CopySecrets(secretsOf, data);
        string calendar = Path.Combine(_folder, "calendar");
        FileDirectory.Write(calendar, _directory.Meetings.Values);
        HubProcess process = HubProcess.Start("hub", data, address.Url, door.ToString(), database, calendar);
        _processes.Add(process);
        Assert.Equal("ready", await process.ReadAsync(TestContext.Current.CancellationToken));
        return process;
    }

    private static void CopySecrets(string? from, string to)
    {
        if (from is null)
            return;

        Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string name in (string[])["hub-secret", "root-secret"])
            File.Copy(Path.Combine(from, name), Path.Combine(to, name));
    }

    private async Task<Room> PairAsync(RunningHub by, params IPEndPoint[] doors)
    {
        Room room = await Room.PairAsync(by.Get<Accounts>(), _school, by.EndPoint);
        room.Hub.Doors = doors;
        _rooms.Add(room);
        return room;
    }

    private RoomPolicy Schedule(RunningHub hub, Room host, params Room[] invited) =>
        Meeting.Schedule(_directory, _school, Room.Policy(hub.Get<Accounts>(), strict: false, host), [host, .. invited]);

    private static IPEndPoint FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }
}
