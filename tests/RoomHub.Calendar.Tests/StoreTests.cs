using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RoomAgent.Hub.Calendar;
using RoomAgent.Hub.Calendar.Files;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;
using RoomAgent.Hub.StoreLab;
using RoomAgent.Hub.Testing;
using RoomAgent.Meetings;

namespace RoomAgent.Hub.Tests;

/// <summary>What holds of calendars on both databases, and when hubs work side by side.</summary>
public abstract class StoreTests(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly VirtualClock _clock = new();
    private readonly OrganisationId _school = OrganisationId.New();
    private readonly List<Guid> _rooms = [];
    private Database _database = null!;
    private PlanStore _plans = null!;

    private DateTimeOffset Now => _clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _database = OpenNew();
        await _database.MigrateAsync(Now);
        _plans = new PlanStore(_database);
        foreach (string name in new[] { "Room 1", "Room 2" })
        {
            var room = new Room(Guid.NewGuid(), _school, name, "Europe/Berlin", null, null, null, null);
            Assert.Equal(RoomOutcome.Done, await new RoomStore(_database).AddAsync(room, "alice", Now, default));
            _rooms.Add(room.Id);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract Database OpenNew();

    /// <summary>The same database, as another hub has it.</summary>
    private protected abstract Database OpenAgain();

    // Whatever is changed about some occurrences, the others stay the same for everybody.
    [Fact]
    public async Task TheNamesOfOccurrencesStayWhateverIsChangedAboutOthers()
    {
        KeptMeeting meeting = (await _plans.AddAsync(_school, Weekly(), "alice", Now, default))!;
        Dictionary<long, byte[]> first = await InstancesAsync(meeting.Id);
        Assert.Equal(14, first.Count);
        Assert.Equal(first.Count, first.Values.Select(Convert.ToHexString).Distinct().Count());

        var random = new System.Random(4711);
        var changed = new HashSet<long>();
        for (int step = 0; step < 25; step++)
        {
            DateTime original = Weekly().Start.AddDays(7 * random.Next(13));
            changed.Add(Occurrences.KeyOf(original));
            PlannedChange? change = random.Next(4) switch
            {
                0 => null,
                1 => new PlannedChange { Original = original, IsCancelled = true },
                2 => new PlannedChange { Original = original, Start = original.AddMinutes(random.Next(1, 2_000)) },
                _ => new PlannedChange { Original = original, Title = $"Title {step}", Rooms = [_rooms[random.Next(2)]] },
            };
            await _plans.ChangeAsync(_school, meeting.Id, null, plan => plan.With(original, change), "alice", Now, default);

            Dictionary<long, byte[]> now = await InstancesAsync(meeting.Id);
            foreach (long key in first.Keys.Where(key => !changed.Contains(key)))
                Assert.Equal(first[key], now[key]);
        }
    }

    [Fact]
    public async Task ASeriesThatMovesToAnotherHourStaysTheSameMeetings()
    {
        KeptMeeting meeting = (await _plans.AddAsync(_school, Weekly(), "alice", Now, default))!;
        byte[][] before = [.. (await InstancesAsync(meeting.Id)).Values];

        await _plans.ChangeAsync(_school, meeting.Id, null, plan => plan with { Start = plan.Start.AddHours(3) }, "alice", Now, default);

        Assert.Equal(before, (await InstancesAsync(meeting.Id)).Values);
    }

    [Fact]
    public async Task AMeetingThatDoesNotRepeatStaysTheSameWhereverItIsMoved()
    {
        KeptMeeting meeting = (await _plans.AddAsync(_school, Weekly() with { Rule = null }, "alice", Now, default))!;
        byte[] before = Assert.Single((await InstancesAsync(meeting.Id)).Values);

        await _plans.ChangeAsync(_school, meeting.Id, null, plan => plan with { Start = plan.Start.AddDays(400), Rooms = [_rooms[1]] }, "alice", Now, default);

        Assert.Equal(before, Assert.Single((await InstancesAsync(meeting.Id)).Values));
    }

    [Fact]
    public async Task OccurrencesComeIntoSightAndAreForgotten()
    {
        KeptMeeting meeting = (await _plans.AddAsync(_school, Weekly(), "alice", Now, default))!;
        KeptMeeting once = (await _plans.AddAsync(_school, Weekly() with { Rule = null }, "alice", Now, default))!;
        Dictionary<long, byte[]> before = await InstancesAsync(meeting.Id);

        _clock.Advance(TimeSpan.FromDays(28));
        await _plans.RollAsync(Now, default);

        Dictionary<long, byte[]> after = await InstancesAsync(meeting.Id);
        Assert.Equal(14, after.Count);
        foreach (long key in after.Keys.Where(before.ContainsKey))
            Assert.Equal(before[key], after[key]);
        Assert.Equal(10, after.Keys.Count(before.ContainsKey));
        Assert.Null((await _plans.FindAsync(_school, once.Id, Now, default)).Meeting);
        Assert.NotNull((await _plans.FindAsync(_school, meeting.Id, Now, default)).Meeting);
    }

    // Killing a hub at any moment: what is in a transaction happens wholly or not at all.
    [Fact]
    public async Task AFileThatIsBrokenOffLeavesNothingBehind()
    {
        CalendarFile file = Read(Series(200));
        for (int milliseconds = 0; milliseconds < 40; milliseconds += 4)
        {
            using var gone = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds));
            try
            {
                await new Importer(_database).ImportAsync(file, Order(), "alice", Now, gone.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                Assert.Empty(await _plans.ListAsync(_school, null, default));
                Assert.Equal(0, await CountAsync());
            }
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => _database.WriteAsync(async transaction =>
        {
            await PlanStore.SaveAsync(transaction, new KeptMeeting(Guid.NewGuid(), _school, [], "broken", 0, Now, 0, Weekly()), Timetable.Of(Weekly(), Now), isNew: true, [], Now, default);
            throw new InvalidOperationException("The test wants it so.");
        }));
        Assert.DoesNotContain(await _plans.ListAsync(_school, null, default), meeting => meeting.Uid == "broken");
    }

    [Fact]
    public async Task AFileWithMoreThanThereMayBeBringsNothing()
    {
        string daily = string.Concat(Enumerable.Range(0, 250).Select(i => Event($"d{i}", "RRULE:FREQ=DAILY\n")));

        Assert.Null(await new Importer(_database).ImportAsync(Read($"BEGIN:VCALENDAR\n{daily}END:VCALENDAR\n"), Order(), "alice", Now, default));

        Assert.Empty(await _plans.ListAsync(_school, null, default));
    }

    // By name: a file of rules that never match and take long to find that out. Nobody else waits meanwhile.
    [Fact]
    public async Task AFileThatTakesTooLongToWorkOutIsRefusedAndHoldsUpNobody()
    {
        const string barren = "RRULE:FREQ=YEARLY;COUNT=1;BYMONTH=1,2,3,4,5,6,7,8,9,10,11;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366\n";
        CalendarFile file = Read($"BEGIN:VCALENDAR\n{string.Concat(Enumerable.Range(0, CalendarFile.MostEvents).Select(i => Event($"b{i}", barren)))}END:VCALENDAR\n");
        var watch = Stopwatch.StartNew();
        Task<ImportOutcome?> import = Task.Run(() => new Importer(_database).ImportAsync(file, Order(), "alice", Now, default));

        TimeSpan longest = TimeSpan.Zero;
        while (!import.IsCompleted)
        {
            long begun = Stopwatch.GetTimestamp();
            await new FeedStore(_database).LeaseAsync("x", [1], Now, TimeSpan.FromMinutes(1), default);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(begun).Ticks));
            await Task.Delay(20);
        }

        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, a commit beside it {longest.TotalMilliseconds:0} ms at the most, outcome {await import}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"it took {watch.Elapsed}");
        Assert.True(longest < TimeSpan.FromSeconds(3), $"a commit took {longest}");
        Assert.Empty(await _plans.ListAsync(_school, null, default));
    }

    [Fact]
    public async Task OneHubOfSeveralDoesTheRegularWork()
    {
        Database other = OpenAgain();
        await using (other)
        {
            (byte[] first, byte[] second) = ([1], [2]);
            var (here, there) = (new FeedStore(_database), new FeedStore(other));

            bool[] won = await Task.WhenAll(here.LeaseAsync("x", first, Now, TimeSpan.FromMinutes(1), default), there.LeaseAsync("x", second, Now, TimeSpan.FromMinutes(1), default));
            Assert.Single(won, isIt => isIt);
            byte[] winner = won[0] ? first : second;
            byte[] loser = won[0] ? second : first;

            _clock.Advance(TimeSpan.FromSeconds(59));
            Assert.False(await there.LeaseAsync("x", loser, Now, TimeSpan.FromMinutes(1), default));
            Assert.True(await here.LeaseAsync("x", winner, Now, TimeSpan.FromMinutes(1), default));
            _clock.Advance(TimeSpan.FromSeconds(60));
            Assert.True(await there.LeaseAsync("x", loser, Now, TimeSpan.FromMinutes(1), default));
            Assert.False(await here.LeaseAsync("x", winner, Now, TimeSpan.FromMinutes(1), default));
        }
    }

    // From the call that changes a meeting to the one who holds the device's connection, on the other hub where there are several.
    [Fact]
    public async Task AChangeIsToldWithinASecond()
    {
        await using MeetingStore here = MeetingStore.Start(_database);
        bool isOne = _database.Dialect == Dialect.Sqlite;
        Database other = isOne ? _database : OpenAgain();
        MeetingStore? there = isOne ? null : MeetingStore.Start(other);
        var listener = new Listener();
        using var changes = new CalendarChanges(other, [new Broken(), listener], NullLogger<CalendarChanges>.Instance);
        await changes.StartAsync(default);
        DeviceId device = await StandAsync(_rooms[0]);
        try
        {
            // The other hub listens from some moment on.
            KeptMeeting meeting = (await _plans.AddAsync(_school, Weekly(), "alice", Now, default))!;
            while (!await listener.WaitAsync(device, TimeSpan.FromMilliseconds(200)))
                await _plans.ChangeAsync(_school, meeting.Id, null, plan => plan with { Title = Guid.NewGuid().ToString() }, "alice", Now, default);

            var times = new List<double>();
            for (int i = 0; i < 40; i++)
            {
                var watch = Stopwatch.StartNew();
                await _plans.ChangeAsync(_school, meeting.Id, null, plan => plan with { Title = $"{i}" }, "alice", Now, default);
                Assert.True(await listener.WaitAsync(device, TimeSpan.FromSeconds(1)), "nobody was told");
                times.Add(watch.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            output.WriteLine($"{_database.Dialect.Name}: from change to listener {times[20]:0.0} ms in the middle, {times[37]:0.0} ms at 95 %, {times[^1]:0.0} ms at the most");
        }
        finally
        {
            await changes.StopAsync(default);
            if (there is not null)
            {
                await there.DisposeAsync();
                await other.DisposeAsync();
            }
        }
    }

    private async Task<DeviceId> StandAsync(Guid room)
    {
        var device = DeviceId.New();
        await _database.WriteAsync(transaction => transaction.ExecuteAsync($"UPDATE room SET device = {device.ToBytes()} WHERE room = {room.ToByteArray(bigEndian: true)}"));
        return device;
    }

    private Task<long> CountAsync() => _database.ReadAsync(transaction => transaction.FirstAsync($"SELECT COUNT(*) FROM calendar_occurrence", row => row.Long(0)));

    private ImportOrder Order() => new(_school, [], MeetingClass.EndToEnd, Room: null);

    private MeetingPlan Weekly() => new() { Title = "Weekly", Zone = "Europe/Berlin", Start = new DateTime(2026, 11, 26, 9, 0, 0), DurationSeconds = 3600, Rule = "FREQ=WEEKLY", Rooms = [_rooms[0]] };

    private async Task<Dictionary<long, byte[]>> InstancesAsync(Guid meeting) =>
        (await _plans.FindAsync(_school, meeting, Now, default)).Occurrences.ToDictionary(occurrence => occurrence.Key, occurrence => occurrence.Instance);

    private static string Series(int events) => $"BEGIN:VCALENDAR\n{string.Concat(Enumerable.Range(0, events).Select(i => Event($"e{i}", "RRULE:FREQ=WEEKLY\n")))}END:VCALENDAR\n";

    private static string Event(string uid, string more) => $"BEGIN:VEVENT\nUID:{uid}\nDTSTART:20261126T090000Z\nSUMMARY:x\nLOCATION:Room 1\n{more}END:VEVENT\n";

    private static CalendarFile Read(string text) => CalendarFile.Read(Encoding.UTF8.GetBytes(text), "Etc/UTC", 2026, out _)!;

    private sealed class Listener : ICalendarListener
    {
        private readonly System.Threading.Channels.Channel<DeviceId> _told = System.Threading.Channels.Channel.CreateUnbounded<DeviceId>();

        public async Task<bool> WaitAsync(DeviceId device, TimeSpan patience)
        {
            using var over = new CancellationTokenSource(patience);
            try
            {
                while (await _told.Reader.ReadAsync(over.Token) != device)
                {
                }

                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        public Task CalendarChangedAsync(DeviceId device, CancellationToken cancel) => _told.Writer.WriteAsync(device, cancel).AsTask();

        public Task CalendarsMayHaveChangedAsync(CancellationToken cancel) => Task.CompletedTask;
    }

    /// <summary>Keeps nobody else from being told.</summary>
    private sealed class Broken : ICalendarListener
    {
        public Task CalendarChangedAsync(DeviceId device, CancellationToken cancel) => throw new InvalidOperationException("The test wants it so.");

        public Task CalendarsMayHaveChangedAsync(CancellationToken cancel) => throw new InvalidOperationException("The test wants it so.");
    }
}

/// <summary>On an SQLite file.</summary>
public sealed class SqliteStoreTests(ITestOutputHelper output) : StoreTests(output)
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-calendar-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private protected override Database OpenNew() => Database.Sqlite(Path.Combine(_folder, "hub.db"));

    private protected override Database OpenAgain() => Database.Sqlite(Path.Combine(_folder, "hub.db"));
}

/// <summary>On a PostgreSQL server.</summary>
[Trait("Category", "Peer")]
public sealed class PostgreSqlStoreTests(PostgreSqlServer server, ITestOutputHelper output) : StoreTests(output), IClassFixture<PostgreSqlServer>
{
    private string _name = "";

    private protected override Database OpenNew() => Database.PostgreSql(_name = server.NewDatabase());

    private protected override Database OpenAgain() => Database.PostgreSql(_name);
}
