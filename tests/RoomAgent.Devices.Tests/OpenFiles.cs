namespace RoomAgent.Devices.Tests;

/// <summary>The files that this process has open.</summary>
internal static class OpenFiles
{
    public static bool Have(string path) => new DirectoryInfo("/proc/self/fd").EnumerateFileSystemInfos().Any(entry => TargetOf(entry) == path);

    // One that is closed while we look has no target any more.
    private static string? TargetOf(FileSystemInfo entry)
    {
        try
        {
            return entry.LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
