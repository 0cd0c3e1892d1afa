using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Whole.Tests;

/// <summary>
/// Into a strict meeting nobody comes for whom no host's device has signed, whatever the hub does (MEETING sections 1, 4 and 9; REQUIREMENTS D05): with whole rooms
/// and the whole hub, whose messages are changed on the way. Every member finds it out, and its screen says so.
/// </summary>
public sealed class StrictMeetingTests : IAsyncLifetime
{
    private Gathering _gathering = null!;
    private Stranger _stranger = null!;

    public async ValueTask InitializeAsync()
    {
        _gathering = await Gathering.StartAsync("Library", "Lab", "Attic", "Cellar");
        await _gathering.MeetAsync(isStrict: true, count: 3);
        _stranger = await Stranger.OfAsync(Cellar, _gathering.Policy);
    }

    public async ValueTask DisposeAsync()
    {
        await _stranger.DisposeAsync();
        await _gathering.DisposeAsync();
    }

    private WholeRoom Cellar => _gathering.Rooms[3];

    private WholeRoom[] Members => [.. _gathering.Rooms.Take(3)];

    private DishonestWire[] Wires => [.. _gathering.Wires.Take(3)];

    [Fact]
    public async Task NobodyIsAddedBecauseTheHubAsksForItNorWithAnAdmissionThatNoHostSigned()
    {
        ulong epoch = _gathering.Epoch;
        ByteString keyPackage = _stranger.KeyPackage();
        SignedHostAction forged = _stranger.SignAdmission(GroupId(), _stranger.Who, epoch);

        // The chain of the host is public: a signature of another key does not go with it.
        SignedHostAction borrowed = forged with { Chain = HostChain() };
        MeetingRequest[] requests =
        [
            new MeetingRequest { Id = 7_000_001, Kind = RequestKind.Add, KeyPackage = keyPackage },
            new MeetingRequest { Id = 7_000_002, Kind = RequestKind.Add, KeyPackage = keyPackage, Actions = [forged] },
            new MeetingRequest { Id = 7_000_003, Kind = RequestKind.Add, KeyPackage = keyPackage, Actions = [borrowed] },
        ];
        foreach (MeetingRequest request in requests)
        {
            foreach (DishonestWire wire in Wires)
                wire.Say(new OpenRequests(0, epoch, [], [request]));
            await Eventually.SoAsync(() => Wires.All(wire => wire.Said.OfType<Refuse>().Any(refuse => refuse.Request == request.Id)), "every member refuses");
        }

        Assert.All(Members, room => Assert.Equal((epoch, 3), (room.Meeting!.Epoch, room.Meeting.Members.Count)));
        Assert.All(Members, room => Assert.Equal(MeetingStage.Member, room.Meeting!.Stage));
    }

    [Fact]
    public async Task AStrangerWhomTheHubLetsJoinByItselfIsFoundOutByEveryMember()
    {
        // What the hub has of every epoch: the group as a member presented it, and its tree.
        CommitUpload last = Wires.SelectMany(wire => wire.Said.OfType<CommitUpload>()).Single(upload => upload.Epoch + 1 == _gathering.Epoch);
        WelcomeDelivery welcome = Wires.SelectMany(wire => wire.Heard.OfType<WelcomeDelivery>()).Last(delivered => delivered.Epoch == _gathering.Epoch);

        await AssertEveryoneLeavesAsync(_stranger.CommitFromOutside(last.GroupInfo, welcome.Tree), Members);
    }

    [Fact]
    public async Task AMemberThatAddsSomebodyForTheHubIsFoundOutByAllOthers()
    {
        // The stranger is let in by the host, as a fourth member, and does then what no room does.
        await using Stranger friend = await Stranger.OfAsync(await _gathering.AddAsync("Kitchen"), _gathering.Policy);
        Task entering = _stranger.EnterAsync();
        await _gathering.AdmitAsync();
        await entering;
        foreach (WholeRoom room in Members)
            await room.UntilAsync(status => status.Meeting is { Members.Count: 4 });

        await AssertEveryoneLeavesAsync(_stranger.CommitAdd(friend.KeyPackage()), Members);
    }

    [Fact]
    public async Task AWelcomeForWhichNoHostHasSignedIsNotUsed()
    {
        _gathering.Wires[3].Down = message => [message is WelcomeDelivery welcome ? welcome with { Actions = [] } : message];
        Assert.True((await Cellar.Room.JoinAsync(null)).IsDone);
        await _gathering.AdmitAsync();

        await Cellar.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.MeetingNotSecure });
        Assert.Equal(Trouble.MeetingNotSecure, Assert.IsType<TroubleScene>(RoomScenes.Of(Cellar.Status, new ScreenLook()).Scene).What);
        Assert.True(Cellar.Status is { IsMuted: true, IsCameraOff: true });
        await Gathering.AgreeAsync(Members);
    }

    [Fact]
    public async Task WhomAHubLetsInByAHostThatItMadeItselfIsVouchedForByItAloneOnEveryScreen()
    {
        // The anchors came from the hub, whose authority can certify a second library: against that only anchors help that were installed locally (MEETING section 1).
        ulong epoch = _gathering.Epoch;
        await using Stranger twin = _stranger.Certified(Issue);
        ByteString keyPackage = _stranger.KeyPackage();
        var request = new MeetingRequest { Id = 7_000_004, Kind = RequestKind.Add, Cause = RosterCause.Host, KeyPackage = keyPackage, Actions = [twin.SignAdmission(GroupId(), _stranger.Who, epoch)] };
        uint first = _gathering.Host.Meeting!.Members.Min(member => member.Leaf.Value);
        DishonestWire committer = Wires[Array.FindIndex(Members, room => room.Meeting!.Members.Single(member => member.IsSelf).Leaf.Value == first)];
        CommitUpload? commit = null;
        committer.Up = message => message is CommitUpload upload ? Keep(upload) : message;
        committer.Say(new OpenRequests(0, epoch, [first], [request]));
        await Eventually.SoAsync(() => commit is not null, "the first of them takes it for a host's will");
        ulong seq = _gathering.Seq;
        foreach (DishonestWire wire in Wires)
            wire.Say(new Logged(seq + 1, 0, epoch + 1, commit!.Commit, []));

        foreach (WholeRoom room in Members)
        {
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Member, Members.Count: 4 });
            MeetingScene scene = Assert.IsType<MeetingScene>(RoomScenes.Of(room.Status, new ScreenLook()).Scene);
            MeetingTile tile = Assert.Single(scene.Tiles, tile => tile.Name == Cellar.Status.DnsName);
            Assert.Equal(IdentityVerdict.Vouched, tile.Verdict);
        }

        ClientMessage? Keep(CommitUpload upload)
        {
            commit = upload;
            return null;
        }
    }

    // What whoever runs the hub can do: a certificate for any name.
    private IReadOnlyList<byte[]> Issue(byte[] request)
    {
        Assert.Null(_gathering.School.Hub.Get<Accounts>().Authority.Issue(CertifiedKind.Device, _gathering.Host.Status.DnsName!, request, [], out IssuedCertificate? issued));
        return issued!.Chain;
    }

    // The hub puts a commit into the log of each of them: none merges it, each is out and says why.
    private async Task AssertEveryoneLeavesAsync(ByteString commit, WholeRoom[] rooms)
    {
        ulong epoch = _gathering.Epoch, seq = _gathering.Seq;
        foreach (DishonestWire wire in Wires)
            wire.Say(new Logged(seq + 1, 0, epoch + 1, commit, []));

        foreach (WholeRoom room in rooms)
        {
            await room.UntilAsync(status => status.Meeting is { Stage: MeetingStage.Ended, Trouble: Trouble.MeetingNotSecure });
            TroubleScene scene = Assert.IsType<TroubleScene>(RoomScenes.Of(room.Status, new ScreenLook()).Scene);
            Assert.Equal((Trouble.MeetingNotSecure, "Weekly"), (scene.What, scene.Detail));
            Assert.True(room.Status is { IsMuted: true, IsCameraOff: true });
        }

        // They have told the hub whose commit it was, and none of them comes back by itself.
        Assert.All(Wires, wire => Assert.Contains(wire.Said, said => said is Report { Code: ClientCode.Inadmissible } report && report.Seq == seq + 1));
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.All(rooms, room => Assert.NotEqual(MeetingStage.Member, room.Meeting?.Stage));
    }

    private ByteString GroupId() => Wires[0].Heard.OfType<MeetingState>().Last().Policy.Name.ComputeGroupId(Native.OpenSsl.OpenSslCrypto.Instance);

    // As everybody in the group has it, from an admission of the host.
    private IReadOnlyList<ByteString> HostChain() => Wires[1].Heard.OfType<WelcomeDelivery>().First().Actions[0].Chain;
}
