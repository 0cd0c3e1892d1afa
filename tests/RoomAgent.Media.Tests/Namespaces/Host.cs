using System.Diagnostics;
using System.Text;

namespace RoomAgent.Media.Tests.Namespaces;

/// <summary>A host of its own on this machine: a network namespace. What was started in it ends with it, by its process id.</summary>
internal sealed class Host : IDisposable
{
    private static int s_count;
    private readonly List<Process> _processes = [];

    public Host(string name)
    {
        // Tests run side by side, so the process alone does not tell hosts of one name apart.
        Name = $"{name}-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        Ip("netns", "delete", Name, quiet: true);
        Ip("netns", "add", Name);
        Run("ip", "link", "set", "lo", "up");
    }

    public string Name { get; }

    /// <summary>Why there can be no hosts here; null when there can.</summary>
    public static string? Missing
    {
        get
        {
            if (Environment.UserName != "root")
                return "network namespaces need root";

            string[] programs = [.. new[] { "ip", "nft" }.Where(program => !IsInstalled(program))];
            return programs.Length == 0 ? null : $"{string.Join(" and ", programs)} is not installed (./test without --fast installs it)";
        }
    }

    public static bool IsInstalled(string program) =>
        new[] { "/usr/sbin", "/usr/bin", "/sbin", "/bin" }.Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>A cable between two hosts.</summary>
    public static void Connect(Host one, string oneAddress, Host other, string otherAddress)
    {
        string end = $"to-{other.Name.Split('-')[0]}";
        string otherEnd = $"to-{one.Name.Split('-')[0]}";
        Ip("link", "add", end, "netns", one.Name, "type", "veth", "peer", "name", otherEnd, "netns", other.Name);
        one.Run("ip", "address", "add", oneAddress, "dev", end);
        one.Run("ip", "link", "set", end, "up");
        other.Run("ip", "address", "add", otherAddress, "dev", otherEnd);
        other.Run("ip", "link", "set", otherEnd, "up");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    public string Run(string program, params string[] arguments) => Finish(Inside(program, arguments), input: "");

    /// <summary>Loads rules of the packet filter; those before are gone.</summary>
    public void Filter(string rules) => Finish(Inside("nft", ["-f", "-"]), $"flush ruleset\n{rules}\n");

    /// <summary>Starts a program that goes on; its standard input and output are the caller's.</summary>
    public Process Start(string program, params string[] arguments)
    {
        Process process = Process.Start(Inside(program, arguments))!;
        _processes.Add(process);
        return process;
    }

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        Ip("netns", "delete", Name);
    }

    private static void Ip(params string[] arguments) => Ip(quiet: false, arguments);

    private static void Ip(string one, string two, string three, bool quiet) => Ip(quiet, one, two, three);

    private static void Ip(bool quiet, params string[] arguments)
    {
        try
        {
            Finish(Start(new ProcessStartInfo("ip", arguments)), input: "");
        }
        catch (InvalidOperationException) when (quiet)
        {
            // What was not there cannot be taken away.
        }
    }

    private ProcessStartInfo Inside(string program, string[] arguments) => Start(new ProcessStartInfo("ip", ["netns", "exec", Name, program, .. arguments]));

    private static ProcessStartInfo Start(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private static string Finish(ProcessStartInfo start, string input)
    {
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var complaints = new StringBuilder();
        process.ErrorDataReceived += (_, line) => complaints.AppendLine(line.Data);
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}: {complaints}");
    }
}
