using RoomAgent.Hub.Identity;

namespace RoomAgent.Hub.Hosting;

/// <summary>The folder that a hub keeps its things in, for its user alone.</summary>
internal sealed class DataFolder
{
    /// <summary>What <see cref="Database"/> is called.</summary>
    public const string DatabaseName = "hub.db";

    /// <summary>What <see cref="SecretFile"/> is called.</summary>
    public const string SecretName = "hub-secret";

    /// <summary>What <see cref="RootSecretFile"/> is called.</summary>
    public const string RootSecretName = "root-secret";

    private readonly string _path;

    /// <summary>The folder, which is made when it is missing.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public DataFolder(string path)
    {
        _path = path;
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>The SQLite file.</summary>
    public string Database => Path.Combine(_path, DatabaseName);

    /// <summary>The file with what the hub's keys are wrapped with. Hubs that share a database have the same.</summary>
    public string SecretFile => Path.Combine(_path, SecretName);

    /// <summary>The file with what the root of the certificate authority is wrapped with. It may be kept elsewhere between renewals.</summary>
    public string RootSecretFile => Path.Combine(_path, RootSecretName);

    /// <summary>The hub's secret.</summary>
    public HubSecret OpenSecret() => HubSecret.LoadOrCreate(SecretFile);

    /// <summary>The root's secret.</summary>
    public HubSecret OpenRootSecret() => HubSecret.LoadOrCreate(RootSecretFile);
}
