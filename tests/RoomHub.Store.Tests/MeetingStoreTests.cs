using System.Security.Cryptography;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>What the port promises, on both databases (MEETING section 3).</summary>
public abstract class MeetingStoreTests : StoreTests
{
    private protected MeetingStoreTests(TestDatabase origin)
        : base(origin)
    {
    }

    private protected MeetingStore Store { get; private set; } = null!;

    private protected MeetingInstance Meeting { get; } = NewMeeting();

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Store = MeetingStore.Start(Database);
    }

    public override async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task AMeetingThatNobodyWroteToIsAnEmptyLog()
    {
        StoredMeeting meeting = await Store.OpenAsync(Meeting, default);

        Assert.Equal((0u, null, 0), (meeting.Floor, meeting.Snapshot, meeting.Entries.Count));
        Assert.Empty(await Store.ReadAsync(Meeting, 0, 10, default));
    }

    [Fact]
    public async Task WhatWasAppendedIsReadInOrderAlsoByAnother()
    {
        LogEntry[] entries = [Entry(1, 0, 0), Entry(2, 0, 1), Entry(3, 1, 0), Entry(4, 1, ulong.MaxValue)];
        foreach (LogEntry entry in entries)
            Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Meeting, entry, default));

        await using Database again = OpenAgain();
        await using MeetingStore other = MeetingStore.Start(again);

        Assert.Equal(entries, (await other.OpenAsync(Meeting, default)).Entries);
        Assert.Equal(entries[1..3], await other.ReadAsync(Meeting, after: 1, most: 2, default));
        Assert.Empty(await other.ReadAsync(Meeting, after: 4, most: 2, default));
        Assert.Empty(await other.ReadAsync(Meeting, after: ulong.MaxValue, most: 2, default));
        Assert.Empty(await other.ReadAsync(NewMeeting(), after: 0, most: 2, default));
    }

    [Fact]
    public async Task OnlyTheNextEntryIsTaken()
    {
        await AppendAsync(Entry(1, 0, 0), Entry(2, 0, 1));

        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(2, 0, 2), default));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(4, 0, 2), default));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(NewMeeting(), Entry(2, 0, 0), default));
        Assert.Equal(2, (await Store.ReadAsync(Meeting, 0, 10, default)).Count);
    }

    [Fact]
    public async Task AnEpochBeginsOnce()
    {
        await AppendAsync(Entry(1, 0, 0), Entry(2, 0, 1));

        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(3, 0, 1), default));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(3, 0, 0), default));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Meeting, Entry(3, 1, 0), default));
    }

    [Fact]
    public async Task AGenerationThatIsOverTakesNothing()
    {
        await AppendAsync(Entry(1, 0, 0), Entry(2, 3, 0));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(3, 2, 0), default));

        Assert.Equal(5u, await Store.RaiseFloorAsync(Meeting, 5, default));
        Assert.Equal(5u, await Store.RaiseFloorAsync(Meeting, 4, default));

        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(3, 3, 1), default));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Meeting, Entry(3, 5, 0), default));
        Assert.Equal(5u, (await Store.OpenAsync(Meeting, default)).Floor);
    }

    [Fact]
    public async Task AFloorMayBeRaisedBeforeAnythingWasAppended()
    {
        Assert.Equal(uint.MaxValue, await Store.RaiseFloorAsync(Meeting, uint.MaxValue, default));

        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(1, 0, 0), default));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Meeting, Entry(1, uint.MaxValue, 0), default));
    }

    [Fact]
    public async Task OpeningStartsFromTheNewestSnapshot()
    {
        LogEntry[] entries = [Entry(1, 0, 0), Entry(2, 0, 1), Entry(3, 0, 2)];
        await AppendAsync(entries);
        var newest = new MeetingSnapshot(2, Body());

        await Store.SaveSnapshotAsync(Meeting, new MeetingSnapshot(1, Body()), default);
        await Store.SaveSnapshotAsync(Meeting, newest, default);
        await Store.SaveSnapshotAsync(Meeting, new MeetingSnapshot(2, Body()), default);
        await Store.SaveSnapshotAsync(Meeting, new MeetingSnapshot(1, Body()), default);
        await Store.SaveSnapshotAsync(Meeting, new MeetingSnapshot(4, Body()), default);
        await Store.SaveSnapshotAsync(Meeting, new MeetingSnapshot(ulong.MaxValue, Body()), default);

        StoredMeeting meeting = await Store.OpenAsync(Meeting, default);
        Assert.Equal(newest, meeting.Snapshot);
        Assert.Equal(entries[2..], meeting.Entries);
        Assert.Equal(entries, await Store.ReadAsync(Meeting, 0, 10, default));
    }

    [Fact]
    public async Task TheLongestBodyIsTakenAndALongerOneIsAMistake()
    {
        LogEntry longest = Entry(1, 0, 0) with { Body = ByteString.Owning(new byte[MeetingStore.MostBytes]) };
        LogEntry longer = Entry(2, 0, 1) with { Body = ByteString.Owning(new byte[MeetingStore.MostBytes + 1]) };

        await AppendAsync(longest);

        Assert.Equal(longest, Assert.Single(await Store.ReadAsync(Meeting, 0, 1, default)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.AppendAsync(Meeting, longer, default));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AppendAsync(new MeetingInstance(ByteString.Empty, Meeting.Instance), Entry(1, 0, 0), default));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.AppendAsync(default, Entry(1, 0, 0), default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.AppendAsync(Meeting, Entry(0, 0, 0), default));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.ReadAsync(Meeting, 0, 0, default));
    }

    [Fact]
    public async Task AMeetingThatIsOverIsGoneAndStaysSo()
    {
        await AppendAsync(Entry(1, 0, 0));
        await Store.SaveSnapshotAsync(Meeting, new MeetingSnapshot(1, Body()), default);

        await Store.EndAsync(Meeting, s_now, default);
        await Store.EndAsync(Meeting, s_now.AddDays(1), default);

        StoredMeeting meeting = await Store.OpenAsync(Meeting, default);
        Assert.Equal((null, 0), (meeting.Snapshot, meeting.Entries.Count));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(1, uint.MaxValue, 0), default));
        Assert.Equal(AppendOutcome.Conflict, await Store.AppendAsync(Meeting, Entry(2, 0, 1), default));
        Assert.Equal(uint.MaxValue, await Store.RaiseFloorAsync(Meeting, 7, default));
        Assert.Equal(0, await Store.ForgetAsync(s_now, default));
        Assert.Equal(1, await Store.ForgetAsync(s_now.AddMilliseconds(1), default));
    }

    [Fact]
    public async Task EntriesThatWaitTogetherAreDecidedAsIfTheyHadComeOneByOne()
    {
        MeetingInstance other = NewMeeting();
        (MeetingInstance, LogEntry)[] appends =
        [
            (Meeting, Entry(1, 0, 0)), (other, Entry(1, 0, 0)), (Meeting, Entry(1, 0, 0)), (Meeting, Entry(2, 0, 1)),
            (other, Entry(3, 0, 2)), (other, Entry(2, 0, 1)), (Meeting, Entry(2, 0, 1)), (Meeting, Entry(3, 0, 1)), (Meeting, Entry(3, 0, 2)),
        ];

        AppendOutcome[] outcomes = await Task.WhenAll(appends.Select(append => Store.AppendAsync(append.Item1, append.Item2, default)));

        foreach (IGrouping<MeetingInstance, LogEntry> won in appends.Where((_, i) => outcomes[i] == AppendOutcome.Appended).GroupBy(a => a.Item1, a => a.Item2))
            Assert.Equal(won.OrderBy(entry => entry.Seq), await Store.ReadAsync(won.Key, 0, 10, default));
        IReadOnlyList<LogEntry> log = await Store.ReadAsync(Meeting, 0, 10, default);
        Assert.Equal(Enumerable.Range(1, log.Count).Select(seq => (ulong)seq), log.Select(entry => entry.Seq));
        Assert.Equal(log.Count, log.Select(entry => (entry.Generation, entry.Epoch)).Distinct().Count());
    }

    // The rules of the port, said once more in the simplest way there is.
    [Fact]
    public async Task AnySequenceOfAppendsAndFloorsIsDecidedByTheRulesOfThePort()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var log = new List<LogEntry>();
        uint floor = 0;

        for (int i = 0; i < 150; i++)
        {
            if (random.Next(20) == 0)
            {
                uint raised = (uint)random.Next(5);
                floor = Math.Max(floor, raised);
                Assert.Equal(floor, await Store.RaiseFloorAsync(Meeting, raised, default));
                continue;
            }

            LogEntry entry = Entry((ulong)Math.Max(1, log.Count + random.Next(3)), (uint)random.Next(5), (ulong)random.Next(12));
            bool fits = entry.Seq == (ulong)log.Count + 1
                && entry.Generation >= floor
                && (log.Count == 0 || entry.Generation >= log[^1].Generation)
                && !log.Any(other => (other.Generation, other.Epoch) == (entry.Generation, entry.Epoch));
            Assert.Equal(fits ? AppendOutcome.Appended : AppendOutcome.Conflict, await Store.AppendAsync(Meeting, entry, default));
            if (fits)
                log.Add(entry);
        }

        Assert.Equal(log, await Store.ReadAsync(Meeting, 0, 1000, default));
    }

    [Fact]
    public async Task AfterItsEndAStoreTakesNothing()
    {
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.AppendAsync(Meeting, Entry(1, 0, 0), default));
    }

    [Fact]
    public async Task ACallThatIsGivenUpEnds()
    {
        using var given = new CancellationTokenSource();
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendAsync(Meeting, Entry(1, 0, 0), given.Token));
    }

    private protected async Task AppendAsync(params LogEntry[] entries)
    {
        foreach (LogEntry entry in entries)
            Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Meeting, entry, default));
    }

    private protected static MeetingInstance NewMeeting() => new(ByteString.CopyOf("meeting"u8), ByteString.Owning(RandomNumberGenerator.GetBytes(16)));

    private protected static LogEntry Entry(ulong seq, uint generation, ulong epoch) => new(seq, generation, epoch, Body());

    private protected static ByteString Body() => ByteString.Owning(RandomNumberGenerator.GetBytes(20));
}

/// <summary>The same, on a file.</summary>
public sealed class SqliteMeetingStoreTests() : MeetingStoreTests(new SqliteFile());

/// <summary>The same, on a server.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class PostgreSqlMeetingStoreTests(PostgreSqlServer server) : MeetingStoreTests(new ServerDatabase(server));
