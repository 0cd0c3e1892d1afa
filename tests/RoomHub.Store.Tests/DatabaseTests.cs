namespace RoomAgent.Hub.Store.Tests;

/// <summary>What holds on both databases.</summary>
public abstract class DatabaseTests : StoreTests
{
    private protected DatabaseTests(TestDatabase origin)
        : base(origin)
    {
    }

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Database.WriteAsync(t => t.RunScriptAsync(Database.Dialect.Translate("CREATE TABLE shelf (id {int} PRIMARY KEY, label TEXT, content {bytes}){strict}"), default));
    }

    [Fact]
    public async Task EveryKindOfValueComesBackAsItWent()
    {
        byte[] content = [0, 1, 255, 0];
        const string Label = "Zoë's 会議室 '; DROP TABLE shelf; --";

        await Database.WriteAsync(async t =>
        {
            await t.ExecuteAsync($"INSERT INTO shelf (id, label, content) VALUES ({long.MaxValue}, {Label}, {content})");
            await t.ExecuteAsync($"INSERT INTO shelf (id, label, content) VALUES ({long.MinValue}, {(string?)null}, {(byte[]?)null})");
            await t.ExecuteAsync($"INSERT INTO shelf (id, label, content) VALUES ({s_now}, {""}, {Array.Empty<byte>()})");
        });

        var rows = await Database.ReadAsync(t => t.AllAsync($"SELECT id, label, content FROM shelf ORDER BY id", row => (row.Long(0), row.TextOrNull(1), row.BytesOrNull(2))));
        Assert.Equal([long.MinValue, s_now.ToUnixTimeMilliseconds(), long.MaxValue], rows.Select(row => row.Item1));
        Assert.Equal([null, "", Label], rows.Select(row => row.Item2));
        Assert.Equal([null, [], content], rows.Select(row => row.Item3));
    }

    [Fact]
    public async Task AMomentAndATruthAreNumbers()
    {
        await Database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({true})"));

        (bool Flag, DateTimeOffset Time, DateTimeOffset? None) row = await Database.ReadAsync(t => t.FirstAsync(
            $"SELECT id, {s_now}, {(DateTimeOffset?)null} FROM shelf WHERE id = {true}", row => (row.Flag(0), row.Time(1), row.TimeOrNull(2))));

        Assert.Equal((true, s_now, null), row);
    }

    [Fact]
    public async Task WhatThrowsLeavesNothingBehind()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.WriteAsync(async t =>
        {
            await t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})");
            throw new InvalidOperationException();
        }));

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task ABrokenRuleIsSaidAndTheNextTransactionWorks()
    {
        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => Database.WriteAsync(async t =>
        {
            await t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})");
            await t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})");
        }));

        Assert.Equal(StoreFault.Constraint, problem.Fault);
        await Database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({2})"));
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task AReaderCannotWrite()
    {
        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => Database.ReadAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})")));

        Assert.Equal(StoreFault.ReadOnly, problem.Fault);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task AReaderSeesOneUnchangingView()
    {
        (long, long) counts = await Database.ReadAsync(async t =>
        {
            long before = await CountAsync(t);
            await Database.WriteAsync(w => w.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})"));
            return (before, await CountAsync(t));
        });

        Assert.Equal((0, 0), counts);
        Assert.Equal(1, await CountAsync());
    }

    // Each looks first and then writes what it concluded: without serialisation two would conclude the same.
    [Fact]
    public async Task TransactionsBehaveAsIfOneRanAfterAnother()
    {
        const int Writers = 8, Each = 5;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (int i = 0; i < Each; i++)
            {
                await Database.WriteAsync(async t =>
                {
                    long count = await CountAsync(t);
                    await t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1000 - count})");
                });
            }
        }));

        Assert.Equal(Writers * Each, await CountAsync());
    }

    [Fact]
    public async Task StatementsTogetherGiveTheRowsOfEachInOrder()
    {
        List<long>[] results = await Database.WriteAsync(t => t.EachAsync(
            [
                $"INSERT INTO shelf (id) VALUES ({1}) RETURNING id",
                $"INSERT INTO shelf (id) VALUES ({1}) ON CONFLICT DO NOTHING RETURNING id",
                $"INSERT INTO shelf (id) VALUES ({2}), ({3}) RETURNING id",
            ],
            row => row.Long(0)));

        Assert.Equal([[1], [], [2, 3]], results);
    }

    [Fact]
    public async Task AnythingThatWasCancelledBeforeItBeganDoesNotHappen()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})"), cancel: cancelled.Token));

        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task AWriteThatNeedNotReachTheStorageIsSeenAllTheSame()
    {
        await Database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})"), durability: Durability.ProcessLoss);

        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task AMistakeInAStatementIsAFaultThatSaysSo()
    {
        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => Database.ReadAsync(t => t.ExecuteAsync($"SELECT nothing FROM nowhere")));

        Assert.Equal(StoreFault.Unsuitable, problem.Fault);
    }

    private protected Task<long> CountAsync() => Database.ReadAsync(CountAsync);

    private protected static Task<long> CountAsync(Transaction transaction) => transaction.FirstAsync($"SELECT count(*) FROM shelf", row => row.Long(0));
}

/// <summary>The same, on a file.</summary>
public sealed class SqliteDatabaseTests : DatabaseTests
{
    private readonly SqliteFile _file;

    public SqliteDatabaseTests()
        : this(new SqliteFile())
    {
    }

    private SqliteDatabaseTests(SqliteFile file)
        : base(file) => _file = file;

    [Fact]
    public void OnlyTheOwnerMayReadTheFile()
    {
        string[] files = Directory.GetFiles(_file.Folder);

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }
}

/// <summary>The same, on a server.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class PostgreSqlDatabaseTests(PostgreSqlServer server) : DatabaseTests(new ServerDatabase(server));
