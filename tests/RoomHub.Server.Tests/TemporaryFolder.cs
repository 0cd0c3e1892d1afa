namespace RoomAgent.Hub.Tests;

/// <summary>A folder for a hub that is a program of its own.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("roomhub-").FullName;

    /// <summary>A name in it.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>The words of a command line: a hub with its data in this folder, on free ports of the loopback interface.</summary>
    public string[] Words(params string[] words) =>
    [
        .. words, "--data", this["data"], "--address", "https://hub.example.org", "--listen", "127.0.0.1:0",
        "--media-listen", "127.0.0.1", "--media-udp", "0", "--media-tcp", "0",
    ];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
