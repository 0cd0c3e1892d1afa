namespace RoomAgent.Hub.Store.Tests;

/// <summary>What is said when the file or its storage is not as it should be, and that nothing is half done then.</summary>
public sealed class SqliteFaultTests() : StoreTests(new SqliteFile())
{
    // SQLite's own bound on the file's size fails in the same places as a full storage does.
    [Fact]
    public async Task AFullStorageIsSaidAndReadingAndLaterWritingWork()
    {
        await Database.WriteAsync(t => t.RunScriptAsync("CREATE TABLE shelf (id INTEGER PRIMARY KEY, content BLOB); PRAGMA max_page_count = 40", default));

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => Database.WriteAsync(async t =>
        {
            for (int i = 0; i < 100; i++)
                await t.ExecuteAsync($"INSERT INTO shelf (content) VALUES ({new byte[8000]})");
        }));

        Assert.Equal(StoreFault.Full, problem.Fault);
        Assert.Contains("make room", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, await Database.ReadAsync(t => t.FirstAsync($"SELECT count(*) FROM shelf", row => row.Long(0))));
        await Database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (content) VALUES ({new byte[8]})"));
    }

    [Fact]
    public async Task AFileThatIsNoDatabaseIsSaid()
    {
        using var other = new SqliteFile();
        await File.WriteAllTextAsync(other.FilePath, new string('x', 10_000));
        await using Database database = other.Open();

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => database.MigrateAsync(s_now));

        Assert.Equal(StoreFault.Damaged, problem.Fault);
    }

    [Fact]
    public async Task AFolderThatIsNotThereIsSaidAndUsedOnceItIs()
    {
        using var other = new SqliteFile();
        string folder = Path.Combine(other.Folder, "later");
        await using Database database = Database.Sqlite(Path.Combine(folder, "hub.db"));

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => database.MigrateAsync(s_now));
        Assert.Equal(StoreFault.Unsuitable, problem.Fault);

        Directory.CreateDirectory(folder);
        await database.MigrateAsync(s_now);
    }

    // The administrator is not kept out by rights, so a trigger says what the file system would.
    [Fact]
    public async Task AFileThatMayNotBeWrittenIsSaidAndCanBeRead()
    {
        await Database.WriteAsync(t => t.RunScriptAsync("CREATE TABLE shelf (id INTEGER PRIMARY KEY); PRAGMA query_only = ON", default));

        StoreException problem = await Assert.ThrowsAsync<StoreException>(() => Database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) VALUES ({1})")));

        Assert.Equal(StoreFault.ReadOnly, problem.Fault);
        Assert.Equal(0, await Database.ReadAsync(t => t.FirstAsync($"SELECT count(*) FROM shelf", row => row.Long(0))));
    }

    [Theory]
    [InlineData(Durability.PowerLoss, 2)]
    [InlineData(Durability.ProcessLoss, 1)]
    public async Task OnlyWhatMustSurvivePowerLossWaitsForTheStorage(Durability durability, int synchronous)
    {
        (string Journal, int Synchronous) found = await Database.WriteAsync(
            async t => (
                (await t.FirstAsync($"PRAGMA journal_mode", row => row.Text(0)))!,
                await t.FirstAsync($"PRAGMA synchronous", row => row.Int(0))),
            durability: durability);

        Assert.Equal(("wal", synchronous), found);
    }

    [Fact]
    public async Task TwoProcessesMayWriteOneFile()
    {
        await using Database again = OpenAgain();
        await Database.WriteAsync(t => t.RunScriptAsync("CREATE TABLE shelf (id INTEGER PRIMARY KEY)", default));

        await Task.WhenAll(new[] { Database, again }.Select(async database =>
        {
            for (int i = 0; i < 20; i++)
                await database.WriteAsync(t => t.ExecuteAsync($"INSERT INTO shelf (id) SELECT count(*) FROM shelf"));
        }));

        Assert.Equal(40, await Database.ReadAsync(t => t.FirstAsync($"SELECT count(*) FROM shelf", row => row.Long(0))));
    }

    [Fact]
    public async Task AfterTheEndNothingIsDone()
    {
        Database database = OpenAgain();
        await database.DisposeAsync();
        await database.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.ReadAsync(t => t.AllAsync($"SELECT 1", row => row.Long(0))));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.WriteAsync(t => t.ExecuteAsync($"SELECT 1")));
    }
}
