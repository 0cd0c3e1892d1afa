using RoomAgent.Agent.Settings;

namespace RoomAgent.Host.Tests.Configuration;

public sealed class ExampleFileTests
{
    [Fact]
    public void TheFileThatIsInstalledIsTheOneTheTableWrites()
    {
        // When this fails: roomagent --example-config > src/host/RoomAgent/roomagent.conf
        string installed = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "roomagent.conf"));

        Assert.Equal(SettingTable.ExampleFile(), installed);
    }

    [Fact]
    public async Task TheDaemonPrintsIt()
    {
        using var home = new TemporaryDirectory();

        Daemon.Ended end = await Daemon.RunAsync(home, ["--example-config"]);

        Assert.Equal(0, end.ExitCode);
        Assert.Equal(SettingTable.ExampleFile(), end.Output);
    }
}
