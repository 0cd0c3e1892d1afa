namespace RoomAgent.Hub.Store.Tests;

/// <summary>How the tables come to be what this program knows.</summary>
public abstract class MigrationTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _origin;

    private protected MigrationTests(TestDatabase origin) => _origin = origin;

    public void Dispose()
    {
        _origin.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task EveryOlderDatabaseBecomesWhatANewOneIs()
    {
        for (int steps = 0; steps < Migration.All.Count; steps++)
        {
            using TestDatabase origin = Another();
            await using Database database = origin.Open();
            await Migration.ApplyAsync(database, [.. Migration.All.Take(steps)], s_now, default);
            Assert.Equal(steps, (await AppliedAsync(database)).Count);

            await database.MigrateAsync(s_now.AddDays(1));

            Assert.Equal(Migration.All.Select(step => (step.Number, step.Name)), await AppliedAsync(database));
        }
    }

    [Fact]
    public async Task MigratingAgainChangesNothing()
    {
        await using Database database = _origin.Open();
        await database.MigrateAsync(s_now);

        await database.MigrateAsync(s_now.AddDays(1));

        List<DateTimeOffset> dates = await database.ReadAsync(t => t.AllAsync($"SELECT applied_at FROM schema_step", row => row.Time(0)));
        Assert.All(dates, date => Assert.Equal(s_now, date));
    }

    [Fact]
    public async Task ADatabaseOfANewerProgramIsRefusedAndStaysAsItIs()
    {
        await using Database database = _origin.Open();
        await Migration.ApplyAsync(database, [.. Migration.All.Take(1), new Migration(9999, "to-come", "CREATE TABLE to_come (id {int} PRIMARY KEY){strict}", null, null)], s_now, default);

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => database.MigrateAsync(s_now));

        Assert.Equal(StoreFault.Newer, problem.Fault);
        Assert.Contains("9999", problem.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await AppliedAsync(database)).Count);
    }

    [Fact]
    public async Task AStepThatFailsTakesThoseBeforeItWithIt()
    {
        await using Database database = _origin.Open();
        Migration[] steps = [.. Migration.All, new Migration(9999, "broken", "CREATE TABLE half (id {int} PRIMARY KEY){strict}; INSERT INTO nowhere VALUES (1);", null, null)];

        await Assert.ThrowsAsync<StoreException>(() => Migration.ApplyAsync(database, steps, s_now, default));

        await database.MigrateAsync(s_now);
        await Assert.ThrowsAsync<StoreException>(() => database.ReadAsync(t => t.AllAsync($"SELECT id FROM half", row => row.Long(0))));
    }

    [Fact]
    public async Task SeveralHubsMayStartAtOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using Database database = _origin.Open();
            await database.MigrateAsync(s_now);
        }));

        await using Database afterwards = _origin.Open();
        Assert.Equal(Migration.All.Count, (await AppliedAsync(afterwards)).Count);
    }

    private protected abstract TestDatabase Another();

    private static Task<List<(int, string)>> AppliedAsync(Database database) =>
        database.ReadAsync(t => t.AllAsync($"SELECT number, name FROM schema_step ORDER BY number", row => (row.Int(0), row.Text(1))));
}

/// <summary>The same, on a file.</summary>
public sealed class SqliteMigrationTests() : MigrationTests(new SqliteFile())
{
    private protected override TestDatabase Another() => new SqliteFile();
}

/// <summary>The same, on a server.</summary>
[Trait("Category", "Peer")]
[Collection<ServerCollection>]
public sealed class PostgreSqlMigrationTests(PostgreSqlServer server) : MigrationTests(new ServerDatabase(server))
{
    private readonly PostgreSqlServer _server = server;

    private protected override TestDatabase Another() => new ServerDatabase(_server);
}
