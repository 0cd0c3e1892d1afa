using RoomAgent.Hub.Devices;
using RoomAgent.Hub.Identity;
using RoomAgent.Hub.Store;

namespace RoomAgent.Hub.Hosting.Commands;

/// <summary>A hub's data, for a command beside it. The hub may run meanwhile: it is another reader and writer of the same database.</summary>
internal sealed class OpenHub : IAsyncDisposable
{
    private OpenHub(Database database, Accounts accounts, DataFolder data, HubSecret secret)
    {
        Database = database;
        Accounts = accounts;
        Data = data;
        Secret = secret;
    }

    public Database Database { get; }

    public Accounts Accounts { get; }

    public DataFolder Data { get; }

    public HubSecret Secret { get; }

    /// <summary>Opens it, and brings its tables up to date.</summary>
    /// <exception cref="IOException">There is no hub. It is not made here: a mistake in a path would make a second one.</exception>
    public static async Task<OpenHub> OpenAsync(HubSettings settings, CancellationToken cancel)
    {
        if (!File.Exists(Path.Combine(settings.Data, DataFolder.SecretName)))
            throw new IOException($"{settings.Data}: there is no hub here. Start roomhub once, which makes one, or name its folder with --data");

        var data = new DataFolder(settings.Data);
        if (settings.Database is null && !File.Exists(data.Database))
            throw new IOException($"{data.Database}: it is missing. If the hub uses PostgreSQL, name it with --database");

        Database database = Open(settings, data);
        HubSecret? secret = null;
        try
        {
            await database.MigrateAsync(TimeProvider.System.GetUtcNow(), cancel);
            secret = data.OpenSecret();
            Accounts accounts = await Accounts.OpenAsync(database, settings.Address, data.OpenSecret(), data.OpenRootSecret, TimeProvider.System, cancel);
            return new OpenHub(database, accounts, data, secret);
        }
        catch
        {
            secret?.Dispose();
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The database that the settings name.</summary>
    public static Database Open(HubSettings settings, DataFolder data) => settings.Database is { } server ? Database.PostgreSql(server) : Database.Sqlite(data.Database);

    public async ValueTask DisposeAsync()
    {
        Accounts.Dispose();
        Secret.Dispose();
        await Database.DisposeAsync();
    }
}
