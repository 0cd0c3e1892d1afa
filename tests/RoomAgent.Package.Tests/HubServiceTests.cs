
using static RoomAgent.Package.Tests.BootedDebian;

namespace RoomAgent.Package.Tests;

/// <summary>The package of the hub on a Debian with a real systemd, and what root's verbs do to it.</summary>
[Trait("Category", "Peer")]
public sealed class HubServiceTests : IClassFixture<BootedDebian>
{
    private const string Settings = "/etc/roomhub/roomhub.json";

    private readonly BootedDebian _debian;
    private readonly Packages _packages;

    public HubServiceTests(BootedDebian debian, Packages packages)
    {
        _debian = debian;
        _packages = packages;
        debian.FreshenHub();
    }

    [Fact]
    public void OnceInstalledItRunsAsItsOwnUserWithPort443AsItsOnlyPower()
    {
        const string BindService = "0000000000000400";
        string status = _debian.Run($"cat /proc/{Property("MainPID")}/status");

        string user = _debian.Run("id --user roomhub");
        Assert.Equal(("active", "enabled", "notify"), (Property("ActiveState"), Property("UnitFileState"), Property("Type")));
        Assert.NotEqual("0", user);
        Assert.Equal($"{user}\t{user}\t{user}\t{user}", Field(status, "Uid"));
        Assert.All(["CapPrm", "CapEff", "CapBnd", "CapAmb"], set => Assert.Equal(BindService, Field(status, set)));
        Assert.Equal(("1", "2"), (Field(status, "NoNewPrivs"), Field(status, "Seccomp")));
        Assert.Equal("roomhub:roomhub 700", _debian.Run("stat --format='%U:%G %a' /var/lib/roomhub"));
        Assert.Equal("root:roomhub 640", _debian.Run($"stat --format='%U:%G %a' {Settings}"));
        Assert.Equal("roomhub " + _debian.Run("dpkg-query --show --showformat='${Version}' roomhub"), _debian.Run("roomhub --version"));
    }

    [Fact]
    public void TheUnitHoldsNothingThatThisSystemdDoesNotKnow() =>
        Assert.Equal("", _debian.Try("systemd-analyze verify --man=no roomhub.service").Text);

    [Fact]
    public void CheckFindsNothingWrongAfterTheInstallationAndMayTakePort443()
    {
        _ = _debian.Run("systemctl stop roomhub");

        string said = _debian.Run("roomhub check");

        Assert.Contains("good  port [::]:443", said, StringComparison.Ordinal);
        Assert.DoesNotContain("BAD", said, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatRootsVerbsMakeTheServiceCanRead()
    {
        string before = _debian.Run("roomhub identity");

        // A file and a folder that root alone can reach, as people have them.
        string said = _debian.Run("rm -f /root/b; roomhub backup --new-key /root/b");
        _ = _debian.Run("systemctl stop roomhub; rm -rf /var/lib/roomhub");
        _debian.Write("/root/key", said.Split('\n').Single(line => line.StartsWith("    ", StringComparison.Ordinal)).Trim());
        _ = _debian.Run("chmod 600 /root/key; chown root:root /root/key /root/b; roomhub restore /root/b --key-file /root/key");
        string ofOthers = _debian.Run("find /var/lib/roomhub ! -user roomhub -o ! -group roomhub");
        _ = _debian.Run("systemctl start roomhub");

        Assert.Equal("", ofOthers);
        Assert.Equal("active", Property("ActiveState"));
        Assert.Equal(before, _debian.Run("roomhub identity"));
    }

    [Fact]
    public void AVerbThatNamesNoFileMayReadNoMoreThanTheService()
    {
        _ = _debian.Run("echo '{}' > /root/other.json; chmod 600 /root/other.json");

        CommandResult refusal = _debian.Try("roomhub --config /root/other.json identity");

        Assert.NotEqual(0, refusal.ExitCode);
    }

    [Fact]
    public void AMistakeInTheSettingsIsNamedAndNotTriedAgain()
    {
        string before = _debian.Run($"cat {Settings}");
        _ = _debian.Run($"echo '{{ \"adress\": \"https://hub.example\" }}' > {Settings}");

        CommandResult restart = _debian.Try("systemctl restart roomhub");
        Thread.Sleep(TimeSpan.FromSeconds(3));
        (string State, string Status, string Restarts) found = (Property("ActiveState"), Property("ExecMainStatus"), Property("NRestarts"));
        string journal = _debian.Run("journalctl --sync; journalctl --unit=roomhub --output=cat");
        _ = _debian.Run($"cat > {Settings} <<'END'\n{before}\nEND");

        Assert.NotEqual(0, restart.ExitCode);
        Assert.Equal(("failed", "78", "0"), found);
        Assert.Contains("adress: there is no such setting", journal, StringComparison.Ordinal);
    }

    [Fact]
    public void KilledItIsStartedAgain()
    {
        string before = Property("MainPID");

        _ = _debian.Run($"kill -KILL {before}");

        Assert.True(Within(TimeSpan.FromSeconds(30), () => Property("ActiveState") == "active" && Property("MainPID") is not "0" and var now && now != before));
    }

    [Fact]
    public void AnUpgradeKeepsEditedSettingsTheirRightsAndTheHub()
    {
        const string Edited = "{ \"session-idle\": \"15\" }";
        string identity = _debian.Run("roomhub identity");
        _ = _debian.Run($"echo '{Edited}' > {Settings}; chmod 600 {Settings}; chown roomhub {Settings}");

        _ = _debian.Install(_packages.BuildNextRelease(_packages.Hub, "99.1.0.0", "etc/roomhub/roomhub.json", "// This comment is new.\n{}\n"));

        Assert.Equal(Edited, _debian.Run($"cat {Settings}"));
        Assert.Equal("roomhub 600", _debian.Run($"stat --format='%U %a' {Settings}"));
        Assert.Equal("active", Property("ActiveState"));
        Assert.Equal(identity, _debian.Run("roomhub identity"));
    }

    [Fact]
    public void RemovedItKeepsTheHubForTheNextTime()
    {
        _ = _debian.Run("apt-get remove --yes roomhub");

        Assert.NotEqual(0, _debian.Try("systemctl is-active roomhub").ExitCode);
        _ = _debian.Run($"test -e {Settings} -a -e /var/lib/roomhub/hub-secret -a -e /var/lib/roomhub/hub.db");
    }

    [Fact]
    public void PurgedItLeavesNothing()
    {
        _ = _debian.Run("rm -f /root/b /root/key /root/other.json; apt-get purge --yes roomhub");

        Assert.Equal(_debian.BeforeInstall, _debian.Inventory());
        Assert.Equal("", _debian.Try("systemctl list-units --all --no-legend 'roomhub*'; systemctl list-unit-files --no-legend 'roomhub*'").Output);
        Assert.Equal("", _debian.Try("grep --files-with-matches 'RoomHub[.]dll' /proc/[0-9]*/cmdline").Output);
    }

    private string Property(string name) => _debian.Run($"systemctl show --property={name} --value roomhub");
}
