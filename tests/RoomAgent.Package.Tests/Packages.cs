namespace RoomAgent.Package.Tests;

/// <summary>The packages as the scripts of this tree build them, built once for all tests.</summary>
public sealed class Packages : IDisposable
{
    public static readonly string Tree = FindTree();

    private readonly Lazy<string> _room;
    private readonly Lazy<string> _runtime;

    public Packages()
    {
        _room = new(() => Build("build-deb", "roomagent_*.deb"));
        _runtime = new(() => Build("runtime-deb", "aspnetcore-runtime-10.0-local_*.deb"));
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("roomagent-packages.").FullName;

    /// <summary>The .deb of roomagent.</summary>
    public string Room => _room.Value;

    /// <summary>The .deb of roomhub, which is built together with it.</summary>
    public string Hub => Path.Combine(Path.GetDirectoryName(Room)!, Path.GetFileName(Room).Replace("roomagent_", "roomhub_", StringComparison.Ordinal));

    /// <summary>The .deb of roomjoin, likewise.</summary>
    public string Join => Path.Combine(Path.GetDirectoryName(Room)!, Path.GetFileName(Room).Replace("roomagent_", "roomjoin_", StringComparison.Ordinal));

    /// <summary>What Debian calls this machine's processor.</summary>
    public static string Architecture { get; } = Command.Run("dpkg", "--print-architecture").Text;

    /// <summary>What both packages ask of the distribution, but for .NET: of alternatives the first one that there is.</summary>
    public IReadOnlyList<string> Needs => [.. ((string[])[Room, Hub]).SelectMany(deb => Command.Run("dpkg-deb", "--field", deb, "Depends").Text.Split(','))
        .Select(alternatives => alternatives.Split('|').Select(one => one.Trim().Split(' ', ':')[0]))
        .Where(names => !names.First().StartsWith("aspnetcore", StringComparison.Ordinal))
        .Select(names => names.FirstOrDefault(name => Command.Run("apt-cache", "show", "--quiet", name).ExitCode == 0) ?? names.Last())
        .Distinct()];

    /// <summary>The .deb of the .NET runtime that this test runs on.</summary>
    public string Runtime => _runtime.Value;

    /// <summary>The same package with a higher version and another default configuration, as the next release would be.</summary>
    public string BuildNextRelease(string version, string configuration) => BuildNextRelease(Room, version, "etc/roomagent/roomagent.conf", configuration);

    /// <summary>The same for one of both packages, whose configuration is the file <paramref name="path"/>.</summary>
    public string BuildNextRelease(string deb, string version, string path, string configuration)
    {
        string unpacked = Path.Combine(Folder, "next");
        string next = Path.Combine(Folder, $"{Path.GetFileName(deb).Split('_')[0]}_{version}_{Architecture}.deb");
        _ = Command.Run("dpkg-deb", "--raw-extract", deb, unpacked).Text;
        _ = Command.Run("sed", "-i", $"s/^Version: .*/Version: {version}/", $"{unpacked}/DEBIAN/control").Text;
        File.WriteAllText(Path.Combine(unpacked, path), configuration);
        _ = Command.Run("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", unpacked, next).Text;
        Directory.Delete(unpacked, recursive: true);
        return next;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Build(string script, string result)
    {
        _ = Command.Run(Path.Combine(Tree, "packaging", script), "--output", Folder).Text;
        return Directory.GetFiles(Folder, result).Single();
    }

    private static string FindTree()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RoomAgent.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("RoomAgent.sln is in no folder above the tests");
        return folder;
    }
}
