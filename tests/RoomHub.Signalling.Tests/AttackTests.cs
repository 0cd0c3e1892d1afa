using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>Attacks by name, through the real hub. Those on the protocol itself are in RoomAgent.Meetings.Tests.</summary>
public sealed class AttackTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private readonly List<IAsyncDisposable> _open = [];
    private RunningHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await Meeting.HubAsync(_directory);

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable open in _open)
            await open.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task AStolenTokenFromAnotherKeyOpensNoConnection()
    {
        Room victim = await PairAsync(_school);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var thief = new TestDevice(victim.Hub, key) { AccessToken = victim.Device.AccessToken };

        Assert.Equal(HttpStatusCode.Unauthorized, await ConnectAsync(thief, victim.Hub));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(victim.Device, victim.Hub));
    }

    [Fact]
    public async Task APageOfAnotherOriginOpensNoConnection()
    {
        Room room = await PairAsync(_school);

        Assert.Equal(HttpStatusCode.Forbidden, await ConnectAsync(room.Device, room.Hub, "https://evil.example"));
        Assert.Equal(HttpStatusCode.SwitchingProtocols, await ConnectAsync(room.Device, room.Hub, room.Hub.Address.Url));
    }

    [Fact]
    public async Task AMeetingOfAnotherOrganisationLooksLikeOneThatDoesNotExist()
    {
        Room host = await PairAsync(_school), foreigner = await PairAsync(OrganisationId.New());
        RoomPolicy policy = Schedule(strict: false, host);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);

        foreigner.Join(policy);
        await Meeting.UntilAsync(() => foreigner.Events.Count > 0, () => $"{foreigner.Signalling.State}");
        Assert.Equal(new SeatRefused(Agent.Ports.EnterOutcome.Unknown), foreigner.Events[0]);
    }

    [Fact]
    public async Task ABodyOfAnotherDevicesConnectionCannotBeReachedByKnowingItsName()
    {
        Room host = await PairAsync(_school), other = await PairAsync(_school);
        RoomPolicy policy = Schedule(strict: false, host);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        SignalConnection connection = Assert.Single(_hub.Get<SignalConnections>().All);
        string ticket = connection.Bodies.Put([1, 2, 3])!;
        string path = $"/signal/bodies/{connection.Bodies.Connection}/{ticket}";

        Assert.Equal(HttpStatusCode.NotFound, (await other.Device.CallAsync(path)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.Hub.Http.GetAsync(path)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await host.Device.CallAsync(path)).Status);
    }

    [Fact]
    public async Task AnEjectedMemberThatComesBackStaysInTheLobby()
    {
        Room host = await PairAsync(_school), guest = await PairAsync(_school);
        RoomPolicy policy = Schedule(strict: false, host, guest);
        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);
        Assert.True(host.Do((member, time) => member.Eject(guest.Who, time)));
        await Meeting.AgreeAsync([host]);

        await guest.RejoinAsync(policy);
        await Meeting.UntilAsync(() => guest.Look(member => member.Phase == MeetingPhase.Lobby), () => $"{guest.Look(member => member.Phase)}");
        await Meeting.AgreeAsync([host]);
    }

    [Fact]
    public async Task AnExternalCommitAroundTheLobbyIsRefusedByTheHub()
    {
        Room host = await PairAsync(_school), outsider = await PairAsync(_school);
        RoomPolicy policy = Schedule(strict: true, host);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        ulong epoch = host.State.Epoch!.Value;
        await using HubSignalling raw = await SitAsync(outsider, policy);

        ByteString garbage = ByteString.CopyOf("not even a commit"u8);
        await raw.SayAsync(new Hello(policy.Name.Instance, 0, 0, ByteString.CopyOf(outsider.Key.PublicKey)));
        await raw.SayAsync(new AskGroup());
        await raw.SayAsync(new CommitUpload(1, 0, epoch, garbage, default, garbage, [], IsExternal: true));

        // What the lobby does not open, asking for the group does not either.
        var answers = new List<ServiceMessage>();
        await foreach (SignallingEvent happened in raw.Events.ReadAllAsync())
        {
            if (happened is Heard heard)
                answers.Add(ServiceMessage.Decode(heard.Message)!);
            if (answers.LastOrDefault() is RoomAgent.Meetings.Answer)
                break;
        }

        Assert.DoesNotContain(answers, answer => answer is GroupDelivery);
        Assert.Equal((AnswerOutcome.Invalid, ServiceCode.NotYours), answers[^1] is RoomAgent.Meetings.Answer answer ? (answer.Outcome, answer.Code) : default);
        Assert.Equal(epoch, host.State.Epoch);
    }

    [Fact]
    public async Task AForgedAdmissionOpensNoStrictMeeting()
    {
        Room host = await PairAsync(_school), forger = await PairAsync(_school);
        RoomPolicy policy = Schedule(strict: true, host, forger);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        await using HubSignalling raw = await SitAsync(forger, policy);

        // Signed with its own key, in the name of a host.
        ByteString groupId = policy.Name.ComputeGroupId(Native.OpenSsl.OpenSslCrypto.Instance);
        HostAction action = HostAction.Create(groupId, HostActionKind.Admit, forger.Who, host.State.Epoch!.Value, Native.OpenSsl.OpenSslRandom.Instance);
        SignedHostAction forged = SignedHostAction.Sign(Room.Suite, action, host.Credential, forger.Key);
        await raw.SayAsync(new Hello(policy.Name.Instance, 0, 0, ByteString.CopyOf(forger.Key.PublicKey)));
        await raw.SayAsync(new HostActionUpload(7, forged));

        await foreach (SignallingEvent happened in raw.Events.ReadAllAsync())
        {
            if (happened is Heard heard && ServiceMessage.Decode(heard.Message) is RoomAgent.Meetings.Answer answer)
            {
                Assert.Equal(AnswerOutcome.Invalid, answer.Outcome);
                break;
            }
        }
    }

    [Fact]
    public async Task AFloodCostsOnlyTheFlooder()
    {
        Room host = await PairAsync(_school), guest = await PairAsync(_school), flooder = await PairAsync(_school);
        RoomPolicy policy = Schedule(strict: false, host, guest);
        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);
        await using HubSignalling raw = await SitAsync(flooder, policy);
        using var stop = new CancellationTokenSource();
        Task flood = Task.Run(async () =>
        {
            await raw.SayAsync(new Hello(policy.Name.Instance, 0, 0, ByteString.CopyOf(flooder.Key.PublicKey)));
            var relay = new Relay(0, 0, ByteString.Owning(new byte[4000]));
            while (!stop.IsCancellationRequested)
                await raw.SayAsync(relay);
        });

        // Meanwhile the others do what they do, as fast as ever.
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (int i = 0; i < 4; i++)
        {
            ulong before = host.State.Epoch!.Value;
            Assert.True(host.Do((member, time) => member.Lock(i % 2 == 0, time)));
            await Meeting.UntilAsync(() => host.State.Epoch > before && guest.State.Epoch == host.State.Epoch, () => "the meeting stands still");
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await stop.CancelAsync();
        await raw.DisposeAsync();
        await flood;
    }

    [Fact]
    public async Task WhoGoesAwayWhileEnteringLeavesNoSeatBehind()
    {
        await using RunningHub hub = await Meeting.HubAsync(_directory, services: services => services.AddSingleton(new Meetings.SignallingSettings { Linger = TimeSpan.FromSeconds(1) }));
        await using Room room = await hub.PairAsync(_school);
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(hub.Get<Accounts>(), strict: false, room), room);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        HubConnection raw = await RawAsync(room);
        _directory.Gate = gate.Task;
        await raw.SendAsync("Enter", policy.Name.MeetingId.ToArray(), policy.Name.Instance.ToArray());
        await Meeting.UntilAsync(() => _directory.Asked > 0, () => "nobody asked");

        await raw.DisposeAsync();
        await Meeting.UntilAsync(() => hub.Get<SignalConnections>().Count == 0, () => "still connected");
        gate.SetResult();

        // The desk that opened is closed because nobody is there.
        await Meeting.UntilAsync(() => hub.Get<MeetingDesks>().Count == 1, () => "no desk opened");
        await Meeting.UntilAsync(() => hub.Get<MeetingDesks>().Count == 0, () => "somebody still sits there", TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task BytesThatAreNothingHarmNobody()
    {
        Room host = await PairAsync(_school), other = await PairAsync(_school);
        RoomPolicy policy = Schedule(strict: false, host);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        await using HubConnection raw = await RawAsync(other);

        await Assert.ThrowsAnyAsync<Exception>(() => raw.InvokeAsync("NoSuchMethod"));
        await Assert.ThrowsAnyAsync<Exception>(() => raw.InvokeAsync("Enter", "not base64 !", 5));
        Assert.Equal("2", (await raw.InvokeAsync<Dictionary<string, object>>("Enter", new byte[300], new byte[16]))["outcome"].ToString());
        Assert.Equal("1", (await raw.InvokeAsync<Dictionary<string, object>>("Enter", policy.Name.MeetingId.ToArray(), policy.Name.Instance.ToArray()))["outcome"].ToString());
        for (int seed = 0; seed < 50; seed++)
        {
            byte[] bytes = new byte[seed * 40];
            new Random(seed).NextBytes(bytes);
            await raw.SendAsync("Say", bytes);
        }

        await raw.SendAsync("SayBody", "no such ticket");
        Assert.NotNull((await raw.InvokeAsync<Dictionary<string, object>>("Offer", new byte[10]))["refusal"]);
        await Meeting.AgreeAsync([host]);
    }

    private async Task<Room> PairAsync(OrganisationId organisation)
    {
        Room room = await _hub.PairAsync(organisation);
        _open.Add(room);
        return room;
    }

    private RoomPolicy Schedule(bool strict, Room host, params Room[] invited) =>
        Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict, host), [host, .. invited]);

    private static async Task<HttpStatusCode> ConnectAsync(TestDevice device, TestHub hub, string? origin = null)
    {
        for (int attempt = 0; ; attempt++)
        {
            using var socket = new ClientWebSocket();
            socket.Options.CollectHttpResponseDetails = true;
            socket.Options.SetRequestHeader("Authorization", $"DPoP {device.AccessToken}");
            socket.Options.SetRequestHeader("DPoP", device.Proof("GET", "/signal", device.AccessToken));
            if (origin is not null)
                socket.Options.SetRequestHeader("Origin", origin);
            try
            {
                await socket.ConnectAsync(new Uri(hub.Address.Url.Replace("https:", "wss:", StringComparison.Ordinal) + "/signal"), hub.Http, default);
                return socket.HttpStatusCode;
            }
            catch (WebSocketException) when (attempt == 0 && socket.HttpResponseHeaders!.TryGetValue("DPoP-Nonce", out IEnumerable<string>? nonce))
            {
                device.Nonce = nonce.First();
            }
            catch (WebSocketException)
            {
                return socket.HttpStatusCode;
            }
        }
    }

    // The client of the hub, but with nobody behind it who follows the rules.
    private static async Task<HubSignalling> SitAsync(Room room, RoomPolicy policy)
    {
        var raw = new HubSignalling(new DeviceCalls(room.Device, room.Hub), TimeProvider.System, NullLogger<HubSignalling>.Instance);
        raw.Start();
        raw.Enter(policy.Name.MeetingId, policy.Name.Instance);
        Assert.IsType<SeatTaken>(await raw.Events.ReadAsync());
        return raw;
    }

    private static async Task<HubConnection> RawAsync(Room room)
    {
        HubConnection raw = HubSignalling.Build(new DeviceCalls(room.Device, room.Hub), new Cloud.SignallingSettings());
        await raw.StartAsync();
        return raw;
    }
}
