namespace RoomAgent.Hal.Tests;

/// <summary>Tests that look at the whole process: no other runs meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>What the process has.</summary>
internal static class OwnProcess
{
    /// <summary>Bytes of memory that it has now (proc(5), statm: resident, in pages).</summary>
    public static long Resident
    {
        get
        {
            GC.Collect();
            return long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1]) * Environment.SystemPageSize;
        }
    }

    /// <summary>What its open files and devices are called; the runtime's looks at the system are left out.</summary>
    public static string[] OpenFiles =>
        [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(link => new FileInfo(link).LinkTarget).OfType<string>()
            .Where(name => name.StartsWith('/') && !name.StartsWith("/proc/", StringComparison.Ordinal) && !name.StartsWith("/sys/", StringComparison.Ordinal))];
}
