namespace RoomAgent.Testing;

/// <summary>Where things are while tests run.</summary>
public static class Repository
{
    /// <summary>The folder with RoomAgent.sln, found upwards from the test program.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// Published vectors, which are not part of the repository: the folder that ROOMAGENT_VECTORS names, or <c>shared/vectors</c> beside the clone.
    /// <see langword="null"/> when there is none; the tests then say that they were skipped.
    /// </summary>
    public static string? Vectors { get; } = FindVectors();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RoomAgent.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No RoomAgent.sln above {AppContext.BaseDirectory}: run the tests inside a clone.");
    }

    private static string? FindVectors()
    {
        string folder = Environment.GetEnvironmentVariable("ROOMAGENT_VECTORS") ?? Path.Combine(Root, "..", "shared", "vectors");
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }
}
