namespace RoomAgent.Hub.Store.Tests;

/// <summary>A database of each test's own, migrated. What holds is said once and runs on both.</summary>
public abstract class StoreTests : IAsyncLifetime
{
    private protected static readonly DateTimeOffset s_now = new(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);

    private readonly TestDatabase _origin;

    private protected StoreTests(TestDatabase origin) => _origin = origin;

    private protected Database Database { get; private set; } = null!;

    public virtual async ValueTask InitializeAsync()
    {
        Database = OpenAgain();
        await Database.MigrateAsync(s_now, TestContext.Current.CancellationToken);
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _origin.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another door to the same database, as another process would have.</summary>
    private protected Database OpenAgain() => _origin.Open();
}

/// <summary>A new database, to open as often as one likes.</summary>
internal abstract class TestDatabase : IDisposable
{
    public abstract Database Open();

    public abstract void Dispose();
}

/// <summary>A folder of its own with a database file in it, gone afterwards.</summary>
internal sealed class SqliteFile : TestDatabase
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("roomhub-store-").FullName;

    public string FilePath => Path.Combine(Folder, "hub.db");

    public override Database Open() => Database.Sqlite(FilePath);

    public override void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>A database in the tests' server. Skips the test when there is no PostgreSQL here.</summary>
internal sealed class ServerDatabase : TestDatabase
{
    public ServerDatabase(PostgreSqlServer server)
    {
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        ConnectionString = server.NewDatabase();
    }

    public string ConnectionString { get; }

    public override Database Open() => Database.PostgreSql(ConnectionString);

    // It goes with its server.
    public override void Dispose()
    {
    }
}
