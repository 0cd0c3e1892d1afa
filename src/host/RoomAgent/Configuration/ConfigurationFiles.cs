using RoomAgent.Agent.Settings;

namespace RoomAgent.Host.Configuration;

/// <summary>Reads a configuration file and then, by name, the <c>*.conf</c> files of the directory that has its name and <c>.d</c>.</summary>
internal static class ConfigurationFiles
{
    public static void Read(string file, bool mayBeMissing, List<Assignment> assignments, List<SettingProblem> problems)
    {
        ReadOne(file, mayBeMissing, assignments, problems);
        foreach (string extra in ExtraFiles(file + ".d", problems))
            ReadOne(extra, mayBeMissing: false, assignments, problems);
    }

    private static void ReadOne(string file, bool mayBeMissing, List<Assignment> assignments, List<SettingProblem> problems)
    {
        try
        {
            // A byte more than is allowed tells a file that is too long, be it a device without an end.
            byte[] buffer = new byte[IniText.MaximumBytes + 1];
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            int length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            IniText.Read(file, buffer.AsSpan(0, length), assignments, problems);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            if (!mayBeMissing)
                problems.Add(new SettingProblem(file, "there is no such file"));
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            problems.Add(new SettingProblem(file, Directory.Exists(file) ? "is a directory" : $"cannot be read: {refusal.Message}"));
        }
    }

    private static IEnumerable<string> ExtraFiles(string directory, List<SettingProblem> problems)
    {
        try
        {
            // Editors hide their half-written copies behind a dot.
            return Directory.GetFileSystemEntries(directory, "*.conf")
                .Where(path => !Path.GetFileName(path).StartsWith('.'))
                .Order(StringComparer.Ordinal);
        }
        catch (DirectoryNotFoundException)
        {
            if (File.Exists(directory))
                problems.Add(new SettingProblem(directory, "is not a directory"));
            return [];
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            problems.Add(new SettingProblem(directory, $"cannot be read: {refusal.Message}"));
            return [];
        }
    }
}
