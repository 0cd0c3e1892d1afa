using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Hub.Store;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// A hub that loses or turns back the log, keeps back what a host decided, and lies about who is there (MEETING sections 3 to 5 and 9; REQUIREMENTS D03, D06): with whole
/// rooms and the whole hub. What is not proven by the group or by a host's signature changes nothing, and people are told.
/// </summary>
public sealed class LyingHubTests : IAsyncLifetime
{
    private Gathering _gathering = null!;

    public async ValueTask InitializeAsync() => _gathering = await Gathering.StartAsync("Library", "Lab", "Attic");

    public ValueTask DisposeAsync() => _gathering.DisposeAsync();

    private WholeRoom Library => _gathering.Rooms[0];

    private WholeRoom Lab => _gathering.Rooms[1];

    private WholeRoom Attic => _gathering.Rooms[2];

    [Fact]
    public async Task ALogThatIsRolledBackIsNoticedAndBringsNobodyBackWhomAHostPutOut()
    {
        await _gathering.MeetAsync(isStrict: false, count: 3);
        ulong kept = _gathering.Seq, before = _gathering.Epoch;
        Assert.True((await Library.Room.EjectAsync(WhoIs(Library, Attic))).IsDone);
        await Attic.UntilAsync(status => status.Meeting is { Trouble: Trouble.RemovedFromMeeting });
        await Gathering.AgreeAsync(Library, Lab);
        List<RoomStatus>[] seen = [Watch(Library), Watch(Lab)];

        // All that was after the three had met is gone, as from a backup that was put back without a word.
        await _gathering.School.Hub.Get<Database>().WriteAsync(async transaction =>
        {
            await transaction.ExecuteAsync($"DELETE FROM meeting_snapshot");
            await transaction.ExecuteAsync($"DELETE FROM meeting_entry WHERE seq > {(long)kept}");
            await transaction.ExecuteAsync($"UPDATE meeting SET last_seq = {(long)kept}");
        });
        RoomPolicy first = _gathering.Policy;
        foreach (DishonestWire wire in _gathering.Wires)
        {
            wire.Down = message => message switch
            {
                Reset => [],
                MeetingState { Generation: > 0 } state => [state with { Seq = kept, Generation = 0, HasGroup = true, Epoch = before, IsPresent = true, Policy = first }],
                _ => [message],
            };
        }

        await _gathering.School.RestartHubAsync();

        // As long as there is nothing but the past, they send nothing and say why.
        foreach (WholeRoom room in new[] { Library, Lab })
            await room.UntilAsync(status => RoomScenes.Of(status, new ScreenLook()) is { Scene: ReconnectingScene, Notice: Trouble.MeetingLostByHub });
        await Task.Delay(TimeSpan.FromSeconds(2));
        long sent = Library.Meeting!.Media.PicturesSent + Lab.Meeting!.Media.PicturesSent;
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(sent, Library.Meeting!.Media.PicturesSent + Lab.Meeting!.Media.PicturesSent);
        Assert.All([Library, Lab], room => Assert.True(room.Meeting is { IsServiceBehind: true, Stage: MeetingStage.Reconnecting }));

        // They go on in a new group alone, and know who is not to be in it.
        foreach (DishonestWire wire in _gathering.Wires)
            wire.Down = message => [message];
        foreach (WholeRoom room in new[] { Library, Lab })
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Generation: 1, Members.Count: 2 }, TimeSpan.FromSeconds(60));
        await Gathering.AgreeAsync(Library, Lab);
        Assert.All(seen, room => Assert.DoesNotContain(Snapshot(room), status => status.Meeting is { Stage: MeetingStage.Member, Generation: 0 } meeting && meeting.Epoch <= before));

        Assert.True((await Attic.Room.JoinAsync(null)).IsDone);
        await Attic.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Lobby });
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(MeetingStage.Lobby, Attic.Meeting!.Stage);
        Assert.All([Library, Lab], room => Assert.Equal(2, room.Meeting!.Members.Count));
    }

    [Fact]
    public async Task AnOldGroupThatIsServedAsThePresentOneIsNotComeBackTo()
    {
        await _gathering.MeetAsync(isStrict: false, count: 2);
        GroupDelivery old = await DeliveredAsync(Lab);
        Assert.True((await Library.Room.LockAsync(true)).IsDone);
        await Gathering.AgreeAsync(Library, Lab);
        await Lab.UntilAsync(status => status.Meeting!.IsLocked);
        ulong epoch = Lab.Meeting!.Epoch!.Value;
        List<RoomStatus> seen = Watch(Lab);

        // Something that nobody can read makes it come back; what it is given then is the group of before the lock.
        _gathering.Wires[1].Down = message => [message is GroupDelivery ? old : message];
        BreakLog(Lab);

        await Lab.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Reconnecting });
        Assert.IsType<ReconnectingScene>(RoomScenes.Of(Lab.Status, new ScreenLook()).Scene);
        await Task.Delay(TimeSpan.FromSeconds(4));
        Assert.Equal(MeetingStage.Reconnecting, Lab.Meeting!.Stage);
        Assert.All(Snapshot(seen), status => Assert.True(status.Meeting!.Epoch is null || status.Meeting.Epoch >= epoch));

        // The truth ends it.
        _gathering.Wires[1].Down = message => [message];
        await Gathering.AgreeAsync(Library, Lab);
        Assert.All(_gathering.Rooms.Take(2), room => Assert.True(room.Meeting!.IsLocked));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnEjectThatIsNotPassedOnIsShownToTheHostAndDoneWhenItIs(bool isTaken)
    {
        await _gathering.MeetAsync(isStrict: false, count: 3);
        Participant attic = WhoIs(Library, Attic);

        // The hub says nothing to it, or that it is done, and asks nobody to do it.
        if (!isTaken)
            _gathering.Wires[0].Up = message => message is HostActionUpload ? null : message;
        foreach (DishonestWire wire in _gathering.Wires)
            wire.Down = message => [message is OpenRequests open ? open with { Requests = [] } : message];
        Assert.True((await Library.Room.EjectAsync(attic)).IsDone);

        await Library.UntilAsync(status => RoomScenes.Of(status, new ScreenLook()).Notice == Trouble.DecisionNotDone, TimeSpan.FromSeconds(15));
        Assert.True(Library.Meeting is { IsDecisionOpen: true, Members.Count: 3 });
        Assert.All([Lab, Attic], room => Assert.Equal((false, 3), (room.Meeting!.IsDecisionOpen, room.Meeting.Members.Count)));

        _gathering.Wires[0].Up = message => message;
        foreach (DishonestWire wire in _gathering.Wires)
            wire.Down = message => [message];
        await Attic.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.RemovedFromMeeting });
        await Gathering.AgreeAsync(Library, Lab);
        Assert.False(Library.Meeting.IsDecisionOpen);
        Assert.All([Library, Lab], room => Assert.Contains(room.Meeting!.Changes, change => change is { HasCome: false, Cause: RosterCause.Host } && change.Who == attic));
    }

    [Fact]
    public async Task ATreeThatIsNotTheGroupsIsNoRoster()
    {
        await _gathering.MeetAsync(isStrict: false, count: 2);
        WelcomeDelivery earlier = _gathering.Wires.SelectMany(wire => wire.Heard.OfType<WelcomeDelivery>()).Last();

        // The one who comes is told that those are there who were there before it.
        _gathering.Wires[2].Down = message => [message switch
        {
            WelcomeDelivery welcome => welcome with { Tree = earlier.Tree },
            GroupDelivery group => group with { Tree = earlier.Tree },
            _ => message,
        }];
        Assert.True((await Attic.Room.JoinAsync(null)).IsDone);

        await Attic.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.MeetingNotSecure });
        Assert.Equal(Trouble.MeetingNotSecure, Assert.IsType<TroubleScene>(RoomScenes.Of(Attic.Status, new ScreenLook()).Scene).What);
        Assert.Empty(Attic.Meeting!.Members);
        await Gathering.AgreeAsync(Library, Lab);
    }

    [Fact]
    public async Task WhoWasRemovedByTheServiceIsNotShownAsPutOutByAHost()
    {
        await _gathering.MeetAsync(isStrict: false, count: 3);
        Participant attic = WhoIs(Library, Attic);
        foreach (DishonestWire wire in _gathering.Wires)
            wire.Down = message => [message is Logged logged ? logged with { Causes = [.. logged.Causes.Select(cause => cause with { Cause = RosterCause.Host })] } : message];

        await _gathering.School.RemoveAsync("Attic");

        // That a host wanted it would be proven, to the one who goes as well.
        await Attic.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.RemovedFromMeeting });
        await Gathering.AgreeAsync(Library, Lab);
        Assert.All([Library, Lab], room => Assert.Equal(RosterCause.Service, room.Meeting!.Changes.Single(change => !change.HasCome && change.Who == attic).Cause));
        Assert.All([Library, Lab], room => Assert.All(room.Meeting!.Changes.Where(change => change.HasCome), change => Assert.Equal(RosterCause.Service, change.Cause)));
    }

    [Fact]
    public async Task WhoIsShownInTheLobbyAsSomebodyElseIsNotLetInByThat()
    {
        await _gathering.MeetAsync(isStrict: true, count: 2);
        WholeRoom cellar = await _gathering.AddAsync("Cellar");
        await using Stranger stranger = await Stranger.OfAsync(cellar, _gathering.Policy);
        var shown = new LobbyEntry(stranger.Credential.Certificates);

        // The attic waits, and the host is shown the cellar: it lets that one in.
        _gathering.Wires[0].Down = message => [message is Lobby lobby ? lobby with { Entries = [.. lobby.Entries.Select(_ => shown)] } : message];
        Assert.True((await Attic.Room.JoinAsync(null)).IsDone);
        await _gathering.AdmitAsync();

        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(MeetingStage.Lobby, Attic.Meeting!.Stage);
        Assert.IsType<WaitingScene>(RoomScenes.Of(Attic.Status, new ScreenLook()).Scene);
        Assert.All([Library, Lab], room => Assert.Equal(2, room.Meeting!.Members.Count));
    }

    [Fact]
    public async Task ARoomThatWasToldOfOtherHostsAndRulesIsToldOfTheDifference()
    {
        WholeRoom cellar = await _gathering.AddAsync("Cellar", policy => policy with { IsStrict = true, Hosts = [] });
        await _gathering.MeetAsync(isStrict: false, count: 4);

        Assert.Equal(PolicyDifferences.Strict | PolicyDifferences.Hosts, cellar.Meeting!.Differences);
        Assert.Equal(Trouble.NotAsInvited, RoomScenes.Of(cellar.Status, new ScreenLook()).Notice);
        Assert.All(_gathering.Rooms.Take(3), room => Assert.Equal(PolicyDifferences.None, room.Meeting!.Differences));
    }

    private static Participant WhoIs(WholeRoom observer, WholeRoom other) =>
        observer.Meeting!.Members.Single(member => member.Name == other.Status.DnsName).Who;

    private static List<RoomStatus> Watch(WholeRoom room)
    {
        var seen = new List<RoomStatus>();
        room.Room.Changed += status =>
        {
            lock (seen)
                seen.Add(status);
        };
        return seen;
    }

    private static RoomStatus[] Snapshot(List<RoomStatus> seen)
    {
        lock (seen)
            return [.. seen];
    }

    // The next entry of the log, with nothing in it that can be read.
    private void BreakLog(WholeRoom room) =>
        _gathering.Wires[_gathering.Rooms.ToList().IndexOf(room)].Say(new Logged(_gathering.Seq + 1, 0, room.Meeting!.Epoch!.Value + 1, ByteString.Owning([1, 2, 3]), []));

    // What the hub gives to one who comes back, now.
    private async Task<GroupDelivery> DeliveredAsync(WholeRoom room)
    {
        DishonestWire wire = _gathering.Wires[_gathering.Rooms.ToList().IndexOf(room)];
        BreakLog(room);
        await Eventually.SoAsync(() => wire.Heard.OfType<GroupDelivery>().Any(), "the room comes back");
        await Gathering.AgreeAsync([.. _gathering.Rooms.Take(2)]);
        return wire.Heard.OfType<GroupDelivery>().Last();
    }
}
