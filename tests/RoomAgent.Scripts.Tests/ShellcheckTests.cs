using System.Diagnostics;

namespace RoomAgent.Scripts.Tests;

/// <summary>Every shell script of the repository is clean.</summary>
public sealed class ShellcheckTests
{
    [Fact]
    public void EveryScriptIsClean()
    {
        if (Machine.FindOnPathOrNull("shellcheck") is not { } shellcheck)
        {
            Assert.Skip("shellcheck is not installed (./test without --fast installs it)");
            return;
        }

        string[] scripts = [.. FindScripts()];
        Assert.Contains("test", scripts);
        using Process process = Process.Start(new ProcessStartInfo(shellcheck, scripts)
        {
            WorkingDirectory = Machine.Repository,
            RedirectStandardOutput = true,
        })!;
        string findings = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        Assert.True(process.ExitCode == 0, findings.Trim());
    }

    // A script is a file that says so in its first line, or that is called .sh.
    private static IEnumerable<string> FindScripts()
    {
        string[] places = [".", ".ci", "tools", "tests", "packaging", "systemd", "hal"];
        foreach (string place in places)
        {
            string folder = Path.Combine(Machine.Repository, place);
            if (!Directory.Exists(folder))
                continue;

            SearchOption depth = place == "." ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories;
            foreach (string file in Directory.EnumerateFiles(folder, "*", depth))
            {
                if (file.EndsWith(".sh", StringComparison.Ordinal) || IsShellScript(file))
                    yield return Path.GetRelativePath(Machine.Repository, file);
            }
        }
    }

    private static bool IsShellScript(string file)
    {
        using var reader = new StreamReader(file);
        string first = reader.ReadLine() ?? "";
        return first.StartsWith("#!", StringComparison.Ordinal) && (first.EndsWith("bash", StringComparison.Ordinal) || first.EndsWith("/sh", StringComparison.Ordinal));
    }
}
