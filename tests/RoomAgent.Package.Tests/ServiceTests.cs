using System.Text.Json;
using static RoomAgent.Package.Tests.BootedDebian;

namespace RoomAgent.Package.Tests;

/// <summary>The package on a Debian with a real systemd: it installs, lives, is hurt, recovers, is replaced and leaves.</summary>
[Trait("Category", "Peer")]
public sealed class ServiceTests : IClassFixture<BootedDebian>
{
    private readonly BootedDebian _debian;
    private readonly Packages _packages;

    public ServiceTests(BootedDebian debian, Packages packages)
    {
        _debian = debian;
        _packages = packages;
        debian.Freshen();
    }

    [Fact]
    public void OnceInstalledItRunsAndSaysHowItIs()
    {
        Assert.Equal("active", Property("ActiveState"));
        Assert.Equal("enabled", Property("UnitFileState"));
        Assert.Equal("notify", Property("Type"));
        Assert.NotEqual("", Property("StatusText"));
        Assert.Equal("roomagent " + _debian.Run("dpkg-query --show --showformat='${Version}' roomagent"), _debian.Run("roomagent --version"));
    }

    [Fact]
    public void ItHasPicturesAndSoundByTheLibrariesOfTheDistribution()
    {
        // systemd has it looked for before each start, where and as the service does; the daemon loads it with its first meeting.
        Assert.Contains("--check-media", Property("ExecStartPre"), StringComparison.Ordinal);
        Assert.Contains(Journal(), entry => Text(entry, "MESSAGE").Contains("libavcodec", StringComparison.Ordinal));

        Assert.Matches("libavcodec.*libopus", _debian.Run("roomagent --check-media"));
        Assert.Equal("", _debian.Try($"grep libavcodec /proc/{MainPid()}/maps").Output);
    }

    [Fact]
    public void RootAsksItByTheSocketThatNobodyElseMayOpen()
    {
        const string Socket = "/run/roomagent/local.sock";

        Assert.True(Within(TimeSpan.FromSeconds(5), () => _debian.Try("roomctl status").ExitCode == 0), _debian.Try("roomctl status").Output);
        Assert.Equal("roomagent:roomagent 600 socket", _debian.Run($"stat --format='%U:%G %a %F' {Socket}"));
        Assert.Equal(77, _debian.Try("setpriv --reuid=nobody --regid=nogroup --clear-groups roomctl status").ExitCode);
    }

    [Fact]
    public void TheSetupCodeOnTheBootPartitionIsUsedAndThenWrittenOverByRoot()
    {
        // Right in form, for a hub that there is not.
        const string Code = "roomagent-setup:1:0123456789ABCDEFK:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:ea141e87:https://hub.example.org";
        const string File = "/boot/firmware/roomagent/setup.ini";
        _debian.Write(File, $"[setup]\ncode = {Code}\n");
        _ = _debian.Run($"chown root:root {File}; chmod 644 {File}; systemctl restart roomagent");

        Assert.Equal($"[setup]\ncode = {new string('#', Code.Length)}", _debian.Run($"cat {File}"));
        Assert.Equal("root:root 644", _debian.Run($"stat --format='%U:%G %a' {File}"));
        Assert.Equal("roomagent:roomagent", _debian.Run("stat --format='%U:%G' /var/lib/roomagent/setup-used"));
        Assert.Equal("", _debian.Run("find /var/lib/roomagent ! -user roomagent"));
        Assert.Contains(Journal(), entry => Text(entry, "EVENT_ID") == "509");
        Assert.DoesNotContain(Journal(), entry => Text(entry, "MESSAGE").Contains(Code[18..34], StringComparison.Ordinal));
        _ = _debian.Run("rm -r /boot/firmware");
    }

    [Fact]
    public void TheUnitHoldsNothingThatThisSystemdDoesNotKnow()
    {
        CommandResult verdict = _debian.Try("systemd-analyze verify --man=no roomagent.service");

        Assert.Equal("", verdict.Text);
    }

    [Fact]
    public void ItRunsAsItsOwnUserWithoutAnyCapability()
    {
        string status = _debian.Run($"cat /proc/{MainPid()}/status");

        string user = _debian.Run("id --user roomagent");
        string groups = _debian.Run("getent group roomagent video audio render gpio | cut -d: -f3 | sort -n | paste -sd' '");
        Assert.NotEqual("0", user);
        Assert.Equal($"{user}\t{user}\t{user}\t{user}", Field(status, "Uid"));
        Assert.Equal(groups, Field(status, "Groups"));
        Assert.All(["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"], set => Assert.Equal("0000000000000000", Field(status, set)));
        Assert.Equal("1", Field(status, "NoNewPrivs"));
        Assert.Equal("2", Field(status, "Seccomp"));
        Assert.Contains("Max core file size        0 ", _debian.Run($"cat /proc/{MainPid()}/limits"), StringComparison.Ordinal);
    }

    [Fact]
    public void ItWritesItsOwnDirectoriesAndNothingElse()
    {
        string[] writable = ["/var/lib/roomagent", "/run/roomagent", "/tmp", "/var/tmp"];
        string[] forbidden = ["/", "/etc", "/etc/roomagent", "/usr", "/usr/lib/roomagent", "/var", "/var/lib", "/run", "/home", "/root", "/sys"];

        string verdicts = InTheSandbox(
            $"for d in {string.Join(' ', writable)} {string.Join(' ', forbidden)}; do if (: > $d/probe) 2>&-; then echo $d yes; rm $d/probe; else echo $d no; fi; done");

        Assert.Equal([.. writable.Select(folder => $"{folder} yes"), .. forbidden.Select(folder => $"{folder} no")], verdicts.Split('\n'));
        Assert.Equal("roomagent:roomagent 700", _debian.Run("stat --format='%U:%G %a' /var/lib/roomagent"));
        // Its user may write nowhere else anyway; that not even root could do it from there is the unit's work.
        Assert.All(["/", "/etc/roomagent"], folder => Assert.StartsWith("ro,", MountOptions(folder), StringComparison.Ordinal));
    }

    [Fact]
    public void WhatItCanWriteItCannotExecute()
    {
        string verdicts = InTheSandbox(
            "for d in /var/lib/roomagent /run/roomagent /tmp /var/tmp /dev/shm; do cp /bin/true $d/probe; if $d/probe 2>&-; then echo $d yes; else echo $d no; fi; rm $d/probe; done");

        Assert.Equal(["/var/lib/roomagent no", "/run/roomagent no", "/tmp no", "/var/tmp no", "/dev/shm no"], verdicts.Split('\n'));
    }

    [Fact]
    public void ItOpensDevicesOfTheListedClassesOnly()
    {
        // A device that exists everywhere and that nobody here needs; anyone may open it, only the unit says no.
        const string Probe = "if (: < /dev/probe) 2>&-; then echo open; else echo refused; fi";
        _ = _debian.Run("rm -f /dev/probe; mknod --mode=666 /dev/probe c 1 5; : < /dev/probe");
        _ = _debian.Run("rm -f /dev/probe; mknod --mode=666 /dev/probe c 10 229; : < /dev/probe");

        string asShipped = InTheSandbox(Probe);
        string withItsClass = InTheSandbox(Probe, "DeviceAllow=char-misc rw");

        Assert.Equal(("refused", "open"), (asShipped, withItsClass));
    }

    [Fact]
    public void AReloadIsAnsweredWithoutARestart()
    {
        int before = MainPid();
        _debian.Write("/etc/roomagent/roomagent.conf.d/50-level.conf", "[log]\nlevel = debug\n");

        _ = _debian.Run("systemctl reload roomagent");

        Assert.Equal(before, MainPid());
        Assert.True(Within(TimeSpan.FromSeconds(5), () => Property("ActiveState") == "active" && Journal().Any(entry => Text(entry, "EVENT_ID") == "503")));
    }

    [Fact]
    public void AMistakeInTheConfigurationIsNamedAndNotTriedAgain()
    {
        _debian.Write("/etc/roomagent/roomagent.conf.d/50-mistake.conf", "[log]\nlevle = debug\n");

        CommandResult restart = _debian.Try("systemctl restart roomagent");
        Thread.Sleep(TimeSpan.FromSeconds(3));

        Assert.NotEqual(0, restart.ExitCode);
        Assert.Equal(("failed", "78", "0"), (Property("ActiveState"), Property("ExecMainStatus"), Property("NRestarts")));
        JsonElement complaint = Journal().Last(entry => Text(entry, "EVENT_ID") == "500");
        Assert.All(["50-mistake.conf", "log", "levle"], word => Assert.Contains(word, Text(complaint, "MESSAGE"), StringComparison.Ordinal));
        Assert.Equal(78, _debian.Try("roomagent --check-config").ExitCode);
    }

    [Fact]
    public void KilledItIsBackWithinFiveSeconds()
    {
        int before = MainPid();

        _ = _debian.Run($"kill -KILL {before}");

        Assert.True(Within(TimeSpan.FromSeconds(5), () => Property("ActiveState") == "active" && MainPid() != before && MainPid() != 0));
        Assert.Equal("1", Property("NRestarts"));
    }

    [Fact]
    public void StuckItIsKilledByTheWatchdogAndStartedAgain()
    {
        DropIn("WatchdogSec=2");
        _ = _debian.Run("systemctl restart roomagent");
        int before = MainPid();
        Thread.Sleep(TimeSpan.FromSeconds(3));
        Assert.Equal(before, MainPid());

        _ = _debian.Run($"kill -STOP {before}");

        Assert.True(Within(TimeSpan.FromSeconds(8), () => Property("ActiveState") == "active" && MainPid() != before && MainPid() != 0));
        Assert.Contains(Journal(), entry => Text(entry, "MESSAGE").Contains("Watchdog timeout", StringComparison.Ordinal));
    }

    [Fact]
    public void AskedToStopItEndsWellAndStaysAway()
    {
        _ = _debian.Run("systemctl stop roomagent");
        Thread.Sleep(TimeSpan.FromSeconds(2));

        Assert.Equal(("inactive", "success", "0"), (Property("ActiveState"), Property("Result"), Property("ExecMainStatus")));
    }

    [Fact]
    public void TheJournalKeepsEveryMessageWithItsParts()
    {
        JsonElement open = Journal().Last(entry => Text(entry, "EVENT_ID") == "100");

        Assert.Equal("The room is open, with real hardware", Text(open, "MESSAGE"));
        Assert.Equal("real", Text(open, "ROOMAGENT_HARDWARE"));
        Assert.Equal("6", Text(open, "PRIORITY"));
        Assert.Equal("roomagent", Text(open, "SYSLOG_IDENTIFIER"));
        Assert.Equal("roomagent.service", Text(open, "_SYSTEMD_UNIT"));
    }

    [Fact]
    public void AnUpgradeKeepsAnEditedConfiguration()
    {
        const string Edited = "[log]\nlevel = warning\n";
        _debian.Write("/etc/roomagent/roomagent.conf", Edited);
        int before = MainPid();

        _ = _debian.Install(_packages.BuildNextRelease("99.1.0.0", "[log]\n#level = info\n# This comment is new.\n"));

        Assert.Equal(Edited.Trim(), _debian.Run("cat /etc/roomagent/roomagent.conf"));
        Assert.Equal("99.1.0.0", _debian.Run("dpkg-query --show --showformat='${Version}' roomagent"));
        Assert.Equal("active", Property("ActiveState"));
        Assert.NotEqual(before, MainPid());
    }

    [Fact]
    public void RemovedItKeepsItsStateAndConfigurationForTheNextTime()
    {
        _debian.Write("/etc/roomagent/roomagent.conf.d/50-level.conf", "[log]\nlevel = debug\n");
        _debian.Write("/var/lib/roomagent/kept", "");

        _ = _debian.Run("apt-get remove --yes roomagent");

        Assert.NotEqual(0, _debian.Try("systemctl is-active roomagent").ExitCode);
        _ = _debian.Run("test -e /etc/roomagent/roomagent.conf -a -e /etc/roomagent/roomagent.conf.d/50-level.conf -a -e /var/lib/roomagent/kept");
    }

    [Fact]
    public void PurgedItLeavesNothing()
    {
        _debian.Write("/etc/roomagent/roomagent.conf.d/50-level.conf", "[log]\nlevel = debug\n");
        _ = _debian.Run("systemctl restart roomagent");

        _ = _debian.Run("apt-get purge --yes roomagent");

        Assert.Equal(_debian.BeforeInstall, _debian.Inventory());
        Assert.Equal("", _debian.Try("systemctl list-units --all --no-legend 'roomagent*'; systemctl list-unit-files --no-legend 'roomagent*'").Output);
        Assert.Equal("", _debian.Try("grep --files-with-matches 'roomagent[.]dll' /proc/[0-9]*/cmdline").Output);
    }

    [Fact]
    public void AGroupThatOthersUseStaysBehind()
    {
        _debian.Write("/etc/udev/rules.d/99-other.rules", "SUBSYSTEM==\"gpio\", GROUP=\"gpio\"\n");

        _ = _debian.Run("apt-get purge --yes roomagent");

        CommandResult group = _debian.Try("getent group gpio");
        _ = _debian.Run("rm /etc/udev/rules.d/99-other.rules; groupdel gpio");
        Assert.Equal(0, group.ExitCode);
    }

    /// <summary>What a script says that runs where and as the service does, just before it starts.</summary>
    private string InTheSandbox(string script, string more = "")
    {
        _debian.Write("/usr/local/bin/roomagent-probe", $"#!/bin/sh\n{script}\n");
        DropIn($"{more}\nExecStartPre=/bin/sh /usr/local/bin/roomagent-probe\nSyslogIdentifier=probe");
        _ = _debian.Run("systemctl restart roomagent");
        string said = _debian.Run("journalctl --sync; journalctl --unit=roomagent --output=cat _SYSTEMD_INVOCATION_ID=$(systemctl show --property=InvocationID --value roomagent) _COMM=sh");
        _ = _debian.Run("rm /usr/local/bin/roomagent-probe");
        return said;
    }

    private string MountOptions(string folder) => _debian.Run($"awk '$5 == \"{folder}\" {{ print $6 }}' /proc/{MainPid()}/mountinfo");

    private void DropIn(string lines)
    {
        _debian.Write("/etc/systemd/system/roomagent.service.d/test.conf", $"[Service]\n{lines}\n");
        _ = _debian.Run("systemctl daemon-reload");
    }

    private string Property(string name) => _debian.Run($"systemctl show --property={name} --value roomagent");

    private int MainPid() => int.Parse(Property("MainPID"));

    /// <summary>What the journal holds of the service since it was last started by hand.</summary>
    private JsonElement[] Journal() =>
    [
        .. _debian.Try("journalctl --sync; journalctl --unit=roomagent --boot --output=json").Lines.Select(line => JsonElement.Parse(line)),
    ];

    private static string Text(JsonElement entry, string field) =>
        entry.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
