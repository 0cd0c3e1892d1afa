using System.Diagnostics;
using System.Text;

namespace RoomAgent.Package.Tests;

/// <summary>What a command left behind.</summary>
/// <param name="ExitCode">What it ended with.</param>
/// <param name="Output">Both of its outputs, as they came.</param>
public sealed record CommandResult(int ExitCode, string Output)
{
    /// <summary>The output without the blanks around it, of a command that had to succeed.</summary>
    public string Text
    {
        get
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Output}");
            return Output.Trim();
        }
    }

    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>Runs a program to its end.</summary>
public static class Command
{
    // Both packages are compiled on one thread, for the same bytes; a busy machine needs its time for that.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(15);

    public static CommandResult Run(string program, params string[] arguments) => Run(program, arguments, static _ => { });

    public static CommandResult Run(string program, string[] arguments, Action<ProcessStartInfo> prepare)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test runner's MSBuild tells its children is not meant for a build of our own.
        foreach (string name in start.Environment.Keys.Where(IsOfTheTestRunner).ToArray())
            start.Environment.Remove(name);
        prepare(start);

        using Process process = Process.Start(start)!;
        var output = new StringBuilder();
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();

        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end: {output}");
        }
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output.ToString());
    }

    private static bool IsOfTheTestRunner(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("TESTINGPLATFORM_", StringComparison.Ordinal);

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null)
            return;
        lock (output)
            output.Append(line).Append('\n');
    }
}
