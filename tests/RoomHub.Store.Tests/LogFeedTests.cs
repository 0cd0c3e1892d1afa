using System.Security.Cryptography;
using System.Threading.Channels;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>What a follower sees, on both databases; on the server also from another hub.</summary>
public abstract class LogFeedTests : StoreTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private protected LogFeedTests(TestDatabase origin)
        : base(origin)
    {
    }

    private protected MeetingStore Store { get; private set; } = null!;

    private protected MeetingInstance Meeting { get; } = new(ByteString.CopyOf("meeting"u8), ByteString.Owning(RandomNumberGenerator.GetBytes(16)));

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
    public async Task AFollowerGetsWhatIsThereAndWhatComes()
    {
        await AppendAsync(Store, 1, 100);

        Task<ulong[]> following = FollowAsync(Store.Feed, after: 20, count: 180);
        await AppendAsync(Store, 101, 100);

        Assert.Equal(Seqs(21, 180), await following);
    }

    [Fact]
    public async Task SeveralFollowersEachGetEverything()
    {
        Task<ulong[]>[] following = [.. Enumerable.Range(0, 5).Select(_ => FollowAsync(Store.Feed, after: 0, count: 60))];
        await AppendAsync(Store, 1, 60);

        foreach (ulong[] seqs in await Task.WhenAll(following))
            Assert.Equal(Seqs(1, 60), seqs);
    }

    [Fact]
    public async Task AFollowerThatIsSlowMissesNothing()
    {
        var seqs = new List<ulong>();
        await foreach (LogEntry entry in Store.Feed.FollowAsync(Meeting, 0, Limit()).Prepend(null!))
        {
            if (entry is not null)
                seqs.Add(entry.Seq);
            if (seqs.Count == 200)
                break;
            // Far more than wait for anyone, while the follower looks away.
            if (seqs.Count % 50 == 0)
                await AppendAsync(Store, (ulong)seqs.Count + 1, 50);
        }

        Assert.Equal(Seqs(1, 200), seqs);
    }

    [Fact]
    public async Task WhoStopsFollowingIsForgotten()
    {
        await AppendAsync(Store, 1, 1);
        await FollowAsync(Store.Feed, after: 0, count: 1);

        using var given = new CancellationTokenSource();
        Task following = Store.Feed.FollowAsync(Meeting, 1, given.Token).FirstAsync().AsTask();
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.False(((LogFeed)Store.Feed).IsFollowed(Meeting));
    }

    [Fact]
    public async Task AnAnnouncementIsHeardOnceItsTransactionHasHappenedAndOnlyThen()
    {
        var heard = Channel.CreateUnbounded<string>();
        Database.Announced += announcement => heard.Writer.TryWrite($"{announcement.Topic} {Convert.ToHexString(announcement.Content)}");
        await UntilListeningAsync(Store);

        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteAsync(async t =>
        {
            await t.AnnounceAsync("revoked", [1]);
            throw new InvalidOperationException();
        }));
        await Database.WriteAsync(async t =>
        {
            await t.AnnounceAsync("revoked", [2]);
            await t.AnnounceAsync("calendar", [3]);
        });
        await Database.WriteAsync(t => t.AnnounceAsync("revoked", []));

        Assert.Equal(["revoked 02", "calendar 03", "revoked "], await heard.Reader.ReadAllAsync(Limit()).Take(3).ToArrayAsync());
    }

    private protected static async Task UntilListeningAsync(MeetingStore store)
    {
        CancellationToken limit = Limit();
        while (!store.IsListening)
            await Task.Delay(10, limit);
    }

    private protected async Task AppendAsync(MeetingStore store, ulong first, int count)
    {
        foreach (ulong seq in Seqs(first, count))
            Assert.Equal(AppendOutcome.Appended, await store.AppendAsync(Meeting, new LogEntry(seq, 0, seq, ByteString.CopyOf(BitConverter.GetBytes(seq))), default));
    }

    private protected async Task<ulong[]> FollowAsync(ILogFeed feed, ulong after, int count)
    {
        LogEntry[] entries = await feed.FollowAsync(Meeting, after, Limit()).Take(count).ToArrayAsync();
        Assert.All(entries, entry => Assert.Equal((entry.Seq, ByteString.CopyOf(BitConverter.GetBytes(entry.Seq))), (entry.Epoch, entry.Body)));
        return [.. entries.Select(entry => entry.Seq)];
    }

    private protected static IEnumerable<ulong> Seqs(ulong first, int count) => Enumerable.Range(0, count).Select(i => first + (ulong)i);

    // A bug is a failed test and no hang.
    private protected static CancellationToken Limit()
    {
        var limit = new CancellationTokenSource(s_limit);
        return CancellationTokenSource.CreateLinkedTokenSource(limit.Token, TestContext.Current.CancellationToken).Token;
    }
}

/// <summary>The same, in one process.</summary>
public sealed class InProcessLogFeedTests() : LogFeedTests(new SqliteFile());

/// <summary>The same between hubs, by replication.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class ReplicatedLogFeedTests(PostgreSqlServer server) : LogFeedTests(new ServerDatabase(server))
{
    [Fact]
    public async Task WhatOneHubAppendsTheOtherIsTold()
    {
        await using Database door = OpenAgain();
        await using MeetingStore other = MeetingStore.Start(door);
        await AppendAsync(other, 1, 20);

        Task<ulong[]> following = FollowAsync(Store.Feed, after: 0, count: 120);
        await AppendAsync(other, 21, 100);

        Assert.Equal(Seqs(1, 120), await following);
    }

    [Fact]
    public async Task WhatOneHubAnnouncesTheOtherHears()
    {
        await using Database door = OpenAgain();
        var heard = new TaskCompletionSource<Announcement>(TaskCreationOptions.RunContinuationsAsynchronously);
        Database.Announced += announcement => heard.TrySetResult(announcement);
        await UntilListeningAsync(Store);

        await door.WriteAsync(t => t.AnnounceAsync("revoked", [7]));

        Announcement announcement = await heard.Task.WaitAsync(Limit());
        Assert.Equal(("revoked", (byte)7), (announcement.Topic, Assert.Single(announcement.Content)));
    }
}
