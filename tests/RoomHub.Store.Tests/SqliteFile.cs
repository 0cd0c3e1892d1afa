namespace RoomAgent.Hub.Store.Tests;

/// <summary>A folder of its own with a database file in it, gone afterwards.</summary>
internal sealed class SqliteFile : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("roomhub-store-").FullName;

    public string FilePath => Path.Combine(Folder, "hub.db");

    public Database Open() => Database.Sqlite(FilePath);

    public void Dispose()
    {
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(Folder, recursive: true);
    }
}
