using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Agent.Ports;
using RoomAgent.Cloud;
using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Tests;

/// <summary>
/// Commits a second through signalling, with the tree followed: from a member, by SignalR over TLS, through desk and store, to all ten members; hub and clients in
/// one process. The commits were made before; nobody but the hub follows them, since members would follow on machines of their own. For ./measure.
/// </summary>
public sealed class ThroughputMeasurement(TestServer server) : IClassFixture<TestServer>
{
    private const int Members = 10;
    private const int Must = 300;

    [Theory(Explicit = true)]
    [InlineData("SQLite", 1, 2_000)]
    [InlineData("SQLite", 100, 20)]
    [InlineData("PostgreSQL", 1, 500)]
    [InlineData("PostgreSQL", 100, 20)]
    public async Task CommitsThroughSignalling(string kind, int meetings, int commits)
    {
        var directory = new TestDirectory();
        var school = OrganisationId.New();
        await using RunningHub hub = await Meeting.HubAsync(
            directory,
            settings => kind == "SQLite" ? settings : settings with { Database = server.NewDatabase() },
            services => services.AddSingleton(new Meetings.SignallingSettings
            {
                SaysPerSecond = 1_000_000,
                SaysAtOnce = 1_000_000,
                EntriesPerSecond = 1_000_000,
                EntriesAtOnce = 1_000_000,
                ConnectionsOfSubject = 1_000,
                // Nobody here says that it lives.
                Times = new MeetingTimes { EpochsPerSecond = 1_000_000, Silence = TimeSpan.FromHours(1), Lost = TimeSpan.FromHours(1), JoinerReady = TimeSpan.FromHours(1) },
            }));
        var rooms = new List<Room>();
        for (int i = 0; i < Members; i++)
            rooms.Add(await hub.PairAsync(school));
        var groups = new List<PreparedGroup>();
        for (int i = 0; i < meetings; i++)
        {
            var group = new PreparedGroup(Meeting.Schedule(directory, school, Room.Policy(hub.Get<Accounts>(), strict: false, rooms[0]), [.. rooms]), rooms, commits);
            await group.StoreAsync(hub.Get<MeetingStore>());
            groups.Add(group);
        }

        var sitting = new List<Task<HubSignalling[]>>();
        foreach (PreparedGroup group in groups)
            sitting.Add(Task.FromResult(await SitAsync(rooms, group.Policy)));

        var waits = new List<TimeSpan>();
        long begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(groups.Zip(sitting, async (group, members) =>
        {
            HubSignalling[] seats = await members;
            Task[] hearing = [.. seats.Skip(1).Select(seat => Task.Run(() => HearAsync(seat, group.Commits[^1].Epoch + 1)))];
            await Task.Run(() => CommitAsync(seats[0], group.Commits, waits));
            await Task.WhenAll(hearing);
        }));
        double seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;

        foreach (HubSignalling seat in sitting.SelectMany(task => task.Result))
            await seat.DisposeAsync();
        foreach (Room room in rooms)
            await room.DisposeAsync();

        double rate = waits.Count / seconds;
        Assert.Equal(meetings * commits, waits.Count);
        waits.Sort();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {kind} | {meetings} | {rate:F0} | {waits[waits.Count / 2].TotalMilliseconds:F1} | {waits[(int)(waits.Count * 0.95)].TotalMilliseconds:F1} |"));
        Assert.True(rate >= Must || meetings == 1, $"{rate:F0} commits/s; {Must} must be");
    }

    private static async Task<HubSignalling[]> SitAsync(IReadOnlyList<Room> rooms, RoomPolicy policy)
    {
        var seats = new List<HubSignalling>();
        foreach (Room room in rooms)
        {
            var seat = new HubSignalling(new DeviceCalls(room.Device, room.Hub), TimeProvider.System, NullLogger<HubSignalling>.Instance);
            seat.Start();
            seat.Enter(policy.Name.MeetingId, policy.Name.Instance);
            Assert.IsType<SeatTaken>(await seat.Events.ReadAsync());
            await seat.SayAsync(new Hello(policy.Name.Instance, 2, 0, ByteString.CopyOf(room.Key.PublicKey)));
            seats.Add(seat);
        }

        return [.. seats];
    }

    private static async Task CommitAsync(HubSignalling seat, IReadOnlyList<CommitUpload> commits, List<TimeSpan> waits)
    {
        foreach (CommitUpload commit in commits)
        {
            long said = Stopwatch.GetTimestamp();
            await seat.SayAsync(commit);
            await HearAsync(seat, commit.Epoch + 1);
            lock (waits)
                waits.Add(Stopwatch.GetElapsedTime(said));
        }
    }

    private static async Task HearAsync(HubSignalling seat, ulong epoch)
    {
        while (true)
        {
            SignallingEvent happened = await seat.Events.ReadAsync();
            ServiceMessage? said = happened is Heard heard ? ServiceMessage.Decode(heard.Message) : throw new InvalidOperationException($"{happened}");
            if (said is RoomAgent.Meetings.Answer { Outcome: not AnswerOutcome.Accepted } refused)
                throw new InvalidOperationException($"{refused}");
            if (said is Logged logged && logged.Epoch >= epoch)
                return;
        }
    }
}
