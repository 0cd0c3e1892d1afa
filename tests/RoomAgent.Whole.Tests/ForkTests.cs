using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// A hub that shows different logs to different members (MEETING sections 1, 5 and 7; REQUIREMENTS A35): nothing but the comparing of codes proves it, since each side
/// is a group of its own that keeps all rules. On every screen the others are not confirmed after half a minute, and after a minute there is a warning.
/// </summary>
public sealed class ForkTests
{
    private const ulong Requests = 9_000_000;

    [Fact]
    public async Task AForkedMeetingHasTwoCodesAndEveryScreenSaysWhoIsNotConfirmed()
    {
        await using Gathering gathering = await Gathering.StartAsync("Library", "Lab", "Attic");
        await gathering.MeetAsync(isStrict: false, count: 3);
        (WholeRoom library, WholeRoom lab, WholeRoom attic) = (gathering.Rooms[0], gathering.Rooms[1], gathering.Rooms[2]);
        ulong epoch = gathering.Epoch, seq = gathering.Seq;

        // 1. The hub asks two of them for new keys, keeps both commits, and gives one to the one side and one to the other. Its own desk hears of nothing.
        for (int i = 0; i < 3; i++)
            Separate(gathering.Wires, i, epoch);
        CommitUpload first = await AskForKeysAsync(library, gathering.Wires[0], epoch);
        CommitUpload second = await AskForKeysAsync(attic, gathering.Wires[2], epoch);
        foreach ((DishonestWire wire, CommitUpload shown) in gathering.Wires.Zip([first, first, second]))
            wire.Say(new Logged(seq + 1, 0, epoch + 1, shown.Commit, []));

        // 2. All are content, and in the same epoch: each has a code, and they are not the same.
        foreach (WholeRoom room in gathering.Rooms)
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Code.Status: CodeStatus.Current } meeting && meeting.Epoch == epoch + 1 && meeting.Code.Code!.Epoch == epoch + 1);
        string[] codes = [.. gathering.Rooms.Select(room => string.Join(' ', SceneOf(room).Code!.Groups.Take(6)))];
        Assert.Equal(codes[0], codes[1]);
        Assert.NotEqual(codes[0], codes[2]);
        Assert.Equal(library.Meeting!.Authenticator, lab.Meeting!.Authenticator);
        Assert.NotEqual(library.Meeting.Authenticator, attic.Meeting!.Authenticator);

        // 3. Neither side can open anything of the other, though all of it is passed on.
        await library.UntilAsync(status => status.Meeting!.Media.Undecryptable > 0);
        await attic.UntilAsync(status => status.Meeting!.Media.Undecryptable > 0);

        // 4. After half a minute whoever is on the other side is marked, and the code with it; who is on the same side is not.
        TimeSpan patience = TimeSpan.FromSeconds(45);
        await library.UntilAsync(status => Unconfirmed(status) is [var one] && one == attic.Status.DnsName, patience);
        await lab.UntilAsync(status => Unconfirmed(status) is [var one] && one == attic.Status.DnsName, patience);
        await attic.UntilAsync(status => Unconfirmed(status).Length == 2, patience);
        Assert.All(gathering.Rooms, room => Assert.True(SceneOf(room).Code!.IsNotConfirmed));
        Assert.All(gathering.Rooms, room => Assert.Null(RoomScenes.Of(room.Status, new ScreenLook()).Notice));

        // 5. And after a minute each of them warns.
        foreach (WholeRoom room in gathering.Rooms)
            await room.UntilAsync(status => RoomScenes.Of(status, new ScreenLook()).Notice == Trouble.MemberNotConfirmed, patience);
        Assert.All(gathering.Rooms, room => Assert.Equal((epoch + 1, 3), (room.Meeting!.Epoch, room.Meeting.Members.Count)));
        Assert.Single(Unconfirmed(library.Status));
    }

    [Fact]
    public async Task AnEjectThatIsKeptFromTheOthersLeavesTheHostUnconfirmedOnTheirScreensAndUnreadable()
    {
        await using Gathering gathering = await Gathering.StartAsync("Library", "Lab", "Attic");
        await gathering.MeetAsync(isStrict: false, count: 3);
        (WholeRoom library, WholeRoom lab, WholeRoom attic) = (gathering.Rooms[0], gathering.Rooms[1], gathering.Rooms[2]);
        ulong epoch = gathering.Epoch;

        // The host has put the attic out, and nobody else is shown the commit; what the host says to the others reaches them.
        foreach (DishonestWire wire in gathering.Wires.Skip(1))
            wire.Down = message => message is Logged or OpenRequests or MeetingState ? [] : [message];
        Assert.True((await library.Room.EjectAsync(library.Meeting!.Members.Single(member => member.Name == attic.Status.DnsName).Who)).IsDone);
        await library.UntilAsync(status => status.Meeting is { Members.Count: 2, IsDecisionOpen: false });

        await lab.UntilAsync(status => status.Meeting!.Media.Undecryptable > 0);
        Assert.Equal(epoch, lab.Meeting!.Epoch);
        await lab.UntilAsync(status => Unconfirmed(status).Contains(library.Status.DnsName), TimeSpan.FromSeconds(60));
        Assert.True(SceneOf(lab).Code!.IsNotConfirmed);
        await library.UntilAsync(status => Unconfirmed(status) is [var one] && one == lab.Status.DnsName, TimeSpan.FromSeconds(60));

        foreach (DishonestWire wire in gathering.Wires)
            wire.Down = message => [message];
        await attic.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.RemovedFromMeeting });
        await Gathering.AgreeAsync(library, lab);
    }

    // What a member says to the others reaches all of them, on both sides. The desk believes that nothing has happened.
    private static void Separate(IReadOnlyList<DishonestWire> wires, int own, ulong epoch)
    {
        wires[own].Down = message => message is Pong ? [message] : [];
        wires[own].Up = message =>
        {
            if (message is Relay relay)
            {
                foreach (DishonestWire other in wires.Where((_, index) => index != own))
                    other.Say(new Relayed(relay.Generation, relay.Epoch, relay.Message));
            }

            return message is Ping ping ? ping with { Epoch = epoch } : null;
        };
    }

    private static async Task<CommitUpload> AskForKeysAsync(WholeRoom room, DishonestWire wire, ulong epoch)
    {
        uint leaf = room.Meeting!.Members.Single(member => member.IsSelf).Leaf.Value;
        wire.Say(new OpenRequests(0, epoch, [leaf], [new MeetingRequest { Id = Requests + leaf, Kind = RequestKind.Update, Leaf = leaf }]));
        await Eventually.SoAsync(() => wire.Said.OfType<CommitUpload>().Any(upload => upload.Epoch == epoch), "it commits");
        return wire.Said.OfType<CommitUpload>().First(upload => upload.Epoch == epoch);
    }

    private static MeetingScene SceneOf(WholeRoom room) => Assert.IsType<MeetingScene>(RoomScenes.Of(room.Status, new ScreenLook()).Scene);

    private static string[] Unconfirmed(RoomStatus status) =>
        RoomScenes.Of(status, new ScreenLook()).Scene is MeetingScene scene ? [.. scene.Tiles.Where(tile => tile.IsNotConfirmed).Select(tile => tile.Name)] : [];
}
