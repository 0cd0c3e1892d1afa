using System.Diagnostics;
using System.Text.Json;

namespace RoomAgent.Scripts.Tests;

/// <summary>
/// A machine to try the scripts on: a folder with a clone of them, and a PATH on which apt-get, dpkg-query, sudo, id and
/// dotnet are the stand-ins of this folder. It starts out as root's, with everything installed. Nothing outside the
/// folder is reached.
/// </summary>
internal sealed class Machine : IDisposable
{
    /// <summary>The repository that this test program was built from.</summary>
    public static readonly string Repository = FindRepository();

    private static readonly string[] s_scripts = ["run", "test", "bench", "measure", ".ci/run", "tools/setup.sh", "global.json"];

    private static readonly string[] s_standIns = ["apt-get", "dpkg-query", "sudo", "id", "dotnet"];

    private static readonly string[] s_realTools =
    [
        "awk", "basename", "bash", "cat", "chmod", "comm", "cp", "cut", "dirname", "env", "grep", "head", "jq", "ls", "mkdir",
        "paste", "rm", "sed", "sleep", "sort", "tail", "tee", "timeout", "tr", "true",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("roomagent-scripts-").FullName;

    public Machine()
    {
        foreach (string script in s_scripts)
        {
            string copy = Path.Combine(Clone, script);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository, script), copy);
        }

        Directory.CreateDirectory(Programs);
        foreach (string name in s_standIns)
        {
            string standIn = Path.Combine(Repository, "tests/RoomAgent.Scripts.Tests/StandIns", name);
            File.CreateSymbolicLink(Path.Combine(Programs, name), standIn);
        }

        foreach (string name in s_realTools)
            File.CreateSymbolicLink(Path.Combine(Programs, name), FindOnPath(name));

        Have("uid", "0\n");
        Have("installed", string.Join('\n', AllPackages()));
    }

    /// <summary>The scripts that a person calls.</summary>
    public static TheoryData<string> Commands => ["run", "test", "bench", "measure"];

    /// <summary>What the stand-ins were called with, a line each.</summary>
    public string Calls => File.Exists(State("calls")) ? File.ReadAllText(State("calls")) : "";

    private string Clone => Path.Combine(_folder, "clone");

    private string Programs => Path.Combine(_folder, "bin");

    /// <summary>Writes a file that a stand-in looks at; each says on top which.</summary>
    public void Have(string name, string text = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(State(name))!);
        File.WriteAllText(State(name), text);
    }

    /// <summary>Puts a program on the PATH that does nothing.</summary>
    public void HaveProgram(string program) => File.CreateSymbolicLink(Path.Combine(Programs, program), "/bin/true");

    /// <summary>Takes a program off the PATH.</summary>
    public void HaveNo(string program) => File.Delete(Path.Combine(Programs, program));

    /// <summary>
    /// Adds a test program that is built, leaves this report, and ends with these words of the shell, else with 0.
    /// </summary>
    public void HaveTests(string name, string? report, string ending = "exit 0")
    {
        Directory.CreateDirectory(Path.Combine(Clone, "tests", name));
        Directory.CreateDirectory(Path.Combine(Clone, "artifacts/bin", name, "release"));
        File.WriteAllText(Path.Combine(Clone, "artifacts/bin", name, "release", name + ".dll"), "");
        Have("endings/" + name, ending);
        if (report is not null)
            Have("reports/" + name + ".json", report);
    }

    /// <summary>From now on this test program leaves no report.</summary>
    public void HaveNoReport(string name) => File.Delete(State("reports/" + name + ".json"));

    /// <summary>Adds a test program that nobody built.</summary>
    public void HaveTestsThatWereNotBuilt(string name) => Directory.CreateDirectory(Path.Combine(Clone, "tests", name));

    /// <summary>The report of a program in the format that <c>--report-ctrf</c> writes, as far as ./test reads it.</summary>
    public static string Report(int passed = 0, int failed = 0, int skipped = 0)
    {
        var tests = new List<object>();
        for (int i = 0; i < passed; i++)
            tests.Add(new { name = $"Good.Test{i}", status = "passed" });
        for (int i = 0; i < failed; i++)
            tests.Add(new { name = $"Bad.Test{i}", status = "failed", message = "first line\nsecond line" });
        for (int i = 0; i < skipped; i++)
            tests.Add(new { name = $"Absent.Test{i}", status = "skipped", extra = new { reason = $"no peer {i}" } });

        return JsonSerializer.Serialize(new { results = new { tests } });
    }

    /// <summary>Runs a script in the clone with nobody at the keyboard.</summary>
    public Outcome Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Clone, script), arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = Programs;
        start.Environment["HOME"] = _folder;
        start.Environment["MACHINE"] = Path.Combine(_folder, "state");
        start.Environment["CLONE"] = Clone;

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, Lines(output), Lines(errors.GetAwaiter().GetResult()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string State(string name) => Path.Combine(_folder, "state", name);

    /// <summary>The second word of each line in the table of tools/setup.sh.</summary>
    public static IEnumerable<string> AllPackages() => PackagesFor("build", "test", "peer");

    /// <summary>Those of some purposes.</summary>
    public static IEnumerable<string> PackagesFor(params string[] purposes) =>
        File.ReadLines(Path.Combine(Repository, "tools/setup.sh"))
            .SkipWhile(line => !line.StartsWith("package_table", StringComparison.Ordinal)).TakeWhile(line => line != "}")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 1 && purposes.Contains(words[0]))
            .Select(words => words[1].Split(':')[0]);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string FindRepository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RoomAgent.sln")))
            folder = Path.GetDirectoryName(folder);

        return folder ?? throw new InvalidOperationException("These tests run inside the repository, and RoomAgent.sln was not found.");
    }

    internal static string FindOnPath(string program) =>
        FindOnPathOrNull(program) ?? throw new InvalidOperationException($"{program} is not on the PATH.");

    internal static string? FindOnPathOrNull(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(f => Path.Combine(f, program)).FirstOrDefault(File.Exists);
}

/// <summary>How a script ended and what it said.</summary>
internal sealed record Outcome(int Code, string[] Output, string[] Errors);
