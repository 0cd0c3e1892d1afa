using Microsoft.Extensions.DependencyInjection;
using RoomAgent.Agent.Media;
using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Ports;
using RoomAgent.Crypto;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.MediaNode;
using RoomAgent.Hub.Meetings;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using RoomAgent.Native.OpenSsl;
using RoomAgent.Rtp;
using RoomAgent.SFrame;

namespace RoomAgent.Hub.Tests;

/// <summary>Whole meetings of paired devices through one real hub.</summary>
public sealed class MeetingTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private readonly List<Room> _rooms = [];
    private RunningHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await Meeting.HubAsync(_directory);

    public async ValueTask DisposeAsync()
    {
        foreach (Room room in _rooms)
            await room.DisposeAsync();
        await _hub.DisposeAsync();
    }

    [Fact]
    public async Task TwoDevicesPairEnterFoundAGroupAndHearEachOther()
    {
        Room host = await PairAsync(), guest = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: false, host), host, guest);

        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);

        // Each has heard the other's heartbeat, which the hub relays and cannot read.
        await Meeting.UntilAsync(() => IsConfirmed(host) && IsConfirmed(guest), () => "no heartbeat came");
    }

    [Fact]
    public async Task FiftyJoinWithinTwoSecondsInAtMostEightEpochs()
    {
        const int Rooms = 50;
        Room host = await PairAsync();
        var guests = new List<Room>();
        for (int i = 0; i < Rooms; i++)
            guests.Add(await PairAsync());
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: false, host), [host, .. guests]);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        ulong before = host.State.Epoch!.Value;

        var watch = System.Diagnostics.Stopwatch.StartNew();
        foreach (Room guest in guests)
        {
            guest.Join(policy);
            await Task.Delay(15);
        }

        TimeSpan asked = watch.Elapsed;
        await Meeting.AgreeAsync([host, .. guests], TimeSpan.FromSeconds(60));

        ulong epochs = host.State.Epoch!.Value - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{Rooms} asked within {asked.TotalSeconds:F1} s, were all in after {watch.Elapsed.TotalSeconds:F1} s and {epochs} epochs");
        Assert.InRange(epochs, 1u, 8u);
    }

    [Fact]
    public async Task AHostLetsInFromTheLobbyOfAStrictMeetingAndPutsOut()
    {
        Room host = await PairAsync(), guest = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: true, host), host, guest);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        guest.Join(policy);
        await Meeting.UntilAsync(() => guest.Look(member => member.Phase == MeetingPhase.Lobby), () => $"{guest.Look(member => member.Phase)}");

        host.LetsIn = true;
        Assert.True(host.Do((member, time) => member.Admit(guest.Who, time)));
        await Meeting.AgreeAsync([host, guest]);

        host.LetsIn = false;
        Assert.True(host.Do((member, time) => member.Eject(guest.Who, time)));
        await Meeting.UntilAsync(() => guest.Look(member => member.LeftBecause == LeaveReason.Ejected), () => $"{guest.Look(member => member.Phase)}");
        await Meeting.AgreeAsync([host]);
    }

    [Fact]
    public async Task WhoIsInvitedOrNotAnyMoreWhileTheMeetingIsOpenCountsAtTheNextEntry()
    {
        Room host = await PairAsync(), late = await PairAsync(), former = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: false, host), host, former);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);

        Meeting.Schedule(_directory, _school, policy, host, late);
        late.Join(policy);
        await Meeting.AgreeAsync([host, late]);
        former.Join(policy);
        await Meeting.UntilAsync(() => former.Look(member => member.Phase == MeetingPhase.Lobby), () => $"{former.Look(member => member.Phase)}");
    }

    [Fact]
    public async Task ADeviceWhoseAccessIsResetIsToldClosedAndLeavesTheMeeting()
    {
        Room host = await PairAsync(), guest = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: false, host), host, guest);
        host.Join(policy);
        guest.Join(policy);
        await Meeting.AgreeAsync([host, guest]);

        DeviceId device = DeviceId.Read(guest.Device.ClientId)!.Value;
        MachineAccount account = (await _hub.Get<Accounts>().Store.EndAsync(device, AccessEvents.AccessReset, "alice", DateTimeOffset.UtcNow))!;
        foreach (IAccessListener listener in _hub.Get<IEnumerable<IAccessListener>>())
            await listener.AccessEndedAsync(account, AccessEvents.AccessReset);

        await Meeting.UntilAsync(() => guest.Signalling.State == SignallingState.Ended, () => $"{guest.Signalling.State}", TimeSpan.FromSeconds(2));
        Assert.Equal(new AccessEnded(AccessEvents.AccessReset), guest.Events[^1]);
        await Meeting.AgreeAsync([host], TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task PagesSeeOpenMeetingsAndAdmitAndRemoveInTheNameOfTheService()
    {
        Room host = await PairAsync(), stranger = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: false, host), host);
        MeetingInstance name = Meeting.NameOf(policy);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        stranger.Join(policy);
        await Meeting.UntilAsync(() => stranger.Look(member => member.Phase == MeetingPhase.Lobby), () => $"{stranger.Look(member => member.Phase)}");
        IMeetingDesks desks = _hub.Get<IMeetingDesks>();
        CancellationToken cancel = TestContext.Current.CancellationToken;

        OpenOccurrence open = Assert.Single(await desks.ListAsync(_school, cancel));
        Assert.Equal([host.Identity], open.Members);
        Assert.Equal([stranger.Identity], open.Waiting);
        Assert.Equal(MeetingClass.EndToEnd, open.Class);
        Assert.Empty(await desks.ListAsync(OrganisationId.New(), cancel));
        Assert.False(await desks.AdmitAsync(OrganisationId.New(), name, stranger.Identity, cancel));

        Assert.True(await desks.AdmitAsync(_school, name, stranger.Identity, cancel));
        await Meeting.AgreeAsync([host, stranger]);
        Assert.True(await desks.RemoveAsync(_school, name, stranger.Identity, cancel));
        await Meeting.UntilAsync(() => stranger.Look(member => member.LeftBecause == LeaveReason.RemovedByService), () => $"{stranger.Look(member => member.Phase)}");
    }

    [Fact]
    public async Task AMemberGetsALegOfMediaThatEndsWhenAHostPutsItOut()
    {
        Room host = await PairAsync(), guest = await PairAsync();
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(_hub.Get<Accounts>(), strict: true, host), host, guest);
        host.Join(policy);
        await Meeting.AgreeAsync([host]);
        guest.Join(policy);
        await Meeting.UntilAsync(() => guest.Look(member => member.Phase == MeetingPhase.Lobby), () => $"{guest.Look(member => member.Phase)}");
        IMediaNode node = _hub.Get<IMediaNode>();

        // Not from the lobby.
        Assert.Null((await OfferAsync(guest)).Answer);
        Assert.True(host.Do((member, time) => member.Admit(guest.Who, time)));
        await Meeting.AgreeAsync([host, guest]);
        using var negotiation = NewOffer();
        using Secret offer = negotiation.WriteOffer();
        MediaAnswer answer = await guest.Signalling.OfferAsync(offer.Bytes.ToArray());
        Assert.Null(answer.Refusal);
        Assert.Null(negotiation.TryAccept(answer.Answer, out _));
        await Meeting.UntilAsync(() => node.Load.Legs == 1, () => $"{node.Load.Legs} legs");

        Assert.True(host.Do((member, time) => member.Eject(guest.Who, time)));
        await Meeting.UntilAsync(() => node.Load.Legs == 0, () => $"{node.Load.Legs} legs");
    }

    [Fact]
    public async Task AMediaNodeThatIsLostHoldsNoMeeting()
    {
        var lost = new LostNode();
        await using RunningHub hub = await Meeting.HubAsync(_directory, services: services => services
            .AddSingleton<IMediaNode>(lost)
            .AddSingleton(new Meetings.SignallingSettings { Linger = TimeSpan.FromMilliseconds(100) }));
        await using Room room = await hub.PairAsync(_school);
        RoomPolicy policy = Meeting.Schedule(_directory, _school, Room.Policy(hub.Get<Accounts>(), strict: false, room), room);
        room.Join(policy);
        await Meeting.AgreeAsync([room]);
        Assert.NotNull((await OfferAsync(room)).Answer);

        // Everybody goes, the desk closes, and its leg is never said to be cut off.
        room.Signalling.Exit();
        await Meeting.UntilAsync(() => lost.Revoking > 0, () => "the leg was left");
        await Meeting.UntilAsync(() => hub.Get<MeetingDesks>().Count == 0, () => "the desk holds the meeting", TimeSpan.FromSeconds(3));

        await room.RejoinAsync(policy);
        await Meeting.AgreeAsync([room]);
    }

    /// <summary>Takes every offer and answers nothing else.</summary>
    private sealed class LostNode : IMediaNode
    {
        private int _revoking;

        public int Revoking => Volatile.Read(ref _revoking);

        public NodeLoad Load => new(0, 1, 0, []);

        public Task<OfferResult> OfferAsync(LegId leg, ConferenceId conference, ReadOnlyMemory<byte> offer) => Task.FromResult(new OfferResult(Secret.CopyOf("an answer"u8), null));

        public Task<Renewal> RenewAsync(LegId leg) => Task.FromResult(Renewal.Renewed);

        public Task<bool> RevokeAsync(LegId leg)
        {
            Interlocked.Increment(ref _revoking);
            return new TaskCompletionSource<bool>().Task;
        }
    }

    private static MediaNegotiation NewOffer() => new(OpenSslRandom.Instance, new SuitePolicy(), new HashSet<FrameContext> { FrameContext.Audio });

    private static async Task<MediaAnswer> OfferAsync(Room room)
    {
        using MediaNegotiation negotiation = NewOffer();
        using Secret offer = negotiation.WriteOffer();
        return await room.Signalling.OfferAsync(offer.Bytes.ToArray());
    }

    private static bool IsConfirmed(Room room) => room.Look(member => member.Roster.All(entry => member.IsConfirmed(entry.Leaf)));

    private async Task<Room> PairAsync()
    {
        Room room = await _hub.PairAsync(_school);
        _rooms.Add(room);
        return room;
    }
}
