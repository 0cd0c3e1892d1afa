using System.Text.RegularExpressions;

namespace RoomAgent.Host.Tests.Configuration;

/// <summary>Who wins, asked from the real daemon one level after the other.</summary>
public sealed partial class PrecedenceTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Fact]
    public async Task LaterWinsAndThePlaceIsNamed()
    {
        string file = _home.Write("room.conf", "");
        Assert.Contains("log.level = info (default)\n", await CheckAsync(file));

        _home.Write("room.conf", "[log]\nlevel = error\n");
        Assert.Contains($"log.level = error ({file}:2)\n", await CheckAsync(file));

        _home.Write("room.conf.d/20-later.conf", "[log]\nlevel = debug\n");
        _home.Write("room.conf.d/10-earlier.conf", "\n\n[log]\nlevel = trace\n");
        Assert.Contains($"log.level = debug ({file}.d/20-later.conf:2)\n", await CheckAsync(file));

        (string, string) variable = ("ROOMAGENT_LOG_LEVEL", "warning");
        Assert.Contains("log.level = warning (environment ROOMAGENT_LOG_LEVEL)\n", await CheckAsync(file, [], variable));

        Assert.Contains("log.level = trace (command line)\n", await CheckAsync(file, ["--set", "log.level=trace"], variable));
    }

    [Fact]
    public async Task SimulateIsSaidOnTheCommandLineAndSoWins()
    {
        string file = _home.Write("room.conf", "[hardware]\nmode = real\n");

        string report = await CheckAsync(file, ["--simulate"], ("ROOMAGENT_HARDWARE_MODE", "real"));

        Assert.Contains("hardware.mode = simulated", report);
        Assert.Contains("(--simulate)", report);
    }

    [Fact]
    public async Task TheStateOfASimulatedRoomIsInTheHomeOfItsUser()
    {
        string file = _home.Write("room.conf", "");

        Assert.Contains($"paths.state = {_home[".local/state/roomagent"]}", await CheckAsync(file, ["--simulate"]));
        Assert.Contains("paths.state = /x/roomagent", await CheckAsync(file, ["--simulate"], ("XDG_STATE_HOME", "/x")));
        Assert.Contains($"paths.state = {_home[".local/state/roomagent"]}", await CheckAsync(file, ["--simulate"], ("XDG_STATE_HOME", "relative")));
        Assert.Contains("paths.state = /y", await CheckAsync(file, ["--simulate", "--set", "paths.state=/y"], ("XDG_STATE_HOME", "/x")));
    }

    [Fact]
    public async Task AFileOfAnotherKindOrAHiddenOneInTheDirectoryIsNotRead()
    {
        string file = _home.Write("room.conf", "");
        _home.Write("room.conf.d/README", "nonsense");
        _home.Write("room.conf.d/room.conf.bak", "nonsense");
        _home.Write("room.conf.d/.#room.conf", "nonsense");

        Assert.StartsWith("configuration is good\n", await CheckAsync(file));
    }

    public void Dispose() => _home.Dispose();

    // How wide a column is depends on all the others.
    [GeneratedRegex(" +")]
    private static partial Regex Columns();

    private async Task<string> CheckAsync(string file, string[]? more = null, params (string, string)[] environment)
    {
        Daemon.Ended end = await Daemon.RunAsync(_home, ["--check-config", "--config", file, .. more ?? []], environment);

        Assert.Empty(end.Errors);
        Assert.Equal(0, end.ExitCode);
        return Columns().Replace(end.Output, " ");
    }
}
