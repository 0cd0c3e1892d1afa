using System.Diagnostics;
using Npgsql;

namespace RoomAgent.Hub.StoreLab;

/// <summary>A PostgreSQL server of the tests' own: from Debian's package, in a temporary folder, on a Unix socket, as a user without rights.</summary>
public sealed class PostgreSqlServer : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roomhub-pg-").FullName;
    private Process? _process;
    private int _databases;

    /// <summary>What this machine lacks for it: <see langword="null"/> when nothing is missing.</summary>
    public static string? Missing { get; } = FindPrograms() is null ? "this machine lacks: postgresql (apt install postgresql)" : null;

    /// <summary>Whether the server runs.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Starts a server; nothing when the programs are missing.</summary>
    public PostgreSqlServer()
    {
        if (Missing is not null)
            return;

        if (Environment.IsPrivilegedProcess)
            Run("chown", "postgres", _folder);
        RunAsPostgres("initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=roomhub", "-D", Data);
        Start();
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Starts it and waits until it answers.</summary>
    public void Start()
    {
        _process = Process.Start(AsPostgres(
            "postgres", "-D", Data, "-k", _folder, "-h", "", "-c", "wal_level=logical", "-c", "max_connections=100",
            "-c", "max_wal_senders=20", "-c", "max_replication_slots=20", "-c", "log_min_messages=fatal", "-c", "shared_buffers=64MB"))!;
        // Nobody reads what it says, but somebody must take it.
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();

        for (int attempts = 0; ; attempts++)
        {
            try
            {
                using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
                connection.Open();
                return;
            }
            catch (NpgsqlException) when (attempts < 600 && !_process.HasExited)
            {
                Thread.Sleep(100);
            }
        }
    }

    /// <summary>Power is lost: the server and all that work for it are killed.</summary>
    public void Kill() => End("-KILL");

    /// <summary>It ends at once but in order.</summary>
    public void Stop() => End("-INT");

    /// <summary>A connection string for a new, empty database.</summary>
    public string NewDatabase()
    {
        string name = $"hub{Interlocked.Increment(ref _databases)}";
        using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        command.ExecuteNonQuery();
        return ConnectionString(name);
    }

    /// <summary>Runs a statement past our store.</summary>
    public static void Execute(string connectionString, string statement)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        connection.Open();
        using var command = new NpgsqlCommand(statement, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Ends it and removes its folder.</summary>
    public void Dispose()
    {
        if (IsRunning)
            Stop();
        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string ConnectionString(string database) => $"Host={_folder};Username=roomhub;Database={database};Timeout=30;Command Timeout=120;Maximum Pool Size=30";

    // The postmaster's process id is in its folder; the program that we started may be runuser. Its children end when it is gone.
    private void End(string signal)
    {
        string process = File.ReadLines(Path.Combine(Data, "postmaster.pid")).First();
        Run("kill", signal, process);
        _process!.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    private void RunAsPostgres(params string[] words) => Run(AsPostgres(words));

    private static void Run(string program, params string[] arguments) => Run(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    private static void Run(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)}: {complaints.Result}");
    }

    private ProcessStartInfo AsPostgres(string program, params string[] arguments)
    {
        string path = Path.Combine(FindPrograms()!, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = _folder;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }

    private ProcessStartInfo AsPostgres(string[] words) => AsPostgres(words[0], words[1..]);

    private static string? FindPrograms() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(folder => File.Exists(Path.Combine(folder, "postgres"))).Order().LastOrDefault()
        : null;
}
