using System.Security.Cryptography;
using RoomAgent.Hub.Meetings;
using RoomAgent.Wire;

namespace RoomAgent.Hub.Store.Tests;

/// <summary>A server that goes away, with a server of these tests' own to do it to.</summary>
[Trait("Category", "Peer")]
public sealed class PostgreSqlFaultTests : IAsyncLifetime, IClassFixture<PostgreSqlServer>
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly PostgreSqlServer _server;
    private readonly Database _database;

    public PostgreSqlFaultTests(PostgreSqlServer server)
    {
        _server = server;
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        if (!server.IsRunning)
            server.Start();
        ConnectionString = server.NewDatabase();
        _database = Database.PostgreSql(ConnectionString);
    }

    private string ConnectionString { get; }

    public async ValueTask InitializeAsync() => await _database.MigrateAsync(s_now);

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task AServerThatIsGoneIsSaidAndFoundAgainByItself()
    {
        _server.Kill();

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => _database.ReadAsync(One));
        Assert.Equal(StoreFault.Unavailable, problem.Fault);

        _server.Start();
        Assert.Equal(1, await _database.ReadAsync(One));
    }

    [Fact]
    public async Task AShortRestartIsNotNoticed()
    {
        Assert.Equal(1, await _database.ReadAsync(One));
        _server.Stop();
        _server.Start();

        Assert.Equal(1, await _database.ReadAsync(One));
        await _database.WriteAsync(One);
    }

    [Fact]
    public async Task KillingTheServerAmidWritesLosesNothingThatWasAccepted()
    {
        await using MeetingStore store = MeetingStore.Start(_database);
        MeetingInstance[] meetings = [.. Enumerable.Range(0, 8).Select(_ => new MeetingInstance(ByteString.CopyOf("m"u8), ByteString.Owning(RandomNumberGenerator.GetBytes(16))))];
        using var stopping = new CancellationTokenSource(s_limit);
        int[] accepted = new int[meetings.Length];

        Task[] writers = [.. meetings.Select((meeting, i) => WriteAsync(store, meeting, i, accepted, stopping.Token))];
        for (int kills = 0; kills < 3; kills++)
        {
            int before = accepted.Sum();
            while (accepted.Sum() < before + 100 && !stopping.IsCancellationRequested)
                await Task.Delay(5);
            _server.Kill();
            _server.Start();
        }

        Assert.False(stopping.IsCancellationRequested, "The writers stood still.");
        await stopping.CancelAsync();
        await Task.WhenAll(writers);

        for (int i = 0; i < meetings.Length; i++)
        {
            IReadOnlyList<LogEntry> log = await store.ReadAsync(meetings[i], 0, int.MaxValue, default);
            // One more may be there than was said: its answer was lost.
            Assert.InRange(log.Count, accepted[i], accepted[i] + 1);
            Assert.Equal(Enumerable.Range(1, log.Count).Select(seq => (ulong)seq), log.Select(entry => entry.Seq));
        }
    }

    [Fact]
    public async Task AFollowerIsServedAgainAfterTheServerWasKilled()
    {
        await using MeetingStore store = MeetingStore.Start(_database);
        await using Database door = Database.PostgreSql(ConnectionString);
        await using MeetingStore other = MeetingStore.Start(door);
        var meeting = new MeetingInstance(ByteString.CopyOf("m"u8), ByteString.Owning(RandomNumberGenerator.GetBytes(16)));
        using var limit = new CancellationTokenSource(s_limit);
        await using IAsyncEnumerator<LogEntry> following = store.Feed.FollowAsync(meeting, 0, limit.Token).GetAsyncEnumerator();

        for (ulong seq = 1; seq <= 3; seq++)
        {
            Assert.Equal(AppendOutcome.Appended, await other.AppendAsync(meeting, new LogEntry(seq, 0, seq, ByteString.Empty), default));
            Assert.True(await following.MoveNextAsync());
            Assert.Equal(seq, following.Current.Seq);
            _server.Kill();
            _server.Start();
        }

        // By itself, and says so.
        while (!store.IsListening)
            await Task.Delay(20, limit.Token);
    }

    [Fact]
    public async Task AServerThatWouldForgetIsRefused()
    {
        await using Database database = Database.PostgreSql(ConnectionString + ";Options=-c synchronous_commit=off");

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => database.MigrateAsync(s_now));

        Assert.Equal(StoreFault.Unsuitable, problem.Fault);
        Assert.Contains("synchronous_commit", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Durability.PowerLoss, "on")]
    [InlineData(Durability.ProcessLoss, "off")]
    public async Task OnlyWhatMustSurvivePowerLossWaitsForTheStorage(Durability durability, string synchronous)
    {
        string? found = await _database.WriteAsync(t => t.FirstAsync($"SHOW synchronous_commit", row => row.Text(0)), durability: durability);

        Assert.Equal(synchronous, found);
    }

    [Fact]
    public async Task AServerThatTakesNoWritesIsSaid()
    {
        await using Database database = Database.PostgreSql(ConnectionString + ";Options=-c default_transaction_read_only=on");

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => database.WriteAsync(t => t.ExecuteAsync($"DELETE FROM hub")));

        Assert.Equal(StoreFault.ReadOnly, problem.Fault);
    }

    [Fact]
    public async Task ADatabaseThatIsNotThereIsSaidWithoutItsPassword()
    {
        await using Database database = Database.PostgreSql(ConnectionString.Replace("Database=", "Password=Secret42;Database=no", StringComparison.Ordinal));

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => database.MigrateAsync(s_now));

        Assert.Equal(StoreFault.Unsuitable, problem.Fault);
        Assert.DoesNotContain("Secret42", problem.ToString(), StringComparison.Ordinal);
    }

    private static Task<int> One(Transaction transaction) => transaction.FirstAsync($"SELECT 1", row => row.Int(0));

    // Appends one entry after another; after a failure it reads again to find out, as the port demands.
    private static async Task WriteAsync(MeetingStore store, MeetingInstance meeting, int index, int[] accepted, CancellationToken stopping)
    {
        ulong seq = 1;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (await store.AppendAsync(meeting, new LogEntry(seq, 0, seq, ByteString.Empty), default) == AppendOutcome.Appended)
                    accepted[index] = (int)seq++;
                else
                    seq = (ulong)(await store.ReadAsync(meeting, 0, int.MaxValue, default)).Count + 1;
            }
            catch (StoreException problem) when (problem.Fault is StoreFault.Unavailable or StoreFault.Unknown)
            {
                await Task.Delay(10, CancellationToken.None);
            }
        }
    }
}
