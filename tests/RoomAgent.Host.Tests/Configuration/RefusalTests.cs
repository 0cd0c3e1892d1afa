using RoomAgent.Agent.Settings;
using RoomAgent.Host.Configuration;

namespace RoomAgent.Host.Tests.Configuration;

/// <summary>Every way in which a configuration can be bad.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly TemporaryDirectory _home = new();

    [Theory]
    [InlineData("[log]\nlevel = loud\n", "FILE:2: [log] level: allowed is one of trace, debug, info, warning, error")]
    [InlineData("[log]\nlevel =\n", "FILE:2: [log] level: allowed is one of trace, debug, info, warning, error")]
    [InlineData("[log]\nlevels = info\n", "FILE:2: [log] levels: unknown key; [log] has level")]
    [InlineData("[logs]\nlevel = info\n", "FILE:2: [logs] level: unknown section; there are [log], [hardware], [paths], [clock], [hub], [identity], [local], [room], [camera], [microphones], [speaker], [display]")]
    [InlineData("[log]\nlevel = info\nlevel = info\n", "FILE:3: [log] level: already set in line 2")]
    [InlineData("[log]\nlevel = info\n[paths]\n[log]\nlevel = info\n", "FILE:5: [log] level: already set in line 2")]
    [InlineData("level = info\n", "FILE:1: level: belongs to no section; write one above it, such as [log]")]
    [InlineData("[log]\nlevel info\n", "FILE:2: neither a comment nor [section] nor key = value")]
    [InlineData("[log\nlevel = info\n", "FILE:1: a section is written [name]")]
    [InlineData("[clock]\nsave-every = 2d\n", "FILE:2: [clock] save-every: allowed is 1s to 1d, a whole number and one of the letters s, m, h, d")]
    [InlineData("[paths]\nstate = here\n", "FILE:2: [paths] state: allowed is a directory's full name, from the / on")]
    [InlineData("[log]\0", "FILE: not a text in UTF-8")]
    public void AFileIsRefusedWithPlaceSectionKeyAndWhatIsAllowed(string text, string problem)
    {
        string file = _home.Write("room.conf", text);

        CheckedSettings loaded = Load(file);

        Assert.Equal(problem.Replace("FILE", file), Assert.Single(loaded.Problems).ToString());
    }

    [Fact]
    public void AFileThatIsNamedButMissingIsRefused()
    {
        Assert.Equal($"{_home["none.conf"]}: there is no such file", Problem(_home["none.conf"]));
        Assert.Equal($"{_home["none/none.conf"]}: there is no such file", Problem(_home["none/none.conf"]));
    }

    [Fact]
    public void ADirectoryIsNoFile()
    {
        Assert.Equal($"{_home.Path}: is a directory", Problem(_home.Path));
    }

    [Fact]
    public void AFileWithoutAnEndIsRefused()
    {
        Assert.Equal("/dev/zero: larger than 256 kB, so not a configuration of ours", Problem("/dev/zero"));
    }

    [Fact]
    public void AFileThatMayNotBeReadIsRefused()
    {
        // This one is for writing only, for root too.
        Assert.StartsWith("/proc/sys/vm/drop_caches: cannot be read: ", Problem("/proc/sys/vm/drop_caches"));
    }

    [Fact]
    public void AReadErrorIsRefused()
    {
        // Reading this one at its start is an I/O error, for root too.
        Assert.StartsWith("/proc/self/mem: cannot be read: ", Problem("/proc/self/mem"));
    }

    [Fact]
    public void ABadFileBesideTheFileIsNamed()
    {
        string file = _home.Write("room.conf", "");
        _home.Write("room.conf.d/10.conf", "[log]\nlevel = loud\n");
        Directory.CreateDirectory(_home["room.conf.d/20.conf"]);
        File.CreateSymbolicLink(_home["room.conf.d/30.conf"], _home["gone"]);

        Assert.Equal(
            [
                $"{file}.d/20.conf: is a directory",
                $"{file}.d/30.conf: there is no such file",
                $"{file}.d/10.conf:2: [log] level: allowed is one of trace, debug, info, warning, error",
            ],
            Load(file).Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void AFileInPlaceOfTheDirectoryBesideItIsRefused()
    {
        string file = _home.Write("room.conf", "");
        _home.Write("room.conf.d", "");

        Assert.Equal($"{file}.d: is not a directory", Problem(file));
    }

    [Fact]
    public void AVariableThatMeansNothingIsRefused()
    {
        CheckedSettings loaded = Load(null, environment: new() { ["ROOMAGENT_LOG_LEVLE"] = "info", ["ROOMAGENT_VECTORS"] = "/v", ["OTHER"] = "x" });

        Assert.Equal(
            "environment ROOMAGENT_LOG_LEVLE: means no setting; there are ROOMAGENT_LOG_LEVEL, ROOMAGENT_HARDWARE_MODE, ROOMAGENT_PATHS_STATE, ROOMAGENT_CLOCK_SAVE_EVERY, ROOMAGENT_HUB_ADDRESS, ROOMAGENT_HUB_SETUP_CODE, ROOMAGENT_HUB_SETUP_FILE, ROOMAGENT_IDENTITY_AUTHORITIES, ROOMAGENT_LOCAL_LISTEN, ROOMAGENT_ROOM_JOINS_UNMUTED, ROOMAGENT_ROOM_COUNTDOWN, ROOMAGENT_CAMERA_SOURCE, ROOMAGENT_CAMERA_SIZE, ROOMAGENT_MICROPHONES_SOURCE, ROOMAGENT_SPEAKER_SOURCE, ROOMAGENT_DISPLAY_SIZE, ROOMAGENT_DISPLAY_LANGUAGE, ROOMAGENT_DISPLAY_THEME",
            Assert.Single(loaded.Problems).ToString());
    }

    [Fact]
    public void AVariableWithABadValueIsRefused()
    {
        CheckedSettings loaded = Load(null, environment: new() { ["ROOMAGENT_LOG_LEVEL"] = "loud" });

        Assert.Equal(
            "environment ROOMAGENT_LOG_LEVEL: [log] level: allowed is one of trace, debug, info, warning, error",
            Assert.Single(loaded.Problems).ToString());
    }

    [Theory]
    [InlineData("log.level=loud", "command line: [log] level: allowed is one of trace, debug, info, warning, error")]
    [InlineData("log.volume=1", "command line: [log] volume: unknown key; [log] has level")]
    [InlineData("level=info", "command line: --set: write section.key=value")]
    [InlineData("log.level", "command line: --set: write section.key=value")]
    [InlineData("log.=info", "command line: --set: write section.key=value")]
    [InlineData(".level=info", "command line: --set: write section.key=value")]
    [InlineData("=", "command line: --set: write section.key=value")]
    [InlineData("", "command line: --set: write section.key=value")]
    public void AnArgumentIsRefused(string set, string problem)
    {
        Assert.Equal(problem, Assert.Single(Load(null, sets: [set]).Problems).ToString());
    }

    [Fact]
    public void TheSameSettingTwiceOnTheCommandLineIsRefused()
    {
        Assert.Equal(
            "command line: [log] level: set twice",
            Assert.Single(Load(null, sets: ["LOG.level=info", "log.level=info"]).Problems).ToString());
        Assert.Equal(
            "command line: [hardware] mode: set by --set and by --simulate",
            Assert.Single(Load(null, sets: ["hardware.mode=real"], simulate: true).Problems).ToString());
    }

    [Fact]
    public void ASimulatedRoomWithoutAHomeIsRefused()
    {
        Assert.Contains("neither XDG_STATE_HOME nor HOME", Assert.Single(Load(null, simulate: true).Problems).ToString());
    }

    [Theory]
    [InlineData("--check-config")]
    [InlineData("--simulate")]
    public async Task TheDaemonNamesAllProblemsAtOnceAndEndsWith78(string argument)
    {
        string file = _home.Write("room.conf", "[log]\nlevel = loud\nvolume = 11\n");

        Daemon.Ended end = await Daemon.RunAsync(
            _home, ["--config", file, "--set", "nonsense", argument], ("ROOMAGENT_PATHS_STATE", "here"), ("ROOMAGENT_X", "y"));

        Assert.Equal(78, end.ExitCode);
        Assert.Empty(end.Output);
        Assert.Contains($"{file}:2: [log] level: allowed is", end.Errors);
        Assert.Contains($"{file}:3: [log] volume: unknown key", end.Errors);
        Assert.Contains("environment ROOMAGENT_PATHS_STATE: [paths] state: allowed is", end.Errors);
        Assert.Contains("environment ROOMAGENT_X: means no setting", end.Errors);
        Assert.Contains("command line: --set", end.Errors);
    }

    [Fact]
    public async Task TheNameOfAFileCannotFakeALineOfTheReportNorSteerTheTerminal()
    {
        string file = _home.Write("room.conf", "");
        _home.Write("room.conf.d/x\nconfiguration is good\u001b[2J.conf", "nonsense");

        Daemon.Ended end = await Daemon.RunAsync(_home, ["--config", file, "--check-config"]);

        Assert.Equal(2, end.Errors.Count(letter => letter == '\n'));
        Assert.DoesNotContain('\u001b', end.Errors);
    }

    public void Dispose() => _home.Dispose();

    private static CheckedSettings Load(
        string? file, Dictionary<string, string>? environment = null, string[]? sets = null, bool simulate = false)
    {
        var sources = new ConfigurationSources
        {
            File = file,
            Sets = sets ?? [],
            Simulate = simulate,
            Environment = environment ?? [],
        };
        return sources.Load();
    }

    private static string Problem(string file) => Assert.Single(Load(file).Problems).ToString();
}
