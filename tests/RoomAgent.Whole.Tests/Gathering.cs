using RoomAgent.Agent.Meetings;
using RoomAgent.Agent.Room;
using RoomAgent.Hal;
using RoomAgent.Meetings;

namespace RoomAgent.Whole.Tests;

/// <summary>A hub, and rooms in one meeting of it, each behind a wire on which the hub can do what it likes. The first room is the host.</summary>
internal sealed class Gathering : IAsyncDisposable
{
    private readonly List<WholeRoom> _rooms = [];
    private readonly List<DishonestWire> _wires = [];

    private Gathering(School school) => School = school;

    public School School { get; }

    public IReadOnlyList<WholeRoom> Rooms => _rooms;

    public IReadOnlyList<DishonestWire> Wires => _wires;

    public WholeRoom Host => _rooms[0];

    /// <summary>The epoch of the host, who is in the meeting.</summary>
    public ulong Epoch => Host.Meeting!.Epoch!.Value;

    /// <summary>The last entry of the log that any room has heard of.</summary>
    public ulong Seq => _wires.SelectMany(wire => wire.Heard).Max(message => message switch
    {
        Logged logged => logged.Seq,
        WelcomeDelivery welcome => welcome.Seq,
        Answer { Outcome: AnswerOutcome.Accepted } answer => answer.Seq,
        _ => 0ul,
    });

    /// <summary>Rooms that are paired and placed, and in no meeting yet.</summary>
    public static async Task<Gathering> StartAsync(params string[] names)
    {
        var gathering = new Gathering(await School.StartAsync());
        foreach (string name in names)
            await gathering.AddAsync(name);
        return gathering;
    }

    /// <summary>Another room.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="policy">What the hub says to it of its meetings; the truth when nothing is given.</param>
    public async Task<WholeRoom> AddAsync(string name, Func<RoomPolicy, RoomPolicy>? policy = null)
    {
        var wire = new DishonestWire();
        WholeRoom room = WholeRoom.Start(
            await School.SetupCodeAsync(name),
            change: settings => settings with { PictureFormat = new VideoFormat(160, 90, 5) },
            hub: services => new DishonestHub(services) { Wire = wire, Policy = policy ?? (told => told) });
        _rooms.Add(room);
        _wires.Add(wire);
        await room.UntilAsync(status => status.Phase == DevicePhase.Registered);
        await School.PlaceAsync(name);
        await room.UntilAsync(status => status.RoomName == name);
        return room;
    }

    /// <summary>All rooms are invited, and the first of them meet; where somebody must let them in, the host does. The others stay away until they want to.</summary>
    /// <param name="isStrict">Whether somebody must.</param>
    /// <param name="count">How many meet.</param>
    public async Task MeetAsync(bool isStrict, int count)
    {
        foreach (WholeRoom other in _rooms.Skip(count))
            Assert.True((await other.Room.DoNotDisturbAsync(TimeSpan.FromDays(1))).IsDone);
        await School.ScheduleAsync(DateTime.UtcNow, DateTime.UtcNow.AddHours(1), isStrict, [.. _rooms.Select(room => room.Status.RoomName)]);
        WholeRoom[] meeting = [.. _rooms.Take(count)];
        if (isStrict)
        {
            await Host.UntilAsync(status => status.Meeting?.Waiting.Count == count - 1);
            foreach (WaitingStatus waiting in Host.Meeting!.Waiting)
                Assert.True((await Host.Room.AdmitAsync(waiting.Who)).IsDone);
        }

        await AgreeAsync(meeting);
    }

    /// <summary>The host lets in the one who waits.</summary>
    public async Task AdmitAsync()
    {
        await Host.UntilAsync(status => status.Meeting!.Waiting.Count == 1);
        Assert.True((await Host.Room.AdmitAsync(Host.Meeting!.Waiting[0].Who)).IsDone);
    }

    /// <summary>The policy of the meeting, as the hub says it.</summary>
    public RoomPolicy Policy => _wires[0].Heard.OfType<MeetingState>().Last().Policy;

    /// <summary>Waits until all of them are in the same state, and of one code.</summary>
    public static async Task AgreeAsync(params WholeRoom[] rooms)
    {
        foreach (WholeRoom room in rooms)
            await room.UntilAsync(status => IsAgreed(status, rooms), TimeSpan.FromSeconds(60));
        Assert.Single(rooms.Select(room => room.Meeting!.Code.Code!.Machine).Distinct());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WholeRoom room in _rooms)
            await room.DisposeAsync();
        await School.DisposeAsync();
    }

    private static bool IsAgreed(RoomStatus status, WholeRoom[] rooms) =>
        status.Meeting is { Stage: MeetingStage.Member, Code.Status: CodeStatus.Current } meeting
        && meeting.Members.Count == rooms.Length
        && meeting.Code.Code!.Epoch == meeting.Epoch
        && rooms.All(room => room.Meeting is { Stage: MeetingStage.Member } other && other.Epoch == meeting.Epoch && other.Authenticator == meeting.Authenticator);
}
