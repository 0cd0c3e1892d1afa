using System.Diagnostics;
using System.Text;

namespace RoomAgent.Package.Tests;

/// <summary>
/// A Debian with systemd as its process 1, in a container without network, with the .NET runtime installed.
/// One is booted for all tests of a class; <see cref="Freshen"/> and <see cref="FreshenHub"/> undo what the test before has changed.
/// </summary>
public sealed class BootedDebian(Packages packages) : IAsyncLifetime
{
    // Runs the container until it is asked to end or these tests are gone, however they went, and then tidies up.
    // nspawn shuts its system down on the first SIGTERM and ends it on the second.
    private const string Keeper = """
        trap : TERM INT
        systemd-nspawn "$@" &
        container=$!
        tail --pid="$TESTS" --follow /dev/null &
        tests=$!
        wait -n
        kill $container $tests
        (sleep 10; kill $container) >/dev/null 2>&1 &
        impatience=$!
        while kill -0 $container; do wait $container; done
        kill $impatience
        rm --recursive --force --one-file-system "$ROOT"
        """;

    private static readonly TimeSpan s_bootPatience = TimeSpan.FromSeconds(60);

    private readonly string _root = $"/var/tmp/roomagent-test-{Environment.ProcessId}";
    private readonly StringBuilder _console = new();
    private Process? _keeper;
    private int _processOne;

    /// <summary>What there was before any of our packages was ever installed.</summary>
    public IReadOnlyList<string> BeforeInstall { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        if (Prerequisites.ToBoot.Count > 0)
            return;

        try
        {
            BaseSystem.CopyTo(_root, packages.Needs);
            Boot();
            _ = Install(packages.Runtime);
            BeforeInstall = Inventory();
        }
        catch
        {
            await DisposeAsync();
            _ = Command.Run("rm", "--recursive", "--force", "--one-file-system", _root);
            throw;
        }
    }

    /// <summary>A field of /proc/PID/status.</summary>
    public static string Field(string status, string name) =>
        status.Split('\n').Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split(':', 2)[1].Trim();

    /// <summary>Whether something becomes so within a time.</summary>
    public static bool Within(TimeSpan span, Func<bool> holds)
    {
        long started = Stopwatch.GetTimestamp();
        while (!holds())
        {
            if (Stopwatch.GetElapsedTime(started) > span)
                return false;
            Thread.Sleep(100);
        }
        return true;
    }

    /// <summary>Runs a shell script inside, as root.</summary>
    public CommandResult Try(string script) =>
        Command.Run("nsenter", "--target", $"{_processOne}", "--all", "/usr/bin/env", "--ignore-environment",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "bash", "-c", script);

    /// <summary>The same, for a script that has to succeed.</summary>
    public string Run(string script) => Try(script).Text;

    /// <summary>Puts a file where an administrator would.</summary>
    public void Write(string path, string content)
    {
        string outside = _root + path;
        Directory.CreateDirectory(Path.GetDirectoryName(outside)!);
        File.WriteAllText(outside, content);
    }

    /// <summary>Installs a package as unattended-upgrades does: nobody is asked, edited files stay.</summary>
    public string Install(string deb)
    {
        string inside = $"/srv/{Path.GetFileName(deb)}";
        File.Copy(deb, _root + inside);
        CommandResult result = Try($"apt-get install --yes -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold {inside}");
        File.Delete(_root + inside);
        return result.Text;
    }

    /// <summary>roomagent as it is after its first installation, running.</summary>
    public void Freshen()
    {
        Prerequisites.Require(Prerequisites.ToBoot);

        _ = Run("rm -rf /etc/systemd/system/roomagent.service.d /etc/roomagent/roomagent.conf.d/*; systemctl daemon-reload");
        if (!IsAsPackaged("roomagent", packages.Room))
        {
            _ = Run("dpkg --purge roomagent");
            _ = Install(packages.Room);
        }
        _ = Run("systemctl reset-failed roomagent; systemctl restart roomagent");
    }

    /// <summary>roomhub as it is after its first installation, running, with what it has made so far.</summary>
    public void FreshenHub()
    {
        Prerequisites.Require(Prerequisites.ToBoot);

        if (!IsAsPackaged("roomhub", packages.Hub))
        {
            _ = Run("dpkg --purge roomhub");
            _ = Install(packages.Hub);
        }
        _ = Run("systemctl reset-failed roomhub; systemctl restart roomhub");
    }

    /// <summary>Every file with its owner and rights, the users and the groups. Logs and caches do not count.</summary>
    public IReadOnlyList<string> Inventory() =>
    [
        .. Try("find / -xdev -regextype posix-extended -regex '/var/(log|cache|lib/apt|lib/systemd)' -prune -o -printf '%p %y %m %U:%G %l\\n' | sort").Lines,
        .. Try("cat /etc/passwd /etc/group /etc/shadow /etc/gshadow").Lines,
        .. Try("find /run /var/lib/systemd /var/cache /tmp -iname '*roomagent*' -o -iname '*roomhub*'").Lines,
    ];

    public ValueTask DisposeAsync()
    {
        if (_keeper is not null)
        {
            _ = Command.Run("kill", $"{_keeper.Id}");
            _keeper.WaitForExit();
            _keeper.Dispose();
            _keeper = null;
        }
        return ValueTask.CompletedTask;
    }

    private bool IsAsPackaged(string name, string deb)
    {
        string version = Command.Run("dpkg-deb", "--field", deb, "Version").Text;
        string status = Try($"dpkg-query --show --showformat='${{db:Status-Abbrev}}${{Version}}' {name}").Output.Trim();
        return status == $"ii {version}" && Try($"dpkg --verify {name}").Output.Length == 0;
    }

    private void Boot()
    {
        // With cgroup v2 and the right to load programs into it systemd enforces the device policy, whatever runs outside.
        var start = new ProcessStartInfo("bash",
        [
            "-c", Keeper, "keeper", "--quiet", "--directory", _root, "--boot", "--register=no", "--keep-unit",
            "--private-network", "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--console=read-only",
            "--system-call-filter=bpf", "--capability=CAP_BPF",
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY"] = "1";
        start.Environment["TESTS"] = $"{Environment.ProcessId}";
        start.Environment["ROOT"] = _root;
        _keeper = Process.Start(start)!;
        _keeper.OutputDataReceived += (_, line) => Remember(line.Data);
        _keeper.ErrorDataReceived += (_, line) => Remember(line.Data);
        _keeper.BeginOutputReadLine();
        _keeper.BeginErrorReadLine();

        long started = Stopwatch.GetTimestamp();
        string state = "starting";
        while (state != "running")
        {
            if (state == "degraded")
                Assert.Fail($"the container booted, but not all of it: {Run("systemctl --failed --no-legend")}");
            if (_keeper.HasExited || Stopwatch.GetElapsedTime(started) > s_bootPatience)
                Assert.Fail($"the container does not boot: {Console()}");

            Thread.Sleep(100);
            _processOne = ProcessOne(_keeper.Id);
            if (_processOne != 0)
                state = Try("systemctl is-system-running").Output.Trim();
        }
    }

    private string Console()
    {
        lock (_console)
            return _console.ToString();
    }

    private void Remember(string? line)
    {
        lock (_console)
            _console.AppendLine(line);
    }

    /// <summary>The keeper's child nspawn has one child; 0 before that is systemd.</summary>
    private static int ProcessOne(int keeper) => Child(Child(keeper, "systemd-nspawn"), "systemd");

    private static int Child(int parent, string name) => parent == 0 ? 0 : Read($"/proc/{parent}/task/{parent}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(int.Parse)
        .FirstOrDefault(child => Read($"/proc/{child}/comm").Trim() == name);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return ""; // The process is gone.
        }
    }
}
